import type { CacheChange, ControlledMemcached } from '../controlled';
import { invalidParameterCombination, invalidParameterValue } from '../faults';
import { type CacheClusterStatus, CacheControl, type ControlOptions } from './cache-control';
import { invalidCacheClusterState, nodeQuotaExceeded } from './faults';

/** The most nodes that AWS lets a cluster have. */
const MAX_NODES = 40;

/** How many nodes a cluster is to have, and which of its nodes it is to lose for that. */
interface NodesAsked {
  readonly count: number;
  readonly removed: readonly string[];
}

/** A Memcached cluster. */
export class MemcachedControl extends CacheControl<ControlledMemcached> {
  /** What was asked for and is not done: now, or not before a maintenance window, which there is none of here. */
  pending: NodesAsked | undefined;

  constructor(cluster: ControlledMemcached, options: ControlOptions) {
    super(
      cluster,
      cluster.nodes.map(({ id }) => id),
      options,
    );
  }

  get cluster(): ControlledMemcached {
    return this.cache;
  }

  get status(): CacheClusterStatus {
    const isAvailable = this.cluster.nodes.every((node) => this.stateOf(node) === 'available');
    return this.activity?.status ?? (isAvailable ? 'available' : 'modifying');
  }

  /** @throws Fault when these nodes cannot be had, or not now */
  setNodes(asked: NodesAsked, now: boolean): void {
    this.check(asked);
    this.requireAvailable();
    const before = this.cluster.nodes.length;
    const { count, removed } = asked;
    this.pending = count === before ? undefined : asked;
    if (!now || count === before) {
      return;
    }
    this.tell(`${count > before ? 'Increasing' : 'Decreasing'} number of requested nodes`);
    this.begin('change of the nodes', { status: 'modifying', nodes: removed }, async () => {
      try {
        await this.cluster.setNodes(count, removed.length > 0 ? removed : undefined);
      } finally {
        this.pending = undefined;
      }
      if (count > before) {
        this.tell(`Finished modifying number of nodes from ${before} to ${count}`);
      }
    });
  }

  /** @throws Fault when these nodes cannot be rebooted, or not now */
  reboot(nodes: readonly string[]): void {
    this.requireNodes(nodes);
    this.requireAvailable();
    const tell = (words: string) => {
      for (const node of nodes) {
        this.tell(`Cache node ${node} ${words}`);
      }
    };
    tell('shutdown');
    this.begin('reboot', { status: 'rebooting cache cluster nodes', nodes }, async () => {
      await this.cluster.reboot(nodes);
      tell('restarted');
    });
  }

  protected log(change: CacheChange): void {
    switch (change.type) {
      case 'recovering':
        this.tell(`Recovering cache nodes ${change.node}`);
        break;
      case 'recovered':
        this.tell(`Finished recovery for cache nodes ${change.node}`);
        break;
      case 'node-added': {
        const zone = this.cluster.nodes.find(({ id }) => id === change.node)?.zone;
        this.tell(`Added cache node ${change.node} in availability zone ${zone}`);
        break;
      }
      case 'node-removed':
        this.tell(`Removed cache nodes ${change.node}`);
        break;
    }
  }

  private tell(message: string): void {
    this.events.cacheCluster(this.id, message);
  }

  private check({ count, removed }: NodesAsked): void {
    const current = this.cluster.nodes.length;
    if (count < 1) {
      throw invalidParameterValue('The number of cache nodes must be at least 1.');
    }
    if (count > MAX_NODES) {
      throw nodeQuotaExceeded(MAX_NODES);
    }
    this.requireNodes(removed);
    if (removed.length !== Math.max(0, current - count)) {
      throw invalidParameterCombination(
        'The number of CacheNodeIdsToRemove must match the number of nodes you are trying to remove, ' +
          `current number of cache nodes is ${current}, requested number of cache nodes is ${count} ` +
          `and CacheNodeIdsToRemove supplied are ${removed.length}`,
      );
    }
  }

  private requireNodes(ids: readonly string[]): void {
    const unknown = ids.find((id) => !this.cluster.nodes.some((node) => node.id === id));
    if (unknown !== undefined) {
      throw invalidParameterValue(`Cache node ${unknown} not found in cache cluster ${this.id}.`);
    }
    if (new Set(ids).size < ids.length) {
      throw invalidParameterValue(`A cache node is given more than once: ${ids.join(', ')}`);
    }
  }

  private requireAvailable(): void {
    if (this.status !== 'available') {
      throw invalidCacheClusterState(`Cache cluster ${this.id} is not in available state: it is ${this.status}.`);
    }
  }
}
