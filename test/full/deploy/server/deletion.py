"""
Deletion of a stack as CloudFormation does it: in the reverse order of creation, and each resource for real. moto deletes
in no order, and of a third of the types that are used here nothing at all.
"""

from moto.cloudformation import parsing
from moto.cloudformation.models import CloudFormationBackend
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends
from record import note


def delete_nat_gateway(ec2, gateway):
    ec2.delete_nat_gateway(gateway.id)
    ec2.delete_network_interface(gateway._eni.id)


EC2 = {
    "AWS::EC2::EIP": lambda ec2, address: ec2.release_address(allocation_id=address.allocation_id),
    "AWS::EC2::FlowLog": lambda ec2, log: ec2.delete_flow_logs([log.id]),
    "AWS::EC2::InternetGateway": lambda ec2, gateway: ec2.delete_internet_gateway(gateway.id),
    "AWS::EC2::NatGateway": delete_nat_gateway,
    "AWS::EC2::Route": lambda ec2, route: ec2.delete_route(route.route_table.id, route.destination_cidr_block),
    "AWS::EC2::RouteTable": lambda ec2, table: ec2.delete_route_table(table.id),
    "AWS::EC2::SubnetRouteTableAssociation": lambda ec2, association: ec2.disassociate_route_table(association.id),
    "AWS::EC2::VPCEndpoint": lambda ec2, endpoint: ec2.delete_vpc_endpoints([endpoint.id]),
    "AWS::EC2::VPCGatewayAttachment": lambda ec2, attachment: ec2.detach_internet_gateway(
        attachment.gateway_id, attachment.vpc_id
    ),
}

ELBV2 = {
    "AWS::ElasticLoadBalancingV2::Listener": lambda elbv2, listener: elbv2.delete_listener(listener.arn),
    "AWS::ElasticLoadBalancingV2::TargetGroup": lambda elbv2, group: elbv2.delete_target_group(group.arn),
}

# Goes with the function that it is of.
WITH_ANOTHER = ["AWS::Lambda::Version"]


def delete_resource(resource, resource_json, account_id, region_name):
    resource_type = resource_json["Type"]
    if resource_type in EC2:
        EC2[resource_type](ec2_backends[account_id][region_name], resource)
    elif resource_type in ELBV2:
        ELBV2[resource_type](elbv2_backends[account_id][region_name], resource)
    elif hasattr(resource, "delete"):
        resource.delete(account_id, region_name)
    elif resource_type not in WITH_ANOTHER:
        model = parsing.get_model_map()[resource_type]
        name = resource.physical_resource_id
        # Fails where moto has no deletion, rather than leaving the resource where it is.
        assert not hasattr(model.delete_from_cloudformation_json, "__isabstractmethod__"), f"cannot delete {resource_type}"
        model.delete_from_cloudformation_json(name, resource_json, account_id, region_name)


def delete_stack(resources_map):
    # Filled as each resource is made, after those that it refers to.
    for logical_id, resource in reversed(list(resources_map._parsed_resources.items())):
        resource_json = resources_map._resource_json_map.get(logical_id)
        if resource_json is None or resource_json.get("DeletionPolicy") == "Retain":
            continue
        delete_resource(resource, resource_json, resources_map._account_id, resources_map._region_name)
        note("deleted", resources_map.stack_id, logical_id, resource_json["Type"])


delete_and_forget = CloudFormationBackend.delete_stack


def delete_or_keep(backend, name_or_stack_id):
    """A stack that could not be deleted is still there, and says so."""
    stacks = dict(backend.stacks)
    try:
        delete_and_forget(backend, name_or_stack_id)
    except Exception:
        backend.stacks = stacks
        backend.get_stack(name_or_stack_id).status = "DELETE_FAILED"
        raise


parsing.ResourceMap.delete = delete_stack
CloudFormationBackend.delete_stack = delete_or_keep
