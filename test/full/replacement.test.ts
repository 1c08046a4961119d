import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  AccessRules,
  AlarmThreshold,
  AuthToken,
  CacheEngine,
  CacheLog,
  CacheNetworkType,
  CacheNodeType,
  CacheUser,
  ClusterMode,
  Durability,
  MaintenanceWindow,
  MemcachedVersion,
  RedisVersion,
  SnapshotSource,
  SnapshotWindow,
  TransitEncryptionMode,
  UserAuthentication,
  UserGroup,
  ValkeyVersion,
} from '../../lib';
import { type StatefulChange, statefulChanges } from '../../lib/checks/replacement/changes';
import { environment, type Template as WrittenTemplate } from '../checks/replacement/deployed';
import { group, type Make, memcached, serverless } from '../lib/makers';
import { newStack } from '../lib/stacks';

// The templates are read here, not judged by CDK's own rules.
process.env.CDK_VALIDATION = 'false';

const VALKEY = (version: ValkeyVersion) => CacheEngine.valkey(version);
const REDIS = (version: RedisVersion) => CacheEngine.redis(version);

interface Change {
  readonly type: string;
  readonly change: StatefulChange['effect'];
  readonly properties: readonly string[];
}

function template(make: Make): WrittenTemplate {
  const { stack, vpc } = newStack();
  make(stack, vpc);
  return Template.fromStack(stack).toJSON() as WrittenTemplate;
}

function changes(before: Make, after: Make): Change[] {
  return statefulChanges(environment({ data: template(before) }), environment({ data: template(after) })).map(
    ({ before: { Type: type }, effect: change, properties }) => ({
      type,
      change,
      properties: properties.map(({ name }) => name),
    }),
  );
}

/** Neighbouring sizes, and the properties of the cache that may change on the way. */
const NEIGHBOURS: Array<[string, Make, Make, string[]]> = [
  ['a replica is added', group({ replicas: 1 }), group({ replicas: 2 }), ['NumCacheClusters']],
  ['a replica is taken away', group({ replicas: 3 }), group({ replicas: 2 }), ['NumCacheClusters']],
  [
    'the first replica is added',
    group({ replicas: 0 }),
    group({ replicas: 1 }),
    ['AutomaticFailoverEnabled', 'MultiAZEnabled', 'NumCacheClusters'],
  ],
  ['a shard is added', group({ shards: 2 }), group({ shards: 3 }), ['NodeGroupConfiguration', 'NumNodeGroups']],
  ['a shard is taken away', group({ shards: 3 }), group({ shards: 2 }), ['NodeGroupConfiguration', 'NumNodeGroups']],
  ['the node type changes', group({}), group({ nodeType: CacheNodeType.R7G_XLARGE }), ['CacheNodeType']],
  [
    'parameters are set',
    group({}),
    group({ parameters: { 'maxmemory-policy': 'noeviction' } }),
    ['CacheParameterGroupName'],
  ],
  [
    'a parameter changes',
    group({ parameters: { 'maxmemory-policy': 'noeviction' } }),
    group({ parameters: { 'maxmemory-policy': 'allkeys-lru' } }),
    [],
  ],
  [
    'the version changes within its family',
    group({ engine: VALKEY(ValkeyVersion.V8_0) }),
    group({ engine: VALKEY(ValkeyVersion.V8_2) }),
    ['EngineVersion'],
  ],
  [
    'the version changes with its family',
    group({ engine: VALKEY(ValkeyVersion.V8_2) }),
    group({ engine: VALKEY(ValkeyVersion.V9_0) }),
    ['CacheParameterGroupName', 'EngineVersion'],
  ],
  [
    'the version changes with the family of custom parameters',
    group({ engine: VALKEY(ValkeyVersion.V8_2), parameters: { timeout: '60' } }),
    group({ engine: VALKEY(ValkeyVersion.V9_0), parameters: { timeout: '60' } }),
    ['EngineVersion'],
  ],
  [
    'Redis OSS is upgraded to Valkey in place',
    group({ engine: REDIS(RedisVersion.V7_1) }),
    group({ engine: VALKEY(ValkeyVersion.V8_1).upgradedInPlaceFrom(REDIS(RedisVersion.V7_1)) }),
    ['CacheParameterGroupName', 'Engine', 'EngineVersion'],
  ],
  [
    'cluster mode becomes compatible',
    group({ clusterMode: ClusterMode.DISABLED }),
    group({ clusterMode: ClusterMode.COMPATIBLE }),
    ['CacheParameterGroupName', 'ClusterMode'],
  ],
  [
    'cluster mode is enabled after that',
    group({ clusterMode: ClusterMode.COMPATIBLE }),
    group({ clusterMode: ClusterMode.ENABLED, replicas: 1 }),
    ['ClusterMode'],
  ],
  ['alarms are added', group({}), (stack, vpc) => group({})(stack, vpc).addAlarms(), []],
  [
    'an alarm is moved',
    (stack, vpc) => group({})(stack, vpc).addAlarms(),
    (stack, vpc) => group({})(stack, vpc).addAlarms({ cpu: AlarmThreshold.at(50) }),
    [],
  ],
  [
    'a tag is added',
    group({}),
    (stack, vpc) => {
      group({})(stack, vpc);
      Tags.of(stack).add('team', 'caches');
    },
    ['Tags'],
  ],
  [
    'logs are switched on',
    group({}),
    group({ slowLog: CacheLog.toCloudWatch(), engineLog: CacheLog.toCloudWatch() }),
    ['LogDeliveryConfigurations'],
  ],
  [
    'windows are set',
    group({}),
    group({ maintenanceWindow: MaintenanceWindow.parse('mon:03:00-mon:04:00') }),
    ['PreferredMaintenanceWindow', 'SnapshotWindow'],
  ],
  [
    'the snapshot window moves',
    group({ snapshotWindow: SnapshotWindow.daily({ hour: 3 }) }),
    group({ snapshotWindow: SnapshotWindow.daily({ hour: 5 }) }),
    ['PreferredMaintenanceWindow', 'SnapshotWindow'],
  ],
  ['snapshots are kept longer', group({}), group({ snapshotRetentionDays: 30 }), ['SnapshotRetentionLimit']],
  ['the description changes', group({}), group({ description: 'sessions' }), ['ReplicationGroupDescription']],
  [
    'clients are let in without encryption for a while',
    group({}),
    group({ transitEncryptionMode: TransitEncryptionMode.PREFERRED }),
    ['TransitEncryptionMode'],
  ],
  [
    'clients must encrypt again',
    group({ transitEncryptionMode: TransitEncryptionMode.PREFERRED }),
    group({ transitEncryptionMode: TransitEncryptionMode.REQUIRED }),
    ['TransitEncryptionMode'],
  ],
  [
    'durability is switched from async to sync',
    group({ engine: VALKEY(ValkeyVersion.V9_0), shards: 1, durability: Durability.ASYNC }),
    group({ engine: VALKEY(ValkeyVersion.V9_0), shards: 1, durability: Durability.SYNC }),
    ['Durability'],
  ],
  ['the removal policy changes', group({}), group({ removalPolicy: RemovalPolicy.RETAIN }), []],
  [
    'auto scaling is added',
    group({ shards: 2 }),
    (stack, vpc) => group({ shards: 2 })(stack, vpc).autoScaleShards({ minCapacity: 2, maxCapacity: 4 }),
    [],
  ],
  [
    'a user is added',
    (stack) =>
      new UserGroup(stack, 'Group', {
        engine: VALKEY(ValkeyVersion.V8_1),
        users: [new CacheUser(stack, 'A', { engine: VALKEY(ValkeyVersion.V8_1) })],
      }),
    (stack) =>
      new UserGroup(stack, 'Group', {
        engine: VALKEY(ValkeyVersion.V8_1),
        users: ['A', 'B'].map((id) => new CacheUser(stack, id, { engine: VALKEY(ValkeyVersion.V8_1) })),
      }),
    ['UserIds'],
  ],
  [
    "a user's rules change",
    (stack) => new CacheUser(stack, 'User', { engine: VALKEY(ValkeyVersion.V8_1) }),
    (stack) => new CacheUser(stack, 'User', { engine: VALKEY(ValkeyVersion.V8_1), access: AccessRules.readOnly() }),
    ['AccessString'],
  ],
  [
    'a user gets a password in place of IAM',
    (stack) => new CacheUser(stack, 'User', { engine: VALKEY(ValkeyVersion.V8_1) }),
    (stack) =>
      new CacheUser(stack, 'User', {
        engine: VALKEY(ValkeyVersion.V8_1),
        authentication: UserAuthentication.generatedPassword({ rotateAfter: Duration.days(30) }),
      }),
    ['AuthenticationMode'],
  ],
  [
    'a node of Memcached is added',
    memcached({ nodes: 2 }),
    memcached({ nodes: 3 }),
    ['NumCacheNodes', 'PreferredAvailabilityZones'],
  ],
  [
    'a node of Memcached is taken away',
    memcached({ nodes: 3 }),
    memcached({ nodes: 2 }),
    ['NumCacheNodes', 'PreferredAvailabilityZones'],
  ],
  [
    'the second node of Memcached is added',
    memcached({ nodes: 1 }),
    memcached({ nodes: 2 }),
    ['AZMode', 'NumCacheNodes', 'PreferredAvailabilityZones'],
  ],
  [
    'the version of Memcached changes',
    memcached({ engine: CacheEngine.memcached(MemcachedVersion.V1_6_17) }),
    memcached({ engine: CacheEngine.memcached(MemcachedVersion.V1_6_22) }),
    ['EngineVersion'],
  ],
  [
    'parameters of Memcached are set',
    memcached({}),
    memcached({ parameters: { max_item_size: '2097152' } }),
    ['CacheParameterGroupName'],
  ],
  ['a serverless cache gets a limit', serverless({}), serverless({ maxProcessingUnits: 5_000 }), ['CacheUsageLimits']],
  [
    'a serverless cache gets a newer engine',
    serverless({}),
    serverless({ engine: VALKEY(ValkeyVersion.V9_0) }),
    ['MajorEngineVersion'],
  ],
  [
    'snapshots of a serverless cache are kept longer',
    serverless({}),
    serverless({ snapshotRetentionDays: 30 }),
    ['SnapshotRetentionLimit'],
  ],
];

test.each(NEIGHBOURS)('%s: nothing stateful is replaced', (_, before, after, expected) => {
  const found = changes(before, after);
  const touched = new Set(found.filter(({ type }) => !type.includes('Secret')).flatMap(({ properties }) => properties));

  expect(found.filter(({ change }) => change !== 'update')).toEqual([]);
  expect([...touched].sort()).toEqual(expected);
});

/** What does replace, as the documentation of the properties says. */
const REPLACING: Array<[string, Make, Make, string[]]> = [
  [
    'replicas per shard',
    group({ shards: 2, replicasPerShard: 1 }),
    group({ shards: 2, replicasPerShard: 2 }),
    ['ReplicasPerNodeGroup'],
  ],
  ['the port', group({}), group({ port: 6_400 }), ['Port']],
  [
    'named zones',
    group({ availabilityZones: ['us-east-1a', 'us-east-1b'] }),
    group({ replicas: 2, availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1a'] }),
    ['PreferredCacheClusterAZs'],
  ],
  ['an AUTH token after users', group({}), group({ authToken: AuthToken.generated() }), ['AuthToken']],
  ['users after an AUTH token', group({ authToken: AuthToken.generated() }), group({}), ['AuthToken']],
  [
    'the replicas of one shard',
    group({ shardConfigurations: [{ replicas: 1 }, {}] }),
    group({ shardConfigurations: [{ replicas: 2 }, {}] }),
    ['NodeGroupConfiguration'],
  ],
  [
    'the zone of one shard',
    group({ shardConfigurations: [{ primaryAvailabilityZone: 'us-east-1a' }] }),
    group({ shardConfigurations: [{ primaryAvailabilityZone: 'us-east-1b' }] }),
    ['NodeGroupConfiguration'],
  ],
  ['the kind of addresses', group({}), group({ networkType: CacheNetworkType.DUAL_STACK }), ['NetworkType']],
  ['what it is filled with', group({}), group({ restoreFrom: SnapshotSource.snapshot('nightly') }), ['SnapshotName']],
  ['shards after none', group({}), group({ shards: 2 }), ['ReplicasPerNodeGroup']],
  [
    'Redis OSS after Valkey',
    group({ engine: VALKEY(ValkeyVersion.V7_2), authToken: AuthToken.generated() }),
    group({ engine: REDIS(RedisVersion.V7_1), authToken: AuthToken.generated() }),
    ['Engine'],
  ],
  ['the port of Memcached', memcached({}), memcached({ port: 11_311 }), ['Port']],
];

test.each(REPLACING)(
  'a change of %s replaces the cache, which its documentation says',
  (_, before, after, expected) => {
    const replaced = changes(before, after).filter(
      ({ change, type }) => change === 'replace' && /ReplicationGroup|CacheCluster/.test(type),
    );

    expect(replaced.map(({ properties }) => properties)).toEqual([expected]);
  },
);

test('without saying that it is an upgrade in place, the users of Redis OSS would be replaced', () => {
  const found = changes(
    group({ engine: REDIS(RedisVersion.V7_1) }),
    group({ engine: VALKEY(ValkeyVersion.V8_1) }),
  ).filter(({ change }) => change !== 'update');

  expect(found.map(({ type }) => type).sort()).toEqual([
    'AWS::ElastiCache::User',
    'AWS::ElastiCache::User',
    'AWS::ElastiCache::UserGroup',
  ]);
});

test('an upgrade of the engine changes nothing about who signs in, because it was said', () => {
  const users =
    (engine: CacheEngine, kept: CacheEngine): Make =>
    (stack, vpc) => {
      const user = new CacheUser(stack, 'User', {
        engine: kept,
        authentication: UserAuthentication.generatedPassword(),
      });
      group({ engine, userGroup: new UserGroup(stack, 'Users', { engine: kept, users: [user] }) })(stack, vpc);
    };
  const [six, seven] = [REDIS(RedisVersion.V6_2), REDIS(RedisVersion.V7_1)];
  const token = { authToken: AuthToken.generated() };

  expect(changes(users(six, six), users(seven, seven)).flatMap(({ properties }) => properties)).toEqual([
    'CacheParameterGroupName',
    'EngineVersion',
  ]);
  expect(
    changes(group({ engine: six, ...token }), group({ engine: seven, ...token })).map(({ change }) => change),
  ).toEqual(['update']);
  expect(() => template(group({ engine: six }))).toThrow('`userGroup` or `authToken` must be given for redis 6.2');
});
