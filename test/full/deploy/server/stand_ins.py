"""Types that moto's CloudFormation lacks: models that can be referred to. But for rules of security groups, no service of
moto's hears of them."""

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.ec2.models import ec2_backends

CACHES = "abc123.use1.cache.amazonaws.com"


def stand_in(resource_type, attributes=None, name=str, create=None, delete=None):
    """
    attributes: from an attribute's name to a function of the resource's name, for Fn::GetAtt
    name:       the resource's name, which is what Ref gives, from the one that CloudFormation generates
    create, delete: what is done with the properties, beside noting them
    """
    attributes = attributes or {}

    class StandIn(CloudFormationModel):
        # moto takes the service from here.
        __module__ = "moto.stand_in"
        noted_only = create is None

        def __init__(self, physical_resource_id, properties):
            self.physical_resource_id = physical_resource_id
            self.properties = properties

        @staticmethod
        def cloudformation_name_type():
            return ""

        @staticmethod
        def cloudformation_type():
            return resource_type

        @classmethod
        def has_cfn_attr(cls, attr):
            return attr in attributes

        def get_cfn_attribute(self, attribute_name):
            return attributes[attribute_name](self.physical_resource_id)

        def is_created(self):
            return True

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            properties = cloudformation_json["Properties"]
            if create is not None:
                create(properties, account_id, region_name)
            return cls(name(resource_name), properties)

        def delete(self, account_id, region_name):
            if delete is not None:
                delete(self.properties, account_id, region_name)

    return StandIn


def cache_name(generated):
    """Names of caches are short and in lower case; what CloudFormation generates ends in what makes it unique."""
    return f"c{generated.replace('-', '')[-20:]}".lower()


def cache_arn(kind):
    return lambda name: f"arn:aws:elasticache:us-east-1:123456789012:{kind}:{name}"


def rule(properties, peer):
    """A rule as moto's EC2 takes it."""
    ranges = [
        {field: properties[field], "Description": properties.get("Description")}
        for field in ("CidrIp", "CidrIpv6")
        if field in properties
    ]
    groups = [{"GroupId": properties[peer], "Description": properties.get("Description")}] if peer in properties else []
    return {
        "ip_protocol": properties["IpProtocol"],
        "from_port": properties.get("FromPort"),
        "to_port": properties.get("ToPort"),
        "ip_ranges": ranges,
        "source_groups": groups,
    }


def ingress(action):
    def change(properties, account_id, region_name):
        backend = ec2_backends[account_id][region_name]
        getattr(backend, f"{action}_security_group_ingress")(
            properties["GroupId"], **rule(properties, "SourceSecurityGroupId")
        )

    return change


def egress(action):
    def change(properties, account_id, region_name):
        backend = ec2_backends[account_id][region_name]
        getattr(backend, f"{action}_security_group_egress")(
            properties["GroupId"], **rule(properties, "DestinationSecurityGroupId")
        )

    return change


def drop_default_egress(group_id, account_id, region_name):
    """EC2 lets a new group open every connection, until CloudFormation gives it a rule of its own."""
    default = {"ip_protocol": "-1", "from_port": None, "to_port": None, "ip_ranges": [{"CidrIp": "0.0.0.0/0"}]}
    group = ec2_backends[account_id][region_name].get_security_group_from_id(group_id)
    if any(rule.ip_protocol == "-1" for rule in group.egress_rules):
        ec2_backends[account_id][region_name].revoke_security_group_egress(group_id, **default)


def authorize_egress(properties, account_id, region_name):
    drop_default_egress(properties["GroupId"], account_id, region_name)
    egress("authorize")(properties, account_id, region_name)


STAND_INS = [
    stand_in("AWS::AutoScaling::LifecycleHook"),
    stand_in("AWS::AutoScaling::ScalingPolicy"),
    stand_in("AWS::Budgets::Budget"),
    stand_in("AWS::CDK::Metadata"),
    stand_in("AWS::CloudWatch::Alarm"),
    stand_in("AWS::EC2::SecurityGroupEgress", create=authorize_egress, delete=egress("revoke")),
    # moto has this one, but never takes such a rule away again.
    stand_in("AWS::EC2::SecurityGroupIngress", create=ingress("authorize"), delete=ingress("revoke")),
    stand_in(
        "AWS::ElastiCache::CacheCluster",
        {
            "ConfigurationEndpoint.Address": lambda name: f"{name}.cfg.{CACHES}",
            "ConfigurationEndpoint.Port": lambda name: "11211",
        },
        name=cache_name,
    ),
    stand_in("AWS::ElastiCache::ParameterGroup", name=cache_name),
    stand_in(
        "AWS::ElastiCache::ReplicationGroup",
        {
            "PrimaryEndPoint.Address": lambda name: f"master.{name}.{CACHES}",
            "PrimaryEndPoint.Port": lambda name: "6379",
            "ReaderEndPoint.Address": lambda name: f"replica.{name}.{CACHES}",
            "ReaderEndPoint.Port": lambda name: "6379",
        },
        name=cache_name,
    ),
    stand_in("AWS::ElastiCache::SubnetGroup", name=cache_name),
    stand_in("AWS::ElastiCache::User", {"Arn": cache_arn("user")}, name=cache_name),
    stand_in("AWS::ElastiCache::UserGroup", {"Arn": cache_arn("usergroup")}, name=cache_name),
    stand_in("AWS::S3::BucketPolicy"),
    stand_in("AWS::SNS::Subscription"),
    stand_in("AWS::SNS::TopicPolicy"),
]

# A custom resource is answered, and its function is not run: moto would need Docker for it.
parsing.CustomModel = stand_in("Custom::")
