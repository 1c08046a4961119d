import { Duration, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  CacheDashboard,
  CacheEngine,
  CacheNodeType,
  ClusterMode,
  type ICache,
  MemcachedCluster,
  MemcachedVersion,
  ParameterGroup,
  ReplicationGroup,
  ServerlessCache,
  ValkeyVersion,
} from '../../lib';
import { newApp, newStack, warnings } from './stacks';

const R7G = CacheNodeType.R7G_XLARGE;

/** A metric as CloudWatch is asked for it: namespace, name, dimensions and statistic of each, and the expression. */
function rendered(stack: Stack, metric: cloudwatch.IMetric): { expression?: string; metrics: string[] } {
  const { metricStat, mathExpression } = metric.toMetricConfig();
  if (metricStat !== undefined) {
    const dimensions = (metricStat.dimensions ?? [])
      .map(({ name, value }) => `${name}=${text(stack, value)}`)
      .join(',');
    return {
      metrics: [
        `${metricStat.namespace} ${metricStat.metricName} {${dimensions}} ${metricStat.statistic} ${metricStat.period.toSeconds()}`,
      ],
    };
  }
  return {
    expression: mathExpression?.expression.replace(/_[0-9a-f]{6}_/g, '_'),
    metrics: Object.values(mathExpression?.usingMetrics ?? {}).flatMap((part) => rendered(stack, part).metrics),
  };
}

/** An id of the template in a few letters: a reference to the cache is `<cache>`. */
function text(stack: Stack, value: unknown): string {
  const resolved = stack.resolve(value);
  return typeof resolved === 'string'
    ? resolved
    : (resolved['Fn::Join']?.[1] ?? [resolved])
        .map((part: unknown) => (typeof part === 'string' ? part : '<cache>'))
        .join('');
}

type Make = (stack: Stack, vpc: ec2.Vpc) => ICache;

const SERVERLESS = 'a serverless cache';

const TOPOLOGIES: Array<[string, Make, string[]]> = [
  [
    'a single node',
    (stack, vpc) => new ReplicationGroup(stack, 'Cache', { vpc, nodeType: R7G, replicas: 0 }),
    ['CacheClusterId=<cache>-001'],
  ],
  [
    'a primary with two replicas',
    (stack, vpc) => new ReplicationGroup(stack, 'Cache', { vpc, nodeType: R7G, replicas: 2 }),
    ['CacheClusterId=<cache>-001', 'CacheClusterId=<cache>-002', 'CacheClusterId=<cache>-003'],
  ],
  [
    'two shards with a replica each',
    (stack, vpc) => new ReplicationGroup(stack, 'Cache', { vpc, nodeType: R7G, shards: 2 }),
    [
      'CacheClusterId=<cache>-0001-001',
      'CacheClusterId=<cache>-0001-002',
      'CacheClusterId=<cache>-0002-001',
      'CacheClusterId=<cache>-0002-002',
    ],
  ],
  [
    'a group that was brought to cluster mode',
    (stack, vpc) =>
      new ReplicationGroup(stack, 'Cache', { vpc, nodeType: R7G, replicas: 1, clusterMode: ClusterMode.ENABLED }),
    ['CacheClusterId=<cache>-001', 'CacheClusterId=<cache>-002'],
  ],
  [
    'Memcached',
    (stack, vpc) => new MemcachedCluster(stack, 'Cache', { vpc, nodeType: R7G, nodes: 2 }),
    ['CacheClusterId=<cache>,CacheNodeId=0001', 'CacheClusterId=<cache>,CacheNodeId=0002'],
  ],
  [
    // A defect of @aws-cdk/aws-elasticache-alpha: its canned metrics have another dimension.
    SERVERLESS,
    (stack, vpc) => new ServerlessCache(stack, 'Cache', { vpc, serverlessCacheName: 'sessions' }),
    ['clusterId=sessions'],
  ],
];

describe.each(TOPOLOGIES)('%s', (_, make, dimensions) => {
  const { stack, vpc } = newStack();
  const cache = make(stack, vpc);
  const memcached = cache.engine.isMemcached;

  const METRICS: Array<[string, cloudwatch.IMetric, string, string, string]> = [
    ['hits', cache.metricHits(), memcached ? 'GetHits' : 'CacheHits', 'Sum', 'SUM'],
    ['evictions', cache.metricEvictions(), 'Evictions', 'Sum', 'SUM'],
    ['connections', cache.metricConnections(), 'CurrConnections', 'Maximum', 'MAX'],
    ['items', cache.metricItems(), 'CurrItems', 'Maximum', 'MAX'],
    ['bytes in', cache.metricNetworkBytesIn(), 'NetworkBytesIn', 'Sum', 'SUM'],
    ['bytes out', cache.metricNetworkBytesOut(), 'NetworkBytesOut', 'Sum', 'SUM'],
    ['any metric', cache.metric('NewConnections', { statistic: 'Minimum' }), 'NewConnections', 'Minimum', 'MIN'],
  ];

  test.each(METRICS)('%s', (_, metric, name, statistic, combinator) => {
    const { expression, metrics } = rendered(stack, metric);

    expect(metrics).toEqual(dimensions.map((set) => `AWS/ElastiCache ${name} {${set}} ${statistic} 300`));
    expect(expression === undefined).toBe(dimensions.length === 1);
    expect(expression ?? `${combinator}([`).toMatch(new RegExp(`^${combinator}\\(\\[`));
  });
});

describe.each(TOPOLOGIES.filter(([name]) => name !== SERVERLESS))('%s counts its misses', (_, make, dimensions) => {
  const { stack, vpc } = newStack();
  const cache = make(stack, vpc);
  const [hits, misses] = cache.engine.isMemcached ? ['GetHits', 'GetMisses'] : ['CacheHits', 'CacheMisses'];
  const metricsOf = (name: string) => dimensions.map((set) => `AWS/ElastiCache ${name} {${set}} Sum 300`);

  test('misses', () => {
    expect(rendered(stack, cache.metricMisses()).metrics).toEqual(metricsOf(misses));
  });

  test('the hit ratio is of all reads of all nodes', () => {
    const { expression, metrics } = rendered(stack, cache.metricHitRatio());
    const sum = (name: string) =>
      `SUM([${dimensions.map((_, index) => `FILL(${name.toLowerCase()}_sum_${index}, 0)`).join(', ')}])`;

    expect(expression).toBe(`100 * ${sum(hits)} / (${sum(hits)} + ${sum(misses)})`);
    expect(metrics).toEqual([hits, misses].flatMap(metricsOf));
  });
});

test('a serverless Valkey tells its hits and their part of all reads: misses are what follows from them', () => {
  const { stack, vpc } = newStack();
  const cache = new ServerlessCache(stack, 'Cache', { vpc, serverlessCacheName: 'sessions' });

  expect(rendered(stack, cache.metricHitRatio()).metrics).toEqual([
    'AWS/ElastiCache CacheHitRate {clusterId=sessions} Average 300',
  ]);
  expect(rendered(stack, cache.metricMisses())).toEqual({
    expression: 'IF(cachehitrate_average_0 > 0, cachehits_sum_0 * (100 / cachehitrate_average_0 - 1), 0)',
    metrics: [
      'AWS/ElastiCache CacheHits {clusterId=sessions} Sum 300',
      'AWS/ElastiCache CacheHitRate {clusterId=sessions} Average 300',
    ],
  });
});

test('a serverless Memcached counts its misses', () => {
  const { stack, vpc } = newStack();
  const engine = CacheEngine.memcached(MemcachedVersion.V1_6_22);
  const cache = new ServerlessCache(stack, 'Cache', { vpc, engine, serverlessCacheName: 'objects' });

  expect(rendered(stack, cache.metricHitRatio()).metrics).toEqual([
    'AWS/ElastiCache GetHits {clusterId=objects} Sum 300',
    'AWS/ElastiCache GetMisses {clusterId=objects} Sum 300',
  ]);
});

describe('metrics of one kind of cache', () => {
  const { stack, vpc } = newStack();
  const group = new ReplicationGroup(stack, 'Group', { vpc, nodeType: R7G, shards: 2, replicasPerShard: 1 });
  const cluster = new MemcachedCluster(stack, 'Cluster', { vpc, nodeType: R7G, nodes: 2 });
  const serverless = new ServerlessCache(stack, 'Serverless', {
    vpc,
    serverlessCacheName: 'objects',
    maxDataStorage: Size.gibibytes(1),
  });

  test.each<[string, cloudwatch.IMetric, string, number]>([
    [
      'CPU of the engine',
      group.metricEngineCpuUtilization(),
      'EngineCPUUtilization {CacheClusterId=<cache>-0001-001} Maximum',
      4,
    ],
    ['CPU of the machine', group.metricCpuUtilization(), 'CPUUtilization {CacheClusterId=<cache>-0001-001} Maximum', 4],
    ['memory', group.metricMemoryUsage(), 'DatabaseMemoryUsagePercentage {CacheClusterId=<cache>-0001-001} Maximum', 4],
    ['replication lag', group.metricReplicationLag(), 'ReplicationLag {CacheClusterId=<cache>-0001-001} Maximum', 4],
    [
      'failed sign-ins',
      group.metricAuthenticationFailures(),
      'AuthenticationFailures {CacheClusterId=<cache>-0001-001} Sum',
      4,
    ],
    [
      'of the second shard',
      group.metricForShard(2, 'CurrItems'),
      'CurrItems {CacheClusterId=<cache>-0002-001} Average',
      2,
    ],
    [
      'of one node',
      group.metricForNode(group.nodeIds[3] as string, 'SwapUsage'),
      'SwapUsage {CacheClusterId=<cache>-0002-002} Average',
      1,
    ],
    [
      'CPU of Memcached',
      cluster.metricCpuUtilization(),
      'CPUUtilization {CacheClusterId=<cache>,CacheNodeId=0001} Maximum',
      2,
    ],
    ['swap of Memcached', cluster.metricSwapUsage(), 'SwapUsage {CacheClusterId=<cache>,CacheNodeId=0001} Maximum', 2],
    [
      'of one node of Memcached',
      cluster.metricForNode(2, 'CurrItems'),
      'CurrItems {CacheClusterId=<cache>,CacheNodeId=0002} Average',
      1,
    ],
    ['processing units', serverless.metricProcessingUnits(), 'ElastiCacheProcessingUnits {clusterId=objects} Sum', 1],
    ['bytes of a serverless cache', serverless.metricBytesUsed(), 'BytesUsedForCache {clusterId=objects} Maximum', 1],
    ['throttled commands', serverless.metricThrottledCommands(), 'ThrottledCmds {clusterId=objects} Sum', 1],
  ])('%s', (_, metric, first, count) => {
    const { metrics } = rendered(stack, metric);

    expect(metrics[0]).toBe(`AWS/ElastiCache ${first} 300`);
    expect(metrics).toHaveLength(count);
  });

  test('fails if there is no such shard or node', () => {
    expect(() => group.metricForShard(3, 'CurrItems')).toThrow('`shard` must be between 1 and 2, got 3');
    expect(() => group.metricForNode('x-001', 'CurrItems')).toThrow('the group has no node x-001: its nodes are ');
    expect(() => cluster.metricForNode(3, 'CurrItems')).toThrow('`node` must be between 1 and 2, got 3');
  });

  test('what is asked for otherwise is given', () => {
    const metric = serverless.metricHits({ statistic: 'p99', label: 'mine' });

    expect(rendered(stack, metric).metrics).toEqual(['AWS/ElastiCache CacheHits {clusterId=objects} p99 300']);
    expect(metric.toMetricConfig().renderingProperties?.label).toBe('mine');
  });
});

test('metrics of several caches stand in one expression', () => {
  const { stack, vpc } = newStack();
  const caches = ['One', 'Two'].map((id) => new ReplicationGroup(stack, id, { vpc, nodeType: R7G }));
  const memcached = new MemcachedCluster(stack, 'Three', {
    vpc,
    nodeType: R7G,
    engine: CacheEngine.memcached(MemcachedVersion.V1_6_22),
  });

  const ids = [...caches, memcached].flatMap((cache) =>
    [cache.metricHits(), cache.metricMisses(), cache.metricHitRatio()].flatMap((metric) =>
      Object.entries(metric.toMetricConfig().mathExpression?.usingMetrics ?? {}).map(
        ([id, part]) => [id, rendered(stack, part).metrics[0]] as const,
      ),
    ),
  );

  // An id stands for one metric only, wherever it is used.
  expect(new Map(ids).size).toBe(new Set(ids.map(([id]) => id)).size);
  expect(new Set(ids.map(([id]) => id)).size).toBe(12);
  expect(ids.every(([id]) => /^[a-z][a-z0-9_]*$/.test(id))).toBe(true);
});

test('metrics of one cache stand in one graph: of two shards, and over two periods', () => {
  const { stack, vpc } = newStack();
  const cache = new ReplicationGroup(stack, 'Cache', { vpc, nodeType: R7G, shards: 2 });

  new cloudwatch.Dashboard(stack, 'Dashboard').addWidgets(
    new cloudwatch.GraphWidget({
      left: [
        cache.metricForShard(1, 'CurrItems'),
        cache.metricForShard(2, 'CurrItems'),
        cache.metricHits({ period: Duration.minutes(1) }),
        cache.metricHitRatio(),
      ],
    }),
  );

  expect(() => Template.fromStack(stack)).not.toThrow();
});

test.each([
  ['sum', 'SUM'],
  ['p99', 'MAX'],
  ['Average', 'AVG'],
  ['min', 'MIN'],
])('statistic %s of several nodes is their %s', (statistic, combinator) => {
  const { stack, vpc } = newStack();
  const cache = new ReplicationGroup(stack, 'Cache', { vpc, nodeType: R7G });

  expect(rendered(stack, cache.metric('GetTypeCmds', { statistic })).expression).toMatch(
    new RegExp(`^${combinator}\\(`),
  );
});

test('a dashboard in another region looks where the cache is', () => {
  const app = newApp();
  const [here, there] = ['us-east-1', 'eu-west-1'].map((region) => new Stack(app, region, { env: { region } })) as [
    Stack,
    Stack,
  ];
  const cache = ServerlessCache.fromServerlessCacheAttributes(here, 'Cache', {
    serverlessCacheName: 'pages',
    engine: CacheEngine.valkey(ValkeyVersion.V8_1),
    endpointAddress: 'pages.example.com',
  });

  // A stack must hold something to be synthesized.
  new ParameterGroup(here, 'Parameters', { engine: CacheEngine.valkey(ValkeyVersion.V8_1) });
  new CacheDashboard(there, 'Dashboard', { caches: { pages: cache } });

  const [dashboard] = Object.values(Template.fromStack(there).findResources('AWS::CloudWatch::Dashboard'));
  expect(JSON.stringify(dashboard?.Properties.DashboardBody)).toContain('us-east-1');
});

test('expressions of many nodes stay below the 2,048 characters that CloudWatch takes, and name metrics that are there', () => {
  const { stack, vpc } = newStack();
  const cluster = new MemcachedCluster(stack, 'Objects', { vpc, nodeType: R7G, nodes: 90 });
  const group = new ReplicationGroup(stack, 'Ranks', { vpc, nodeType: R7G, shards: 90, replicasPerShard: 0 });

  for (const metric of [
    cluster.metricHitRatio(),
    cluster.metricHits(),
    group.metricHitRatio(),
    group.metricEvictions(),
  ]) {
    const { mathExpression: math } = metric.toMetricConfig();
    const prefixes = [...(math?.expression ?? '').matchAll(/METRICS\("([^"]+)"\)/g)].map((match) => match[1] as string);
    const ids = Object.keys(math?.usingMetrics ?? {});

    expect(math?.expression.length).toBeLessThan(2_048);
    expect(prefixes.length).toBeGreaterThan(0);
    for (const prefix of prefixes) {
      expect(ids.filter((id) => id.includes(prefix))).toHaveLength(90);
    }
  }
  new cloudwatch.Dashboard(stack, 'Dashboard').addWidgets(
    new cloudwatch.GraphWidget({ left: [cluster.metricHitRatio(), group.metricHitRatio()] }),
  );
  expect(() => Template.fromStack(stack)).not.toThrow();
  expect(warnings(stack).filter((text) => text.includes('identifiers'))).toEqual([]);
});
