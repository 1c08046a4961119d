import type { Clock } from '../clock';
import type { ControlledEnvironment, ControlledGroup, ControlledMemcached, ControlledNode } from '../controlled';
import type { ControlOptions } from './cache-control';
import { ControlSet } from './control-set';
import { EventLog } from './event-log';
import { cacheClusterNotFound, callRateExceeded, replicationGroupNotFound } from './faults';
import { GroupControl } from './group-control';
import { MemcachedControl } from './memcached-control';
import { SnapshotControl } from './snapshot-control';

/** How many failovers AWS lets be tested in any 24 hours. */
const MAX_FAILOVERS = 15;

const DAY_MS = 24 * 60 * 60_000;

/** A cache cluster: a node of a replication group, or a Memcached cluster. */
export type CacheCluster =
  | { readonly type: 'member'; readonly id: string; readonly control: GroupControl; readonly node: ControlledNode }
  | { readonly type: 'memcached'; readonly id: string; readonly control: MemcachedControl };

/** Everything that can be asked of an environment, and the limits that AWS puts on it. */
export class ControlPlane {
  readonly events: EventLog;
  readonly snapshots: SnapshotControl;
  private readonly groupControls: ControlSet<ControlledGroup, GroupControl>;
  private readonly memcachedControls: ControlSet<ControlledMemcached, MemcachedControl>;
  /** When the failovers of the last 24 hours were asked for. */
  private failovers: Date[] = [];

  constructor(
    readonly environment: ControlledEnvironment,
    readonly clock: Clock,
    report: (line: string) => void,
  ) {
    this.events = new EventLog(clock);
    const options: ControlOptions = { events: this.events, clock, report };
    this.groupControls = new ControlSet((group) => new GroupControl(group, options));
    this.memcachedControls = new ControlSet((cluster) => new MemcachedControl(cluster, options));
    this.snapshots = new SnapshotControl(environment.snapshots, this.events, clock);
    this.look();
  }

  /** As they are now. */
  get groups(): readonly GroupControl[] {
    return this.groupControls.look(this.environment.replicationGroups);
  }

  /** The cache clusters as AWS lists them: members of replication groups are among them. */
  get cacheClusters(): readonly CacheCluster[] {
    const members = this.groups.flatMap((control) =>
      control.members.map((node): CacheCluster => ({ type: 'member', id: node.id, control, node })),
    );
    return [
      ...members,
      ...this.memcachedControls
        .look(this.environment.memcachedClusters)
        .map((control): CacheCluster => ({ type: 'memcached', id: control.id, control })),
    ];
  }

  /** @throws Fault ReplicationGroupNotFoundFault */
  group(id: string): GroupControl {
    const control = this.groups.find((candidate) => candidate.id === id);
    if (control === undefined) {
      throw replicationGroupNotFound(id);
    }
    return control;
  }

  /** @throws Fault CacheClusterNotFound */
  cacheCluster(id: string): CacheCluster {
    const cluster = this.cacheClusters.find((candidate) => candidate.id === id);
    if (cluster === undefined) {
      throw cacheClusterNotFound(id);
    }
    return cluster;
  }

  /** @throws Fault when it cannot be tested, not now, or not so often */
  testFailover(control: GroupControl, shardId: string): void {
    control.requireFailover(shardId);
    const now = this.clock();
    this.failovers = this.failovers.filter((date) => date.getTime() > now.getTime() - DAY_MS);
    if (this.failovers.length >= MAX_FAILOVERS) {
      throw callRateExceeded(MAX_FAILOVERS);
    }
    this.failovers.push(now);
    control.testFailover(shardId);
  }

  /** Listens to the caches that have come since the last look. Every request looks as well. */
  look(): void {
    this.groupControls.look(this.environment.replicationGroups);
    this.memcachedControls.look(this.environment.memcachedClusters);
  }

  close(): void {
    this.groupControls.look([]);
    this.memcachedControls.look([]);
  }
}
