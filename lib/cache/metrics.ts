import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';

/** Namespace of ElastiCache's metrics. */
const NAMESPACE = 'AWS/ElastiCache';

/** Metrics that one alarm may look at (CloudWatch user guide, "Create an alarm based on a metric math expression"). */
export const MOST_METRICS_OF_ALARM = 10;

/** Characters of a list of metrics, three of which stand in the longest expression. */
const LONGEST_LIST = 600;

/** The dimensions of one node, or of a whole serverless cache. */
export type MetricTarget = cloudwatch.DimensionsMap;

/**
 * One metric over several nodes: their sum, or the greatest, the least or the mean, as the statistic asks. Nodes that
 * report nothing (a group that is smaller than its template says) change neither sum nor extreme.
 *
 * @param owner the cache, whose region and account the metrics are of where they are shown elsewhere, and whose address
 * is part of every id, because expressions of several caches can stand in one
 * @param across how the nodes are taken together, where the statistic does not say it: the worst of several means
 * @param first number of the first node among all of the cache
 */
export function combinedMetric(
  owner: IConstruct | undefined,
  targets: MetricTarget[],
  metricName: string,
  options: cloudwatch.MetricOptions,
  across: Across = acrossOf(options.statistic),
  first = 0,
): cloudwatch.IMetric {
  const metrics = targets.map((target) => attached(owner, nodeMetric(target, metricName, options)));
  if (metrics.length === 1) {
    return metrics[0] as cloudwatch.Metric;
  }
  const id = (index: number) => metricId(owner, metricName, options, first + index);
  return new cloudwatch.MathExpression({
    expression: together(
      across,
      metrics.map((_, index) => id(index)),
    ),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [id(index), metric])),
    label: options.label ?? metricName,
    period: options.period,
    color: options.color,
  });
}

/** A metric of one node. */
export function nodeMetric(
  target: MetricTarget,
  metricName: string,
  options: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: target,
    statistic: cloudwatch.Stats.AVERAGE,
    ...options,
  });
}

/** The part of all reads that the cache answered, in percent, over several nodes. */
export function hitRatio(
  owner: IConstruct | undefined,
  targets: MetricTarget[],
  names: { readonly hits: string; readonly misses: string },
  options: cloudwatch.MetricOptions,
): cloudwatch.MathExpression {
  const sums = (metricName: string) =>
    targets.map((target, index): [string, cloudwatch.Metric] => [
      metricId(owner, metricName, { ...options, statistic: cloudwatch.Stats.SUM }, index),
      attached(owner, nodeMetric(target, metricName, { ...options, statistic: cloudwatch.Stats.SUM })),
    ]);
  const hits = sums(names.hits);
  const misses = sums(names.misses);
  const sum = (metrics: Array<[string, unknown]>) =>
    together(
      'SUM',
      metrics.map(([id]) => id),
    );
  return new cloudwatch.MathExpression({
    expression: `100 * ${sum(hits)} / (${sum(hits)} + ${sum(misses)})`,
    usingMetrics: Object.fromEntries([...hits, ...misses]),
    label: options.label ?? 'hit ratio, %',
    period: options.period,
    color: options.color,
  });
}

/** What a serverless Valkey or Redis OSS tells of its reads besides its hits: their part of all, in percent. */
export const SERVERLESS_HIT_RATE = 'CacheHitRate';

/**
 * The misses of a cache that tells its hits, and their part of all reads. Without a hit nobody knows how often was asked:
 * then there are none.
 */
export function missesByRate(
  owner: IConstruct,
  target: MetricTarget,
  options: cloudwatch.MetricOptions,
): cloudwatch.MathExpression {
  const part = (metricName: string, statistic: string): [string, cloudwatch.Metric] => [
    metricId(owner, metricName, { ...options, statistic }, 0),
    attached(owner, nodeMetric(target, metricName, { ...options, statistic })),
  ];
  const hits = part('CacheHits', cloudwatch.Stats.SUM);
  const rate = part(SERVERLESS_HIT_RATE, cloudwatch.Stats.AVERAGE);
  return new cloudwatch.MathExpression({
    expression: `IF(${rate[0]} > 0, ${hits[0]} * (100 / ${rate[0]} - 1), 0)`,
    usingMetrics: Object.fromEntries([hits, rate]),
    label: options.label ?? 'misses',
    period: options.period,
    color: options.color,
  });
}

/**
 * Several metrics as one. CloudWatch takes 2,048 characters of an expression (API, MetricDataQuery.Expression), so many are
 * named by what their ids have in common, which no other metric of the graph has.
 */
function together(across: Across, ids: string[]): string {
  const list = `${across}([${ids.map((id) => filled(id, across)).join(', ')}])`;
  return list.length <= LONGEST_LIST ? list : `${across}(METRICS("${(ids[0] as string).replace(/\d+$/, '')}"))`;
}

/** Region and account of the cache, which CDK writes where the metric is shown in another. */
function attached(owner: IConstruct | undefined, metric: cloudwatch.Metric): cloudwatch.Metric {
  return owner === undefined ? metric : metric.attachTo(owner);
}

/** An id that no other metric of the account's caches has in the same expression. */
function metricId(
  owner: IConstruct | undefined,
  metricName: string,
  options: cloudwatch.MetricOptions,
  index: number,
): string {
  const { statistic = cloudwatch.Stats.AVERAGE, period } = options;
  const seconds = period === undefined ? '' : `${period.toSeconds()}_`;
  return `${metricName}_${statistic}_${seconds}${owner?.node.addr.slice(-6) ?? ''}_${index}`
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '');
}

/** How several nodes are taken together. */
export type Across = 'SUM' | 'MAX' | 'MIN' | 'AVG';

function acrossOf(statistic: string | undefined): Across {
  switch (statistic?.toLowerCase()) {
    case 'sum':
    case 'samplecount':
    case 'n':
      return 'SUM';
    case 'maximum':
    case 'max':
      return 'MAX';
    case 'minimum':
    case 'min':
      return 'MIN';
    case undefined:
    case 'average':
    case 'avg':
      return 'AVG';
    default:
      // A percentile of several nodes cannot be had: the worst of theirs is.
      return 'MAX';
  }
}

/** A metric whose gaps do not change what the nodes are together. */
function filled(id: string, across: Across): string {
  switch (across) {
    case 'MIN':
      return `FILL(${id}, REPEAT)`;
    case 'AVG':
      return id;
    default:
      return `FILL(${id}, 0)`;
  }
}
