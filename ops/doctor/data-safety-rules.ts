import type { EnvironmentState, GroupState } from '../environment/environment-state';
import { groups, parameter } from './caches';
import { becauseOf } from './gaps';
import { eachPrimary } from './primaries';
import { type DoctorRule, each, found, unknown } from './rule';
import { cacheGuide, databaseGuide, stackGuide } from './sources';
import { counted, DAY, duration, listed, since } from './words';

/** Snapshots are taken once a day, so one that is older than this was left out (dg/backups-automatic). */
const SNAPSHOT_DAYS = 2;

/** RDS saves a transaction log every five minutes (USER_PIT): six in a row are missing. */
const RESTORABLE_MINUTES = 30;

/** Stacks with one of these hold what cannot be made again; with Memcached alone they do not. */
const HOLDS_DATA = /^AWS::(RDS::DB(Instance|Cluster)|ElastiCache::(ReplicationGroup|CacheCluster|ServerlessCache))$/;

/** Policies of caches, which may evict anything they hold. */
const EVICTS_ANYTHING = /^allkeys-/;

/** What could not be brought back. */
export const DATA_SAFETY_RULES: readonly DoctorRule[] = [
  {
    id: 'no-automatic-snapshots',
    severity: 'medium',
    disposable: 'skip',
    local: 'skip',
    title: 'No daily snapshot is taken of a cache',
    fix: '`snapshotRetentionDays` of `ReplicationGroup`, `SessionStore` and `ServerlessCache`: 1 or more',
    source: cacheGuide('backups-automatic'),
    judge: (state) => [
      ...state.groups
        .filter(({ snapshotRetentionDays }) => snapshotRetentionDays === 0)
        .map((group) => {
          const policy = parameter(group, 'maxmemory-policy');
          return found(
            group.id,
            `snapshots are kept 0 days${policy === undefined ? '' : `; its maxmemory-policy is ${policy}`}`,
            policy !== undefined && EVICTS_ANYTHING.test(policy) ? { severity: 'low' } : {},
          );
        }),
      ...state.serverless
        .filter(({ engine, snapshotRetentionDays }) => engine !== 'memcached' && snapshotRetentionDays === 0)
        .map(({ id }) => found(id, 'snapshots are kept 0 days')),
    ],
  },
  {
    id: 'snapshot-old',
    severity: 'high',
    disposable: 'low',
    local: 'skip',
    title: `The newest automatic snapshot is older than ${SNAPSHOT_DAYS} days, although one is due each day`,
    fix: 'read DescribeEvents for why none was made (often too little memory: `reserved-memory-percent`), and take one: CreateSnapshot',
    source: cacheGuide('backups-automatic'),
    judge: each(groups, (group, state, now) => {
      const { id, snapshots, snapshotRetentionDays } = group;
      if (snapshotRetentionDays === 0) {
        return undefined;
      }
      if (snapshots === undefined) {
        return snapshotsUnknown(state, group);
      }
      const available = automatic(snapshots).filter(({ status }) => status === 'available');
      const [newest] = available;
      const from = newest === undefined ? group.createdAt : timeOf(newest);
      if (from === undefined || available.some((snapshot) => timeOf(snapshot) === undefined)) {
        return unknown(id, 'when its newest automatic snapshot was made, or it itself, is not known');
      }
      const age = since(from, now);
      const what = newest === undefined ? 'it has none yet, and was made' : `${newest.name} was made`;
      return (
        age > SNAPSHOT_DAYS * DAY &&
        found(id, `${what} ${duration(age)} ago; they are kept ${counted(snapshotRetentionDays, 'day')}`, {
          // Whether they were switched on only now is not told.
          ...(newest === undefined ? { severity: 'low' } : {}),
        })
      );
    }),
  },
  {
    id: 'database-without-backups',
    severity: 'critical',
    disposable: 'skip',
    local: 'skip',
    title: 'A database is not backed up',
    fix: '`backupRetentionDays` of `Database`: 7 or more',
    source: databaseGuide('USER_WorkingWithAutomatedBackups'),
    judge: eachPrimary(
      ({ id, backupRetentionDays }) => backupRetentionDays === 0 && found(`database ${id}`, 'backups are kept 0 days'),
    ),
  },
  {
    id: 'database-restore-lags',
    severity: 'high',
    disposable: 'low',
    local: 'skip',
    title: `A database cannot be restored to the last ${RESTORABLE_MINUTES} minutes`,
    fix: 'read its events with DescribeEvents of RDS: logs that are not saved are lost with the instance',
    source: databaseGuide('USER_PIT'),
    judge: each(databases, ({ id, backupRetentionDays, latestRestorableAt }, _state, now) => {
      if (backupRetentionDays === 0) {
        return undefined;
      }
      if (latestRestorableAt === undefined) {
        return unknown(`database ${id}`, 'RDS does not tell its latest restorable time');
      }
      const age = since(latestRestorableAt, now);
      return (
        age > RESTORABLE_MINUTES * 60_000 &&
        found(`database ${id}`, `its latest restorable time is ${duration(age)} ago`)
      );
    }),
  },
  {
    id: 'database-deletable',
    severity: 'high',
    disposable: 'skip',
    local: 'skip',
    title: 'A database can be deleted by mistake',
    fix: '`deletionProtection` of `Database`: true',
    source: databaseGuide('USER_DeleteInstance'),
    judge: eachPrimary(
      ({ id, isDeletionProtected }) => !isDeletionProtected && found(`database ${id}`, 'deletion protection is off'),
    ),
  },
  {
    id: 'stack-deletable',
    severity: 'medium',
    disposable: 'skip',
    local: 'skip',
    title: 'A stack that holds data can be deleted by mistake',
    fix: '`terminationProtection` of the stack: true, as `protect` of an `Environment` makes it',
    source: stackGuide('using-cfn-protect-stacks'),
    judge: each(
      ({ stacks }) => stacks,
      ({ name, isTerminationProtected, resources }) => {
        const held = resources
          .filter(({ type, properties }) => HOLDS_DATA.test(type) && properties?.Engine !== 'memcached')
          .map(({ logicalId }) => logicalId);
        return (
          !isTerminationProtected &&
          held.length > 0 &&
          found(`stack ${name}`, `termination protection is off; it holds ${listed(held)}`)
        );
      },
    ),
  },
];

function databases(state: EnvironmentState) {
  return state.databases;
}

type Snapshots = NonNullable<GroupState['snapshots']>;
type Snapshot = Snapshots[number];

/** The automatic ones, the newest first. */
function automatic(snapshots: Snapshots): Snapshots {
  const key = (snapshot: Snapshot) => `${timeOf(snapshot) ?? ''} ${snapshot.name}`;
  return snapshots.filter(({ isAutomatic }) => isAutomatic).sort((one, other) => (key(one) < key(other) ? 1 : -1));
}

/** ElastiCache names an automatic snapshot by its time too: `automatic.sessions-2026-11-28-05-07`. */
function timeOf({ at, name }: Snapshot): string | undefined {
  const [, date, hour, minute] = /(\d{4}-\d{2}-\d{2})-(\d{2})-(\d{2})$/.exec(name) ?? [];
  return at ?? (date === undefined ? undefined : `${date}T${hour}:${minute}:00.000Z`);
}

function snapshotsUnknown(state: EnvironmentState, { id }: GroupState) {
  return unknown(id, becauseOf(state, 'elasticache:DescribeSnapshots', 'its snapshots are not known'));
}
