import { Template } from 'aws-cdk-lib/assertions';
import {
  CacheCapability,
  CacheEngine,
  CacheNodeType,
  MemcachedCluster,
  MemcachedVersion,
  RedisVersion,
  ReplicationGroup,
  ValkeyVersion,
} from '../../lib';
import { newStack, warnings } from './stacks';

const C = CacheCapability;
const OF_EVERY_REDIS = [
  C.DATA_TYPES,
  C.REPLICATION,
  C.MULTI_AZ,
  C.PERSISTENCE,
  C.CLUSTER_MODE,
  C.TRANSIT_ENCRYPTION,
  C.AT_REST_ENCRYPTION,
  C.AUTH_TOKEN,
];
const REDIS_6_0 = [...OF_EVERY_REDIS, C.USERS, C.SLOW_LOG];
const REDIS_6_2 = [...REDIS_6_0, C.ENGINE_LOG, C.DATA_TIERING, C.IPV6];
const REDIS_7_0 = [...REDIS_6_2, C.CLUSTER_MODE_MIGRATION, C.IAM, C.SERVERLESS];

test.each<[CacheEngine, string, CacheCapability[]]>([
  [CacheEngine.redis(RedisVersion.V4_0_10), 'redis4.0', OF_EVERY_REDIS],
  [CacheEngine.redis(RedisVersion.V5_0_6), 'redis5.0', OF_EVERY_REDIS],
  [CacheEngine.redis(RedisVersion.V6_0), 'redis6.x', REDIS_6_0],
  [CacheEngine.redis(RedisVersion.of('6.x')), 'redis6.x', REDIS_6_2],
  [CacheEngine.redis(RedisVersion.V6_2), 'redis6.x', REDIS_6_2],
  [CacheEngine.redis(RedisVersion.V7_0), 'redis7', REDIS_7_0],
  [CacheEngine.redis(RedisVersion.V7_1), 'redis7', REDIS_7_0],
  [CacheEngine.valkey(ValkeyVersion.V7_2), 'valkey7', REDIS_7_0],
  [CacheEngine.valkey(ValkeyVersion.V8_0), 'valkey8', REDIS_7_0],
  [CacheEngine.valkey(ValkeyVersion.V8_2), 'valkey8', REDIS_7_0],
  [CacheEngine.valkey(ValkeyVersion.V9_0), 'valkey9', [...REDIS_7_0, C.DURABILITY]],
  [CacheEngine.valkey(ValkeyVersion.of('10.0')), 'valkey10', [...REDIS_7_0, C.DURABILITY]],
  [CacheEngine.memcached(MemcachedVersion.V1_4_34), 'memcached1.4', []],
  [CacheEngine.memcached(MemcachedVersion.V1_5_16), 'memcached1.5', []],
  [CacheEngine.memcached(MemcachedVersion.V1_6_6), 'memcached1.6', [C.IPV6]],
  [CacheEngine.memcached(MemcachedVersion.V1_6_12), 'memcached1.6', [C.IPV6, C.TRANSIT_ENCRYPTION]],
  [CacheEngine.memcached(MemcachedVersion.V1_6_22), 'memcached1.6', [C.IPV6, C.TRANSIT_ENCRYPTION, C.SERVERLESS]],
])('%s is of family %s and can what it can', (engine, family, capabilities) => {
  const can = Object.values(C).filter((capability) => engine.supports(capability));

  expect(engine.parameterGroupFamily).toBe(family);
  expect(can.sort()).toEqual([...capabilities].sort());
});

test('engine and version are two facts', () => {
  const engine = CacheEngine.valkey(ValkeyVersion.V8_1);

  expect([engine.name, engine.version, engine.majorVersion, String(engine)]).toEqual([
    'valkey',
    '8.1',
    '8',
    'valkey 8.1',
  ]);
});

test.each([
  [C.IAM, 'valkey 7.2 or redis 7.0 or later'],
  [C.DATA_TYPES, 'valkey or redis'],
  [C.DURABILITY, 'valkey 9.0 or later'],
  [C.TRANSIT_ENCRYPTION, 'valkey or redis 3.2.6 or memcached 1.6.12 or later'],
])('%s: which engines have it is said in words', (capability, words) => {
  expect(CacheEngine.whichSupport(capability)).toBe(words);
});

test.each(['9.2', '12.0'])('a version that is not known yet (%s) warns and is taken', (version) => {
  const { stack, vpc } = newStack();

  new ReplicationGroup(stack, 'Cache', {
    vpc,
    nodeType: CacheNodeType.R7G_LARGE,
    engine: CacheEngine.valkey(ValkeyVersion.of(version)),
  });

  expect(warnings(stack)).toEqual([
    expect.stringContaining(`this release does not know valkey ${version} (known: 7.2,`),
  ]);
  Template.fromStack(stack).hasResourceProperties('AWS::ElastiCache::ReplicationGroup', { EngineVersion: version });
});

test('a version of Memcached that is not known yet warns and is taken', () => {
  const { stack, vpc } = newStack();

  new MemcachedCluster(stack, 'Cache', {
    vpc,
    nodeType: CacheNodeType.R7G_LARGE,
    engine: CacheEngine.memcached(MemcachedVersion.of('1.6.40')),
  });

  expect(warnings(stack)).toEqual([expect.stringContaining('this release does not know memcached 1.6.40')]);
});

test.each<[string, () => unknown, string]>([
  [
    'valkey has a version of Redis OSS',
    () => CacheEngine.valkey(ValkeyVersion.of('7.1')),
    'valkey starts with version 7.2, got 7.1, which is a version of Redis OSS: use `CacheEngine.redis(...)`',
  ],
  [
    'a version is a name',
    () => ValkeyVersion.of('latest'),
    'a version of valkey is written in numbers and dots, for example 9.1, got "latest"',
  ],
  ['a version is empty', () => RedisVersion.of(''), 'for example 7.1, got ""'],
  [
    'memcached has a version of another engine',
    () => CacheEngine.memcached(MemcachedVersion.of('7.0')),
    'a version of memcached starts with 1, got 7.0',
  ],
  [
    'an upgrade in place does not end at Valkey',
    () => CacheEngine.redis(RedisVersion.V7_1).upgradedInPlaceFrom(CacheEngine.redis(RedisVersion.V6_2)),
    'only redis can be upgraded in place, and only to valkey, got redis 6.2 to redis 7.1',
  ],
])('fails if %s', (_, make, message) => {
  expect(make).toThrow(message);
});

describe('node types', () => {
  test('are taken by name', () => {
    expect(CacheNodeType.of('cache.r7g.4xlarge').name).toBe('cache.r7g.4xlarge');
    expect(CacheNodeType.T4G_SMALL.name).toBe('cache.t4g.small');
  });

  test.each([
    ['cache.t4g.micro', 2, true, false, 20_000],
    ['cache.t3.small', 2, true, false, 46_000],
    ['cache.t3.micro', 2, true, false, 20_000],
    ['cache.t3.medium', 2, true, false, 46_000],
    ['cache.t4g.small', 2, true, false, 65_000],
    ['cache.t4g.medium', 2, true, false, 65_000],
    ['cache.t2.medium', 2, true, false, 20_000],
    ['cache.t2.micro', 1, true, false, 20_000],
    ['cache.m7g.large', 2, false, false, 65_000],
    ['cache.r7g.xlarge', 4, false, false, 65_000],
    ['cache.r6gd.2xlarge', 8, false, true, 65_000],
    ['cache.r7g.16xlarge', 64, false, false, 65_000],
  ])('%s has %d vCPUs', (name, vcpus, burstable, tiering, connections) => {
    const type = CacheNodeType.of(name);

    expect([type.vcpus, type.isBurstable, type.hasDataTiering, type.maxConnections]).toEqual([
      vcpus,
      burstable,
      tiering,
      connections,
    ]);
  });

  test.each(['db.t4g.small', 't4g.small', 'cache.t4g', ''])('fail if written %j', (name) => {
    expect(() => CacheNodeType.of(name)).toThrow('a cache node type is written `cache.<family>.<size>`');
  });
});
