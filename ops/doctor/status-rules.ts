import type { EnvironmentState } from '../environment/environment-state';
import { groups, nodeCaches, nodeName, nodesOf } from './caches';
import { type DoctorRule, each, found, unknown } from './rule';
import { cacheGuide, databaseGuide } from './sources';
import { counted, figure } from './words';

/** Slots of cluster mode (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Shards.html: 0 to 16383). */
const SLOTS = 16_384;

/** What a cache does while it serves; each day's snapshot is nothing to report. */
const SERVING = new Set(['available', 'snapshotting']);
const CHANGING = new Set(['modifying', 'creating']);
const NODE_CHANGING = new Set([...CHANGING, 'deleting', 'rebooting cluster nodes']);

/** What RDS does while a database serves (USER_WorkingWithDBInstances, accessing-monitoring of the RDS User Guide). */
const DATABASE_SERVING = new Set(['available', 'backing-up', 'storage-optimization', 'storage-initialization']);
const DATABASE_CHANGING = new Set([
  'modifying',
  'creating',
  'configuring-enhanced-monitoring',
  'configuring-iam-database-auth',
  'configuring-log-exports',
  'storage-config-upgrade',
]);

/** What is up, and what is not. */
export const STATUS_RULES: readonly DoctorRule[] = [
  {
    id: 'cache-not-available',
    severity: 'critical',
    disposable: 'high',
    title: 'A cache is not available',
    fix: 'read its events with DescribeEvents; when it is being deleted or failed, restore its newest snapshot: `restoreFrom` of `ReplicationGroup`',
    source: cacheGuide('ECEvents.Viewing'),
    judge: each(allCaches, ({ id, status }) =>
      status === ''
        ? unknown(id, 'ElastiCache tells no status of it')
        : !SERVING.has(status) && !CHANGING.has(status) && found(id, `its status is ${status}`),
    ),
  },
  {
    id: 'database-not-available',
    severity: 'critical',
    disposable: 'high',
    title: 'A database is not available',
    fix: 'read its events with DescribeEvents of RDS; a database that was stopped comes back with StartDBInstance',
    source: databaseGuide('accessing-monitoring'),
    judge: each(
      ({ databases }) => databases,
      ({ id, status }) =>
        !DATABASE_SERVING.has(status) &&
        !DATABASE_CHANGING.has(status) &&
        found(`database ${id}`, `its status is ${status}`),
    ),
  },
  {
    id: 'node-not-available',
    severity: 'high',
    disposable: 'medium',
    title: 'A node of a cache is not available',
    fix: 'ElastiCache replaces a failed node by itself: read DescribeEvents, and wait for it before the next change',
    source: cacheGuide('FaultTolerance'),
    judge: each(allNodes, ({ name, node, cache }) =>
      node.status === '' || node.status === 'unknown'
        ? unknown(name, 'ElastiCache tells no status of it')
        : !SERVING.has(node.status) &&
          !NODE_CHANGING.has(node.status) &&
          found(name, `its status is ${node.status}, one of ${counted(nodesOf(cache).length, 'node')} of ${cache.id}`),
    ),
  },
  {
    id: 'change-under-way',
    severity: 'low',
    title: 'A change is under way',
    fix: 'wait until it is done: ElastiCache and RDS refuse the next change, and a deployment that makes one fails',
    source: cacheGuide('Clusters.Modify'),
    judge: (state) => [
      ...allCaches(state)
        .filter(({ status }) => CHANGING.has(status))
        .map(({ id, status }) => found(id, `its status is ${status}`)),
      ...state.databases
        .filter(({ status }) => DATABASE_CHANGING.has(status))
        .map(({ id, status }) => found(`database ${id}`, `its status is ${status}`)),
      ...allNodes(state)
        .filter(({ node }) => NODE_CHANGING.has(node.status))
        .map(({ name, node }) => found(name, `its status is ${node.status}`)),
    ],
  },
  {
    id: 'slots-without-shard',
    severity: 'critical',
    disposable: 'high',
    title: 'Slots of a clustered cache belong to no shard',
    fix: 'a resharding may be under way: see `pending`; otherwise ask AWS Support, for commands on these keys fail',
    source: cacheGuide('Shards'),
    judge: each(groups, ({ id, clusterMode, shards }) => {
      if (!clusterMode) {
        return undefined;
      }
      const sizes = shards.map(({ slots }) => slotsOf(slots));
      if (sizes.some((size) => size === undefined)) {
        return unknown(id, 'ElastiCache does not tell the slots of every shard');
      }
      const covered = sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
      return covered < SLOTS && found(id, `${figure(covered)} of ${figure(SLOTS)} slots belong to one of its shards`);
    }),
  },
];

function allCaches({ groups, memcached, serverless }: EnvironmentState): ReadonlyArray<{ id: string; status: string }> {
  return [...groups, ...memcached, ...serverless];
}

function allNodes(state: EnvironmentState) {
  return nodeCaches(state).flatMap((cache) =>
    nodesOf(cache).map((node) => ({ cache, node, name: nodeName(cache, node) })),
  );
}

/** How many slots `0-100,200` is; nothing where it is not written so. */
function slotsOf(slots: string | undefined): number | undefined {
  if (slots === undefined || !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(slots)) {
    return undefined;
  }
  return slots.split(',').reduce((total, range) => {
    const [first = 0, end = first] = range.split('-').map(Number);
    return total + end - first + 1;
  }, 0);
}
