import {
  APICallRateForCustomerExceededFault,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  InvalidReplicationGroupStateFault,
  NodeGroupNotFoundFault,
  ReplicationGroupNotFoundFault,
  TestFailoverCommand,
  TestFailoverNotAvailableFault,
} from '@aws-sdk/client-elasticache';
import { refusal, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

const ofSessions = () => new TestFailoverCommand({ ReplicationGroupId: 'sessions', NodeGroupId: '0001' });

async function group(id = 'sessions') {
  const { ReplicationGroups } = await started.client.send(
    new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }),
  );
  return ReplicationGroups?.[0];
}

async function clusterStatuses(): Promise<Record<string, string | undefined>> {
  const { CacheClusters } = await started.client.send(new DescribeCacheClustersCommand({}));
  return Object.fromEntries(
    (CacheClusters ?? []).map(({ CacheClusterId, CacheClusterStatus }) => [CacheClusterId, CacheClusterStatus]),
  );
}

/** The oldest first. */
async function events(): Promise<string[]> {
  const { Events } = await started.client.send(new DescribeEventsCommand({}));
  return (Events ?? []).reverse().map((event) => `${event.SourceType} ${event.SourceIdentifier}: ${event.Message}`);
}

test('a tested failover has the events that AWS documents, in their order', async () => {
  const { sessions } = started.environment;
  await started.client.send(ofSessions());
  const { from } = sessions.promote('0001');
  sessions.recover(from);
  sessions.recovered(from);
  await sessions.work.finish();

  expect(sessions.calls).toEqual([['failOver', '0001']]);
  expect(await events()).toEqual([
    'replication-group sessions: Test Failover API called for node group 0001',
    'cache-cluster sessions-001: Failover from primary node sessions-001 to replica node sessions-002 completed',
    'replication-group sessions: Failover from primary node sessions-001 to replica node sessions-002 completed',
    'cache-cluster sessions-001: Recovering cache nodes 0001',
    'cache-cluster sessions-001: Finished recovery for cache nodes 0001',
  ]);
});

test('the group is modifying until the old primary is back', async () => {
  const { sessions } = started.environment;
  const { ReplicationGroup } = await started.client.send(ofSessions());
  expect(ReplicationGroup?.Status).toBe('modifying');

  const { from } = sessions.promote('0001');
  sessions.recover(from);
  expect(await group()).toMatchObject({
    Status: 'modifying',
    NodeGroups: [
      {
        Status: 'modifying',
        NodeGroupMembers: [{ CurrentRole: 'replica' }, { CurrentRole: 'primary' }, { CurrentRole: 'replica' }],
      },
    ],
  });
  expect(await clusterStatuses()).toMatchObject({ 'sessions-001': 'modifying', pages: 'available' });

  sessions.recovered(from);
  await sessions.work.finish();
  expect(await group()).toMatchObject({ Status: 'available', NodeGroups: [{ Status: 'available' }] });
  expect(await clusterStatuses()).toMatchObject({ 'sessions-001': 'available' });
});

test('only the node group whose failover is tested is modifying', async () => {
  await started.client.send(new TestFailoverCommand({ ReplicationGroupId: 'carts', NodeGroupId: '0002' }));

  expect((await group('carts'))?.NodeGroups?.map(({ Status }) => Status)).toEqual(['available', 'modifying']);
  expect(await clusterStatuses()).toMatchObject({ 'carts-0001-001': 'available', 'carts-0002-001': 'modifying' });
});

test('a node that ends unasked has the same events, and the group is modifying meanwhile', async () => {
  const { carts } = started.environment;
  const { from } = carts.promote('0001');
  carts.recover(from);
  expect(await group('carts')).toMatchObject({ Status: 'modifying' });

  carts.recovered(from);

  expect(await group('carts')).toMatchObject({ Status: 'available' });
  expect(await events()).toEqual([
    'cache-cluster carts-0001-001: Failover from primary node carts-0001-001 to replica node carts-0001-002 completed',
    'replication-group carts: Failover from primary node carts-0001-001 to replica node carts-0001-002 completed',
    'cache-cluster carts-0001-001: Recovering cache nodes 0001',
    'cache-cluster carts-0001-001: Finished recovery for cache nodes 0001',
  ]);
});

test('the failover is told first where the recovery begins before it', async () => {
  const { sessions } = started.environment;
  sessions.recover('sessions-001');
  expect(await events()).toEqual([]);

  sessions.promote('0001');
  sessions.recovered('sessions-001');

  expect(await events()).toEqual([
    'cache-cluster sessions-001: Failover from primary node sessions-001 to replica node sessions-002 completed',
    'replication-group sessions: Failover from primary node sessions-001 to replica node sessions-002 completed',
    'cache-cluster sessions-001: Recovering cache nodes 0001',
    'cache-cluster sessions-001: Finished recovery for cache nodes 0001',
  ]);
});

test('a primary that is back before any replica takes its place is recovered', async () => {
  started.environment.sessions.recover('sessions-001');
  started.environment.sessions.recovered('sessions-001');

  expect(await events()).toEqual([
    'cache-cluster sessions-001: Recovering cache nodes 0001',
    'cache-cluster sessions-001: Finished recovery for cache nodes 0001',
  ]);
});

test('a primary without a replica that is up, or without automatic failover, is recovering at once', async () => {
  const { sessions, carts } = started.environment;
  carts.find('carts-0001-002').isUp = false;
  carts.recover('carts-0001-001');
  sessions.automaticFailover = false;
  sessions.recover('sessions-001');

  expect(await events()).toEqual([
    'cache-cluster carts-0001-001: Recovering cache nodes 0001',
    'cache-cluster sessions-001: Recovering cache nodes 0001',
  ]);
});

test('a node whose process is not up makes its group modifying before anybody tells of it', async () => {
  started.environment.sessions.find('sessions-003').isUp = false;

  expect(await group()).toMatchObject({ Status: 'modifying' });
});

test('a second failover waits for the first in the same group, not in another', async () => {
  await started.client.send(new TestFailoverCommand({ ReplicationGroupId: 'carts', NodeGroupId: '0001' }));

  const error = await refusal(
    started.client.send(new TestFailoverCommand({ ReplicationGroupId: 'carts', NodeGroupId: '0002' })),
  );
  expect(error).toBeInstanceOf(InvalidReplicationGroupStateFault);
  expect(error.$metadata.httpStatusCode).toBe(400);
  await expect(started.client.send(ofSessions())).resolves.toBeDefined();

  await started.environment.carts.work.finish();
  await expect(
    started.client.send(new TestFailoverCommand({ ReplicationGroupId: 'carts', NodeGroupId: '0002' })),
  ).resolves.toBeDefined();
});

test('15 failovers can be tested in any 24 hours, over all groups', async () => {
  const { sessions, carts } = started.environment;
  for (let call = 0; call < 14; call += 1) {
    await started.client.send(ofSessions());
    await sessions.work.finish();
    started.later(1);
  }
  await started.client.send(new TestFailoverCommand({ ReplicationGroupId: 'carts', NodeGroupId: '0001' }));
  await carts.work.finish();

  const error = await refusal(started.client.send(ofSessions()));
  expect(error).toBeInstanceOf(APICallRateForCustomerExceededFault);
  expect(error.$metadata.httpStatusCode).toBe(400);
  expect(sessions.calls).toHaveLength(14);

  // The first was 14 minutes ago.
  started.later(24 * 60 - 15);
  expect(await refusal(started.client.send(ofSessions()))).toBeInstanceOf(APICallRateForCustomerExceededFault);
  started.later(1);
  await expect(started.client.send(ofSessions())).resolves.toBeDefined();
});

test('failovers that are refused do not count', async () => {
  await started.client.send(ofSessions());
  for (let call = 0; call < 20; call += 1) {
    expect(await refusal(started.client.send(ofSessions()))).toBeInstanceOf(InvalidReplicationGroupStateFault);
  }
  await started.environment.sessions.work.finish();

  await expect(started.client.send(ofSessions())).resolves.toBeDefined();
});

test('there is no failover without automatic failover, or without a replica', async () => {
  const { sessions } = started.environment;
  sessions.automaticFailover = false;
  expect(await refusal(started.client.send(ofSessions()))).toBeInstanceOf(TestFailoverNotAvailableFault);

  sessions.automaticFailover = true;
  sessions.shards[0]?.nodes.splice(1);
  expect(await refusal(started.client.send(ofSessions()))).toBeInstanceOf(TestFailoverNotAvailableFault);
  expect(sessions.calls).toEqual([]);
});

test('does not find a group or a node group that is not there', async () => {
  const group = await refusal(
    started.client.send(new TestFailoverCommand({ ReplicationGroupId: 'x', NodeGroupId: '0001' })),
  );
  const nodeGroup = await refusal(
    started.client.send(new TestFailoverCommand({ ReplicationGroupId: 'carts', NodeGroupId: '0003' })),
  );

  expect(group).toBeInstanceOf(ReplicationGroupNotFoundFault);
  expect(nodeGroup).toBeInstanceOf(NodeGroupNotFoundFault);
  expect(nodeGroup.$metadata.httpStatusCode).toBe(404);
});

test('a failover that fails is reported, and the group can be used again', async () => {
  await started.client.send(ofSessions());
  await started.environment.sessions.work.fail('no replica is in sync');

  expect(started.reports).toEqual(['! failover of sessions has failed: no replica is in sync']);
  expect(await group()).toMatchObject({ Status: 'available' });
});

test('nothing is heard of the caches once the endpoint is closed', async () => {
  const other = await StartedEndpoint.start(started.environment);
  const { sessions, pages } = started.environment;
  expect(sessions.listenerCount).toBe(2);
  await other.client.send(ofSessions());
  await other.close();

  await sessions.work.fail('its process was ended');

  expect(sessions.listenerCount).toBe(1);
  expect(pages.listenerCount).toBe(1);
  expect(other.reports).toEqual([]);
});
