import {
  DecreaseReplicaCountCommand,
  type DecreaseReplicaCountCommandInput,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  IncreaseReplicaCountCommand,
  type IncreaseReplicaCountCommandInput,
  InvalidParameterCombinationException,
  InvalidParameterValueException,
  InvalidReplicationGroupStateFault,
  NodeGroupNotFoundFault,
  NoOperationFault,
} from '@aws-sdk/client-elasticache';
import { refusal, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

const increase = (input: Partial<IncreaseReplicaCountCommandInput>) =>
  started.client.send(
    new IncreaseReplicaCountCommand({ ReplicationGroupId: 'sessions', ApplyImmediately: true, ...input }),
  );

const decrease = (input: Partial<DecreaseReplicaCountCommandInput>) =>
  started.client.send(
    new DecreaseReplicaCountCommand({ ReplicationGroupId: 'sessions', ApplyImmediately: true, ...input }),
  );

async function statuses(): Promise<unknown[]> {
  const { CacheClusters } = await started.client.send(new DescribeCacheClustersCommand({}));
  return (CacheClusters ?? [])
    .filter(({ ReplicationGroupId }) => ReplicationGroupId === 'sessions')
    .map(({ CacheClusterId, CacheClusterStatus }) => [CacheClusterId, CacheClusterStatus]);
}

async function groupStatus(): Promise<string | undefined> {
  const { ReplicationGroups } = await started.client.send(
    new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'sessions' }),
  );
  return ReplicationGroups?.[0]?.Status;
}

async function events(): Promise<string[]> {
  const { Events } = await started.client.send(new DescribeEventsCommand({}));
  return (Events ?? []).reverse().map(({ SourceIdentifier, Message }) => `${SourceIdentifier}: ${Message}`);
}

test('a replica is added: the group is modifying and the new node creating until it holds the data', async () => {
  const { sessions } = started.environment;
  const { ReplicationGroup } = await increase({ NewReplicaCount: 3 });
  expect(ReplicationGroup?.Status).toBe('modifying');
  expect(sessions.calls).toEqual([['setReplicas', 3, undefined]]);

  const added = { ...sessions.node('sessions', 3), isUp: false };
  sessions.shards[0]?.nodes.push(added);
  expect(await statuses()).toEqual([
    ['sessions-001', 'modifying'],
    ['sessions-002', 'modifying'],
    ['sessions-003', 'modifying'],
    ['sessions-004', 'creating'],
  ]);

  added.isUp = true;
  started.later(2);
  sessions.tell({ type: 'node-added', node: 'sessions-004' });
  await sessions.work.finish();
  expect(await groupStatus()).toBe('available');
  expect(await statuses()).toContainEqual(['sessions-004', 'available']);
  expect(await events()).toEqual([
    'sessions: Increase replica count started for replication group sessions on 2026-03-01T12:00:00.000Z',
    'sessions-004: Cache cluster created',
    'sessions-004: Added cache node 0001 in availability zone us-east-1a',
    'sessions: Increase replica count completed for replication group sessions on 2026-03-01T12:02:00.000Z',
  ]);
});

test('a node that is being added has no address and no time of creation', async () => {
  const { sessions } = started.environment;
  await increase({ NewReplicaCount: 3 });
  sessions.shards[0]?.nodes.push({ ...sessions.node('sessions', 3), isUp: false });

  const { CacheClusters } = await started.client.send(
    new DescribeCacheClustersCommand({ CacheClusterId: 'sessions-004', ShowCacheNodeInfo: true }),
  );

  expect(CacheClusters?.[0]?.CacheNodes).toEqual([
    {
      CacheNodeId: '0001',
      CacheNodeStatus: 'creating',
      ParameterGroupStatus: 'in-sync',
      CustomerAvailabilityZone: 'us-east-1a',
    },
  ]);
});

test('a replica is removed by its id', async () => {
  const { sessions } = started.environment;
  await decrease({ ReplicasToRemove: ['sessions-002'] });
  expect(sessions.calls).toEqual([['setReplicas', 1, ['sessions-002']]]);

  sessions.shards[0]?.nodes.splice(1, 1);
  sessions.tell({ type: 'node-removed', node: 'sessions-002' });
  await sessions.work.finish();

  expect(await statuses()).toEqual([
    ['sessions-001', 'available'],
    ['sessions-003', 'available'],
  ]);
  expect(await events()).toEqual([
    'sessions: Decrease replica count started for replication group sessions on 2026-03-01T12:00:00.000Z',
    'sessions-002: Cache cluster deleted',
    'sessions: Decrease replica count completed for replication group sessions on 2026-03-01T12:00:00.000Z',
  ]);
});

test('replicas are removed by their number', async () => {
  await decrease({ NewReplicaCount: 1 });

  expect(started.environment.sessions.calls).toEqual([['setReplicas', 1, undefined]]);
});

test('with cluster mode on the count is that of each node group, given once or for each', async () => {
  const { carts } = started.environment;
  await increase({ ReplicationGroupId: 'carts', NewReplicaCount: 2 });
  await carts.work.finish();
  await increase({
    ReplicationGroupId: 'carts',
    ReplicaConfiguration: [
      { NodeGroupId: '0001', NewReplicaCount: 3 },
      { NodeGroupId: '0002', NewReplicaCount: 3 },
    ],
  });
  await carts.work.finish();
  await decrease({ ReplicationGroupId: 'carts', ReplicasToRemove: ['carts-0001-002', 'carts-0002-002'] });

  expect(carts.calls).toEqual([
    ['setReplicas', 2, undefined],
    ['setReplicas', 3, undefined],
    ['setReplicas', 0, ['carts-0001-002', 'carts-0002-002']],
  ]);
});

test.each([
  ['a count that is not greater', () => increase({ NewReplicaCount: 1 }), /greater than the current one, 2/],
  ['a count that is not less', () => decrease({ NewReplicaCount: 3 }), /less than the current one, 2/],
  ['more than AWS allows', () => increase({ NewReplicaCount: 6 }), /must be within 0 and 5/],
  ['less than none', () => decrease({ NewReplicaCount: -1 }), /must be within 0 and 5/],
  ['no replica with Multi-AZ', () => decrease({ NewReplicaCount: 0 }), /Multi-AZ enabled/],
  ['to remove the primary', () => decrease({ ReplicasToRemove: ['sessions-001'] }), /is the primary/],
  ['to remove a stranger', () => decrease({ ReplicasToRemove: ['carts-0001-002'] }), /not a member/],
  ['to wait', () => increase({ NewReplicaCount: 3, ApplyImmediately: false }), /not currently supported/],
])('refuses %s', async (_, request, message) => {
  const error = await refusal(request());

  expect(error).toBeInstanceOf(InvalidParameterValueException);
  expect(error.message).toMatch(message);
  expect(started.environment.sessions.calls).toEqual([]);
});

test('needs a replica for automatic failover, and none where there is neither', async () => {
  const { sessions } = started.environment;
  sessions.multiAz = false;
  expect((await refusal(decrease({ NewReplicaCount: 0 }))).message).toMatch(/auto failover enabled/);

  sessions.automaticFailover = false;
  await decrease({ NewReplicaCount: 0 });
  expect(sessions.calls).toEqual([['setReplicas', 0, undefined]]);
});

test.each([
  [
    'node groups of different sizes',
    () =>
      increase({ ReplicationGroupId: 'carts', ReplicaConfiguration: [{ NodeGroupId: '0001', NewReplicaCount: 2 }] }),
  ],
  [
    'to remove from one node group only',
    () => decrease({ ReplicationGroupId: 'carts', ReplicasToRemove: ['carts-0001-002'] }),
  ],
  [
    'a count that the removed replicas do not lead to',
    () => decrease({ NewReplicaCount: 1, ReplicasToRemove: ['sessions-002', 'sessions-003'] }),
  ],
  [
    'two ways to say the count',
    () => increase({ NewReplicaCount: 3, ReplicaConfiguration: [{ NodeGroupId: '0001', NewReplicaCount: 3 }] }),
  ],
])('cannot combine %s', async (_, request) => {
  expect(await refusal(request())).toBeInstanceOf(InvalidParameterCombinationException);
});

test('refuses a count that is there already', async () => {
  expect(await refusal(increase({ NewReplicaCount: 2 }))).toBeInstanceOf(NoOperationFault);
  expect(await refusal(decrease({ NewReplicaCount: 2 }))).toBeInstanceOf(NoOperationFault);
});

test('does not find a node group that is not there', async () => {
  const error = await refusal(increase({ ReplicaConfiguration: [{ NodeGroupId: '0002', NewReplicaCount: 3 }] }));

  expect(error).toBeInstanceOf(NodeGroupNotFoundFault);
});

test('asks for what is missing', async () => {
  expect((await refusal(increase({ NewReplicaCount: 3, ApplyImmediately: undefined }))).name).toBe('MissingParameter');
  expect((await refusal(increase({}))).name).toBe('MissingParameter');
});

test('refuses while the group is modifying', async () => {
  await increase({ NewReplicaCount: 3 });

  expect(await refusal(increase({ NewReplicaCount: 4 }))).toBeInstanceOf(InvalidReplicationGroupStateFault);
  expect(await refusal(decrease({ NewReplicaCount: 1 }))).toBeInstanceOf(InvalidReplicationGroupStateFault);
});

test('a count that cannot be had is reported and not told as completed', async () => {
  await increase({ NewReplicaCount: 3 });
  await started.environment.sessions.work.fail('no memory');

  expect(started.reports).toEqual(['! increase of the replicas of sessions has failed: no memory']);
  expect(await groupStatus()).toBe('available');
  expect(await events()).toHaveLength(1);
});
