/**
 * The parameters of each family: what a custom parameter group may set, and to what.
 *
 * A specification is `fixed` (AWS sets it, a custom group cannot), `text`, `integer` or `double` with the allowed ranges
 * (`0,20-` is 0, or 20 and more), or the allowed words (`yes|no`). Where no source states a range, none is checked.
 *
 * Sources: the page ParameterGroups.Engine of the ElastiCache guide (names, newest copy with Valkey 9.1), and for ranges
 * the output of `describe-engine-default-parameters` for redis5.0 in the AWS CLI's examples, the like of redis2.8 in the
 * SDK's, of MemoryDB 6.2 for two parameters of redis6.x, and a part of memcached1.4's. A later family inherits a range
 * where nothing newer is known. Read on 2026-11-23.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
 */
export type Family = Readonly<Record<string, string>>;

const MEMCACHED1_4: Family = {
  backlog_queue_limit: 'fixed',
  binding_protocol: 'ascii|auto',
  cas_disabled: '0|1',
  chunk_size: 'integer 1-1024',
  chunk_size_growth_factor: 'double 1.01-100',
  config_max: 'fixed',
  config_size_max: 'fixed',
  disable_flush_all: '0|1',
  error_on_memory_exhausted: '0|1',
  expirezero_does_not_evict: '0|1',
  hash_algorithm: 'jenkins|murmur3',
  hashpower_init: 'fixed',
  idle_timeout: 'integer 0-86400',
  large_memory_pages: 'fixed',
  lock_down_paged_memory: 'fixed',
  lru_crawler: '0|1',
  lru_maintainer: '0|1',
  max_cache_memory: 'fixed',
  max_item_size: 'integer',
  max_simultaneous_connections: 'fixed',
  maxconns_fast: '0|1',
  maximize_core_file_limit: 'fixed',
  memcached_connections_overhead: 'integer 0-100000',
  modern: '0|1',
  num_threads: 'fixed',
  requests_per_event: 'fixed',
  slab_automove: '0|1|2',
  slab_chunk_max: 'integer',
  slab_reassign: '0|1',
  track_sizes: 'text',
  watch: 'text',
  watcher_logbuf_size: 'integer',
  worker_logbuf_size: 'integer',
};

const MEMCACHED1_5: Family = {
  ...without(MEMCACHED1_4, ['expirezero_does_not_evict', 'modern']),
  inline_ascii_resp: '0|1',
  no_modern: '0|1',
};

const MEMCACHED1_6 = MEMCACHED1_5;

const REDIS4_0: Family = {
  'active-defrag-cycle-max': 'integer 1-75',
  'active-defrag-cycle-min': 'integer 1-75',
  'active-defrag-ignore-bytes': 'integer 10485760-104857600',
  'active-defrag-threshold-lower': 'integer 1-100',
  'active-defrag-threshold-upper': 'integer 1-100',
  activedefrag: 'yes|no',
  activerehashing: 'yes|no',
  appendfsync: 'fixed',
  appendonly: 'fixed',
  'client-output-buffer-limit-normal-hard-limit': 'integer 0-',
  'client-output-buffer-limit-normal-soft-limit': 'integer 0-',
  'client-output-buffer-limit-normal-soft-seconds': 'integer 0-',
  'client-output-buffer-limit-pubsub-hard-limit': 'integer 0-',
  'client-output-buffer-limit-pubsub-soft-limit': 'integer 0-',
  'client-output-buffer-limit-pubsub-soft-seconds': 'integer 0-',
  'client-output-buffer-limit-slave-hard-limit': 'fixed',
  'client-output-buffer-limit-slave-soft-limit': 'fixed',
  'client-output-buffer-limit-slave-soft-seconds': 'fixed',
  'client-query-buffer-limit': 'integer 1048576-1073741824',
  'close-on-slave-write': 'yes|no',
  'cluster-enabled': 'yes|no',
  'cluster-require-full-coverage': 'yes|no',
  databases: 'integer 1-1200000',
  'hash-max-ziplist-entries': 'integer 0-',
  'hash-max-ziplist-value': 'integer 0-',
  'hll-sparse-max-bytes': 'integer',
  'lazyfree-lazy-eviction': 'yes|no',
  'lazyfree-lazy-expire': 'yes|no',
  'lazyfree-lazy-server-del': 'yes|no',
  'lfu-decay-time': 'integer',
  'lfu-log-factor': 'integer 1-',
  'list-compress-depth': 'integer',
  'list-max-ziplist-size': 'fixed',
  'lua-time-limit': 'fixed',
  maxclients: 'fixed',
  maxmemory: 'fixed',
  'maxmemory-policy':
    'volatile-lru|allkeys-lru|volatile-lfu|allkeys-lfu|volatile-random|allkeys-random|volatile-ttl|noeviction',
  'maxmemory-samples': 'integer 1-',
  'min-slaves-max-lag': 'integer 0-',
  'min-slaves-to-write': 'integer 0-',
  'notify-keyspace-events': 'text',
  'proto-max-bulk-len': 'integer 1048576-536870912',
  'repl-backlog-size': 'integer 16384-',
  'repl-backlog-ttl': 'integer 0-',
  'repl-timeout': 'fixed',
  'reserved-memory': 'integer 0-',
  'reserved-memory-percent': 'integer',
  'set-max-intset-entries': 'integer 0-',
  'slave-allow-chaining': 'fixed',
  'slave-lazy-flush': 'fixed',
  'slowlog-log-slower-than': 'integer',
  'slowlog-max-len': 'integer 0-',
  'tcp-keepalive': 'integer 0-',
  timeout: 'integer 0,20-',
  'zset-max-ziplist-entries': 'integer 0-',
  'zset-max-ziplist-value': 'integer 0-',
};

const REDIS5_0: Family = {
  ...without(REDIS4_0, [
    'client-output-buffer-limit-slave-hard-limit',
    'client-output-buffer-limit-slave-soft-limit',
    'client-output-buffer-limit-slave-soft-seconds',
    'close-on-slave-write',
    'min-slaves-max-lag',
    'min-slaves-to-write',
    'repl-timeout',
    'slave-allow-chaining',
    'slave-lazy-flush',
  ]),
  'active-defrag-ignore-bytes': 'integer 1048576-',
  'active-defrag-max-scan-fields': 'integer 1-1000000',
  'client-output-buffer-limit-replica-hard-limit': 'fixed',
  'client-output-buffer-limit-replica-soft-limit': 'fixed',
  'client-output-buffer-limit-replica-soft-seconds': 'fixed',
  'close-on-replica-write': 'yes|no',
  'hll-sparse-max-bytes': 'integer 1-16000',
  'lfu-decay-time': 'integer 0-',
  'list-compress-depth': 'integer 0-',
  'lua-replicate-commands': 'yes|no',
  'min-replicas-max-lag': 'integer 0-',
  'min-replicas-to-write': 'integer 0-',
  'rename-commands': 'text',
  'replica-allow-chaining': 'fixed',
  'replica-ignore-maxmemory': 'fixed',
  'replica-lazy-flush': 'fixed',
  'reserved-memory-percent': 'integer 0-100',
  'stream-node-max-bytes': 'integer 0-',
  'stream-node-max-entries': 'integer 0-',
};

const REDIS6_X: Family = {
  ...without(REDIS5_0, ['lua-replicate-commands']),
  'acl-pubsub-default': 'resetchannels|allchannels',
  'acllog-max-len': 'integer 1-10000',
  'active-expire-effort': 'integer 1-10',
  'cluster-allow-reads-when-down': 'yes|no',
  'lazyfree-lazy-user-del': 'yes|no',
  'tracking-table-max-keys': 'integer 1-100000000',
};

const REDIS7: Family = {
  ...without(REDIS6_X, [
    'hash-max-ziplist-entries',
    'hash-max-ziplist-value',
    'list-max-ziplist-size',
    'zset-max-ziplist-entries',
    'zset-max-ziplist-value',
  ]),
  activerehashing: 'fixed',
  'cluster-allow-pubsubshard-when-down': 'yes|no',
  'cluster-preferred-endpoint-type': 'ip|tls-dynamic',
  databases: 'integer',
  'hash-max-listpack-entries': 'integer 0-',
  'hash-max-listpack-value': 'integer 0-',
  'latency-tracking': 'yes|no',
  'list-max-listpack-size': 'integer',
  'zset-max-listpack-entries': 'integer 0-',
  'zset-max-listpack-value': 'integer 0-',
};

const VALKEY7 = REDIS7;

const VALKEY8: Family = {
  ...without(VALKEY7, [
    'lazyfree-lazy-eviction',
    'lazyfree-lazy-expire',
    'lazyfree-lazy-server-del',
    'lazyfree-lazy-user-del',
    'replica-lazy-flush',
  ]),
  'commandlog-large-reply-max-len': 'integer 0-1024',
  'commandlog-large-request-max-len': 'integer 0-1024',
  'commandlog-reply-larger-than': 'integer',
  'commandlog-request-larger-than': 'integer',
  'extended-redis-compatibility': 'yes|no',
  'maxmemory-samples': 'integer 1-64',
  'search-default-timeout-ms': 'integer 1-60000',
  'search-enable-partial-results': 'yes|no',
  'search-fanout-target-mode': 'client|throughput',
};

const VALKEY9: Family = {
  ...VALKEY8,
  'cluster-databases': 'integer 1-10000',
};

/** The families by name. */
export const PARAMETER_FAMILIES: Readonly<Record<string, Family>> = {
  'memcached1.4': MEMCACHED1_4,
  'memcached1.5': MEMCACHED1_5,
  'memcached1.6': MEMCACHED1_6,
  'redis4.0': REDIS4_0,
  'redis5.0': REDIS5_0,
  'redis6.x': REDIS6_X,
  redis7: REDIS7,
  valkey7: VALKEY7,
  valkey8: VALKEY8,
  valkey9: VALKEY9,
};

/** Parameters that came with a minor version of their family. */
export const PARAMETER_SINCE: Readonly<Record<string, string>> = {
  'commandlog-large-reply-max-len': '8.1',
  'commandlog-large-request-max-len': '8.1',
  'commandlog-reply-larger-than': '8.1',
  'commandlog-request-larger-than': '8.1',
  'search-default-timeout-ms': '8.2',
  'search-enable-partial-results': '8.2',
  'search-fanout-target-mode': '8.2',
};

function without(family: Family, names: string[]): Family {
  return Object.fromEntries(Object.entries(family).filter(([name]) => !names.includes(name)));
}
