import type { EnvironmentState, PendingChange } from '../environment/environment-state';
import { groups, nodeCaches, nodeName, nodesOf } from './caches';
import { waitsForWindow } from './pending-changes';
import { type DoctorRule, each, found, unknown } from './rule';
import { cacheGuide, databaseGuide } from './sources';
import { counted, figure, listed } from './words';

/** Slots of cluster mode (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Shards.html: 0 to 16383). */
const SLOTS = 16_384;

/** What a cache does while it serves; each day's snapshot is nothing to report. */
const SERVING = new Set(['available', 'snapshotting']);
const CHANGING = new Set(['modifying', 'creating', 'rebooting cluster nodes']);
const NODE_CHANGING = new Set([...CHANGING, 'deleting', 'rebooting']);

/** What RDS does while a database serves (USER_WorkingWithDBInstances, accessing-monitoring of the RDS User Guide). */
const DATABASE_SERVING = new Set(['available', 'backing-up', 'storage-optimization', 'storage-initialization']);
const DATABASE_CHANGING = new Set([
  'maintenance',
  'resetting-master-credentials',
  'modifying',
  'creating',
  'configuring-enhanced-monitoring',
  'configuring-iam-database-auth',
  'configuring-log-exports',
  'storage-config-upgrade',
]);

/** What RDS does while a database answers nothing for a while, and comes back by itself. */
const DATABASE_RESTARTING = new Set(['moving-to-vpc', 'rebooting', 'renaming', 'starting', 'upgrading']);

/** What is up, and what is not. */
export const STATUS_RULES: readonly DoctorRule[] = [
  {
    id: 'cache-not-available',
    severity: 'critical',
    disposable: 'high',
    title: 'A cache is not available',
    fix: 'read its events with DescribeEvents; what is being deleted is made again under another construct id',
    source: cacheGuide('ECEvents.Viewing'),
    judge: each(allCaches, ({ id, status, comesBack }) =>
      status === ''
        ? unknown(id, 'ElastiCache tells no status of it')
        : !SERVING.has(status) &&
          !CHANGING.has(status) &&
          found(id, `its status is ${status}`, {
            fix: `read its events with DescribeEvents; when it is being deleted or failed, make another: ${comesBack}`,
          }),
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
        !DATABASE_RESTARTING.has(status) &&
        found(`database ${id}`, `its status is ${status}`),
    ),
  },
  {
    id: 'database-restarting',
    severity: 'high',
    disposable: 'low',
    title: 'A database is restarting, and answers nothing until it is back',
    fix: 'wait for it: clients connect again by themselves, and what the caches hold is still answered',
    source: databaseGuide('accessing-monitoring'),
    judge: each(
      ({ databases }) => databases,
      ({ id, status }) => DATABASE_RESTARTING.has(status) && found(`database ${id}`, `its status is ${status}`),
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
        .filter(({ status, changes }) => CHANGING.has(status) || changes.length > 0)
        .map(({ id, status, changes }) => {
          const what = changes.map((change) => `${change.what}: ${change.to}`);
          return found(id, [`its status is ${status}`, ...(what.length === 0 ? [] : [listed(what)])].join('; '));
        }),
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
    fix: 'a resharding may be under way: see `change-under-way`; otherwise ask AWS Support, for commands on these keys fail',
    source: cacheGuide('Shards'),
    judge: each(groups, ({ id, status, clusterMode, shards }) => {
      if (!clusterMode || [status, ...shards.map((shard) => shard.status)].includes('creating')) {
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

interface Cache {
  readonly id: string;
  readonly status: string;
  /** What of its data there is for another one. */
  readonly comesBack: string;
  /** What is being changed at once, and not in a maintenance window. */
  readonly changes: readonly PendingChange[];
}

function allCaches({ groups, memcached, serverless }: EnvironmentState): readonly Cache[] {
  const saved = 'of a manual or final snapshot, if there is one, because the automatic ones go with it';
  return [
    ...groups.map(({ id, status, pending }) => ({
      id,
      status,
      comesBack: `\`restoreFrom\` ${saved}`,
      changes: pending.filter((change) => !waitsForWindow(change)),
    })),
    ...memcached.map(({ id, status, pending }) => ({
      id,
      status,
      comesBack: 'Memcached begins empty',
      changes: pending.filter((change) => !waitsForWindow(change)),
    })),
    ...serverless.map(({ id, status, engine }) => ({
      id,
      status,
      comesBack: engine === 'memcached' ? 'Memcached begins empty' : `\`restoreFromSnapshotArns\` ${saved}`,
      changes: [],
    })),
  ];
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
