import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import type { Measurement } from '../../../local/control/measurement';
import { refusal, START, StartedEndpoint } from './started-endpoint';

const MINUTE_MS = 60_000;

let started: StartedEndpoint;
let client: CloudWatchClient;

beforeEach(async () => {
  started = await StartedEndpoint.start();
  client = new CloudWatchClient(started.configuration);
});

afterEach(async () => {
  client.destroy();
  await started.close();
});

function of(kind: Measurement['kind'], value: number, node = '0001', life = 'one'): Measurement {
  const dimensions = [{ CacheClusterId: 'pages', CacheNodeId: node }, { CacheClusterId: 'pages' }] as const;
  return { namespace: 'AWS/ElastiCache', name: 'GetHits', dimensions: [...dimensions], value, kind, life };
}

function query(id: string, stat: string, dimensions: Readonly<Record<string, string>>, period = 60): MetricDataQuery {
  return {
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/ElastiCache',
        MetricName: 'GetHits',
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: period,
      Stat: stat,
    },
  };
}

const CLUSTER = { CacheClusterId: 'pages' };
const NODE = { ...CLUSTER, CacheNodeId: '0001' };

function ask(input: Partial<GetMetricDataCommandInput>) {
  return client.send(
    new GetMetricDataCommand({
      MetricDataQueries: [query('hits', 'Sum', CLUSTER)],
      StartTime: new Date(START.getTime() - 60 * MINUTE_MS),
      EndTime: new Date(START.getTime() + 120 * MINUTE_MS),
      ScanBy: 'TimestampAscending',
      ...input,
    }),
  );
}

async function values(input: Partial<GetMetricDataCommandInput> = {}) {
  return (await ask(input)).MetricDataResults?.map(({ Values }) => Values);
}

/** Lets time go on, and everything be measured then. */
async function measure(minutes: number, ...measurements: Measurement[]): Promise<void> {
  started.later(minutes);
  started.environment.measurements = measurements;
  await ask({});
}

test('what is counted is told by the minute, also where it began anew', async () => {
  await measure(1, of('count', 10));
  await measure(0.5, of('count', 15));
  await measure(1, of('count', 15));
  await measure(1, of('count', 4, '0001', 'two'));

  const { MetricDataResults } = await ask({});

  expect(MetricDataResults).toEqual([
    {
      Id: 'hits',
      Label: 'GetHits',
      StatusCode: 'Complete',
      Timestamps: [1, 2, 3].map((minute) => new Date(START.getTime() + minute * MINUTE_MS)),
      Values: [15, 0, 4],
    },
  ]);
});

test('what is so and so is told as it was last in each minute, and an event only where there was one', async () => {
  await measure(1, of('level', 10));
  await measure(0.5, of('level', 3));
  expect(await values()).toEqual([[3]]);

  await measure(1, of('event', 0, '0002'));
  await measure(1, of('event', 2, '0002'));
  expect(await values({ MetricDataQueries: [query('x', 'Sum', { ...CLUSTER, CacheNodeId: '0002' })] })).toEqual([[2]]);
});

test('what was busy is told in percent of the time that was measured', async () => {
  await measure(1, of('busy', 100));
  await measure(0.25, of('busy', 103));
  await measure(0.25, of('busy', 112));

  expect(await values()).toEqual([[40]]);
});

test('a cluster has the values of all its nodes, and every statistic of them', async () => {
  await measure(1, of('count', 10), of('count', 30, '0002'));
  await measure(1, of('count', 11), of('count', 30, '0002'));
  const statistics = ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'];

  const MetricDataQueries = statistics.map((stat) => query(stat.toLowerCase(), stat, CLUSTER));
  expect(await values({ MetricDataQueries })).toEqual([
    [40, 1],
    [20, 0.5],
    [10, 0],
    [30, 1],
    [2, 2],
  ]);
  expect(await values({ MetricDataQueries: [query('one', 'Sum', NODE), query('five', 'Sum', CLUSTER, 300)] })).toEqual([
    [10, 1],
    [41],
  ]);
});

test('the newest come first unless it is said otherwise, and an end is not within', async () => {
  await measure(1, of('count', 1));
  await measure(1, of('count', 3));

  expect(await values({ ScanBy: undefined })).toEqual([[2, 1]]);
  expect(await values({ EndTime: new Date(START.getTime() + 2 * MINUTE_MS) })).toEqual([[1]]);
  expect(await values({ StartTime: new Date(START.getTime() + 1.5 * MINUTE_MS) })).toEqual([[1, 2]]);
});

test('what is unknown has no values, and what is not to be returned is left out', async () => {
  const unknown = query('unknown', 'Sum', { CacheClusterId: 'nobody' });

  const { MetricDataResults } = await ask({
    MetricDataQueries: [unknown, { ...query('hidden', 'Sum', CLUSTER), ReturnData: false }],
  });

  expect(MetricDataResults).toEqual([
    { Id: 'unknown', Label: 'GetHits', StatusCode: 'Complete', Timestamps: [], Values: [] },
  ]);
});

test('pages hold so many datapoints, and what is cut off goes on in the next', async () => {
  for (const value of [1, 3, 6]) {
    await measure(1, of('count', value));
  }
  const MetricDataQueries = [query('a', 'Sum', CLUSTER), query('b', 'Maximum', NODE)];
  const pages: unknown[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ask({ MetricDataQueries, MaxDatapoints: 2, NextToken });
    pages.push(page.MetricDataResults?.map(({ Id, Values, StatusCode }) => [Id, Values, StatusCode]));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);

  expect(pages).toEqual([
    [
      ['a', [1, 2], 'PartialData'],
      ['b', [], 'PartialData'],
    ],
    [
      ['a', [3], 'Complete'],
      ['b', [1], 'PartialData'],
    ],
    [
      ['a', [], 'Complete'],
      ['b', [2, 3], 'Complete'],
    ],
  ]);
});

test('what is older than an hour and a half is forgotten', async () => {
  await measure(1, of('count', 7));
  await measure(91, of('count', 8));

  expect(await values()).toEqual([[1]]);
});

test('500 metrics can be asked for at once', async () => {
  const MetricDataQueries = Array.from({ length: 500 }, (_, index) => query(`m${index}`, 'Sum', NODE));

  expect(await values({ MetricDataQueries })).toHaveLength(500);
  expect(await refusal(ask({ MetricDataQueries: [...MetricDataQueries, query('x', 'Sum', NODE)] }))).toMatchObject({
    name: 'ValidationError',
    message: expect.stringMatching(/between 1 and 500 queries/),
  });
});

const hits = query('hits', 'Sum', CLUSTER);

test.each<[string, Partial<GetMetricDataCommandInput>, RegExp]>([
  ['an expression', { MetricDataQueries: [{ Id: 'e', Expression: 'a + b' }] }, /evaluates no expressions: e/],
  ['an id that is there twice', { MetricDataQueries: [hits, hits] }, /The Id hits is there more than once/],
  ['an id that begins with a capital', { MetricDataQueries: [{ ...hits, Id: 'Hits' }] }, /The Id Hits must begin/],
  ['a period of 90 seconds', { MetricDataQueries: [query('a', 'Sum', CLUSTER, 90)] }, /The Period 90 must be/],
  ['a percentile', { MetricDataQueries: [query('a', 'p99', CLUSTER)] }, /not p99/],
  ['a start after the end', { StartTime: new Date(START.getTime() + 240 * MINUTE_MS) }, /StartTime must be less/],
  ['no datapoints', { MaxDatapoints: 0 }, /MaxDatapoints must be between 1 and 100800/],
  ['what it does not have', { LabelOptions: { Timezone: '+0000' } }, /LabelOptions is not supported/],
  ['a query of another account', { MetricDataQueries: [{ ...hits, AccountId: '1' }] }, /\[0\]\.AccountId is not supp/],
  ['a token that was not answered', { NextToken: 'what?' }, /NextToken/],
])('refuses %s', async (_, input, message) => {
  const error = await refusal(ask(input));

  expect(error.name).toBe('ValidationError');
  expect(error.message).toMatch(message);
});

test('no alarm is evaluated', async () => {
  const answer = await client.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'films', MaxRecords: 100 }));

  expect(answer).toMatchObject({ MetricAlarms: [], CompositeAlarms: [] });
  expect(await refusal(client.send(new DescribeAlarmsCommand({ MaxRecords: 101 })))).toMatchObject({
    name: 'ValidationError',
  });
});
