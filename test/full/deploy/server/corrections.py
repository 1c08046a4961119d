"""Types that moto has, with what its CloudFormation leaves out of them: properties it does not pass on to the service,
and what it does not give to Ref and Fn::GetAtt."""

from botocore import xform_name
from moto.awslambda.models import LambdaVersion
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.security_groups import SecurityGroup
from moto.ec2.models.subnets import SubnetRouteTableAssociation
from moto.ec2.models.vpcs import VPC
from moto.elbv2.models import FakeLoadBalancer, FakeTargetGroup, elbv2_backends
from moto.kms.models import Key
from moto.rds.models import DBInstance, DBParameterGroup, DBSubnetGroup, rds_backends
from stand_ins import drop_default_egress, egress, ingress

NAMES = {
    DBParameterGroup: lambda group: group.name,
    DBSubnetGroup: lambda group: group.name,
    SubnetRouteTableAssociation: lambda association: association.id,
}

ATTRIBUTES = {
    DBInstance: {
        "DbiResourceId": lambda database: database.dbi_resource_id,
        "MasterUserSecret.SecretArn": lambda database: database.master_user_secret.secret.arn,
    },
    ElasticAddress: {"AllocationId": lambda address: address.allocation_id},
    FakeLoadBalancer: {"LoadBalancerFullName": lambda balancer: balancer.arn.split(":loadbalancer/")[-1]},
    FakeTargetGroup: {"TargetGroupFullName": lambda group: group.arn.split(":")[-1]},
    VPC: {
        "DefaultSecurityGroup": lambda vpc: vpc.ec2_backend.get_security_group_from_name("default", vpc_id=vpc.id).id
    },
}


def complete_attributes(model, attributes):
    known, get = model.has_cfn_attr, getattr(model, "get_cfn_attribute", None)
    model.has_cfn_attr = classmethod(lambda cls, attr: attr in attributes or known(attr))
    model.get_cfn_attribute = lambda self, attr: attributes[attr](self) if attr in attributes else get(self, attr)


def associate_route_table(create, name, properties, account_id, region_name):
    """In EC2: moto keeps such an association for itself."""
    association = create(properties)
    association.id = ec2_backends[account_id][region_name].associate_route_table(
        properties["RouteTableId"], subnet_id=properties["SubnetId"]
    )
    return association


def create_database(create, name, properties, account_id, region_name):
    """Every property, by its name in the API: moto passes on less than half of them."""
    parameters = {xform_name(property): value for property, value in properties.items()}
    parameters["db_instance_identifier"] = name.lower()
    parameters["allocated_storage"] = int(parameters["allocated_storage"])
    parameters["vpc_security_group_ids"] = parameters.pop("vpc_security_groups")
    parameters["master_user_secret_kms_key_id"] = parameters.pop("master_user_secret", {}).get("KmsKeyId")
    return rds_backends[account_id][region_name].create_db_instance(parameters)


def create_key(create, name, properties, account_id, region_name):
    """Tags, whose fields the service calls otherwise than CloudFormation does."""
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties.get("Tags", [])]
    return create({**properties, "Tags": tags})


def create_load_balancer(create, name, properties, account_id, region_name):
    load_balancer = create(properties)
    attributes = {entry["Key"]: entry["Value"] for entry in properties.get("LoadBalancerAttributes", [])}
    elbv2_backends[account_id][region_name].modify_load_balancer_attributes(load_balancer.arn, attributes)
    return load_balancer


def create_security_group(create, name, properties, account_id, region_name):
    """Rules within the group, of which moto takes those of one direction, and leaves EC2's own in the other."""
    rules = ("SecurityGroupIngress", "SecurityGroupEgress")
    group = create({key: value for key, value in properties.items() if key not in rules})
    if "SecurityGroupEgress" in properties:
        drop_default_egress(group.id, account_id, region_name)
    for direction, authorize in zip(rules, (ingress("authorize"), egress("authorize"))):
        for rule in properties.get(direction, []):
            authorize({**rule, "GroupId": group.id}, account_id, region_name)
    return group


def create_target_group(create, name, properties, account_id, region_name):
    group = create(properties)
    attributes = {entry["Key"]: entry["Value"] for entry in properties.get("TargetGroupAttributes", [])}
    elbv2_backends[account_id][region_name].modify_target_group_attributes(group.arn, attributes)
    return group


def create_version(create, name, properties, account_id, region_name):
    version = create(properties)
    function = properties["FunctionName"]
    version.physical_resource_id = f"arn:aws:lambda:{region_name}:{account_id}:function:{function}:{version.version}"
    return version


CREATION = {
    DBInstance: create_database,
    FakeLoadBalancer: create_load_balancer,
    FakeTargetGroup: create_target_group,
    Key: create_key,
    LambdaVersion: create_version,
    SecurityGroup: create_security_group,
    SubnetRouteTableAssociation: associate_route_table,
}


def correct_creation(model, correct):
    """correct: called with moto's own creation, which takes the properties, and with what it needs to use others."""
    original = model.create_from_cloudformation_json

    def create(resource_name, cloudformation_json, account_id, region_name, **more):
        def create_with(properties):
            return original(
                resource_name, {**cloudformation_json, "Properties": properties}, account_id, region_name, **more
            )

        return correct(create_with, resource_name, cloudformation_json["Properties"], account_id, region_name)

    model.create_from_cloudformation_json = create


for model, name in NAMES.items():
    model.physical_resource_id = property(name)
for model, attributes in ATTRIBUTES.items():
    complete_attributes(model, attributes)
for model, correct in CREATION.items():
    correct_creation(model, correct)
