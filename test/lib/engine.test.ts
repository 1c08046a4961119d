import { CacheCapability, CacheEngine, CacheNodeType, MemcachedVersion, RedisVersion, ValkeyVersion } from '../../lib';

test.each([
  [CacheEngine.valkey(ValkeyVersion.V8_1), 'valkey', '8.1', true, true, true],
  [CacheEngine.valkey(ValkeyVersion.V7_2), 'valkey', '7.2', true, true, true],
  [CacheEngine.valkey(ValkeyVersion.of('10.0')), 'valkey', '10.0', true, true, true],
  [CacheEngine.redis(RedisVersion.V7_0), 'redis', '7.0', true, true, true],
  [CacheEngine.redis(RedisVersion.V6_2), 'redis', '6.2', true, false, true],
  [CacheEngine.redis(RedisVersion.V4_0_10), 'redis', '4.0.10', true, false, true],
  [CacheEngine.memcached(MemcachedVersion.V1_6_22), 'memcached', '1.6.22', false, false, true],
  [CacheEngine.memcached(MemcachedVersion.V1_6_12), 'memcached', '1.6.12', false, false, true],
  [CacheEngine.memcached(MemcachedVersion.V1_6_6), 'memcached', '1.6.6', false, false, false],
])('%s answers for what it can do', (engine, name, version, dataTypes, iam, tls) => {
  expect([engine.name, engine.version, engine.toString()]).toEqual([name, version, `${name} ${version}`]);
  for (const capability of Object.values(CacheCapability)) {
    expect(engine.supports(capability)).toBe(dataTypes);
  }
  expect(engine.supportsIam).toBe(iam);
  expect(engine.supportsTransitEncryption).toBe(tls);
});

test('a node type is taken by its name', () => {
  expect(CacheNodeType.of('cache.r7g.4xlarge').name).toBe('cache.r7g.4xlarge');
  expect(CacheNodeType.T4G_SMALL.name).toBe('cache.t4g.small');
});

test.each(['db.t4g.small', 't4g.small', 'cache.t4g', ''])('fails if a node type is %j', (name) => {
  expect(() => CacheNodeType.of(name)).toThrow('a cache node type is written `cache.<family>.<size>`');
});
