import { CfnParameter, Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  AuthToken,
  CacheEngine,
  CacheNodeType,
  RedisVersion,
  ReplicationGroup,
  type ReplicationGroupProps,
  type ShardScalingProps,
} from '../../lib';
import { newStack, warnings } from './stacks';

const TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';
const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';

function groupOf(props: Partial<ReplicationGroupProps> = {}) {
  const { stack, vpc } = newStack();
  return {
    stack,
    cache: new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.R7G_LARGE, shards: 2, ...props }),
  };
}

test('shards and replicas grow and shrink by their own metrics', () => {
  const { stack, cache } = groupOf();

  cache.autoScaleShards({
    minCapacity: 2,
    maxCapacity: 10,
    onPrimaryCpu: { targetUtilizationPercent: 60 },
    onMemory: { targetUtilizationPercent: 70, scaleInCooldown: Duration.minutes(30), disableScaleIn: true },
  });
  cache.autoScaleReplicas({ minCapacity: 1, maxCapacity: 5, onReplicaCpu: { targetUtilizationPercent: 50 } });

  const template = Template.fromStack(stack);
  const targets = Object.values(template.findResources(TARGET)).map(({ Properties: p }) => [
    p.ServiceNamespace,
    p.ScalableDimension,
    p.MinCapacity,
    p.MaxCapacity,
    JSON.stringify(p.ResourceId),
  ]);
  const policies = Object.values(template.findResources(POLICY)).map(
    ({ Properties: { TargetTrackingScalingPolicyConfiguration: p, PolicyType } }) => [
      PolicyType,
      p.PredefinedMetricSpecification.PredefinedMetricType,
      p.TargetValue,
      p.ScaleInCooldown,
      p.DisableScaleIn,
    ],
  );
  expect(targets).toEqual([
    ['elasticache', 'elasticache:replication-group:NodeGroups', 2, 10, expect.stringContaining('replication-group/')],
    ['elasticache', 'elasticache:replication-group:Replicas', 1, 5, expect.stringContaining('replication-group/')],
  ]);
  expect(policies).toEqual([
    ['TargetTrackingScaling', 'ElastiCachePrimaryEngineCPUUtilization', 60, undefined, undefined],
    ['TargetTrackingScaling', 'ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage', 70, 1_800, true],
    ['TargetTrackingScaling', 'ElastiCacheReplicaEngineCPUUtilization', 50, undefined, undefined],
  ]);
});

test('the most is more than the fewest: a defect of cdk-redisdb, which writes the fewest for both', () => {
  const { stack, cache } = groupOf();

  cache.autoScaleShards({ minCapacity: 2, maxCapacity: 3 });

  Template.fromStack(stack).hasResourceProperties(TARGET, { MinCapacity: 2, MaxCapacity: 3 });
});

test('with data tiering memory and disk count', () => {
  const { stack, cache } = groupOf({ nodeType: CacheNodeType.R6GD_XLARGE });

  cache.autoScaleShards({ minCapacity: 1, maxCapacity: 3, onMemory: { targetUtilizationPercent: 60 } });

  Template.fromStack(stack).hasResourceProperties(POLICY, {
    TargetTrackingScalingPolicyConfiguration: {
      PredefinedMetricSpecification: {
        PredefinedMetricType: 'ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage',
      },
    },
  });
});

const RANGE: ShardScalingProps = { minCapacity: 1, maxCapacity: 4 };

test.each<[string, Partial<ReplicationGroupProps>, Partial<ShardScalingProps>, string]>([
  ['there are no shards', { shards: undefined }, {}, 'auto scaling needs `shards` (cluster mode), got a group without'],
  [
    'the nodes are burstable',
    { nodeType: CacheNodeType.T4G_SMALL },
    {},
    'auto scaling needs a node type of size large, xlarge, 2xlarge',
  ],
  ['the nodes are too large', { nodeType: CacheNodeType.R7G_4XLARGE }, {}, 'got cache.r7g.4xlarge'],
  [
    'the engine is too old',
    {
      engine: CacheEngine.redis(RedisVersion.V5_0_6),
      nodeType: CacheNodeType.R5_LARGE,
      authToken: AuthToken.generated(),
    },
    {},
    'auto scaling needs redis 6.0 or later, got redis 5.0.6',
  ],
  ['the fewest are the most', {}, { minCapacity: 4 }, '`maxCapacity` must be greater than `minCapacity` (4), got 4'],
  ['there are too many', {}, { maxCapacity: 251 }, '`maxCapacity` must be between 1 and 250, got 251'],
  ['there are none', {}, { minCapacity: 0 }, '`minCapacity` must be between 1 and 250, got 0'],
  [
    'the group is outside',
    { shards: 5 },
    {},
    '`shards` must be between `minCapacity` (1) and `maxCapacity` (4), got 5',
  ],
  [
    'the target is out of range',
    {},
    { onPrimaryCpu: { targetUtilizationPercent: 90 } },
    '`targetUtilizationPercent` must be between 35 and 70, got 90',
  ],
])('fails if %s', (_, props, range, message) => {
  expect(() => groupOf(props).cache.autoScaleShards({ ...RANGE, ...range })).toThrow(message);
});

test('alarms say that they do not watch the nodes that scaling adds, in whichever order they come', () => {
  const range = { minCapacity: 1, maxCapacity: 4 };
  const first = groupOf();
  first.cache.addAlarms();
  first.cache.autoScaleShards(range);
  const then = groupOf();
  then.cache.autoScaleReplicas(range);
  then.cache.addAlarms();
  const without = groupOf();
  without.cache.autoScaleShards(range);

  const text = 'the alarms watch the nodes that the template makes';
  expect([first, then, without].map(({ stack }) => warnings(stack).join().includes(text))).toEqual([true, true, false]);
});

test('a bound that is a token passes', () => {
  const { stack, cache } = groupOf();
  const most = new CfnParameter(stack, 'Most', { type: 'Number' }).valueAsNumber;

  cache.autoScaleShards({ minCapacity: 1, maxCapacity: most });

  Template.fromStack(stack).hasResourceProperties(TARGET, { MaxCapacity: { Ref: 'Most' } });
});
