import { invalidParameterCombination, invalidParameterValue, missingParameter } from '../../faults';
import type { QueryRequest } from '../../query/query-request';
import { noOperation } from '../faults';
import type { GroupControl } from '../group-control';
import { replicationGroupAnswer } from '../replication-group-answer';
import type { Operation } from './operation';

const MAX_REPLICAS = 5;

/** What is asked for: so many everywhere, or in some node groups, or without some replicas. */
interface ReplicasAsked {
  readonly count: number | undefined;
  readonly byShard: ReadonlyMap<string, number>;
  readonly removed: readonly string[];
}

export const increaseReplicaCount: Operation = (request) => {
  const id = request.required('ReplicationGroupId', request.identifier('ReplicationGroupId'));
  const asked: ReplicasAsked = { ...countsIn(request), removed: [] };
  requireNow(request);
  return (plane) => {
    const control = plane.group(id);
    const { before, after } = replicasOf(control, asked);
    if (after < before) {
      throw invalidParameterValue(`The new replica count ${after} must be greater than the current one, ${before}.`);
    }
    control.requireAvailable();
    control.changeReplicas('Increase', after, undefined);
    return { ReplicationGroup: replicationGroupAnswer(control, plane.environment.region) };
  };
};

export const decreaseReplicaCount: Operation = (request) => {
  const id = request.required('ReplicationGroupId', request.identifier('ReplicationGroupId'));
  const removed = (request.list('ReplicasToRemove') ?? []).map((each) => each.toLowerCase());
  const asked: ReplicasAsked = { ...countsIn(request), removed };
  requireNow(request);
  return (plane) => {
    const control = plane.group(id);
    const { before, after } = replicasOf(control, asked);
    if (after > before) {
      throw invalidParameterValue(`The new replica count ${after} must be less than the current one, ${before}.`);
    }
    requireEnough(control, after);
    control.requireAvailable();
    control.changeReplicas('Decrease', after, removed.length > 0 ? removed : undefined);
    return { ReplicationGroup: replicationGroupAnswer(control, plane.environment.region) };
  };
};

function countsIn(request: QueryRequest): Omit<ReplicasAsked, 'removed'> {
  const count = request.integer('NewReplicaCount');
  const byShard = request.structures('ReplicaConfiguration', 'ConfigureShard').map((prefix): [string, number] => {
    const shard = `${prefix}.NodeGroupId`;
    const replicas = `${prefix}.NewReplicaCount`;
    return [request.required(shard, request.string(shard)), request.required(replicas, request.integer(replicas))];
  });
  return { count, byShard: new Map(byShard) };
}

/** AWS documents the parameter as required and false as not supported. */
function requireNow(request: QueryRequest): void {
  const now = request.boolean('ApplyImmediately');
  if (now === undefined) {
    throw missingParameter('ApplyImmediately');
  }
  if (!now) {
    throw invalidParameterValue('ApplyImmediately=False is not currently supported.');
  }
}

/** @returns how many replicas each node group has and is to have; here all have the same number */
function replicasOf(control: GroupControl, asked: ReplicasAsked): { readonly before: number; readonly after: number } {
  if (asked.count !== undefined && asked.byShard.size > 0) {
    throw invalidParameterCombination('Only one of NewReplicaCount and ReplicaConfiguration can be given.');
  }
  if (asked.count === undefined && asked.byShard.size === 0 && asked.removed.length === 0) {
    throw missingParameter('NewReplicaCount');
  }
  for (const id of asked.byShard.keys()) {
    control.shard(id);
  }
  requireReplicas(control, asked.removed);
  const { shards } = control.group;
  const before = shards.map(({ nodes }) => nodes.length - 1);
  const kept = shards.map(({ nodes }) => nodes.filter((node) => !asked.removed.includes(node.id)).length - 1);
  const wanted = shards.map(({ id }, index) => asked.count ?? asked.byShard.get(id) ?? kept[index] ?? 0);
  const after = wanted[0] ?? 0;
  if (wanted.some((count) => count !== after)) {
    throw invalidParameterCombination(
      `The local environment has the same number of replicas in every node group, not ${wanted.join(', ')}.`,
    );
  }
  if (after < 0 || after > MAX_REPLICAS) {
    throw invalidParameterValue(`The number of replicas per node group must be within 0 and ${MAX_REPLICAS}.`);
  }
  if (before.every((count) => count === after)) {
    throw noOperation('Requested new replica count already matches current number of replicas.');
  }
  if (asked.removed.length > 0 && kept.some((count) => count !== after)) {
    throw invalidParameterCombination(
      `ReplicasToRemove leaves ${kept.join(', ')} replicas in the node groups, not ${after} in each.`,
    );
  }
  return { before: before[0] ?? 0, after };
}

function requireReplicas(control: GroupControl, ids: readonly string[]): void {
  for (const id of ids) {
    const node = control.members.find((candidate) => candidate.id === id);
    if (node === undefined) {
      throw invalidParameterValue(`Cache cluster ${id} is not a member of replication group ${control.id}.`);
    }
    if (node.role === 'primary') {
      throw invalidParameterValue(`Cache cluster ${id} is the primary of its node group and cannot be removed.`);
    }
  }
}

function requireEnough(control: GroupControl, replicas: number): void {
  const { clusterMode, multiAz, automaticFailover } = control.group;
  if (clusterMode || replicas > 0) {
    return;
  }
  if (multiAz) {
    throw invalidParameterValue('Must have at least 1 replica for Multi-AZ enabled Replication Group');
  }
  if (automaticFailover) {
    throw invalidParameterValue(
      'Must have at least 1 replica when cluster mode is disabled with auto failover enabled.',
    );
  }
}
