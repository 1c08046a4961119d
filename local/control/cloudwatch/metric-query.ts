import { validationError } from '../faults';
import type { JsonRequest } from '../json/json-request';
import type { Dimensions } from '../measurement';
import type { Metric } from './metric-store';
import { STATISTICS, type Statistic } from './statistics';

/** Shortest periods that CloudWatch has, in seconds; all others are whole minutes. */
const SHORT_PERIODS = [1, 5, 10, 20, 30];

/** One of the metrics that are asked for at once. */
export interface MetricQuery {
  readonly id: string;
  readonly label: string;
  readonly metric: Metric;
  readonly periodMs: number;
  readonly statistic: Statistic;
  /** Whether it is answered. */
  readonly isReturned: boolean;
}

/** Reads a `MetricDataQuery`. @throws Fault for a math expression, and for what CloudWatch would refuse */
export function metricQuery(query: JsonRequest): MetricQuery {
  const id = query.required('Id', query.string('Id'));
  if (!/^[a-z][a-zA-Z0-9_]{0,254}$/.test(id)) {
    throw validationError(`The Id ${id} must begin with a lower-case letter, and have only letters, digits and _.`);
  }
  if (query.string('Expression') !== undefined) {
    throw validationError(`The local environment evaluates no expressions: ${id} must have a MetricStat.`);
  }
  const stat = query.required('MetricStat', query.structure('MetricStat'));
  const metric = stat.required('Metric', stat.structure('Metric'));
  const name = metric.required('MetricName', metric.string('MetricName'));
  return {
    id,
    label: query.string('Label') ?? name,
    metric: {
      namespace: metric.required('Namespace', metric.string('Namespace')),
      name,
      dimensions: dimensionsOf(metric),
    },
    periodMs: periodIn(stat) * 1_000,
    statistic: statisticIn(stat),
    isReturned: query.boolean('ReturnData') ?? true,
  };
}

function dimensionsOf(metric: JsonRequest): Dimensions {
  return Object.fromEntries(
    (metric.structures('Dimensions') ?? []).map((dimension) => [
      dimension.required('Name', dimension.string('Name')),
      dimension.required('Value', dimension.string('Value')),
    ]),
  );
}

function periodIn(stat: JsonRequest): number {
  const period = stat.required('Period', stat.integer('Period'));
  if (!SHORT_PERIODS.includes(period) && (period <= 0 || period % 60 !== 0)) {
    throw validationError(`The Period ${period} must be ${SHORT_PERIODS.join(', ')} or a multiple of 60 seconds.`);
  }
  return period;
}

function statisticIn(stat: JsonRequest): Statistic {
  const asked = stat.required('Stat', stat.string('Stat'));
  const known = STATISTICS.find((statistic) => statistic === asked);
  if (known === undefined) {
    throw validationError(`The local environment has the statistics ${STATISTICS.join(', ')}, not ${asked}.`);
  }
  return known;
}
