import type {
  Dimension,
  GetMetricDataInput,
  MetricDataQuery,
  MetricDataResult,
  MetricStat,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from './aws-error';
import type { FakeMetrics } from './fake-state';
import type { Context } from './operation';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const MOST_QUERIES = 500;
const MOST_DATAPOINTS = 100_800;

const MINUTE_MS = 60_000;

/** Periods below a minute that high-resolution metrics have, in seconds. */
const SHORT_PERIODS = [1, 5, 10, 20, 30];

interface Series {
  readonly id: string;
  readonly label: string;
  readonly points: ReadonlyArray<{ readonly at: Date; readonly value: number }>;
}

/** Values of metrics, whatever statistic of them is asked for, a page of them at a time. */
export function getMetricData(input: GetMetricDataInput, { state, action, tokens }: Context) {
  const { NextToken: token, MaxDatapoints: most = MOST_DATAPOINTS, ...asked } = input;
  const queries = requireQueries(input);
  const question = JSON.stringify([action, most, asked]);
  const offset = token === undefined ? 0 : tokens.offset(question, token);
  if (offset === undefined) {
    throw invalid(`The NextToken ${token} is not valid.`);
  }
  const metrics = new Map(state.metrics.map((each) => [keyOf(each.namespace, each.dimensions), each]));
  const series = queries.filter(({ ReturnData = true }) => ReturnData).map((query) => seriesOf(query, input, metrics));
  const { results, end, isLast } = pageOfPoints(series, offset, most);
  return {
    MetricDataResults: results,
    Messages: [],
    ...(isLast ? {} : { NextToken: tokens.give(question, end) }),
  };
}

function requireQueries(input: GetMetricDataInput): MetricDataQuery[] {
  const { MetricDataQueries: queries = [], StartTime, EndTime, MaxDatapoints = MOST_DATAPOINTS } = input;
  if (queries.length > MOST_QUERIES) {
    throw invalid(`The collection MetricDataQueries must not have a size greater than ${MOST_QUERIES}.`);
  }
  if (MaxDatapoints < 1 || MaxDatapoints > MOST_DATAPOINTS) {
    throw invalid(`The parameter MaxDatapoints must be between 1 and ${MOST_DATAPOINTS}.`);
  }
  if (!StartTime || !EndTime || StartTime >= EndTime) {
    throw invalid('The parameter StartTime must be less than the parameter EndTime.');
  }
  const ids = queries.map(({ Id = '' }) => Id);
  const wrong = ids.find((id, index) => !/^[a-z][a-zA-Z0-9_]*$/.test(id) || ids.indexOf(id) !== index);
  if (wrong !== undefined) {
    throw invalid(`The value ${wrong} for parameter MetricDataQueries is not a unique id that begins in lower case.`);
  }
  return queries;
}

function seriesOf(
  { Id = '', Label, MetricStat: stat }: MetricDataQuery,
  window: GetMetricDataInput,
  metrics: ReadonlyMap<string, FakeMetrics>,
): Series {
  if (stat === undefined) {
    throw invalid(`The query ${Id} has no MetricStat, and this fake knows no expressions.`);
  }
  const { Metric: { Namespace = '', MetricName = '', Dimensions = [] } = {} } = stat;
  const values = metrics.get(keyOf(Namespace, byName(Dimensions)))?.values[MetricName] ?? [];
  const times = timesOf(stat, window);
  const newest =
    typeof values === 'number' ? times.map(() => values) : values.slice(Math.max(0, values.length - times.length));
  const points = newest.map((value, index) => ({ at: times[times.length - newest.length + index] as Date, value }));
  return {
    id: Id,
    label: Label ?? MetricName,
    points: window.ScanBy === 'TimestampAscending' ? points : points.reverse(),
  };
}

/** Beginnings of the periods of a window, which are whole periods since the epoch. */
function timesOf({ Period: period = 0 }: MetricStat, { StartTime, EndTime }: GetMetricDataInput): Date[] {
  if (!SHORT_PERIODS.includes(period) && (period <= 0 || period % 60 !== 0)) {
    throw invalid(`The parameter Period must be ${SHORT_PERIODS.join(', ')} or a multiple of 60, and is ${period}.`);
  }
  const step = period * 1_000;
  const since = Math.floor((StartTime as Date).getTime() / MINUTE_MS) * MINUTE_MS;
  const first = Math.ceil(since / step);
  const last = Math.ceil((EndTime as Date).getTime() / step) - 1;
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => new Date((first + index) * step));
}

/** Points of one page, of all series one after the other. A series that is not at its end has only a part of its data. */
function pageOfPoints(series: readonly Series[], offset: number, most: number) {
  const results: MetricDataResult[] = [];
  const end = offset + most;
  let before = 0;
  for (const { id, label, points } of series) {
    const from = Math.max(0, offset - before);
    const part = points.slice(from, Math.max(from, end - before));
    const isBegun = points.length === 0 ? offset === 0 : part.length > 0;
    if (isBegun) {
      results.push({
        Id: id,
        Label: label,
        Timestamps: part.map(({ at }) => at),
        Values: part.map(({ value }) => value),
        StatusCode: part.length < points.length - from ? 'PartialData' : 'Complete',
      });
    }
    before += points.length;
  }
  return { results, end, isLast: before <= end };
}

function byName(dimensions: readonly Dimension[]): Record<string, string> {
  return Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));
}

function keyOf(namespace: string, dimensions: Readonly<Record<string, string>>): string {
  return JSON.stringify([namespace, ...Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1))]);
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
