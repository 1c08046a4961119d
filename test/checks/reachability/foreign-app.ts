import type { AssemblyEnvironment, AssemblyStack, TemplateResource } from '../../../assembly/assembly';
import type { ReachabilityOptions } from '../../../assembly/reachability';
import { reachabilityFindings } from '../../../lib/checks/reachability';

/** Templates that a change may write to, by stack and logical id. */
export type Written = Record<'net' | 'app', Record<string, any>>;

/** A change of an app: what it does to the templates. */
export type Change = (written: Written) => void;

const resource = (type: string, Properties: object = {}, more: object = {}) => ({
  Type: `AWS::${type}`,
  Properties,
  ...more,
});
const ref = (id: string) => ({ Ref: id });
export const group = (id: string) => ({ 'Fn::GetAtt': [id, 'GroupId'] });
const imported = (id: string) => ({ 'Fn::ImportValue': `net:${id}` });

/** CDK's rule for a group that lets nothing out: it is there so that EC2 does not add its own. */
export const NO_EGRESS = { CidrIp: '255.255.255.255/32', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 };

/** A rule for TCP to one port. */
export const tcp = (port: number, peer: object) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port, ...peer });
export const from = (id: string) => ({ SourceSecurityGroupId: group(id) });

/** An entry of a network ACL. */
export function entry(acl: unknown, number: number, egress: boolean, more: object = {}) {
  const NetworkAclId = typeof acl === 'string' ? ref(acl) : acl;
  return resource('EC2::NetworkAclEntry', {
    NetworkAclId,
    RuleNumber: number,
    Egress: egress,
    RuleAction: 'allow',
    Protocol: -1,
    CidrBlock: '0.0.0.0/0',
    ...more,
  });
}

/** An ACL of the subnets of the cache and the database, with entries by their ids. */
export function dataAcl(entries: Record<string, object>): Change {
  return ({ net }) => {
    Object.assign(net, { Acl: resource('EC2::NetworkAcl', { VpcId: ref('Vpc') }), ...entries });
    for (const index of [1, 2]) {
      const properties = { SubnetId: ref(`Data${index}`), NetworkAclId: ref('Acl') };
      net[`AclOf${index}`] = resource('EC2::SubnetNetworkAclAssociation', properties);
    }
  };
}

/**
 * An app that uses none of our constructs: a function on a cache, a service of containers on an Aurora cluster with the
 * secret to it, and an instance that uses neither.
 */
export function foreignApp(...changes: readonly Change[]): AssemblyEnvironment {
  const vpc = imported('Vpc');
  const written: Written = {
    net: {
      Vpc: resource('EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
      Internet: resource('EC2::InternetGateway'),
      Nat: resource('EC2::NatGateway', { SubnetId: ref('Public1') }),
      ...Object.assign(
        {},
        ...['Public', 'App', 'Data'].flatMap((kind, place) => [
          { [`${kind}Table`]: resource('EC2::RouteTable', { VpcId: ref('Vpc') }) },
          ...[1, 2].map((index) => ({
            [`${kind}${index}`]: resource('EC2::Subnet', {
              VpcId: ref('Vpc'),
              CidrBlock: `10.0.${place * 10 + index}.0/24`,
            }),
            [`${kind}Table${index}`]: resource('EC2::SubnetRouteTableAssociation', {
              SubnetId: ref(`${kind}${index}`),
              RouteTableId: ref(`${kind}Table`),
            }),
          })),
        ]),
      ),
      ToInternet: resource('EC2::Route', {
        RouteTableId: ref('PublicTable'),
        DestinationCidrBlock: '0.0.0.0/0',
        GatewayId: ref('Internet'),
      }),
      ToNat: resource('EC2::Route', {
        RouteTableId: ref('AppTable'),
        DestinationCidrBlock: '0.0.0.0/0',
        NatGatewayId: ref('Nat'),
      }),
    },
    app: {
      FunctionGroup: resource('EC2::SecurityGroup', { VpcId: vpc }),
      ServiceGroup: resource('EC2::SecurityGroup', { VpcId: vpc }),
      BastionGroup: resource('EC2::SecurityGroup', { VpcId: vpc }),
      CacheGroup: resource('EC2::SecurityGroup', {
        VpcId: vpc,
        SecurityGroupIngress: [tcp(6_379, from('FunctionGroup'))],
      }),
      DatabaseGroup: resource('EC2::SecurityGroup', { VpcId: vpc }),
      ServiceToDatabase: resource('EC2::SecurityGroupIngress', {
        GroupId: group('DatabaseGroup'),
        ...tcp(5_432, from('ServiceGroup')),
      }),
      CacheSubnets: resource('ElastiCache::SubnetGroup', { SubnetIds: [imported('Data1'), imported('Data2')] }),
      Cache: resource('ElastiCache::ReplicationGroup', {
        Engine: 'valkey',
        SecurityGroupIds: [group('CacheGroup')],
        CacheSubnetGroupName: ref('CacheSubnets'),
      }),
      DatabaseSubnets: resource('RDS::DBSubnetGroup', { SubnetIds: [imported('Data1'), imported('Data2')] }),
      Database: resource('RDS::DBCluster', {
        Engine: 'aurora-postgresql',
        Port: 5_432,
        VpcSecurityGroupIds: [group('DatabaseGroup')],
        DBSubnetGroupName: ref('DatabaseSubnets'),
        ManageMasterUserPassword: true,
      }),
      Writer: resource('RDS::DBInstance', { Engine: 'aurora-postgresql', DBClusterIdentifier: ref('Database') }),
      Function: resource('Lambda::Function', {
        VpcConfig: { SecurityGroupIds: [group('FunctionGroup')], SubnetIds: [imported('App1'), imported('App2')] },
        Environment: { Variables: { CACHE_HOST: { 'Fn::GetAtt': ['Cache', 'PrimaryEndPoint.Address'] } } },
      }),
      Task: resource('ECS::TaskDefinition', {
        ContainerDefinitions: [
          {
            Environment: [{ Name: 'DATABASE_HOST', Value: { 'Fn::GetAtt': ['Database', 'Endpoint.Address'] } }],
            Secrets: [{ Name: 'LOGIN', ValueFrom: { 'Fn::GetAtt': ['Database', 'MasterUserSecret.SecretArn'] } }],
          },
        ],
      }),
      Service: resource('ECS::Service', {
        TaskDefinition: ref('Task'),
        NetworkConfiguration: {
          AwsvpcConfiguration: {
            SecurityGroups: [group('ServiceGroup')],
            Subnets: [imported('App1'), imported('App2')],
          },
        },
      }),
      Bastion: resource('EC2::Instance', { SecurityGroupIds: [group('BastionGroup')], SubnetId: imported('App1') }),
    },
  };
  for (const change of changes) {
    change(written);
  }
  const outputs = Object.fromEntries(
    Object.keys(written.net).map((id) => [id, { Value: ref(id), Export: { Name: `net:${id}` } }]),
  );
  const stack = (id: 'net' | 'app', own: AssemblyStack['outputs']): AssemblyStack => ({
    id,
    path: id,
    name: id,
    templateFile: `/${id}.template.json`,
    resources: written[id] as Readonly<Record<string, TemplateResource>>,
    outputs: own,
  });
  return { name: 'foreign', stacks: [stack('net', outputs), stack('app', {})] };
}

/** What is found, each as `severity rule at logical id: description`. */
export function found(change: Change | readonly Change[], options: ReachabilityOptions = {}): string[] {
  return reachabilityFindings([foreignApp(...[change].flat())], options).map(
    ({ severity, rule, logicalId, description }) => `${severity} ${rule} at ${logicalId}: ${description}`,
  );
}

export const nothing: Change = () => {};

/** What only a deploy knows. */
export const PARAMETER = { Ref: 'Parameter' };

/** A rule more in a security group. */
export const addIngress =
  (id: string, rule: object): Change =>
  ({ app }) => {
    app[id].Properties.SecurityGroupIngress = [...(app[id].Properties.SecurityGroupIngress ?? []), rule];
  };

/** What is told of the cache's rule where the function does not have its group. */
export const HELD_BY_NOBODY =
  'informational reachability-unknown at CacheGroup: app/CacheGroup lets whoever has the security group app/FunctionGroup reach app/Cache on tcp 6379: nothing in the templates has it';
