import { largeEnvironment } from '../../ops/fake-aws/environments';
import { FakeAws } from '../../ops/fake-aws/fake-aws';
import { runCommand } from './run-command';

/** Longest that the status of an environment with 500 nodes may take, in milliseconds. */
const MOST_MS = 2_000;

/** The lowest documented rate of the calls that are made: GetMetricData, in calls a second. */
const MOST_CALLS_A_SECOND = 50;

let aws: FakeAws;

afterEach(() => aws.close());

/** Nodes of everything that a state shows. */
function nodesOf(json: string): number {
  const { groups, memcached } = JSON.parse(json);
  const ofGroups = groups.flatMap(({ shards }: { shards: Array<{ nodes: unknown[] }> }) =>
    shards.flatMap(({ nodes }) => nodes),
  );
  return ofGroups.length + memcached.flatMap(({ nodes }: { nodes: unknown[] }) => nodes).length;
}

test('every node of an environment with 1,000 is seen, in a region with 2,000, page by page', async () => {
  const state = largeEnvironment(2_040);
  aws = await FakeAws.start(state);
  const environment = state.stacks.filter(({ Tags = [] }) => Tags.some(({ Value }) => Value === 'prod'));
  const made = new Set(
    environment.flatMap(({ resources }) => resources.map(({ PhysicalResourceId }) => PhysicalResourceId)),
  );
  const own = state.cacheClusters.filter(
    ({ ReplicationGroupId, CacheClusterId }) => made.has(ReplicationGroupId) || made.has(CacheClusterId),
  );
  const expected = own.reduce((sum, { NumCacheNodes = 0 }) => sum + NumCacheNodes, 0);

  const { status, stdout, stderr } = await runCommand(['status', 'prod', '--json', '--endpoint-url', aws.address]);

  expect([status, stderr]).toEqual([0, '']);
  expect(nodesOf(stdout)).toBe(expected);
  expect(expected).toBeGreaterThanOrEqual(990);
  const pages = aws.calls.filter(
    ({ action, input }) =>
      action === 'elasticache:DescribeCacheClusters' && input.ShowCacheClustersNotInReplicationGroups !== true,
  );
  expect(pages).toHaveLength(Math.ceil(state.cacheClusters.length / 100));
  expect(pages.length).toBeGreaterThan(15);
});

test('the status of 500 nodes takes less than two seconds, below the rates of every call', async () => {
  const state = largeEnvironment(1_040);
  aws = await FakeAws.start(state);
  const times: number[] = [];
  let calls = '';
  let nodes = 0;

  // The machine is shared: the best of three is the command's own time.
  for (let time = 0; time < 3; time += 1) {
    const startedAt = performance.now();
    const { stdout, stderr, status } = await runCommand([
      'status',
      'prod',
      '--json',
      '--calls',
      '--endpoint-url',
      aws.address,
    ]);
    times.push(performance.now() - startedAt);
    expect(status).toBe(0);
    calls = stderr.trim();
    nodes = nodesOf(stdout);
  }

  console.log(`${nodes} nodes in ${times.map((ms) => Math.round(ms)).join(', ')} ms, ${calls}`);
  expect(nodes).toBeGreaterThanOrEqual(500);
  expect(Math.min(...times)).toBeLessThan(MOST_MS);
  const metrics = aws.calls.filter(({ action }) => action === 'cloudwatch:GetMetricData');
  expect(metrics.length / times.length).toBeLessThan(MOST_CALLS_A_SECOND);
});
