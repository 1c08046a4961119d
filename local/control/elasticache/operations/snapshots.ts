import { type Fault, invalidParameterCombination, invalidParameterValue } from '../../faults';
import { pageOf, pageRequest, sortedBy } from '../../pages';
import { type Answer, AnswerList } from '../../query/answers';
import type { ControlPlane } from '../control-plane';
import { invalidCacheClusterState, snapshotFeatureNotSupported, snapshotNotFound } from '../faults';
import type { GroupControl } from '../group-control';
import { SNAPSHOT_LIMITS } from '../page-limits';
import { snapshotAnswer } from '../snapshot-answer';
import type { ShownSnapshot } from '../snapshot-control';
import type { Operation } from './operation';

/** AWS calls the sources otherwise in the request than in the answer. */
const SOURCES = { user: 'manual', system: 'automated' } as const;

const byName = ({ snapshot }: ShownSnapshot) => snapshot.name;

export const describeSnapshots: Operation = (request) => {
  const name = request.identifier('SnapshotName');
  const groupId = request.identifier('ReplicationGroupId');
  const clusterId = request.identifier('CacheClusterId');
  const source = request.choice('SnapshotSource', ['user', 'system']);
  const withNodeGroups = request.boolean('ShowNodeGroupConfig') ?? false;
  const page = pageRequest(request, SNAPSHOT_LIMITS);
  return (plane) => {
    const clusterGroup = clusterId === undefined ? undefined : groupOfMember(plane, clusterId);
    const snapshots = sortedBy(plane.snapshots.list(), byName).filter(
      ({ snapshot }) =>
        (name === undefined || snapshot.name === name) &&
        (groupId === undefined || snapshot.group === groupId) &&
        (clusterId === undefined || snapshot.group === clusterGroup) &&
        (source === undefined || snapshot.source === SOURCES[source]),
    );
    if (name !== undefined && snapshots.length === 0) {
      throw snapshotNotFound(name);
    }
    const { records, marker } = pageOf(snapshots, page, byName);
    return {
      Marker: marker,
      Snapshots: new AnswerList(
        'Snapshot',
        records.map((shown) => answerOf(plane, shown, withNodeGroups)),
      ),
    };
  };
};

export const createSnapshot: Operation = (request) => {
  const name = validName(request.required('SnapshotName', request.identifier('SnapshotName')));
  const groupId = request.identifier('ReplicationGroupId');
  const clusterId = request.identifier('CacheClusterId');
  if ((groupId === undefined) === (clusterId === undefined)) {
    throw invalidParameterCombination('Exactly one of ReplicationGroupId and CacheClusterId must be given.');
  }
  return (plane) => {
    const control = clusterId === undefined ? requireGroup(plane, groupId as string) : requireMember(plane, clusterId);
    return { Snapshot: answerOf(plane, plane.snapshots.create(control, name, clusterId), false) };
  };
};

function requireGroup(plane: ControlPlane, id: string): GroupControl {
  const control = plane.group(id);
  control.requireAvailable();
  return control;
}

/** @throws Fault when no snapshot can be taken of the cache cluster, or not now */
function requireMember(plane: ControlPlane, id: string): GroupControl {
  const cluster = plane.cacheCluster(id);
  if (cluster.type === 'memcached') {
    throw snapshotFeatureNotSupported(id);
  }
  const { control } = cluster;
  if (control.group.clusterMode) {
    throw invalidParameterCombination(
      `Cache cluster ${id} has cluster mode enabled: a snapshot is taken of its replication group ${control.id}.`,
    );
  }
  if (control.status !== 'available') {
    throw invalidCacheClusterState(`Cache cluster ${id} is not in available state: its group is ${control.status}.`);
  }
  return control;
}

/** The group that a cache cluster is a member of. With cluster mode on, no snapshot is of one member. */
function groupOfMember(plane: ControlPlane, id: string): string | undefined {
  const cluster = plane.cacheClusters.find((candidate) => candidate.id === id);
  return cluster?.type === 'member' && !cluster.control.group.clusterMode ? cluster.control.id : undefined;
}

function answerOf(plane: ControlPlane, shown: ShownSnapshot, withNodeGroups: boolean): Answer {
  const group = plane.groups.find(({ id }) => id === shown.snapshot.group)?.group;
  return snapshotAnswer(shown, { region: plane.environment.region, group, withNodeGroups });
}

/** A snapshot's name becomes that of a file as well. */
function validName(name: string): string {
  if (name.length > 255 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw invalidName(name);
  }
  return name;
}

function invalidName(name: string): Fault {
  return invalidParameterValue(
    `The snapshot name ${name} is not valid. Names must begin with a letter; must contain only ASCII letters, ` +
      'digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
  );
}
