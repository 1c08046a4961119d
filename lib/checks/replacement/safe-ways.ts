import type { StatefulChange } from './changes';
import type { PropertyChange } from './kept-resource';

const beside = (how: string) =>
  `build the new one beside the old, as a construct with another id, filled from a snapshot of the old (${how}); move the clients over; then remove the old`;

/** How to get what a property of a type is changed for, without a replacement; by the type alone for all its others. */
const WAYS: Readonly<Record<string, string>> = {
  'AWS::ElastiCache::ReplicationGroup': beside("`restoreFrom: SnapshotSource.snapshot('…')`, which is `SnapshotName`"),
  'AWS::ElastiCache::ReplicationGroup.ReplicasPerNodeGroup':
    'leave the number as it is deployed, and change it outside of the template: with IncreaseReplicaCount and DecreaseReplicaCount, or by replica auto scaling (`group.autoScaleReplicas({ minCapacity, maxCapacity })`)',
  'AWS::ElastiCache::ReplicationGroup.NumNodeGroups':
    'let it be resharded online: `UpdatePolicy: { UseOnlineResharding: true }` (`cfnOptions.updatePolicy = { useOnlineResharding: true }`), and nothing else of the shards in that deploy',
  'AWS::ElastiCache::ReplicationGroup.NodeGroupConfiguration':
    'add or remove whole shards, with `UpdatePolicy: { UseOnlineResharding: true }` and a `NodeGroupId` each, and leave replicas and zones of those that stay; the number of replicas changes with IncreaseReplicaCount or `group.autoScaleReplicas(…)`',
  'AWS::ElastiCache::ReplicationGroup.PreferredCacheClusterAZs':
    'leave the zones as they are deployed or unnamed: `NumCacheClusters` alone changes in place, and ElastiCache spreads the replicas',
  'AWS::ElastiCache::ReplicationGroup.AuthToken':
    'change who signs in outside of the template (ModifyReplicationGroup with an AuthTokenUpdateStrategy), or give a group without a token its users: `UserGroupIds` changes in place',
  'AWS::ElastiCache::ReplicationGroup.SnapshotName':
    'leave it as it is deployed: it only says what the group was filled with; to restore another snapshot, build a new group beside this one',
  'AWS::ElastiCache::ReplicationGroup.SnapshotArns':
    'leave them as they are deployed: they only say what the group was filled with; to restore other files, build a new group beside this one',
  'AWS::ElastiCache::CacheCluster':
    'build the new one beside the old, as a construct with another id; move the clients over while it fills; then remove the old',
  'AWS::ElastiCache::CacheCluster.NumCacheNodes':
    'name a zone for each node in the same deploy (`PreferredAvailabilityZones`): then nodes are added and removed in place',
  'AWS::ElastiCache::ServerlessCache': beside('`restoreFromSnapshotArns`, which is `SnapshotArnsToRestore`'),
  'AWS::ElastiCache::ServerlessCache.SnapshotArnsToRestore':
    'leave it as it is deployed: it only says what the cache was filled with; to restore other snapshots, build a new cache beside this one',
  'AWS::ElastiCache::User':
    'create a second user with another id, add it to the group, let the clients sign in as it, then remove the old one',
  'AWS::ElastiCache::UserGroup':
    'create a second group with another id, give it to the cache (`UserGroupIds` changes in place), then remove the old one',
  'AWS::RDS::DBInstance':
    'stop what writes, take a snapshot, and deploy with `DBSnapshotIdentifier` naming it, which then has to stay; or build the new database beside the old and move over',
  'AWS::RDS::DBInstance.StorageEncrypted':
    'take a snapshot, copy it encrypted, build a new database from the copy (`DBSnapshotIdentifier`) beside the old, and move over',
  'AWS::RDS::DBInstance.DBSnapshotIdentifier':
    'leave it as it is deployed: without it an empty database takes the place of this one',
  'AWS::RDS::DBCluster':
    'stop what writes, take a snapshot, and deploy with `SnapshotIdentifier` naming it, which then has to stay; or build the new cluster beside the old and move over',
  'AWS::RDS::DBCluster.SnapshotIdentifier':
    'leave it as it is deployed: without it an empty cluster takes the place of this one',
  'AWS::KMS::Key': 'keep the key: create another one, encrypt anew with it, and remove the old when nothing needs it',
};

/** The safe way to what a change is meant for. */
export function safeWay(change: StatefulChange): string {
  const { effect, successor, stack, currentStack, logicalId, now } = change;
  if (!effect.endsWith('delete')) {
    return waysOf(change);
  }
  if (successor !== undefined && successor.stack.path === stack.path) {
    return `keep the construct id, or its logical id (\`overrideLogicalId('${logicalId}')\`); or rename what is deployed, before this deploy: \`cdk refactor\``;
  }
  if (successor !== undefined) {
    return `keep it in ${stack.path}, or move what is deployed, before this deploy: \`cdk refactor\``;
  }
  if (currentStack === undefined) {
    return `if that is meant, delete the stack with \`cdk destroy\` (with a removal policy of RETAIN, deployed before, to keep the data) and take it out of the baseline; else bring it back under its path ${stack.path}`;
  }
  if (effect === 'may-delete') {
    return 'leave it without a condition; or deploy a removal policy of RETAIN first, so that it stays when the condition is false';
  }
  return now === undefined
    ? 'if that is meant, deploy it once with a removal policy of RETAIN (`DeletionPolicy: Retain`) and then remove it: it stays, outside of CloudFormation'
    : `give what is new another construct id, and remove ${logicalId} in a deploy of its own`;
}

function waysOf({ before, properties }: StatefulChange): string {
  const ways = properties.map((change) => wayOf(before.Type, change));
  return [...new Set(ways)].join('; ');
}

function wayOf(type: string, { name, replaced }: PropertyChange): string {
  return replaced === undefined
    ? (WAYS[`${type}.${name}`] ??
        WAYS[type] ??
        'leave it as it is deployed; or build the new one beside the old, move what it holds, and then remove the old')
    : `leave ${replaced} as it is deployed, or build a second one beside it`;
}
