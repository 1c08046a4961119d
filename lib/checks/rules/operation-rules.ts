import { CACHE_CLUSTER, guide, REPLICATION_GROUP, type Rule, SERVERLESS_CACHE } from './rule';

const PARAMETER_GROUP = 'AWS::ElastiCache::ParameterGroup';

/** Parameters of the engines that have them. */
function parameters(key: string, ...holds: string[]) {
  return [
    {
      types: [PARAMETER_GROUP],
      property: 'Properties',
      value: `setting(name, "Properties", ${JSON.stringify(key)})`,
      label: key,
      holds: ['value == null', ...holds],
    },
  ];
}

/** The cache is looked after: patched, watched, and kept from running out. */
export const OPERATION_RULES: readonly Rule[] = [
  {
    id: 'minor-upgrades',
    severity: 'error',
    must: 'Minor versions of the engine are installed by themselves',
    otherwise: 'known holes stay open until somebody thinks of them',
    controls: {
      securityHub: ['ElastiCache.2'],
      nist: ['SI-2', 'SI-2(2)', 'SI-2(4)', 'SI-2(5)'],
      pci: ['6.3.3'],
      lens: ['SEC 7'],
    },
    fix: 'autoMinorVersionUpgrade: true',
    page: guide('engine-versions'),
    checks: [
      { types: [REPLICATION_GROUP, CACHE_CLUSTER], property: 'AutoMinorVersionUpgrade', holds: ['is_true(value)'] },
    ],
  },
  {
    id: 'supported-engine',
    severity: 'error',
    must: 'The version of the engine is in standard support',
    otherwise: 'Redis OSS 4 and 5 cost extra since February 2026, and Memcached before 1.6.12 has no TLS',
    controls: { nist: ['SI-2'], pci: ['6.3.3'], lens: ['SEC 7'] },
    fix: "engineVersion: '7.1'",
    page: guide('extended-support'),
    checks: [
      {
        types: [REPLICATION_GROUP],
        where: ['engine(name) in {"redis", "unknown"}'],
        property: 'EngineVersion',
        holds: ['value == null', 'number(split(sprintf("%v", [value]), ".")[0]) >= 6'],
      },
      {
        types: [CACHE_CLUSTER],
        where: ['engine(name) == "memcached"'],
        property: 'EngineVersion',
        holds: [
          'value == null',
          'is_string(value); parts := [number(part) | some part in split(value, ".")]; parts >= [1, 6, 12]',
        ],
      },
    ],
  },
  {
    id: 'slow-log',
    severity: 'warning',
    must: 'Slow commands are logged',
    otherwise: 'nobody sees which command makes all others wait',
    controls: { nist: ['AU-2'], lens: ['PERF 7', 'SEC 7'] },
    fix: "logDeliveryConfigurations: [{ logType: 'slow-log', … }]",
    page: guide('Log_Delivery'),
    checks: [
      {
        types: [REPLICATION_GROUP],
        property: 'LogDeliveryConfigurations',
        wrong: 'has no slow-log',
        holds: ['"slow-log" in log_types(name)'],
      },
    ],
    relaxed: 'whoever develops asks the engine itself',
  },
  {
    id: 'engine-log',
    severity: 'warning',
    must: 'What the engine says is logged',
    otherwise: 'why a node failed over or refused a client is not to be found out afterwards',
    controls: { nist: ['AU-2', 'SI-4'], lens: ['SEC 7'] },
    fix: "logDeliveryConfigurations: [{ logType: 'engine-log', … }]",
    page: guide('Log_Delivery'),
    checks: [
      {
        types: [REPLICATION_GROUP],
        property: 'LogDeliveryConfigurations',
        wrong: 'has no engine-log',
        holds: ['"engine-log" in log_types(name)'],
      },
    ],
    relaxed: 'whoever develops asks the engine itself',
  },
  {
    id: 'alarms',
    severity: 'informational',
    must: 'An alarm of this stack watches the cache',
    otherwise: 'evictions, a full memory or a lost replica are noticed by users first',
    controls: { nist: ['SI-4'], lens: ['PERF 1', 'SEC 7'] },
    fix: 'new CfnAlarm(this, …, { dimensions: [{ name: "CacheClusterId", value: … }] })',
    page: guide('CacheMetrics.WhichShouldIMonitor'),
    checks: [
      {
        types: [REPLICATION_GROUP, CACHE_CLUSTER, SERVERLESS_CACHE],
        property: '',
        value: '[watched | watched := is_watched(name)]',
        label: 'the stack',
        wrong: 'has no alarm that names it',
        holds: ['count(value) > 0'],
      },
    ],
  },
  {
    id: 'memory-headroom',
    severity: 'warning',
    must: 'A quarter of the memory is kept for snapshots and replication',
    otherwise: 'a snapshot or a new replica makes a full node swap, or fails',
    controls: { lens: ['PERF 5', 'REL 2'] },
    fix: "properties: { 'reserved-memory-percent': '25' }",
    page: guide('redis-memory-management'),
    checks: parameters('reserved-memory-percent', 'at_least(value, 25)'),
  },
  {
    id: 'dead-connections',
    severity: 'warning',
    must: 'Connections whose client is gone are closed',
    otherwise: 'they add up to the limit of 65,000, and then nobody gets in',
    controls: { lens: ['PERF 4'] },
    fix: "properties: { 'tcp-keepalive': '300' }",
    page: guide('BestPractices.Clients.redis'),
    checks: parameters('tcp-keepalive', 'at_least(value, 1)'),
  },
  {
    id: 'slow-log-threshold',
    severity: 'warning',
    must: 'The engine notes slow commands',
    otherwise: 'the slow log is delivered, and always empty',
    controls: { lens: ['PERF 7'] },
    fix: "properties: { 'slowlog-log-slower-than': '10000' }",
    page: guide('Log_Delivery'),
    checks: parameters('slowlog-log-slower-than', 'at_least(value, 0)'),
  },
  {
    id: 'usage-limits',
    severity: 'warning',
    must: 'A serverless cache has a most that it may grow to',
    otherwise: 'a loop that fills it, or a crowd, is paid for without a limit',
    controls: { lens: ['PERF 8'] },
    fix: 'cacheUsageLimits: { dataStorage: { maximum: 10, unit: "GB" }, ecpuPerSecond: { maximum: 5000 } }',
    page: guide('Scaling'),
    checks: ['DataStorage', 'ECPUPerSecond'].map((unit) => ({
      types: [SERVERLESS_CACHE],
      property: `CacheUsageLimits.${unit}.Maximum`,
      holds: ['at_least(value, 1)'],
    })),
    relaxed: 'its own bill shows it',
  },
];
