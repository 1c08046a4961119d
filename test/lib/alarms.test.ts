import { Size, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  AlarmThreshold,
  type CacheAlarmOptions,
  type CacheBase,
  CacheEngine,
  CacheNodeType,
  MemcachedVersion,
} from '../../lib';
import { type Make, group as makeGroup, serverless as makeServerless, memcached } from './makers';
import { newStack } from './stacks';

interface Alarm {
  readonly id: string;
  readonly threshold: number;
  readonly comparison: string;
  readonly evaluations: number;
  /** Each metric as `name {dimensions} statistic period`. */
  readonly metrics: string[];
  readonly expression?: string;
  readonly missing: string;
  readonly actions?: unknown[];
  readonly description: string;
}

function alarmsOf(make: Make<CacheBase>, options?: CacheAlarmOptions): Alarm[] {
  const { stack, vpc } = newStack();
  make(stack, vpc).addAlarms(options);
  return rendered(stack);
}

function rendered(stack: Stack): Alarm[] {
  return Object.entries(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).map(
    ([id, { Properties }]) => {
      const one = ({ Namespace, MetricName, Dimensions }: any, statistic: string, period: number) => {
        expect(Namespace).toBe('AWS/ElastiCache');
        return `${MetricName} {${Dimensions.map(({ Name, Value }: any) => `${Name}=${text(Value)}`).join(',')}} ${statistic} ${period}`;
      };
      const parts: any[] = Properties.Metrics ?? [];
      return {
        id: id.replace(/^CacheAlarms|[0-9A-F]{8}$/g, ''),
        threshold: Properties.Threshold,
        comparison: Properties.ComparisonOperator,
        evaluations: Properties.EvaluationPeriods,
        metrics:
          Properties.MetricName === undefined
            ? parts.flatMap(({ MetricStat: stat }) =>
                stat === undefined ? [] : [one(stat.Metric, stat.Stat, stat.Period)],
              )
            : [one(Properties, Properties.Statistic, Properties.Period)],
        expression: parts.find(({ Expression }) => Expression !== undefined)?.Expression,
        missing: Properties.TreatMissingData,
        actions: Properties.AlarmActions,
        description: Properties.AlarmDescription,
      };
    },
  );
}

function text(value: any): string {
  return typeof value === 'string'
    ? value
    : (value['Fn::Join']?.[1] ?? [value])
        .map((part: unknown) => (typeof part === 'string' ? part : '<cache>'))
        .join('');
}

const group = (props: object) => makeGroup({ nodeType: CacheNodeType.R7G_XLARGE, ...props });
const serverless = (props: object) => makeServerless({ serverlessCacheName: 'objects', ...props });

/** Alarms as `id operator threshold, times x period: first metric`. */
function summary(alarms: Alarm[]): string[] {
  return alarms.map(
    ({ id, comparison, threshold, evaluations, metrics }) =>
      `${id} ${comparison === 'LessThanThreshold' ? '<' : '>'} ${threshold}, ${evaluations} x: ${metrics[0]}`,
  );
}

test('a replication group with a replica has the alarms of one', () => {
  expect(summary(alarmsOf(group({ replicas: 1 })))).toEqual([
    'Cpu > 90, 5 x: EngineCPUUtilization {CacheClusterId=<cache>-001} Average 60',
    'Memory > 90, 5 x: DatabaseMemoryUsagePercentage {CacheClusterId=<cache>-001} Average 60',
    'Evictions > 1000, 3 x: Evictions {CacheClusterId=<cache>-001} Sum 300',
    'Connections > 52000, 10 x: CurrConnections {CacheClusterId=<cache>-001} Average 60',
    'ReplicationLag > 5, 15 x: ReplicationLag {CacheClusterId=<cache>-001} Average 60',
    'HitRatio < 80, 6 x: CacheHitRate {CacheClusterId=<cache>-001} Average 300',
    'NetworkExceededIn > 0, 5 x: NetworkBandwidthInAllowanceExceeded {CacheClusterId=<cache>-001} Sum 60',
    'NetworkExceededOut > 0, 5 x: NetworkBandwidthOutAllowanceExceeded {CacheClusterId=<cache>-001} Sum 60',
    'FailedAuthentications > 0, 1 x: AuthenticationFailures {CacheClusterId=<cache>-001} Sum 300',
  ]);
});

test('one busy node of many is enough: gauges are judged by the worst node, counts by their sum', () => {
  const expressions = Object.fromEntries(
    [...alarmsOf(group({ replicas: 1, nodeType: CacheNodeType.T4G_SMALL })), ...alarmsOf(memcached({ nodes: 2 }))].map(
      ({ id, expression }) => [id, expression?.replace(/[a-z]+_[a-z]+_\d*_*(\d)/g, 'm$1')],
    ),
  );
  const over = (combinator: string, gap: string) => `${combinator}([FILL(m0, ${gap}), FILL(m1, ${gap})])`;

  expect(expressions).toMatchObject({
    Cpu: over('MAX', '0'),
    Memory: over('MAX', '0'),
    Connections: over('MAX', '0'),
    ReplicationLag: over('MAX', '0'),
    Swap: over('MAX', '0'),
    CpuCredits: over('MIN', 'REPEAT'),
    Evictions: over('SUM', '0'),
    NetworkExceededIn: over('SUM', '0'),
    FailedAuthentications: over('SUM', '0'),
  });
});

test('Memcached has the alarms of one', () => {
  expect(summary(alarmsOf(memcached({ nodes: 2 })))).toEqual([
    'Cpu > 90, 5 x: CPUUtilization {CacheClusterId=<cache>,CacheNodeId=0001} Average 60',
    'Swap > 50000000, 3 x: SwapUsage {CacheClusterId=<cache>,CacheNodeId=0001} Maximum 300',
    'Evictions > 1000, 3 x: Evictions {CacheClusterId=<cache>,CacheNodeId=0001} Sum 300',
    'Connections > 52000, 10 x: CurrConnections {CacheClusterId=<cache>,CacheNodeId=0001} Average 60',
    'HitRatio < 80, 6 x: GetHits {CacheClusterId=<cache>,CacheNodeId=0001} Sum 300',
    'NetworkExceededIn > 0, 5 x: NetworkBandwidthInAllowanceExceeded {CacheClusterId=<cache>,CacheNodeId=0001} Sum 60',
    'NetworkExceededOut > 0, 5 x: NetworkBandwidthOutAllowanceExceeded {CacheClusterId=<cache>,CacheNodeId=0001} Sum 60',
  ]);
});

test('a serverless cache has the alarms of one, and those of its limits where it has some', () => {
  const unlimited = summary(alarmsOf(serverless({})));
  const limited = alarmsOf(serverless({ maxDataStorage: Size.gibibytes(10), maxProcessingUnits: 5_000 }));

  expect(unlimited).toEqual([
    'ThrottledCommands > 0, 3 x: ThrottledCmds {clusterId=objects} Sum 60',
    'Evictions > 1000, 3 x: Evictions {clusterId=objects} Sum 300',
    // It tells no misses to count.
    'HitRatio < 80, 6 x: CacheHitRate {clusterId=objects} Average 300',
    'FailedAuthentications > 0, 1 x: AuthenticationFailures {clusterId=objects} Sum 300',
  ]);
  expect(summary(limited).slice(0, 2)).toEqual([
    'Memory > 90, 5 x: BytesUsedForCache {clusterId=objects} Maximum 60',
    'ProcessingUnits > 80, 5 x: ElastiCacheProcessingUnits {clusterId=objects} Sum 60',
  ]);
  expect(limited.slice(0, 2).map(({ expression }) => expression)).toEqual([
    `100 * m0 / ${10 * 1024 ** 3}`,
    // Units a second, over a minute.
    '100 * m0 / 300000',
  ]);
});

test('a serverless Memcached has neither sign-ins nor hits of Valkey', () => {
  const alarms = summary(alarmsOf(serverless({ engine: CacheEngine.memcached(MemcachedVersion.V1_6_22) })));

  expect(alarms).toHaveLength(3);
  expect(alarms[2]).toBe('HitRatio < 80, 6 x: GetHits {clusterId=objects} Sum 300');
});

test.each([
  ['cache.t2.micro', 'CPUUtilization', 90, 16_000, undefined],
  ['cache.t4g.micro', 'CPUUtilization', 45, 16_000, 28.8],
  ['cache.t4g.small', 'CPUUtilization', 45, 52_000, 57.6],
  ['cache.r7g.large', 'CPUUtilization', 45, 52_000, undefined],
  ['cache.r7g.xlarge', 'EngineCPUUtilization', 90, 52_000, undefined],
  ['cache.r7g.16xlarge', 'EngineCPUUtilization', 90, 52_000, undefined],
])('%s: CPU is judged by its vCPUs, connections and credits by its size', (name, metric, cpu, connections, credits) => {
  const alarms = alarmsOf(group({ nodeType: CacheNodeType.of(name) }));
  const find = (id: string) => alarms.find((alarm) => alarm.id === id);

  expect(find('Cpu')?.metrics[0]).toContain(`${metric} {`);
  expect([find('Cpu')?.threshold, find('Connections')?.threshold]).toEqual([cpu, connections]);
  expect(find('CpuCredits')?.threshold).toBe(credits);
});

test('data tiering is judged by memory and disk', () => {
  const alarms = alarmsOf(group({ nodeType: CacheNodeType.R6GD_XLARGE }));

  expect(alarms.find(({ id }) => id === 'Memory')?.metrics[0]).toContain('DatabaseCapacityUsagePercentage {');
});

test('a single node has no lag', () => {
  expect(alarmsOf(group({ replicas: 0 })).map(({ id }) => id)).not.toContain('ReplicationLag');
});

// widdix's template, which is well known, watches `-0001-001` in groups that have no such node: its alarms never fire.
describe.each<[string, object, string[]]>([
  ['without shards', { replicas: 5 }, ['-001', '-002', '-003', '-004', '-005', '-006']],
  [
    'with shards',
    { shards: 4, replicasPerShard: 2 },
    ['0001', '0002', '0003', '0004'].flatMap((shard) => [`-${shard}-001`, `-${shard}-002`, `-${shard}-003`]),
  ],
  [
    'with many shards',
    { shards: 12, replicasPerShard: 0 },
    ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'].map((shard) => `-00${shard}-001`),
  ],
  [
    'with uneven shards',
    { shardConfigurations: [{ replicas: 5 }, { replicas: 1 }, {}] },
    [
      ...['-0001-001', '-0001-002', '-0001-003', '-0001-004', '-0001-005', '-0001-006'],
      ...['-0002-001', '-0002-002', '-0003-001', '-0003-002'],
    ],
  ],
])('%s', (_, props, existing) => {
  const alarms = alarmsOf(group(props));
  const watched = (id: string) =>
    alarms
      .filter((alarm) => alarm.id.replace(/\d+$/, '') === id)
      .flatMap(({ metrics }) => metrics)
      .map((metric) => /CacheClusterId=<cache>(.*)}/.exec(metric)?.[1]);
  const replicated = !('replicasPerShard' in props && props.replicasPerShard === 0);

  test('every alarm watches every node that exists, and no other', () => {
    const ids = ['Cpu', 'Memory', 'Evictions', 'Connections', 'FailedAuthentications'];
    for (const id of [...ids, ...(replicated ? ['ReplicationLag'] : [])]) {
      expect(watched(id).sort()).toEqual(existing);
    }
    expect([...new Set(watched('HitRatio'))].sort()).toEqual(existing);
  });

  test('no alarm looks at more than the 10 metrics that CloudWatch allows', () => {
    expect(Math.max(...alarms.map(({ metrics }) => metrics.length))).toBeLessThanOrEqual(10);
  });

  test('a node that reports nothing raises no alarm', () => {
    expect(new Set(alarms.map(({ missing }) => missing))).toEqual(new Set(['notBreaching']));
  });
});

test('the hit ratio is of the node that says it is the primary, whichever it is', () => {
  const [ratio] = alarmsOf(group({ replicas: 2 })).filter(({ id }) => id === 'HitRatio');

  expect(ratio?.expression).toBe('SUM([r0 * p0, r1 * p1, r2 * p2]) / SUM([p0, p1, p2])');
  expect(ratio?.metrics.filter((metric) => metric.startsWith('IsMaster {CacheClusterId=<cache>-00'))).toHaveLength(3);
});

test('with five replicas the best node stands for its shard, and no shard for another', () => {
  const ratios = alarmsOf(group({ shardConfigurations: [{ replicas: 5 }, { replicas: 1 }, {}] })).filter(({ id }) =>
    id.startsWith('HitRatio'),
  );

  // Nothing is put in the place of a node that is not read: a gap is no bad ratio.
  expect(ratios.map(({ expression }) => expression)).toEqual([
    'MAX([r0, r1, r2, r3, r4, r5])',
    'MAX([r0, r1])',
    'MAX([r0, r1])',
  ]);
});

test('an alarm says which part of the cache it watches, and why it matters', () => {
  const alarms = alarmsOf(group({ shards: 6 })).filter(({ id }) => id.startsWith('Cpu'));

  expect(alarms.map(({ description }) => description)).toEqual([
    "Test/Cache (parts 1 to 5): the engine's thread is busy: commands wait; above 90 for 5 minutes",
    "Test/Cache (part 6): the engine's thread is busy: commands wait; above 90 for 5 minutes",
  ]);
});

const OPTIONS: Array<[keyof CacheAlarmOptions, Make<CacheBase>, string]> = [
  ['cpu', group({}), 'Cpu'],
  ['memory', group({}), 'Memory'],
  ['evictions', group({}), 'Evictions'],
  ['connections', group({}), 'Connections'],
  ['replicationLag', group({}), 'ReplicationLag'],
  ['hitRatio', group({}), 'HitRatio'],
  ['networkExceeded', group({}), 'NetworkExceededIn'],
  ['failedAuthentications', group({}), 'FailedAuthentications'],
  ['cpuCredits', group({ nodeType: CacheNodeType.T4G_SMALL }), 'CpuCredits'],
  ['swap', memcached({}), 'Swap'],
  ['throttledCommands', serverless({}), 'ThrottledCommands'],
  ['processingUnits', serverless({ maxProcessingUnits: 1_000 }), 'ProcessingUnits'],
];

test.each(OPTIONS)('`%s` moves its alarm and switches it off', (option, make, id) => {
  const moved = alarmsOf(make, { [option]: AlarmThreshold.at(7) });
  const without = alarmsOf(make, { [option]: AlarmThreshold.OFF });

  expect(moved.find((alarm) => alarm.id === id)?.threshold).toBe(7);
  expect(without.map((alarm) => alarm.id)).not.toContain(id);
  expect(without.length).toBeLessThan(moved.length);
});

test('alarms act', () => {
  const { stack, vpc } = newStack();
  const topic = new sns.Topic(stack, 'Topic');

  group({})(stack, vpc).addAlarms({ actions: [new actions.SnsAction(topic)] });

  expect(
    rendered(stack).every((alarm) => JSON.stringify(alarm.actions) === JSON.stringify([stack.resolve(topic.topicArn)])),
  ).toBe(true);
});

test.each([-1, Number.NaN])('fails if a threshold is %d', (value) => {
  expect(() => AlarmThreshold.at(value)).toThrow('the threshold of an alarm must be 0 or more');
});
