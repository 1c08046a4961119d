import { memcachedMeasurements, valkeyMeasurements } from '../../../local/controlled/engine-measurements';

const DIMENSIONS: [Record<string, string>] = [{ CacheClusterId: 'sessions-001', CacheNodeId: '0001' }];

/** As engines write it. */
const counters = (text: string, separator = ':') =>
  new Map(text.split('\n').map((line) => line.split(separator, 2) as [string, string]));

const PRIMARY = counters(`run_id:a1
role:master
used_memory:250
maxmemory:1000
connected_clients:3
total_connections_received:9
keyspace_hits:70
keyspace_misses:30
evicted_keys:2
used_cpu_sys_main_thread:1.5
used_cpu_user_main_thread:2.5
slave0:ip=127.0.0.1,port=20001,state=online,offset=14,lag=4
slave1:ip=127.0.0.1,port=20002,state=online,offset=14,lag=0
db0:keys=12,expires=3,avg_ttl=0
db7:keys=5,expires=0,avg_ttl=0`);

const byName = (measured: ReturnType<typeof valkeyMeasurements>) =>
  Object.fromEntries(measured.map(({ name, value }) => [name, value]));

test('a primary in ElastiCache’s metrics', () => {
  const measured = valkeyMeasurements(DIMENSIONS, PRIMARY, { primary: PRIMARY, ports: [20_000] });

  expect(byName(measured)).toEqual({
    BytesUsedForCache: 250,
    DatabaseMemoryUsagePercentage: 25,
    CurrItems: 17,
    CurrConnections: 3,
    NewConnections: 9,
    CacheHits: 70,
    CacheMisses: 30,
    Evictions: 2,
    IsMaster: 1,
    EngineCPUUtilization: 4,
  });
  expect(new Set(measured.map(({ life, namespace }) => `${namespace} ${life}`))).toEqual(
    new Set(['AWS/ElastiCache a1']),
  );
});

test('a replica says how far it is behind, as its primary sees it', () => {
  const replica = counters('run_id:b2\nrole:slave\nused_memory:10');
  const lagOf = (...ports: number[]) =>
    byName(valkeyMeasurements(DIMENSIONS, replica, { primary: PRIMARY, ports })).ReplicationLag;

  expect(lagOf(20_001)).toBe(4);
  expect(lagOf(1, 20_002)).toBe(0);
  expect(lagOf(2_000)).toBeUndefined();
  expect(byName(valkeyMeasurements(DIMENSIONS, replica, { primary: undefined, ports: [20_001] }))).toMatchObject({
    IsMaster: 0,
    CurrItems: 0,
  });
});

test('a memcached node in ElastiCache’s metrics', () => {
  const stats = counters(
    'pid 7\nget_hits 5\nget_misses 2\ncurr_connections 4\ntotal_connections 11\nevictions 1\nbytes 100\n' +
      'limit_maxbytes 1000\ncurr_items 3',
    ' ',
  );

  expect(byName(memcachedMeasurements(DIMENSIONS, stats))).toEqual({
    GetHits: 5,
    GetMisses: 2,
    CurrConnections: 4,
    NewConnections: 11,
    Evictions: 1,
    BytesUsedForCacheItems: 100,
    UnusedMemory: 900,
    CurrItems: 3,
  });
});
