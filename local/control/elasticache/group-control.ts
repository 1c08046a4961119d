import type { CacheChange, ControlledGroup, ControlledNode, ControlledShard } from '../controlled';
import { type CacheClusterStatus, CacheControl, type ControlOptions } from './cache-control';
import {
  invalidCacheClusterState,
  invalidReplicationGroupState,
  nodeGroupNotFound,
  testFailoverNotAvailable,
} from './faults';

/** The id of a node in its cache cluster, which every node of a replication group is alone in. */
export const ONLY_NODE = '0001';

/** A replication group, and its nodes as the cache clusters that AWS has them as. */
export class GroupControl extends CacheControl<ControlledGroup> {
  /** Nodes whose recovery is not told yet: primaries that no replica has taken the place of. */
  private readonly heldBack = new Set<string>();

  constructor(group: ControlledGroup, options: ControlOptions) {
    super(
      group,
      group.shards.flatMap(({ nodes }) => nodes.map(({ id }) => id)),
      options,
    );
  }

  get group(): ControlledGroup {
    return this.cache;
  }

  get members(): readonly ControlledNode[] {
    return this.group.shards.flatMap(({ nodes }) => nodes);
  }

  get status(): 'available' | 'modifying' | 'snapshotting' {
    if (this.activity?.status === 'snapshotting') {
      return 'snapshotting';
    }
    return this.activity === undefined && this.members.every((node) => this.stateOf(node) === 'available')
      ? 'available'
      : 'modifying';
  }

  shardStatus(shard: ControlledShard): 'available' | 'modifying' {
    const isAsItWas = shard.nodes.every((node) => ['available', 'snapshotting'].includes(this.memberStatus(node)));
    return isAsItWas ? 'available' : 'modifying';
  }

  memberStatus(node: ControlledNode): CacheClusterStatus {
    const state = this.stateOf(node);
    if (state === 'creating') {
      return 'creating';
    }
    if (this.activity?.nodes.includes(node.id)) {
      return this.activity.status;
    }
    return state === 'available' ? 'available' : 'modifying';
  }

  /** @throws Fault NodeGroupNotFoundFault */
  shard(id: string): ControlledShard {
    const shard = this.group.shards.find((candidate) => candidate.id === id);
    if (shard === undefined) {
      throw nodeGroupNotFound(id, this.id);
    }
    return shard;
  }

  /** @throws Fault InvalidReplicationGroupState */
  requireAvailable(): void {
    if (this.status !== 'available') {
      throw invalidReplicationGroupState(this.id, this.status);
    }
  }

  /** @throws Fault when the failover of a shard cannot be tested now */
  requireFailover(shardId: string): void {
    const { nodes } = this.shard(shardId);
    this.requireAvailable();
    if (!this.group.automaticFailover) {
      throw testFailoverNotAvailable(`Automatic failover is not enabled for replication group ${this.id}.`);
    }
    if (!nodes.some(({ role }) => role === 'replica')) {
      throw testFailoverNotAvailable(`Node group ${shardId} has no replica to fail over to.`);
    }
  }

  testFailover(shardId: string): void {
    const nodes = this.shard(shardId).nodes.map(({ id }) => id);
    this.events.replicationGroup(this.id, `Test Failover API called for node group ${shardId}`);
    this.begin('failover', { status: 'modifying', nodes }, () => this.group.failOver(shardId));
  }

  changeReplicas(direction: 'Increase' | 'Decrease', perShard: number, removed: readonly string[] | undefined): void {
    const log = (progress: string) => {
      const when = this.clock().toISOString();
      this.events.replicationGroup(
        this.id,
        `${direction} replica count ${progress} for replication group ${this.id} on ${when}`,
      );
    };
    log('started');
    const nodes = this.members.map(({ id }) => id);
    this.begin(`${direction.toLowerCase()} of the replicas`, { status: 'modifying', nodes }, async () => {
      await this.group.setReplicas(perShard, removed);
      log('completed');
    });
  }

  /** @throws Fault when the node cannot be rebooted, or not now */
  reboot(node: string): void {
    if (this.group.clusterMode) {
      throw invalidCacheClusterState(
        `Rebooting is not supported on Valkey or Redis OSS (cluster mode enabled) clusters: ${node}.`,
      );
    }
    if (this.status !== 'available') {
      throw invalidCacheClusterState(
        `Cache cluster ${node} cannot be rebooted: replication group ${this.id} is ${this.status}.`,
      );
    }
    this.events.cacheCluster(node, `Cache node ${ONLY_NODE} shutdown`);
    this.begin('reboot', { status: 'rebooting cache cluster nodes', nodes: [node] }, async () => {
      await this.group.reboot(node);
      this.events.cacheCluster(node, `Cache node ${ONLY_NODE} restarted`);
    });
  }

  /** Is snapshotting for as long as it is written. */
  snapshot(nodes: readonly string[], write: () => Promise<void>): void {
    this.begin('snapshot', { status: 'snapshotting', nodes }, write);
  }

  protected log(change: CacheChange): void {
    switch (change.type) {
      case 'failover': {
        const message = `Failover from primary node ${change.from} to replica node ${change.to} completed`;
        this.events.cacheCluster(change.from, message);
        this.events.replicationGroup(this.id, message);
        this.logHeldBack(change.from);
        break;
      }
      case 'recovering':
        this.heldBack.add(change.node);
        if (!this.isToFailOver(change.node)) {
          this.logHeldBack(change.node);
        }
        break;
      case 'recovered':
        this.logHeldBack(change.node);
        this.events.cacheCluster(change.node, `Finished recovery for cache nodes ${ONLY_NODE}`);
        break;
      case 'node-added': {
        const zone = this.members.find(({ id }) => id === change.node)?.zone;
        this.events.cacheCluster(change.node, 'Cache cluster created');
        this.events.cacheCluster(change.node, `Added cache node ${ONLY_NODE} in availability zone ${zone}`);
        break;
      }
      case 'node-removed':
        this.events.cacheCluster(change.node, 'Cache cluster deleted');
        break;
    }
  }

  /** AWS tells of the failover first and then of the recovery, whichever begins first here. */
  private logHeldBack(node: string): void {
    if (this.heldBack.delete(node)) {
      this.events.cacheCluster(node, `Recovering cache nodes ${ONLY_NODE}`);
    }
  }

  private isToFailOver(node: string): boolean {
    const shard = this.group.shards.find(({ nodes }) =>
      nodes.some(({ id, role }) => id === node && role === 'primary'),
    );
    const others = shard?.nodes.filter(({ id }) => id !== node) ?? [];
    return this.group.automaticFailover && others.some(({ isUp }) => isUp);
  }
}
