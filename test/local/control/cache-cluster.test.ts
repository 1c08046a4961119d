import {
  CacheClusterNotFoundFault,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  InvalidCacheClusterStateFault,
  InvalidParameterCombinationException,
  InvalidParameterValueException,
  ModifyCacheClusterCommand,
  type ModifyCacheClusterCommandInput,
  NodeQuotaForClusterExceededFault,
  RebootCacheClusterCommand,
} from '@aws-sdk/client-elasticache';
import { refusal, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

const modify = (input: Partial<ModifyCacheClusterCommandInput>) =>
  started.client.send(new ModifyCacheClusterCommand({ CacheClusterId: 'pages', ApplyImmediately: true, ...input }));

const reboot = (CacheClusterId: string, ...CacheNodeIdsToReboot: string[]) =>
  started.client.send(new RebootCacheClusterCommand({ CacheClusterId, CacheNodeIdsToReboot }));

async function cluster(id = 'pages') {
  const { CacheClusters } = await started.client.send(
    new DescribeCacheClustersCommand({ CacheClusterId: id, ShowCacheNodeInfo: true }),
  );
  return CacheClusters?.[0];
}

async function events(): Promise<string[]> {
  const { Events } = await started.client.send(new DescribeEventsCommand({ SourceType: 'cache-cluster' }));
  return (Events ?? []).reverse().map(({ SourceIdentifier, Message }) => `${SourceIdentifier}: ${Message}`);
}

test('nodes are added to a Memcached cluster, which is modifying until its endpoint names them', async () => {
  const { pages } = started.environment;
  const { CacheCluster } = await modify({ NumCacheNodes: 3 });
  expect(CacheCluster).toMatchObject({
    CacheClusterStatus: 'modifying',
    NumCacheNodes: 2,
    PendingModifiedValues: { NumCacheNodes: 3 },
  });
  expect(pages.calls).toEqual([['setNodes', 3, undefined]]);

  const added = { ...pages.node(2), isUp: false };
  pages.nodes.push(added);
  expect((await cluster())?.CacheNodes?.map(({ CacheNodeStatus }) => CacheNodeStatus)).toEqual([
    'available',
    'available',
    'creating',
  ]);

  added.isUp = true;
  pages.tell({ type: 'node-added', node: '0003' });
  await pages.work.finish();
  const changed = await cluster();
  expect(changed).toMatchObject({ CacheClusterStatus: 'available', NumCacheNodes: 3 });
  expect(changed?.PendingModifiedValues).toEqual({});
  expect(await events()).toEqual([
    'pages: Increasing number of requested nodes',
    'pages: Added cache node 0003 in availability zone us-east-1c',
    'pages: Finished modifying number of nodes from 2 to 3',
  ]);
});

test('the nodes to remove are given by their ids', async () => {
  const { pages } = started.environment;
  await modify({ NumCacheNodes: 1, CacheNodeIdsToRemove: ['0001'] });
  expect(pages.calls).toEqual([['setNodes', 1, ['0001']]]);

  pages.nodes.shift();
  pages.tell({ type: 'node-removed', node: '0001' });
  await pages.work.finish();

  expect(await cluster()).toMatchObject({ CacheClusterStatus: 'available', CacheNodes: [{ CacheNodeId: '0002' }] });
  expect(await events()).toEqual(['pages: Decreasing number of requested nodes', 'pages: Removed cache nodes 0001']);
});

test('what is not to be done immediately is pending until it is called off', async () => {
  const { CacheCluster } = await modify({
    NumCacheNodes: 1,
    CacheNodeIdsToRemove: ['0002'],
    ApplyImmediately: false,
  });
  expect(CacheCluster).toMatchObject({
    CacheClusterStatus: 'available',
    PendingModifiedValues: { NumCacheNodes: 1, CacheNodeIdsToRemove: ['0002'] },
  });

  await modify({ NumCacheNodes: 2 });

  expect((await cluster())?.PendingModifiedValues).toEqual({});
  expect(started.environment.pages.calls).toEqual([]);
  expect(await events()).toEqual([]);
});

test.each([
  [
    'does not say which nodes',
    { NumCacheNodes: 1 },
    /requested number of cache nodes is 1 and CacheNodeIdsToRemove supplied are 0/,
  ],
  ['adds and removes', { NumCacheNodes: 3, CacheNodeIdsToRemove: ['0001'] }, /CacheNodeIdsToRemove supplied are 1/],
  ['changes nothing', {}, /No modifications were requested/],
])('refuses a change that %s', async (_, input, message) => {
  const error = await refusal(modify(input));

  expect(error).toBeInstanceOf(InvalidParameterCombinationException);
  expect(error.message).toMatch(message);
});

test.each([
  ['no nodes', { NumCacheNodes: 0 }],
  ['a node that is not there', { NumCacheNodes: 1, CacheNodeIdsToRemove: ['0009'] }],
  ['a node twice', { NumCacheNodes: 1, CacheNodeIdsToRemove: ['0001', '0001'] }],
  ['more than one node in a cluster of Valkey', { CacheClusterId: 'sessions-001', NumCacheNodes: 2 }],
  ['another node type', { NumCacheNodes: 3, CacheNodeType: 'cache.t4g.small' }],
])('refuses %s', async (_, input) => {
  expect(await refusal(modify(input))).toBeInstanceOf(InvalidParameterValueException);
  expect(started.environment.pages.calls).toEqual([]);
});

test('a cluster has 40 nodes at most', async () => {
  expect(await refusal(modify({ NumCacheNodes: 41 }))).toBeInstanceOf(NodeQuotaForClusterExceededFault);
});

test('does not find a cluster that is not there', async () => {
  expect(await refusal(modify({ CacheClusterId: 'x', NumCacheNodes: 1 }))).toBeInstanceOf(CacheClusterNotFoundFault);
  expect(await refusal(reboot('x', '0001'))).toBeInstanceOf(CacheClusterNotFoundFault);
});

test('refuses changes and reboots while the cluster is modifying', async () => {
  await modify({ NumCacheNodes: 3 });

  expect(await refusal(modify({ NumCacheNodes: 4 }))).toBeInstanceOf(InvalidCacheClusterStateFault);
  expect(await refusal(reboot('pages', '0001'))).toBeInstanceOf(InvalidCacheClusterStateFault);
});

test('a Memcached cluster is rebooting until its nodes are back', async () => {
  const { pages } = started.environment;
  const { CacheCluster } = await reboot('pages', '0001', '0002');
  expect(CacheCluster?.CacheClusterStatus).toBe('rebooting cache cluster nodes');
  expect(pages.calls).toEqual([['reboot', ['0001', '0002']]]);

  pages.tell({ type: 'recovering', node: '0001' });
  expect((await cluster())?.CacheNodes?.[0]?.CacheNodeStatus).toBe('rebooting');

  pages.tell({ type: 'recovered', node: '0001', isEmpty: true });
  await pages.work.finish();
  expect(await cluster()).toMatchObject({ CacheClusterStatus: 'available' });
  expect(await events()).toEqual([
    'pages: Cache node 0001 shutdown',
    'pages: Cache node 0002 shutdown',
    'pages: Cache node 0001 restarted',
    'pages: Cache node 0002 restarted',
  ]);
});

test('a Memcached node that ends unasked is recovered', async () => {
  const { pages } = started.environment;
  pages.tell({ type: 'recovering', node: '0002' });
  expect(await cluster()).toMatchObject({ CacheClusterStatus: 'modifying' });

  pages.tell({ type: 'recovered', node: '0002', isEmpty: true });

  expect(await cluster()).toMatchObject({ CacheClusterStatus: 'available' });
  expect(await events()).toEqual([
    'pages: Recovering cache nodes 0002',
    'pages: Finished recovery for cache nodes 0002',
  ]);
});

test('a node that goes while it is recovered is a new one when it comes again', async () => {
  const { pages } = started.environment;
  pages.tell({ type: 'recovering', node: '0002' });
  pages.tell({ type: 'node-removed', node: '0002' });
  pages.tell({ type: 'node-added', node: '0002' });

  expect(await cluster()).toMatchObject({ CacheClusterStatus: 'available' });
});

test('a member of a replication group is rebooted as a cache cluster of one node', async () => {
  const { sessions } = started.environment;
  const { CacheCluster } = await reboot('sessions-001', '0001');
  expect(CacheCluster?.CacheClusterStatus).toBe('rebooting cache cluster nodes');
  expect(sessions.calls).toEqual([['reboot', 'sessions-001']]);
  expect(await cluster('sessions-002')).toMatchObject({ CacheClusterStatus: 'available' });

  sessions.recover('sessions-001');
  sessions.recovered('sessions-001');
  await sessions.work.finish();

  expect(await cluster('sessions-001')).toMatchObject({ CacheClusterStatus: 'available' });
  expect(await events()).toEqual(['sessions-001: Cache node 0001 shutdown', 'sessions-001: Cache node 0001 restarted']);
});

test('a group is modifying while a member reboots, and no other member is rebooted meanwhile', async () => {
  await reboot('sessions-001', '0001');

  const { ReplicationGroups } = await started.client.send(
    new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'sessions' }),
  );
  expect(ReplicationGroups?.[0]?.Status).toBe('modifying');
  expect(await refusal(reboot('sessions-002', '0001'))).toBeInstanceOf(InvalidCacheClusterStateFault);
});

test('no member of a group in cluster mode is rebooted', async () => {
  const error = await refusal(reboot('carts-0001-001', '0001'));

  expect(error).toBeInstanceOf(InvalidCacheClusterStateFault);
  expect(error.message).toMatch(/cluster mode enabled/);
  expect(started.environment.carts.calls).toEqual([]);
});

test('only nodes that are there are rebooted', async () => {
  expect(await refusal(reboot('pages', '0003'))).toBeInstanceOf(InvalidParameterValueException);
  expect(await refusal(reboot('sessions-001', '0002'))).toBeInstanceOf(InvalidParameterValueException);
  expect((await refusal(reboot('pages'))).name).toBe('MissingParameter');
});
