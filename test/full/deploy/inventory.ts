import type { Aws } from './aws';

type Call = readonly [service: string, operation: string, list: string, name: string];

/** Everything of which an environment makes some and which moto lists: the call, and where in the answer the names are. */
const KINDS: Readonly<Record<string, Call>> = {
  addresses: ['ec2', 'describe_addresses', 'Addresses', 'AllocationId'],
  'Auto Scaling groups': ['autoscaling', 'describe_auto_scaling_groups', 'AutoScalingGroups', 'AutoScalingGroupName'],
  buckets: ['s3', 'list_buckets', 'Buckets', 'Name'],
  'database snapshots': ['rds', 'describe_db_snapshots', 'DBSnapshots', 'DBSnapshotIdentifier'],
  databases: ['rds', 'describe_db_instances', 'DBInstances', 'DBInstanceIdentifier'],
  endpoints: ['ec2', 'describe_vpc_endpoints', 'VpcEndpoints', 'VpcEndpointId'],
  'flow logs': ['ec2', 'describe_flow_logs', 'FlowLogs', 'FlowLogId'],
  functions: ['lambda', 'list_functions', 'Functions', 'FunctionName'],
  'instance profiles': ['iam', 'list_instance_profiles', 'InstanceProfiles', 'InstanceProfileName'],
  instances: ['ec2', 'describe_instances', 'Reservations.Instances', 'InstanceId'],
  'internet gateways': ['ec2', 'describe_internet_gateways', 'InternetGateways', 'InternetGatewayId'],
  'launch templates': ['ec2', 'describe_launch_templates', 'LaunchTemplates', 'LaunchTemplateId'],
  'load balancers': ['elbv2', 'describe_load_balancers', 'LoadBalancers', 'LoadBalancerName'],
  'log groups': ['logs', 'describe_log_groups', 'logGroups', 'logGroupName'],
  'NAT gateways': ['ec2', 'describe_nat_gateways', 'NatGateways', 'NatGatewayId'],
  'network interfaces': ['ec2', 'describe_network_interfaces', 'NetworkInterfaces', 'NetworkInterfaceId'],
  'parameter groups': ['rds', 'describe_db_parameter_groups', 'DBParameterGroups', 'DBParameterGroupName'],
  roles: ['iam', 'list_roles', 'Roles', 'RoleName'],
  'route tables': ['ec2', 'describe_route_tables', 'RouteTables', 'RouteTableId'],
  secrets: ['secretsmanager', 'list_secrets', 'SecretList', 'Name'],
  'security groups': ['ec2', 'describe_security_groups', 'SecurityGroups', 'GroupId'],
  stacks: ['cloudformation', 'describe_stacks', 'Stacks', 'StackName'],
  'subnet groups': ['rds', 'describe_db_subnet_groups', 'DBSubnetGroups', 'DBSubnetGroupName'],
  subnets: ['ec2', 'describe_subnets', 'Subnets', 'SubnetId'],
  'target groups': ['elbv2', 'describe_target_groups', 'TargetGroups', 'TargetGroupName'],
  volumes: ['ec2', 'describe_volumes', 'Volumes', 'VolumeId'],
  vpcs: ['ec2', 'describe_vpcs', 'Vpcs', 'VpcId'],
};

/** States in which EC2 still lists what is gone. */
const GONE = ['deleted', 'terminated'];

/** By kind, the names of what there is. */
export type Inventory = Readonly<Record<string, readonly string[]>>;

export const ALL_KINDS: readonly string[] = Object.keys(KINDS).sort();

export async function takeInventory(aws: Aws): Promise<Inventory> {
  const entries = Object.entries(KINDS).map(async ([kind, [service, operation, list, name]]) => {
    const answer = await aws.call(service, operation);
    const found = list.split('.').reduce((items, key) => items.flatMap((item) => item[key] ?? []), [answer]);
    return [kind, found.filter(({ State }) => !GONE.includes(State?.Name ?? State)).map((item) => item[name])];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** What the one has and the other has not; kinds without any are left out. */
export function without(inventory: Inventory, other: Inventory): Inventory {
  return Object.fromEntries(
    Object.entries(inventory)
      .map(([kind, names]) => [kind, names.filter((name) => !other[kind]?.includes(name))] as const)
      .filter(([, names]) => names.length > 0),
  );
}
