import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmRule } from './alarms';
import {
  combinedMetric,
  hitRatio,
  type MetricTarget,
  MOST_METRICS_OF_ALARM,
  nodeMetric,
  SERVERLESS_HIT_RATE,
} from './metrics';
import { CacheNodeType } from './node-type';

/** Part of the connections that a node takes at which an alarm is due. */
const CONNECTIONS_ALARM = 0.8;

/** Swap at which a Memcached node suffers (mem-ug/CacheMetrics.WhichShouldIMonitor). */
const SWAP_BYTES = 50_000_000;

/** Stands for a node type that is not known: a large one, judged by the engine's own thread. */
const UNKNOWN_NODE_TYPE = CacheNodeType.M7G_XLARGE;

const MINUTE = { minutes: 1, statistic: cloudwatch.Stats.AVERAGE };

/** What can go wrong with a replication group. */
export function replicationGroupRules(replicas: number, nodeType = UNKNOWN_NODE_TYPE): AlarmRule[] {
  return [
    metricRule({
      id: 'Cpu',
      option: 'cpu',
      times: 5,
      ...MINUTE,
      ...(nodeType.vcpus >= 4
        ? {
            metricName: 'EngineCPUUtilization',
            threshold: 90,
            description: "the engine's thread is busy: commands wait",
          }
        : {
            metricName: 'CPUUtilization',
            threshold: 90 / nodeType.vcpus,
            description: `the node's CPU is busy, of which the engine's thread is one of ${nodeType.vcpus}: commands wait`,
          }),
    }),
    metricRule({
      id: 'Memory',
      option: 'memory',
      metricName: nodeType.hasDataTiering ? 'DatabaseCapacityUsagePercentage' : 'DatabaseMemoryUsagePercentage',
      threshold: 90,
      times: 5,
      ...MINUTE,
      description: 'memory is nearly full: the engine will evict entries or refuse writes',
    }),
    evictionRule(),
    connectionRule(nodeType),
    ...(replicas === 0
      ? []
      : [
          metricRule({
            id: 'ReplicationLag',
            option: 'replicationLag',
            metricName: 'ReplicationLag',
            threshold: 5,
            times: 15,
            ...MINUTE,
            description:
              'a replica is behind: a failover would lose that much, and reads from it are that old (seconds)',
          }),
        ]),
    primaryHitRatioRule(replicas + 1),
    ...networkRules(),
    failedAuthenticationRule(),
    ...creditRules(nodeType),
  ];
}

/** What can go wrong with a Memcached cluster. */
export function memcachedRules(nodeType = UNKNOWN_NODE_TYPE): AlarmRule[] {
  return [
    metricRule({
      id: 'Cpu',
      option: 'cpu',
      metricName: 'CPUUtilization',
      threshold: 90,
      times: 5,
      ...MINUTE,
      description: 'the CPU of a node is busy: commands wait',
    }),
    metricRule({
      id: 'Swap',
      option: 'swap',
      metricName: 'SwapUsage',
      threshold: SWAP_BYTES,
      minutes: 5,
      times: 3,
      statistic: cloudwatch.Stats.MAXIMUM,
      description: 'a node swaps: raise the parameter memcached_connections_overhead, or take a larger node',
    }),
    evictionRule(),
    connectionRule(nodeType),
    countedHitRatioRule({ hits: 'GetHits', misses: 'GetMisses' }),
    ...networkRules(),
    ...creditRules(nodeType),
  ];
}

/** The limits of a serverless cache that alarms are measured against. */
export interface ServerlessLimits {
  readonly isMemcached: boolean;
  /** Bytes that it may hold. */
  readonly bytes?: number;
  /** Processing units (ECPU) a second. */
  readonly processingUnits?: number;
}

/** What can go wrong with a serverless cache. */
export function serverlessRules(limits: ServerlessLimits): AlarmRule[] {
  const { bytes, processingUnits } = limits;
  return [
    ...(bytes === undefined
      ? []
      : [
          percentRule(
            'Memory',
            'memory',
            90,
            'the cache nearly holds all that its limit allows',
            'BytesUsedForCache',
            bytes,
          ),
        ]),
    ...(processingUnits === undefined
      ? []
      : [
          percentRule(
            'ProcessingUnits',
            'processingUnits',
            80,
            'the cache nearly does all that its limit allows: it will slow commands down',
            'ElastiCacheProcessingUnits',
            processingUnits * 60,
          ),
        ]),
    metricRule({
      id: 'ThrottledCommands',
      option: 'throttledCommands',
      metricName: 'ThrottledCmds',
      threshold: 0,
      minutes: 1,
      times: 3,
      statistic: cloudwatch.Stats.SUM,
      description: 'commands are slowed down: the load grows faster than the cache, or reached its limit',
    }),
    evictionRule(),
    limits.isMemcached ? countedHitRatioRule({ hits: 'GetHits', misses: 'GetMisses' }) : toldHitRatioRule(),
    ...(limits.isMemcached ? [] : [failedAuthenticationRule()]),
  ];
}

function evictionRule(): AlarmRule {
  return metricRule({
    id: 'Evictions',
    option: 'evictions',
    metricName: 'Evictions',
    threshold: 1_000,
    minutes: 5,
    times: 3,
    statistic: cloudwatch.Stats.SUM,
    description: 'entries are thrown out before they expire, because memory is short',
  });
}

function connectionRule(nodeType: CacheNodeType): AlarmRule {
  return metricRule({
    id: 'Connections',
    option: 'connections',
    metricName: 'CurrConnections',
    threshold: nodeType.maxConnections * CONNECTIONS_ALARM,
    times: 10,
    ...MINUTE,
    description: `connections come near the ${nodeType.maxConnections} that a node takes: clients may not close theirs`,
  });
}

function networkRules(): AlarmRule[] {
  return (['In', 'Out'] as const).map((direction) =>
    metricRule({
      id: `NetworkExceeded${direction}`,
      option: 'networkExceeded',
      metricName: `NetworkBandwidth${direction}AllowanceExceeded`,
      threshold: 0,
      minutes: 1,
      times: 5,
      statistic: cloudwatch.Stats.SUM,
      description: `packets that go ${direction.toLowerCase()} are queued or dropped: the bandwidth of a node is used up`,
    }),
  );
}

function failedAuthenticationRule(): AlarmRule {
  return metricRule({
    id: 'FailedAuthentications',
    option: 'failedAuthentications',
    metricName: 'AuthenticationFailures',
    threshold: 0,
    minutes: 5,
    times: 1,
    statistic: cloudwatch.Stats.SUM,
    description: 'somebody tried to sign in and could not: a client with an old password, or a stranger',
  });
}

/** Credits of the t nodes that report them (dg/CacheNodes.SupportedTypes: t2 does not). */
function creditRules(nodeType: CacheNodeType): AlarmRule[] {
  if (!nodeType.isBurstable || nodeType.family === 't2') {
    return [];
  }
  const most = nodeType.name.endsWith('.micro') ? 288 : 576;
  return [
    metricRule({
      id: 'CpuCredits',
      option: 'cpuCredits',
      metricName: 'CPUCreditBalance',
      statistic: cloudwatch.Stats.MINIMUM,
      threshold: most / 10,
      below: true,
      minutes: 5,
      times: 3,
      description: `CPU credits are nearly spent (of ${most}): the node will be slowed down to its baseline`,
    }),
  ];
}

/** A metric in percent of a limit. */
function percentRule(
  id: string,
  option: AlarmRule['option'],
  threshold: number,
  description: string,
  metricName: string,
  limit: number,
): AlarmRule {
  const statistic = metricName === 'BytesUsedForCache' ? cloudwatch.Stats.MAXIMUM : cloudwatch.Stats.SUM;
  return {
    ...{ id, option, threshold, description: `${description} (percent)`, minutes: 1, times: 5, metricsPerNode: 1 },
    metric: ([target], period) =>
      new cloudwatch.MathExpression({
        expression: `100 * m0 / ${limit}`,
        usingMetrics: { m0: nodeMetric(target as MetricTarget, metricName, { statistic, period }) },
        label: `${metricName}, % of the limit`,
        period,
      }),
  };
}

/** A rule over one metric of each node. */
function metricRule(
  rule: Omit<AlarmRule, 'metric' | 'metricsPerNode'> & { readonly metricName: string; readonly statistic: string },
): AlarmRule {
  const { metricName, statistic, ...rest } = rule;
  // One busy node of many is enough, however idle the others are.
  const across = statistic === cloudwatch.Stats.AVERAGE ? 'MAX' : undefined;
  return {
    ...rest,
    metricsPerNode: 1,
    metric: (targets, period) => combinedMetric(undefined, targets, metricName, { statistic, period }, across),
  };
}

const HIT_RATIO = {
  id: 'HitRatio',
  option: 'hitRatio',
  description: 'the cache answers few of the reads: keys are evicted, expire too early or are never cached',
  threshold: 80,
  below: true,
  minutes: 5,
  times: 6,
} as const;

/** The primary's hit ratio: of all nodes the one that says it is the primary, so that a failover changes nothing. */
function primaryHitRatioRule(shardSize: number): AlarmRule {
  const rule = {
    ...HIT_RATIO,
    description:
      'the cache answers few of the reads of the primary: keys are evicted, expire too early or are never cached',
  };
  if (shardSize * 2 <= MOST_METRICS_OF_ALARM) {
    return {
      ...rule,
      metricsPerNode: 2,
      metric: (targets, period) =>
        new cloudwatch.MathExpression({
          expression: `SUM([${targets.map((_, index) => `r${index} * p${index}`).join(', ')}]) / SUM([${targets.map((_, index) => `p${index}`).join(', ')}])`,
          usingMetrics: Object.fromEntries(
            targets.flatMap((target, index) => [
              [`r${index}`, nodeMetric(target, 'CacheHitRate', { period, statistic: cloudwatch.Stats.AVERAGE })],
              [`p${index}`, nodeMetric(target, 'IsMaster', { period, statistic: cloudwatch.Stats.MAXIMUM })],
            ]),
          ),
          label: 'hit ratio of the primary, %',
          period,
        }),
    };
  }
  // Two metrics a node do not fit for a primary with five replicas: there the best node stands for its shard. A node that
  // is not read says nothing, and nothing is put in its place.
  return {
    ...rule,
    metricsPerNode: 1,
    perShard: true,
    metric: (targets, period) =>
      new cloudwatch.MathExpression({
        expression: `MAX([${targets.map((_, index) => `r${index}`).join(', ')}])`,
        usingMetrics: Object.fromEntries(
          targets.map((target, index) => [
            `r${index}`,
            nodeMetric(target, 'CacheHitRate', { period, statistic: cloudwatch.Stats.AVERAGE }),
          ]),
        ),
        label: 'hit ratio of the best node, %',
        period,
      }),
  };
}

/** The hit ratio as a serverless Valkey or Redis OSS tells it, which does not count its misses. */
function toldHitRatioRule(): AlarmRule {
  return metricRule({ ...HIT_RATIO, metricName: SERVERLESS_HIT_RATE, statistic: cloudwatch.Stats.AVERAGE });
}

/** The hit ratio over all nodes, from the counts of hits and misses. */
function countedHitRatioRule(names: { readonly hits: string; readonly misses: string }): AlarmRule {
  return {
    ...HIT_RATIO,
    metricsPerNode: 2,
    metric: (targets, period) => hitRatio(undefined, targets, names, { period }),
  };
}
