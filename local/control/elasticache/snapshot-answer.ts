import type { ControlledGroup } from '../controlled';
import { type Answer, AnswerList } from '../query/answers';
import { arnOf } from './names';
import { enabled } from './replication-group-answer';
import type { ShownSnapshot } from './snapshot-control';

const MEGABYTE = 1_024 * 1_024;

export interface SnapshotAnswerOptions {
  readonly region: string;
  /** The group it is of, where that still runs. */
  readonly group: ControlledGroup | undefined;
  readonly withNodeGroups: boolean;
}

/** A `Snapshot` as AWS describes it. */
export function snapshotAnswer({ snapshot, status }: ShownSnapshot, options: SnapshotAnswerOptions): Answer {
  const { region, group, withNodeGroups } = options;
  return {
    SnapshotName: snapshot.name,
    ReplicationGroupId: snapshot.group,
    ReplicationGroupDescription: group?.description,
    SnapshotStatus: status,
    SnapshotSource: snapshot.source,
    CacheNodeType: snapshot.nodeType,
    Engine: snapshot.engine,
    EngineVersion: snapshot.engineVersion,
    PreferredMaintenanceWindow: group?.maintenanceWindow,
    Port: group?.endpoint.port,
    CacheParameterGroupName: group?.parameterGroup,
    AutoMinorVersionUpgrade: group?.autoMinorVersionUpgrade,
    SnapshotRetentionLimit: group?.snapshotRetentionDays,
    SnapshotWindow: group?.snapshotWindow,
    NumNodeGroups: snapshot.shards.length,
    AutomaticFailover: group === undefined ? undefined : enabled(group.automaticFailover),
    NodeSnapshots: new AnswerList(
      'NodeSnapshot',
      snapshot.shards.map(({ id, slots, bytes }) => ({
        NodeGroupId: id,
        NodeGroupConfiguration: withNodeGroups ? { NodeGroupId: id, Slots: slots } : undefined,
        CacheSize: status === 'available' ? `${Math.ceil(bytes / MEGABYTE)} MB` : '',
        SnapshotCreateTime: status === 'available' ? snapshot.createdAt : undefined,
      })),
    ),
    ARN: arnOf('snapshot', snapshot.name, region),
    DataTiering: 'disabled',
  };
}
