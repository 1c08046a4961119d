import type { Clock } from '../clock';
import type { ControlledSnapshot, ControlledSnapshots } from '../controlled';
import type { EventLog } from './event-log';
import { snapshotAlreadyExists, snapshotQuotaExceeded } from './faults';
import type { GroupControl } from './group-control';

/** How many snapshots of a cache AWS lets be taken by hand in any 24 hours. */
const MAX_PER_DAY = 20;

const DAY_MS = 24 * 60 * 60_000;

export interface ShownSnapshot {
  readonly snapshot: ControlledSnapshot;
  readonly status: 'creating' | 'available' | 'failed';
}

/** The snapshots that were taken and those that are being taken. */
export class SnapshotControl {
  /** By name, those that are not written, or not yet. */
  private readonly unfinished = new Map<string, ShownSnapshot>();

  constructor(
    private readonly snapshots: ControlledSnapshots,
    private readonly events: EventLog,
    private readonly clock: Clock,
  ) {}

  list(): readonly ShownSnapshot[] {
    const written = this.snapshots.list().filter(({ name }) => !this.unfinished.has(name));
    return [
      ...written.map((snapshot): ShownSnapshot => ({ snapshot, status: 'available' })),
      ...this.unfinished.values(),
    ];
  }

  /**
   * @param cluster the member it was asked of, where it was not asked of the whole group
   * @throws Fault when the name is taken, or there are too many
   */
  create(control: GroupControl, name: string, cluster: string | undefined): ShownSnapshot {
    const { group } = control;
    this.check(name, group.id);
    const snapshot: ControlledSnapshot = {
      name,
      group: group.id,
      engine: group.engine,
      engineVersion: group.engineVersion,
      nodeType: group.nodeType,
      source: 'manual',
      createdAt: this.clock(),
      shards: group.shards.map(({ id, slots }) => ({ id, slots, bytes: 0 })),
    };
    const shown: ShownSnapshot = { snapshot, status: 'creating' };
    this.unfinished.set(name, shown);
    // One node of each shard is read.
    const nodes = cluster === undefined ? group.shards.flatMap((shard) => shard.nodes[0]?.id ?? []) : [cluster];
    const tell = (how: string) => {
      const of =
        cluster === undefined ? `replication group with ID '${group.id}'` : `cache cluster with ID '${cluster}'`;
      this.events.cacheCluster(nodes[0] ?? group.id, `Snapshot ${how} for snapshot with ID '${name}' of ${of}`);
    };
    control.snapshot(nodes, async () => {
      try {
        await this.snapshots.create(group, name);
        this.unfinished.delete(name);
        tell('succeeded');
      } catch (error) {
        this.unfinished.set(name, { snapshot, status: 'failed' });
        tell('failed');
        throw error;
      }
    });
    return shown;
  }

  private check(name: string, group: string): void {
    const since = this.clock().getTime() - DAY_MS;
    const shown = this.list();
    if (shown.some(({ snapshot, status }) => snapshot.name === name && status !== 'failed')) {
      throw snapshotAlreadyExists(name);
    }
    const recent = shown.filter(
      ({ snapshot }) =>
        snapshot.group === group && snapshot.source === 'manual' && snapshot.createdAt.getTime() > since,
    );
    if (recent.length >= MAX_PER_DAY) {
      throw snapshotQuotaExceeded(MAX_PER_DAY);
    }
  }
}
