import { SPECIFICATION } from './known-replacements';
import type { Verdict } from './property-rules';
import { sameValue } from './same-value';
import { propertyOf, type StoredResource } from './stored-resource';

/** What decides where CDK's specification says too little, or is wrong. */
export interface SpecialRule {
  readonly type: string;
  readonly properties: readonly string[];
  readonly source: string;
  judge(before: StoredResource, now: StoredResource): Verdict;
}

const REPLICATION_GROUP = 'AWS::ElastiCache::ReplicationGroup';
const CACHE_CLUSTER = 'AWS::ElastiCache::CacheCluster';
const DB_INSTANCE = 'AWS::RDS::DBInstance';

const ZONES = ['PreferredAvailabilityZone', 'PreferredAvailabilityZones'];

/** Engines of a database that become one another in place. */
const TO_CONTAINER_DATABASE: Readonly<Record<string, string>> = {
  'oracle-ee': 'oracle-ee-cdb',
  'oracle-se2': 'oracle-se2-cdb',
};

export const SPECIAL_RULES: readonly SpecialRule[] = [
  {
    type: REPLICATION_GROUP,
    properties: ['Engine'],
    source:
      'AWS::ElastiCache::ReplicationGroup, Engine: an upgrade from redis to valkey is done in place, nothing else',
    judge: (before, now) =>
      propertyOf(before, 'Engine') === 'redis' && propertyOf(now, 'Engine') === 'valkey' ? 'no' : 'yes',
  },
  {
    type: REPLICATION_GROUP,
    properties: ['AuthToken'],
    source:
      'AWS::ElastiCache::ReplicationGroup, AuthToken: adding it replaces; for users instead of it aws-cloudformation/cloudformation-coverage-roadmap, issue 2356',
    judge: (before, now) => {
      if (propertyOf(before, 'AuthToken') === undefined) {
        return 'yes';
      }
      if (propertyOf(now, 'AuthToken') !== undefined) {
        return 'no';
      }
      return propertyOf(now, 'UserGroupIds') === undefined ? 'maybe' : 'yes';
    },
  },
  {
    type: REPLICATION_GROUP,
    properties: ['NumNodeGroups'],
    source: 'UpdatePolicy attribute, UseOnlineResharding: without it a change of the shards replaces the group',
    judge: (_, now) => (reshardsOnline(now) ? 'no' : 'yes'),
  },
  {
    type: REPLICATION_GROUP,
    properties: ['NodeGroupConfiguration'],
    source: `UpdatePolicy attribute, UseOnlineResharding: only the number of shards changes online; of a shard that stays ${SPECIFICATION} says that its replicas and zones replace`,
    judge: (before, now) => (reshardsOnline(now) ? stayingShards(before, now) : 'yes'),
  },
  {
    type: CACHE_CLUSTER,
    properties: ['NumCacheNodes'],
    source:
      'AWS::ElastiCache::CacheCluster, NumCacheNodes: it replaces when no Availability Zone was named before and none is now',
    judge: (before, now) =>
      [before, now].some((cluster) => ZONES.some((zones) => propertyOf(cluster, zones) !== undefined)) ? 'no' : 'yes',
  },
  {
    type: CACHE_CLUSTER,
    properties: ['AZMode', ...ZONES],
    source: 'AWS::ElastiCache::CacheCluster: an update of its zones requires some interruptions',
    judge: () => 'no',
  },
  {
    type: DB_INSTANCE,
    properties: [
      'AutoMinorVersionUpgrade',
      'BackupRetentionPeriod',
      'DBParameterGroupName',
      'MultiAZ',
      'PerformanceInsightsKMSKeyId',
      'PreferredMaintenanceWindow',
      'StorageType',
    ],
    source: 'AWS::RDS::DBInstance: an update requires some interruptions at most',
    judge: () => 'no',
  },
  {
    type: DB_INSTANCE,
    properties: ['Engine'],
    source:
      'UpdateReplacePolicy attribute: a change of Engine replaces a database; AWS::RDS::DBInstance, Engine: except from Oracle to its container database',
    judge: (before, now) => {
      const inPlace = TO_CONTAINER_DATABASE[String(propertyOf(before, 'Engine'))];
      return inPlace !== undefined && inPlace === propertyOf(now, 'Engine') ? 'no' : 'yes';
    },
  },
  {
    type: DB_INSTANCE,
    properties: ['DBSnapshotIdentifier'],
    source:
      'AWS::RDS::DBInstance, DBSnapshotIdentifier: without it, or with another, a new database takes the place of the old',
    judge: (before, now) =>
      [before, now].every((database) => (propertyOf(database, 'DBSnapshotIdentifier') ?? '') === '') ? 'no' : 'yes',
  },
  {
    type: DB_INSTANCE,
    properties: ['SourceDBInstanceIdentifier'],
    source: `AWS::RDS::DBInstance, SourceDBInstanceIdentifier: without it a read replica is promoted; of the rest ${SPECIFICATION} says that it may replace`,
    judge: (_, now) => (propertyOf(now, 'SourceDBInstanceIdentifier') === undefined ? 'no' : 'maybe'),
  },
];

function reshardsOnline({ UpdatePolicy }: StoredResource): boolean {
  return String(UpdatePolicy?.UseOnlineResharding) === 'true';
}

/** `yes` when a shard that stays gets other replicas or zones; `maybe` where one side does not say what its shards are. */
function stayingShards(before: StoredResource, now: StoredResource): Verdict {
  const [old, current] = [shardsOf(before), shardsOf(now)];
  if (old === undefined || current === undefined) {
    return 'maybe';
  }
  return [...old].some(([id, shard]) => current.has(id) && !sameValue(shard, current.get(id))) ? 'yes' : 'no';
}

/** Shards by their ids, those without one by their place; without their slots, which move in a resharding. */
function shardsOf(group: StoredResource): Map<string, unknown> | undefined {
  const shards = propertyOf(group, 'NodeGroupConfiguration');
  return Array.isArray(shards)
    ? new Map(shards.map(({ NodeGroupId: id, Slots: _, ...shard }, place) => [String(id ?? `#${place}`), shard]))
    : undefined;
}
