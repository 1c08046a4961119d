import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  CacheEngine,
  CacheNodeType,
  MemcachedAzMode,
  MemcachedCluster,
  type MemcachedClusterProps,
  MemcachedVersion,
  ValkeyVersion,
} from '../../lib';
import { newStack, only } from './stacks';

const CLUSTER = 'AWS::ElastiCache::CacheCluster';

test('renders a spread cluster from minimal props', () => {
  const { stack, vpc } = newStack();

  new MemcachedCluster(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL });

  expect(only(stack, CLUSTER).Properties).toMatchObject({
    Engine: 'memcached',
    EngineVersion: '1.6.22',
    CacheNodeType: 'cache.t4g.small',
    NumCacheNodes: 2,
    AZMode: 'cross-az',
    PreferredAvailabilityZones: ['us-east-1a', 'us-east-1b'],
    TransitEncryptionEnabled: true,
    AutoMinorVersionUpgrade: true,
    Port: 11211,
  });
});

test('renders every prop, in one zone', () => {
  const { stack, vpc } = newStack();
  const securityGroup = new ec2.SecurityGroup(stack, 'Own', { vpc });

  new MemcachedCluster(stack, 'Cache', {
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    engine: CacheEngine.memcached(MemcachedVersion.V1_6_6),
    nodeType: CacheNodeType.R7G_LARGE,
    nodes: 3,
    azMode: MemcachedAzMode.SINGLE_AZ,
    transitEncryption: false,
    securityGroups: [securityGroup],
    port: 11_311,
    autoMinorVersionUpgrade: false,
  });

  expect(only(stack, CLUSTER).Properties).toMatchObject({
    EngineVersion: '1.6.6',
    NumCacheNodes: 3,
    AZMode: 'single-az',
    PreferredAvailabilityZones: ['us-east-1a', 'us-east-1a', 'us-east-1a'],
    TransitEncryptionEnabled: false,
    VpcSecurityGroupIds: [stack.resolve(securityGroup.securityGroupId)],
    Port: 11311,
    AutoMinorVersionUpgrade: false,
  });
});

test('five nodes are dealt out over the zones', () => {
  const { stack, vpc } = newStack();

  new MemcachedCluster(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL, nodes: 5 });

  expect(only(stack, CLUSTER).Properties.PreferredAvailabilityZones).toEqual([
    'us-east-1a',
    'us-east-1b',
    'us-east-1a',
    'us-east-1b',
    'us-east-1a',
  ]);
});

test('there is nothing to grant, and the binding is a configuration endpoint', () => {
  const { stack, vpc } = newStack();
  const cache = new MemcachedCluster(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL });
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });

  expect(cache.grantConnect(role).principalStatements).toEqual([]);
  const text = JSON.stringify(stack.resolve(cache.binding('objects')));
  expect(text).toContain('ConfigurationEndpoint.Address');
  expect(text).toContain('\\"mode\\":\\"discovery\\"');
});

const REFUSED: Array<[string, Partial<MemcachedClusterProps>, string]> = [
  ['there is no node', { nodes: 0 }, '`nodes` must be a whole number of at least 1, got 0'],
  [
    'one node is to be spread',
    { nodes: 1, azMode: MemcachedAzMode.CROSS_AZ },
    '`azMode` CROSS_AZ needs at least 2 nodes, got `nodes` of 1',
  ],
  [
    'the engine is Valkey',
    { engine: CacheEngine.valkey(ValkeyVersion.V8_1) },
    'a `MemcachedCluster` runs memcached only, got valkey 8.1: use a `ReplicationGroup`',
  ],
  [
    'the version has no TLS',
    { engine: CacheEngine.memcached(MemcachedVersion.V1_6_6) },
    '`transitEncryption` needs memcached 1.6.12 or later, got memcached 1.6.6',
  ],
  ['the port is 0', { port: 0 }, '`port` must be between 1150 and 65535, but not 8005, got 0'],
  [
    'one zone is to be spread over',
    {
      azMode: MemcachedAzMode.CROSS_AZ,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED, availabilityZones: ['us-east-1a'] },
    },
    '`azMode` CROSS_AZ needs subnets in at least 2 Availability Zones, `vpcSubnets` selects 1',
  ],
];

test.each(REFUSED)('fails if %s', (_, props, message) => {
  const { stack, vpc } = newStack();

  expect(() => new MemcachedCluster(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL, ...props })).toThrow(
    message,
  );
});
