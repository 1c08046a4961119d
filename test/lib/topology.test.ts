import { CfnParameter, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  CacheDay,
  CacheEngine,
  CacheIpDiscovery,
  CacheNetworkType,
  CacheNodeType,
  ClusterMode,
  Durability,
  MaintenanceWindow,
  ParameterGroup,
  ReplicationGroup,
  type ReplicationGroupProps,
  SnapshotSource,
  SnapshotWindow,
  SubnetGroup,
  TransitEncryptionMode,
  ValkeyVersion,
} from '../../lib';
import { newStack, only } from './stacks';

const GROUP = 'AWS::ElastiCache::ReplicationGroup';
const R7G = CacheNodeType.R7G_LARGE;
const VALKEY_9 = CacheEngine.valkey(ValkeyVersion.V9_0);

function groupOf(props: Partial<ReplicationGroupProps>) {
  const { stack, vpc } = newStack();
  const cache = new ReplicationGroup(stack, 'Cache', { vpc, nodeType: R7G, ...props });
  return { stack, vpc, cache, group: only(stack, GROUP) };
}

describe('cluster mode', () => {
  test('shards have ids of their own, failover is on, and a change of their number moves data online', () => {
    const { group } = groupOf({ shards: 3, replicasPerShard: 2 });

    expect(group.Properties).toMatchObject({
      NumNodeGroups: 3,
      ReplicasPerNodeGroup: 2,
      NodeGroupConfiguration: [{ NodeGroupId: '0001' }, { NodeGroupId: '0002' }, { NodeGroupId: '0003' }],
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      CacheParameterGroupName: 'default.valkey8.cluster.on',
    });
    expect(group.Properties).not.toHaveProperty('NumCacheClusters');
    expect(group.UpdatePolicy).toEqual({ UseOnlineResharding: true });
  });

  test('shards without replicas still fail over by AWS, and not over zones', () => {
    expect(groupOf({ shards: 2, replicasPerShard: 0 }).group.Properties).toMatchObject({
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: false,
    });
  });

  test('each shard has its own slots, zones and replicas', () => {
    const { group } = groupOf({
      shardConfigurations: [
        { slots: '0-99,200-16383', primaryAvailabilityZone: 'us-east-1a', replicaAvailabilityZones: ['us-east-1b'] },
        { slots: '100-199', replicas: 2 },
      ],
    });

    expect(group.Properties.NumNodeGroups).toBe(2);
    expect(group.Properties.NodeGroupConfiguration).toEqual([
      {
        NodeGroupId: '0001',
        Slots: '0-99,200-16383',
        PrimaryAvailabilityZone: 'us-east-1a',
        ReplicaAvailabilityZones: ['us-east-1b'],
      },
      { NodeGroupId: '0002', Slots: '100-199', ReplicaCount: 2 },
    ]);
  });

  test('the endpoint is the configuration endpoint, and the binding says that clients must know the cluster', () => {
    const { stack, cache } = groupOf({ shards: 2 });

    expect(JSON.stringify(stack.resolve(cache.endpointAddress))).toContain('ConfigurationEndPoint.Address');
    expect(cache.readerEndpointAddress).toBeUndefined();
    expect(JSON.stringify(stack.resolve(cache.binding('ranks')))).toContain('\\"mode\\":\\"cluster\\"');
  });

  test('compatible goes on with one shard, its primary endpoint and a parameter group for cluster mode', () => {
    const { stack, cache, group } = groupOf({ clusterMode: ClusterMode.COMPATIBLE });

    expect(group.Properties).toMatchObject({
      ClusterMode: 'compatible',
      NumCacheClusters: 2,
      CacheParameterGroupName: 'default.valkey8.cluster.on',
    });
    expect(group.UpdatePolicy).toBeUndefined();
    expect(JSON.stringify(stack.resolve(cache.binding('ranks')))).toContain('\\"mode\\":\\"primary\\"');
  });

  test('a group that was brought to cluster mode keeps its count of nodes', () => {
    const { group } = groupOf({ clusterMode: ClusterMode.ENABLED, replicas: 2 });

    expect(group.Properties).toMatchObject({ ClusterMode: 'enabled', NumCacheClusters: 3 });
    expect(group.Properties).not.toHaveProperty('ReplicasPerNodeGroup');
  });

  test('custom parameters are for cluster mode too', () => {
    const { stack } = groupOf({ shards: 2, parameters: { timeout: '20' } });

    Template.fromStack(stack).hasResourceProperties('AWS::ElastiCache::ParameterGroup', {
      CacheParameterGroupFamily: 'valkey8',
      Properties: { timeout: '20', 'cluster-enabled': 'yes' },
    });
  });
});

test.each([
  ['without shards', {}, ['-001', '-002']],
  ['with shards', { shards: 2, replicasPerShard: 0 }, ['-0001-001', '-0002-001']],
])('node ids %s', (_, props, endings) => {
  const { stack, cache } = groupOf(props);

  expect(cache.nodeIds.map((id) => stack.resolve(id)['Fn::Join'][1][1])).toEqual(endings);
});

describe('what else a group can be', () => {
  test.each<[string, Partial<ReplicationGroupProps>, object]>([
    [
      'placed by zones',
      { availabilityZones: ['us-east-1b', 'us-east-1a'] },
      { PreferredCacheClusterAZs: ['us-east-1b', 'us-east-1a'] },
    ],
    [
      'replicated without failover',
      { replicas: 2, automaticFailover: false },
      { NumCacheClusters: 3, AutomaticFailoverEnabled: false, MultiAZEnabled: false },
    ],
    ['on disk too', { nodeType: CacheNodeType.R6GD_XLARGE }, { DataTieringEnabled: true }],
    ['durable', { engine: VALKEY_9, shards: 1, durability: Durability.SYNC }, { Durability: 'sync', NumNodeGroups: 1 }],
    [
      'reached by IPv6',
      { networkType: CacheNetworkType.IPV6, ipDiscovery: CacheIpDiscovery.IPV6 },
      { NetworkType: 'ipv6', IpDiscovery: 'ipv6' },
    ],
    ['reached by both', { networkType: CacheNetworkType.DUAL_STACK }, { NetworkType: 'dual_stack' }],
    ['filled from a snapshot', { restoreFrom: SnapshotSource.snapshot('nightly') }, { SnapshotName: 'nightly' }],
    [
      'moved to encryption',
      { transitEncryptionMode: TransitEncryptionMode.PREFERRED },
      { TransitEncryptionEnabled: true, TransitEncryptionMode: 'preferred' },
    ],
    ['named', { replicationGroupId: 'sessions' }, { ReplicationGroupId: 'sessions' }],
    [
      'maintained at times',
      {
        maintenanceWindow: MaintenanceWindow.weekly({ day: CacheDay.SATURDAY, hour: 23, minute: 30 }),
        snapshotWindow: SnapshotWindow.daily({ hour: 3 }),
      },
      { PreferredMaintenanceWindow: 'sat:23:30-sun:00:30', SnapshotWindow: '03:00-04:00' },
    ],
    [
      'maintained, with snapshots in the hour after',
      { maintenanceWindow: MaintenanceWindow.weekly({ day: CacheDay.SATURDAY, hour: 23, minute: 30 }) },
      { PreferredMaintenanceWindow: 'sat:23:30-sun:00:30', SnapshotWindow: '00:30-01:30' },
    ],
    [
      'snapshotted, with maintenance in the hour after',
      { snapshotWindow: SnapshotWindow.daily({ hour: 23 }) },
      { PreferredMaintenanceWindow: 'sun:00:00-sun:01:00', SnapshotWindow: '23:00-00:00' },
    ],
  ])('%s', (_, props, expected) => {
    expect(groupOf(props).group.Properties).toMatchObject(expected);
  });

  test('filled from RDB files', () => {
    const { stack, vpc } = newStack();
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'dumps');

    new ReplicationGroup(stack, 'Cache', {
      vpc,
      nodeType: R7G,
      shardConfigurations: [{ slots: '0-8000' }, { slots: '8001-16383' }],
      restoreFrom: SnapshotSource.s3(bucket, 'one.rdb', 'two.rdb'),
    });

    expect(only(stack, GROUP).Properties.SnapshotArns).toEqual([
      'arn:aws:s3:::dumps/one.rdb',
      'arn:aws:s3:::dumps/two.rdb',
    ]);
  });

  test('told about by a topic', () => {
    const { stack, vpc } = newStack();
    const notificationTopic = new sns.Topic(stack, 'Topic');

    new ReplicationGroup(stack, 'Cache', { vpc, nodeType: R7G, notificationTopic });

    expect(only(stack, GROUP).Properties.NotificationTopicArn).toEqual(stack.resolve(notificationTopic.topicArn));
  });

  test('with subnets and parameters that others share', () => {
    const { stack, vpc } = newStack();
    const subnetGroup = new SubnetGroup(stack, 'Subnets', { vpc });
    const parameterGroup = new ParameterGroup(stack, 'Parameters', {
      engine: CacheEngine.valkey(ValkeyVersion.V8_1),
      parameters: { timeout: '300' },
    });

    for (const id of ['One', 'Two']) {
      new ReplicationGroup(stack, id, { vpc, nodeType: R7G, subnetGroup, parameterGroup });
    }

    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ElastiCache::SubnetGroup', 1);
    template.resourceCountIs('AWS::ElastiCache::ParameterGroup', 1);
    template.allResourcesProperties(GROUP, {
      CacheSubnetGroupName: stack.resolve(subnetGroup.subnetGroupName),
      CacheParameterGroupName: stack.resolve(parameterGroup.parameterGroupName),
    });
  });
});

describe('unresolved tokens', () => {
  test('never trip a check where CloudFormation may fill them in', () => {
    const { stack, vpc } = newStack();
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;

    new ReplicationGroup(stack, 'Cache', {
      vpc,
      nodeType: CacheNodeType.of(text('NodeType')),
      port: new CfnParameter(stack, 'Port', { type: 'Number' }).valueAsNumber,
      snapshotRetentionDays: new CfnParameter(stack, 'Days', { type: 'Number' }).valueAsNumber,
      replicationGroupId: text('Id'),
      description: text('Description'),
      availabilityZones: [text('Zone1'), text('Zone2')],
      parameters: { 'maxmemory-policy': text('Policy'), timeout: text('Timeout') },
      restoreFrom: SnapshotSource.snapshot(text('Snapshot')),
    });

    const { Properties } = only(stack, GROUP);
    expect(Properties).toMatchObject({ Port: { Ref: 'Port' }, CacheNodeType: { Ref: 'NodeType' } });
    expect(JSON.stringify(Properties)).not.toContain('NaN');
  });

  test.each(['replicas', 'shards', 'replicasPerShard'])('fail as `%s`, which is counted with', (name) => {
    expect(() => groupOf({ [name]: Token.asNumber({ Ref: 'Count' }) })).toThrow(
      `\`${name}\` must be a number known at synth, because CloudFormation cannot count with it`,
    );
  });
});
