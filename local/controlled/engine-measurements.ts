import type { Measurement } from '../control/measurement';

const NAMESPACE = 'AWS/ElastiCache';

/** What an engine counts, by its own names: `INFO` or `stats`. */
export type Counters = ReadonlyMap<string, string>;

/**
 * A Valkey or Redis node in ElastiCache's metrics.
 *
 * @param shard what the node's primary says, if it says anything, and ports that it may know the node by
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html
 */
export function valkeyMeasurements(
  dimensions: Measurement['dimensions'],
  info: Counters,
  shard: { readonly primary: Counters | undefined; readonly ports: readonly number[] },
): Measurement[] {
  const life = info.get('run_id') ?? '';
  const number = (name: string) => Number(info.get(name) ?? 0);
  const of = (name: string, kind: Measurement['kind'], value: number): Measurement => ({
    namespace: NAMESPACE,
    name,
    dimensions,
    value,
    kind,
    life,
  });
  const isMaster = info.get('role') === 'master';
  const limit = number('maxmemory');
  const lag = isMaster ? undefined : lagSeconds(shard.primary, shard.ports);
  return [
    of('BytesUsedForCache', 'level', number('used_memory')),
    ...(limit > 0 ? [of('DatabaseMemoryUsagePercentage', 'level', (100 * number('used_memory')) / limit)] : []),
    of('CurrItems', 'level', keysIn(info)),
    of('CurrConnections', 'level', number('connected_clients')),
    of('NewConnections', 'count', number('total_connections_received')),
    of('CacheHits', 'count', number('keyspace_hits')),
    of('CacheMisses', 'count', number('keyspace_misses')),
    of('Evictions', 'count', number('evicted_keys')),
    of('IsMaster', 'level', isMaster ? 1 : 0),
    of('EngineCPUUtilization', 'busy', number('used_cpu_sys_main_thread') + number('used_cpu_user_main_thread')),
    ...(lag === undefined ? [] : [of('ReplicationLag', 'level', lag)]),
  ];
}

/**
 * A memcached node in ElastiCache's metrics.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Memcached.html
 */
export function memcachedMeasurements(dimensions: Measurement['dimensions'], stats: Counters): Measurement[] {
  const life = stats.get('pid') ?? '';
  const number = (name: string) => Number(stats.get(name) ?? 0);
  const of = (name: string, kind: Measurement['kind'], value: number): Measurement => ({
    namespace: NAMESPACE,
    name,
    dimensions,
    value,
    kind,
    life,
  });
  return [
    of('GetHits', 'count', number('get_hits')),
    of('GetMisses', 'count', number('get_misses')),
    of('CurrConnections', 'level', number('curr_connections')),
    of('NewConnections', 'count', number('total_connections')),
    of('Evictions', 'count', number('evictions')),
    of('BytesUsedForCacheItems', 'level', number('bytes')),
    of('UnusedMemory', 'level', number('limit_maxbytes') - number('bytes')),
    of('CurrItems', 'level', number('curr_items')),
  ];
}

/** Of all databases: `db0:keys=12,expires=3,avg_ttl=0`. */
function keysIn(info: Counters): number {
  return [...info]
    .filter(([name]) => /^db\d+$/.test(name))
    .reduce((sum, [, value]) => sum + Number(/(?:^|,)keys=(\d+)/.exec(value)?.[1] ?? 0), 0);
}

/** How long ago a replica told its primary where it is: `slave0:ip=127.0.0.1,port=6380,state=online,offset=14,lag=1`. */
function lagSeconds(primary: Counters | undefined, ports: readonly number[]): number | undefined {
  const own = [...(primary ?? [])].find(
    ([name, value]) => /^slave\d+$/.test(name) && ports.some((port) => value.includes(`,port=${port},`)),
  );
  const lag = /(?:^|,)lag=(\d+)/.exec(own?.[1] ?? '')?.[1];
  return lag === undefined ? undefined : Number(lag);
}
