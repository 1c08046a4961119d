import type { NodeGroup, ReplicationGroup, SourceType, TestFailoverMessage } from '@aws-sdk/client-elasticache';
import { AwsError } from './aws-error';
import type { FakeState } from './fake-state';
import { appendValue, newestValue } from './metric-values';
import type { Context } from './operation';

/**
 * How many failovers AWS lets be tested in any 24 hours.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_TestFailover.html
 */
const MOST_FAILOVERS = 15;
const DAY_MS = 24 * 60 * 60_000;

/** The node of a cache cluster, which every node of a replication group is alone in. */
const ONLY_NODE = '0001';

/** Fails a shard over, with the states that AWS has meanwhile, and the events that it documents in their order. */
export function testFailover(
  { ReplicationGroupId, NodeGroupId }: TestFailoverMessage,
  { state, now, durations, timeline, failovers }: Context,
) {
  const { group, shard } = requireShard(state, ReplicationGroupId ?? '', NodeGroupId ?? '');
  requireFailover(group);
  requireRate(failovers, now);
  failovers.push(now);
  const { primary, replica } = rolesIn(state, shard);

  const id = group.ReplicationGroupId ?? '';
  const shardId = shard.NodeGroupId ?? '';
  tell(state, now, 'replication-group', id, `Test Failover API called for node group ${shardId}`);
  setStatus(state, id, shardId, 'modifying');

  const promoted = now.getTime() + durations.promotion;
  timeline.plan(promoted, (later, at) => {
    swapRoles(later, primary, replica);
    const message = `Failover from primary node ${primary} to replica node ${replica} completed`;
    tell(later, at, 'cache-cluster', primary, message);
    tell(later, at, 'replication-group', id, message);
  });
  const replaced = promoted + durations.replacement;
  timeline.plan(replaced, (later, at) => {
    setNodeStatus(later, primary, 'creating');
    tell(later, at, 'cache-cluster', primary, `Recovering cache nodes ${ONLY_NODE}`);
  });
  timeline.plan(replaced + durations.recovery, (later, at) => {
    setNodeStatus(later, primary, 'available');
    setStatus(later, id, shardId, 'available');
    tell(later, at, 'cache-cluster', primary, `Finished recovery for cache nodes ${ONLY_NODE}`);
  });
  return { ReplicationGroup: group };
}

function requireShard(state: FakeState, groupId: string, shardId: string) {
  const group = state.replicationGroups.find(({ ReplicationGroupId }) => ReplicationGroupId === groupId.toLowerCase());
  if (group === undefined) {
    throw new AwsError('ReplicationGroupNotFoundFault', `ReplicationGroup ${groupId} not found.`, 404);
  }
  const shard = group.NodeGroups?.find(({ NodeGroupId }) => NodeGroupId === shardId);
  if (shard === undefined) {
    throw new AwsError('NodeGroupNotFoundFault', `Node group ${shardId} not found in ${groupId}.`, 404);
  }
  return { group, shard };
}

function requireFailover({ ReplicationGroupId: id, Status, AutomaticFailover, NodeGroups }: ReplicationGroup): void {
  if (Status !== 'available') {
    throw new AwsError('InvalidReplicationGroupState', `Replication group ${id} must be available, and is ${Status}.`);
  }
  if (AutomaticFailover !== 'enabled' || NodeGroups?.some(({ NodeGroupMembers = [] }) => NodeGroupMembers.length < 2)) {
    throw new AwsError(
      'InvalidParameterCombination',
      `Automatic failover must be enabled, and every node group have a replica, in replication group ${id}.`,
    );
  }
}

function requireRate(failovers: readonly Date[], now: Date): void {
  if (failovers.filter((date) => date.getTime() > now.getTime() - DAY_MS).length >= MOST_FAILOVERS) {
    throw new AwsError(
      'APICallRateForCustomerExceeded',
      `No more than ${MOST_FAILOVERS} failovers can be tested in 24 hours.`,
    );
  }
}

/** Which node of a shard is the primary, by its role or else by its metric, and which replica takes its place. */
function rolesIn(state: FakeState, { NodeGroupMembers = [] }: NodeGroup): { primary: string; replica: string } {
  const ids = NodeGroupMembers.map(({ CacheClusterId = '' }) => CacheClusterId);
  const named = NodeGroupMembers.find(({ CurrentRole }) => CurrentRole === 'primary')?.CacheClusterId;
  const measured = ids.find((id) => newestValue(isMaster(state, id)?.IsMaster) === 1);
  const primary = named ?? measured ?? ids[0] ?? '';
  return { primary, replica: ids.find((id) => id !== primary) ?? '' };
}

function swapRoles(state: FakeState, primary: string, replica: string): void {
  const members = state.replicationGroups.flatMap(({ NodeGroups = [] }) =>
    NodeGroups.flatMap(({ NodeGroupMembers = [] }) => NodeGroupMembers),
  );
  for (const { id, role } of [
    { id: primary, role: 'replica' },
    { id: replica, role: 'primary' },
  ]) {
    const member = members.find(({ CacheClusterId }) => CacheClusterId === id);
    if (member?.CurrentRole !== undefined) {
      member.CurrentRole = role;
    }
    const metrics = isMaster(state, id);
    if (metrics?.IsMaster !== undefined) {
      metrics.IsMaster = appendValue(metrics.IsMaster, role === 'primary' ? 1 : 0);
    }
  }
}

function isMaster(state: FakeState, id: string): Record<string, number | number[]> | undefined {
  return state.metrics.find(
    ({ dimensions, values }) => dimensions.CacheClusterId === id && values.IsMaster !== undefined,
  )?.values;
}

function setStatus(state: FakeState, groupId: string, shardId: string, status: string): void {
  const group = state.replicationGroups.find(({ ReplicationGroupId }) => ReplicationGroupId === groupId);
  const shard = group?.NodeGroups?.find(({ NodeGroupId }) => NodeGroupId === shardId);
  if (group === undefined || shard === undefined) {
    return;
  }
  group.Status = status;
  shard.Status = status;
  const members = shard.NodeGroupMembers?.map(({ CacheClusterId }) => CacheClusterId);
  for (const cluster of state.cacheClusters.filter(({ CacheClusterId }) => members?.includes(CacheClusterId))) {
    cluster.CacheClusterStatus = status;
  }
}

function setNodeStatus(state: FakeState, clusterId: string, status: string): void {
  const cluster = state.cacheClusters.find(({ CacheClusterId }) => CacheClusterId === clusterId);
  for (const node of cluster?.CacheNodes ?? []) {
    node.CacheNodeStatus = status;
  }
}

function tell(state: FakeState, at: Date, type: SourceType, id: string, message: string): void {
  state.events.push({ SourceIdentifier: id, SourceType: type, Message: message, Date: at });
}
