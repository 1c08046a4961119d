import { validationError } from '../faults';
import type { JsonOperation } from '../json/json-service';
import { pageAfter, pageOf } from '../pages';
import { type MetricQuery, metricQuery } from './metric-query';
import type { MetricStore } from './metric-store';
import { type Datapoint, MINUTE_MS } from './minutes';
import { byPeriod } from './statistics';

const MAX_QUERIES = 500;

/** The most datapoints of a page, and those of one that says nothing. */
const MAX_DATAPOINTS = 100_800;

/** A datapoint and where it stands among all that are asked for. */
interface Found extends Datapoint {
  readonly query: number;
  readonly place: number;
}

export const getMetricData: JsonOperation<MetricStore> = (request) => {
  const queries = queriesOf(
    request.required('MetricDataQueries', request.structures('MetricDataQueries')).map(metricQuery),
  );
  const start = request.required('StartTime', request.timestamp('StartTime')).getTime();
  const end = request.required('EndTime', request.timestamp('EndTime')).getTime();
  const size = request.integer('MaxDatapoints') ?? MAX_DATAPOINTS;
  const order = request.string('ScanBy') ?? 'TimestampDescending';
  const after = pageAfter(request, 'NextToken');
  if (start >= end) {
    throw validationError('The parameter StartTime must be less than the parameter EndTime.');
  }
  if (size < 1 || size > MAX_DATAPOINTS) {
    throw validationError(`The parameter MaxDatapoints must be between 1 and ${MAX_DATAPOINTS}.`);
  }
  if (order !== 'TimestampDescending' && order !== 'TimestampAscending') {
    throw validationError(`The parameter ScanBy must be TimestampDescending or TimestampAscending: ${order}`);
  }
  return async (store) => {
    await store.refresh();
    const direction = order === 'TimestampAscending' ? 1 : -1;
    const found = queries.flatMap(({ metric, periodMs, statistic }, query): Found[] =>
      byPeriod(store.datapoints(metric, Math.floor(start / MINUTE_MS) * MINUTE_MS, end), periodMs, statistic)
        .map((datapoint) => ({ ...datapoint, query, place: datapoint.at * direction }))
        .sort((one, other) => one.place - other.place),
    );
    const { records, marker } = pageOf(found, { size, after }, keyOf, isAfter);
    const last = records.at(-1);
    return {
      MetricDataResults: queries.map(({ id, label }, query) => {
        const own = records.filter((record) => record.query === query);
        const isCut =
          marker !== undefined &&
          last !== undefined &&
          found.some((each) => each.query === query && isAfter(each, keyOf(last)));
        return {
          Id: id,
          Label: label,
          Timestamps: own.map(({ at }) => at / 1_000),
          Values: own.map(({ value }) => value),
          StatusCode: isCut ? 'PartialData' : 'Complete',
        };
      }),
      Messages: [],
      NextToken: marker,
    };
  };
};

/** @returns those that are answered */
function queriesOf(queries: readonly MetricQuery[]): readonly MetricQuery[] {
  if (queries.length === 0 || queries.length > MAX_QUERIES) {
    throw validationError(`The parameter MetricDataQueries must have between 1 and ${MAX_QUERIES} queries.`);
  }
  const twice = queries.find(({ id }, index) => queries.findIndex((other) => other.id === id) < index);
  if (twice !== undefined) {
    throw validationError(`The Id ${twice.id} is there more than once.`);
  }
  return queries.filter(({ isReturned }) => isReturned);
}

function keyOf({ query, place }: Found): string {
  return `${query}:${place}`;
}

function isAfter({ query, place }: Found, key: string): boolean {
  const [lastQuery, lastPlace] = key.split(':').map(Number) as [number, number];
  return query > lastQuery || (query === lastQuery && place > lastPlace);
}
