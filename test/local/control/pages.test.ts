import {
  DescribeCacheClustersCommand,
  DescribeServerlessCachesCommand,
  DescribeSnapshotsCommand,
  InvalidParameterValueException,
  paginateDescribeCacheClusters,
  paginateDescribeCacheParameters,
  paginateDescribeReplicationGroups,
  paginateDescribeServerlessCaches,
  paginateDescribeSnapshots,
} from '@aws-sdk/client-elasticache';
import { FakeEnvironment, FakeGroup, FakeMemcached, serverless } from './fake-environment';
import { refusal, StartedEndpoint } from './started-endpoint';

const number = (index: number) => String(index).padStart(3, '0');

let started: StartedEndpoint;

beforeEach(async () => {
  const environment = new FakeEnvironment();
  const numbers = Array.from({ length: 150 }, (_, index) => number(index));
  environment.replicationGroups = numbers.map((each) => new FakeGroup(`group-${each}`, false, 1, 0)).reverse();
  environment.memcachedClusters = [new FakeMemcached('pages', 40)];
  environment.serverlessCaches = numbers.map((each) => serverless(`serverless-${each}`));
  environment.parameterGroups = [
    {
      name: 'default.valkey8',
      family: 'valkey8',
      parameters: numbers.map((each) => ({ name: `parameter-${each}`, value: each, isUsers: false })),
    },
  ];
  for (const each of numbers) {
    environment.snapshots.add(`snapshot-${each}`, 'sessions');
  }
  started = await StartedEndpoint.start(environment);
});

afterEach(() => started.close());

async function collect<P>(pages: AsyncIterable<P>, idsOf: (page: P) => ReadonlyArray<string | undefined> | undefined) {
  const sizes: number[] = [];
  const ids: Array<string | undefined> = [];
  for await (const page of pages) {
    const onPage = idsOf(page) ?? [];
    sizes.push(onPage.length);
    ids.push(...onPage);
  }
  return { sizes, ids };
}

test('pages through 151 cache clusters of 190 nodes, by 100 unless told otherwise', async () => {
  const { client } = started;
  const byDefault = await collect(paginateDescribeCacheClusters({ client }, { ShowCacheNodeInfo: true }), (page) =>
    page.CacheClusters?.map(({ CacheClusterId }) => CacheClusterId),
  );
  const bySixty = await collect(paginateDescribeCacheClusters({ client, pageSize: 60 }, {}), (page) =>
    page.CacheClusters?.map(({ CacheClusterId }) => CacheClusterId),
  );

  expect(byDefault.sizes).toEqual([100, 51]);
  expect(bySixty.sizes).toEqual([60, 60, 31]);
  expect(new Set(byDefault.ids).size).toBe(151);
  expect(bySixty.ids).toEqual(byDefault.ids);
});

test('pages through replication groups, and the last page has no marker', async () => {
  const { client } = started;
  const { sizes, ids } = await collect(paginateDescribeReplicationGroups({ client, pageSize: 75 }, {}), (page) =>
    page.ReplicationGroups?.map(({ ReplicationGroupId }) => ReplicationGroupId),
  );

  expect(sizes).toEqual([75, 75]);
  expect(ids.at(0)).toBe('group-000');
  expect(ids.at(-1)).toBe('group-149');
});

test('pages through serverless caches, by 50 unless told otherwise', async () => {
  const { client } = started;
  const { sizes } = await collect(paginateDescribeServerlessCaches({ client }, {}), (page) =>
    page.ServerlessCaches?.map(({ ServerlessCacheName }) => ServerlessCacheName),
  );

  expect(sizes).toEqual([50, 50, 50]);
});

test('pages through parameters', async () => {
  const { client } = started;
  const { sizes } = await collect(
    paginateDescribeCacheParameters({ client }, { CacheParameterGroupName: 'default.valkey8' }),
    (page) => page.Parameters?.map(({ ParameterName }) => ParameterName),
  );

  expect(sizes).toEqual([100, 50]);
});

test('pages through snapshots, by 50 at most', async () => {
  const { client } = started;
  const { sizes } = await collect(paginateDescribeSnapshots({ client }, {}), (page) =>
    page.Snapshots?.map(({ SnapshotName }) => SnapshotName),
  );

  expect(sizes).toEqual([50, 50, 50]);
});

test('a record that goes between two pages hides no other', async () => {
  const first = await started.client.send(new DescribeSnapshotsCommand({ MaxRecords: 20 }));
  started.environment.snapshots.taken.shift();

  const second = await started.client.send(new DescribeSnapshotsCommand({ MaxRecords: 20, Marker: first.Marker }));

  expect(second.Snapshots?.[0]?.SnapshotName).toBe('snapshot-020');
});

test.each([
  ['too few', new DescribeCacheClustersCommand({ MaxRecords: 19 }), /between 20 and 100/],
  ['too many', new DescribeCacheClustersCommand({ MaxRecords: 101 }), /between 20 and 100/],
  ['too many snapshots', new DescribeSnapshotsCommand({ MaxRecords: 51 }), /more than 50 records/],
  ['too few serverless caches', new DescribeServerlessCachesCommand({ MaxResults: 1 }), /between 20 and 100/],
  ['a marker that was not answered', new DescribeCacheClustersCommand({ Marker: 'what?' }), /Marker/],
])('refuses %s', async (_, command, message) => {
  const error = await refusal(started.client.send(command as DescribeCacheClustersCommand));

  expect(error).toBeInstanceOf(InvalidParameterValueException);
  expect(error.message).toMatch(message);
});
