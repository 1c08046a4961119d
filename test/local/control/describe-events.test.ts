import {
  DescribeEventsCommand,
  type DescribeEventsCommandInput,
  InvalidParameterCombinationException,
  InvalidParameterValueException,
  paginateDescribeEvents,
} from '@aws-sdk/client-elasticache';
import { refusal, START, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

/** A recovery that ends a number of minutes after the last one. */
function recoveredAfter(minutes: number, node = 'sessions-002'): void {
  started.later(minutes);
  started.environment.sessions.tell({ type: 'recovered', node, isEmpty: false });
}

async function events(input: DescribeEventsCommandInput = {}) {
  const { Events } = await started.client.send(new DescribeEventsCommand(input));
  return Events ?? [];
}

/** Minutes after the start at which the events were. */
async function minutes(input: DescribeEventsCommandInput = {}): Promise<number[]> {
  return (await events(input)).map(({ Date: date }) => ((date?.getTime() ?? 0) - START.getTime()) / 60_000);
}

const at = (minute: number) => new Date(START.getTime() + minute * 60_000);

test('there are none at first', async () => {
  expect(await events()).toEqual([]);
});

test('answers the newest first, with their source and date', async () => {
  recoveredAfter(1, 'sessions-002');
  recoveredAfter(1, 'sessions-003');

  expect(await events()).toEqual([
    {
      SourceIdentifier: 'sessions-003',
      SourceType: 'cache-cluster',
      Message: 'Finished recovery for cache nodes 0001',
      Date: at(2),
    },
    {
      SourceIdentifier: 'sessions-002',
      SourceType: 'cache-cluster',
      Message: 'Finished recovery for cache nodes 0001',
      Date: at(1),
    },
  ]);
});

test('answers the last hour unless it is asked for another time', async () => {
  recoveredAfter(0);
  recoveredAfter(30);
  recoveredAfter(60);

  expect(await minutes()).toEqual([90, 30]);
  expect(await minutes({ Duration: 59 })).toEqual([90]);
  expect(await minutes({ Duration: 90 })).toEqual([90, 30, 0]);
  expect(await minutes({ StartTime: at(1) })).toEqual([90, 30]);
  expect(await minutes({ StartTime: at(0), EndTime: at(30) })).toEqual([30, 0]);
});

test('an end has the hour before it, and a duration beside it is of no use', async () => {
  recoveredAfter(0);
  recoveredAfter(30);
  recoveredAfter(60);

  expect(await minutes({ EndTime: at(89) })).toEqual([30]);
  expect(await minutes({ EndTime: at(89), Duration: 1_440 })).toEqual([30]);
  expect(await minutes({ StartTime: at(0), Duration: 1 })).toEqual([90, 30, 0]);
});

test('finds events by their source', async () => {
  recoveredAfter(0, 'sessions-002');
  started.environment.sessions.promote('0001');

  const sources = async (input: DescribeEventsCommandInput) =>
    (await events(input)).map(({ SourceIdentifier }) => SourceIdentifier);
  expect(await sources({ SourceType: 'replication-group' })).toEqual(['sessions']);
  expect(await sources({ SourceType: 'cache-cluster' })).toEqual(['sessions-001', 'sessions-002']);
  expect(await sources({ SourceIdentifier: 'Sessions-002' })).toEqual(['sessions-002']);
  expect(await sources({ SourceIdentifier: 'sessions', SourceType: 'cache-cluster' })).toEqual([]);
  expect(await sources({ SourceType: 'user-group' })).toEqual([]);
});

test('keeps events for 14 days', async () => {
  recoveredAfter(0);
  recoveredAfter(14 * 24 * 60);
  expect(await minutes({ StartTime: at(-1) })).toEqual([14 * 24 * 60, 0]);

  recoveredAfter(1);

  expect(await minutes({ StartTime: at(-1) })).toEqual([14 * 24 * 60 + 1, 14 * 24 * 60]);
});

test('gives every event once over pages, while more are written', async () => {
  for (let event = 0; event < 150; event += 1) {
    recoveredAfter(0);
  }

  const sizes: number[] = [];
  for await (const page of paginateDescribeEvents({ client: started.client }, {})) {
    sizes.push(page.Events?.length ?? 0);
    recoveredAfter(0);
  }

  expect(sizes).toEqual([100, 50]);
});

test.each([
  ['a duration of nothing', { Duration: 0 }],
  ['more than 14 days', { Duration: 14 * 24 * 60 + 1 }],
  ['a source type that there is not', { SourceType: 'cache' as never }],
])('refuses %s', async (_, input) => {
  expect(await refusal(events(input))).toBeInstanceOf(InvalidParameterValueException);
});

test('refuses a start after the end', async () => {
  expect(await refusal(events({ StartTime: at(1), EndTime: at(0) }))).toBeInstanceOf(
    InvalidParameterCombinationException,
  );
});
