import type {
  DatabaseState,
  EnvironmentState,
  FleetState,
  GroupState,
  MemcachedState,
  NodeState,
  PendingChange,
  ServerlessState,
} from '../environment/environment-state';
import { hitRatio, lastOf, memoryShare, sumOf } from '../environment/figures';
import { serves } from '../environment/serves';
import type { StatusRow } from './status-row';

/** States of a node or a cache in which it serves, as ElastiCache and RDS write them. */
const SERVES = new Set(['available', 'snapshotting', 'backing-up', 'storage-optimization', 'modifying']);

/** The topology of an environment: what has what below it. */
export function statusRows(state: EnvironmentState): StatusRow[] {
  return [
    ...state.groups.map(groupRow),
    ...state.memcached.map(memcachedRow),
    ...state.serverless.map(serverlessRow),
    ...state.databases.map(databaseRow),
    ...state.fleets.map(fleetRow),
  ];
}

function groupRow(group: GroupState): StatusRow {
  const nodes = group.shards.flatMap((shard) => shard.nodes);
  const shards = group.shards.map(({ id, slots, status, nodes: members }) => ({
    name: `shard ${id}`,
    what: slots === undefined ? '' : `slots ${slots}`,
    state: status,
    isWell: SERVES.has(status),
    rows: members.map(nodeRow),
  }));
  const failover = group.automaticFailover === 'enabled' ? 'failover' : `failover ${group.automaticFailover}`;
  return {
    name: group.id,
    what: [
      `${group.engine} ${group.engineVersion}`.trim(),
      group.nodeType,
      failover,
      group.multiAz === 'enabled' ? 'Multi-AZ' : 'one zone',
    ].join(', '),
    state: group.status,
    isWell: SERVES.has(group.status),
    ...figures(nodes),
    notes: pendingNotes(group.pending),
    // Without cluster mode there is one shard, which needs no line of its own.
    rows: group.clusterMode ? shards : nodes.map(nodeRow),
  };
}

function memcachedRow(cluster: MemcachedState): StatusRow {
  return {
    name: cluster.id,
    what: `memcached ${cluster.engineVersion}, ${cluster.nodeType}`,
    state: cluster.status,
    isWell: SERVES.has(cluster.status),
    ...figures(cluster.nodes),
    notes: pendingNotes(cluster.pending),
    rows: cluster.nodes.map(nodeRow),
  };
}

function nodeRow(node: NodeState): StatusRow {
  const lag = node.role === 'replica' ? lastOf(node.metrics, 'ReplicationLag') : undefined;
  return {
    name: node.id,
    what: node.role === 'unknown' ? 'role unknown' : node.role,
    zone: node.zone,
    state: node.status,
    isWell: SERVES.has(node.status),
    ...figures([node]),
    ...(lag === undefined ? {} : { lag: `${lag < 10 ? lag.toFixed(1) : Math.round(lag)} s` }),
  };
}

function serverlessRow(cache: ServerlessState): StatusRow {
  const bytes = lastOf(cache.metrics, 'BytesUsedForCache');
  return {
    name: cache.id,
    what: `${cache.engine} ${cache.engineVersion}, serverless`,
    state: cache.status,
    isWell: SERVES.has(cache.status),
    ...figures([cache]),
    ...(bytes === undefined ? {} : { memory: `${(bytes / 1024 ** 3).toFixed(2)} GiB` }),
  };
}

function databaseRow(database: DatabaseState): StatusRow {
  const connections = lastOf(database.metrics, 'DatabaseConnections');
  return {
    name: database.id,
    what: `${database.engine} ${database.engineVersion}, ${database.instanceClass}${database.isMultiAz ? ', Multi-AZ' : ''}`,
    ...(database.zone === undefined ? {} : { zone: database.zone }),
    state: database.status,
    isWell: SERVES.has(database.status),
    ...(connections === undefined ? {} : { connections: whole(connections) }),
    notes: pendingNotes(database.pending),
  };
}

function fleetRow(fleet: FleetState): StatusRow {
  const serving = fleet.instances.filter(serves).length;
  const requests = sumOf(fleet.loadBalancer?.metrics ?? {}, 'RequestCount');
  const suspended = fleet.suspendedProcesses.join(', ');
  return {
    name: fleet.name,
    what: `${fleet.minimum} to ${fleet.maximum} instances${requests === undefined ? '' : `, ${whole(requests)} requests in 15 min`}`,
    state: `${serving} of ${fleet.desired} serve`,
    isWell: serving >= fleet.desired,
    notes: suspended === '' ? [] : [`suspended: ${suspended}`],
    rows: fleet.instances.map((instance) => ({
      name: instance.id,
      what: [instance.type, instance.isOutdated ? 'older launch template' : undefined].filter(Boolean).join(', '),
      zone: instance.zone,
      state: [instance.lifecycle, instance.target].filter(Boolean).join(', '),
      isWell: serves(instance),
      notes: instance.targetReason === undefined ? [] : [instance.targetReason],
    })),
  };
}

/** What the metrics of some nodes say together. */
function figures(nodes: ReadonlyArray<Pick<NodeState, 'metrics'>>): Pick<StatusRow, 'memory' | 'hits' | 'connections'> {
  const metrics = nodes.map((node) => node.metrics);
  const shares = metrics.flatMap((one) => memoryShare(one) ?? []);
  const ratio = hitRatio(metrics);
  const connections = metrics.flatMap((one) => lastOf(one, 'CurrConnections') ?? []);
  return {
    // The fullest node is the first that has no room.
    ...(shares.length === 0 ? {} : { memory: percent(Math.max(...shares)) }),
    ...(ratio === undefined ? {} : { hits: percent(ratio) }),
    ...(connections.length === 0 ? {} : { connections: whole(connections.reduce((sum, each) => sum + each, 0)) }),
  };
}

function pendingNotes(pending: readonly PendingChange[]): string[] {
  return pending.map(({ what, to }) => `pending: ${what} → ${to}`);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
