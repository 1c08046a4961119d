import type { StatefulChange } from './changes';
import { sameValue } from './same-value';
import { propertyOf, type StoredResource } from './stored-resource';

/** What is lost with the old resource, where it is something else than its data. */
const HELD: Readonly<Record<string, string>> = {
  'AWS::Cognito::UserPool': 'its users',
  'AWS::ElastiCache::User': 'the access of who signs in as it',
  'AWS::ElastiCache::UserGroup': 'the access of all its users',
  'AWS::KMS::Key': 'the key, and with it what it has encrypted',
  'AWS::Logs::LogGroup': 'its logs',
  'AWS::S3::Bucket': 'its objects',
  'AWS::SecretsManager::Secret': 'its value',
  'AWS::SQS::Queue': 'its messages',
};

/** Properties that name a resource: two cannot have one name, so that a new one cannot stand beside the old. */
const PHYSICAL_NAMES: Readonly<Record<string, string>> = {
  'AWS::Backup::BackupVault': 'BackupVaultName',
  'AWS::DocDB::DBCluster': 'DBClusterIdentifier',
  'AWS::DocDB::DBInstance': 'DBInstanceIdentifier',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::ElastiCache::CacheCluster': 'ClusterName',
  'AWS::ElastiCache::ReplicationGroup': 'ReplicationGroupId',
  'AWS::ElastiCache::ServerlessCache': 'ServerlessCacheName',
  'AWS::ElastiCache::User': 'UserId',
  'AWS::ElastiCache::UserGroup': 'UserGroupId',
  'AWS::Elasticsearch::Domain': 'DomainName',
  'AWS::Kinesis::Stream': 'Name',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Neptune::DBCluster': 'DBClusterIdentifier',
  'AWS::Neptune::DBInstance': 'DBInstanceIdentifier',
  'AWS::OpenSearchService::Domain': 'DomainName',
  'AWS::RDS::DBCluster': 'DBClusterIdentifier',
  'AWS::RDS::DBInstance': 'DBInstanceIdentifier',
  'AWS::Redshift::Cluster': 'ClusterIdentifier',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::SQS::Queue': 'QueueName',
};

/** Properties that fill a new resource. */
const FILLED_FROM = [
  'SnapshotName',
  'SnapshotArns',
  'SnapshotArnsToRestore',
  'DBSnapshotIdentifier',
  'SnapshotIdentifier',
];

/** Types of which nothing starts empty, because they are no store. */
const NO_STORE = [
  'AWS::ElastiCache::User',
  'AWS::ElastiCache::UserGroup',
  'AWS::KMS::Key',
  'AWS::CloudFormation::Stack',
];

/** What CloudFormation keeps of a resource that it takes away, the least first. */
const POLICIES = ['Delete', 'Snapshot', 'Retain'] as const;

type Policy = (typeof POLICIES)[number];

/** Whether a resource that is taken out of its template is kept by what is deployed of it, and nothing starts in its place. */
export function isKept({ effect, before, successor }: StatefulChange): boolean {
  return effect.endsWith('delete') && deletionPolicy(before) === 'Retain' && successor === undefined;
}

/** What is lost by a change, in sentences. */
export function lossOf(change: StatefulChange): string {
  return change.effect.endsWith('delete') ? lostByDeletion(change) : lostByReplacement(change);
}

function lostByDeletion({ before, successor }: StatefulChange): string {
  const sentences = [];
  switch (deletionPolicy(before)) {
    case 'Retain':
      sentences.push('It stays, billed and outside of CloudFormation: its deployed DeletionPolicy retains it.');
      break;
    case 'Snapshot':
      sentences.push(
        `A last snapshot is kept, as its deployed DeletionPolicy has it; lost with it: its endpoint, and what is written after.`,
      );
      break;
    case 'Delete':
      sentences.push(
        `Lost with it: ${heldBy(before)} (its deployed DeletionPolicy deletes it)${finalSnapshot(before)}.`,
      );
  }
  if (successor !== undefined) {
    sentences.push(...(NO_STORE.includes(before.Type) ? [] : ['The new one starts empty.']));
    sentences.push(...takenName(before, successor.resource));
  }
  if (isProtected(before)) {
    sentences.push('Its deletion protection refuses that, as long as it is on.');
  }
  return sentences.join(' ');
}

function lostByReplacement({ before, now = before, properties }: StatefulChange): string {
  const sentences = [];
  const beginning = beginningOf(now);
  switch (weaker(policyOf(before.UpdateReplacePolicy), policyOf(now.UpdateReplacePolicy))) {
    case 'Retain':
      sentences.push(`The old one stays, billed and outside of CloudFormation (UpdateReplacePolicy)${beginning}.`);
      break;
    case 'Snapshot':
      sentences.push(
        `The old one is deleted after a last snapshot (UpdateReplacePolicy)${beginning}: what it held has to be restored, and what is written after the snapshot is lost.`,
      );
      break;
    case 'Delete':
      sentences.push(`Lost with the old one: ${heldBy(before)}${finalSnapshot(before)}${beginning}.`);
  }
  const property = PHYSICAL_NAMES[now.Type] ?? '';
  if (!properties.some(({ name }) => name === property)) {
    sentences.push(...takenName(before, now));
  }
  return sentences.join(' ');
}

/** CloudFormation makes the new one first, which cannot have the name of the old. */
function takenName(before: StoredResource, now: StoredResource): string[] {
  const property = PHYSICAL_NAMES[now.Type] ?? '';
  const name = propertyOf(now, property);
  return name !== undefined && sameValue(propertyOf(before, property), name)
    ? [`The deploy fails halfway as well: the name in \`${property}\` is taken as long as the old one is there.`]
    : [];
}

function heldBy({ Type }: StoredResource): string {
  return HELD[Type] ?? 'its data';
}

function beginningOf(now: StoredResource): string {
  if (NO_STORE.includes(now.Type)) {
    return '';
  }
  const source = FILLED_FROM.find((property) => propertyOf(now, property) !== undefined);
  return source === undefined
    ? ', and the new one starts empty'
    : `, and the new one starts with what \`${source}\` names, without what was written since`;
}

function finalSnapshot(before: StoredResource): string {
  return propertyOf(before, 'FinalSnapshotName') === undefined
    ? ''
    : ', but for the snapshot that `FinalSnapshotName` names';
}

function isProtected(before: StoredResource): boolean {
  return ['DeletionProtection', 'DeletionProtectionEnabled'].some(
    (property) => String(propertyOf(before, property)) === 'true',
  );
}

/** Without a policy CloudFormation deletes; a database that is not of a cluster leaves a snapshot. */
function deletionPolicy(resource: StoredResource): Policy {
  const { Type, DeletionPolicy } = resource;
  const snapshots =
    Type === 'AWS::RDS::DBCluster' ||
    (Type === 'AWS::RDS::DBInstance' && propertyOf(resource, 'DBClusterIdentifier') === undefined);
  return policyOf(DeletionPolicy ?? (snapshots ? 'Snapshot' : undefined));
}

function policyOf(text = 'Delete'): Policy {
  return POLICIES.find((policy) => text.startsWith(policy)) ?? 'Delete';
}

function weaker(a: Policy, b: Policy): Policy {
  return POLICIES.indexOf(a) < POLICIES.indexOf(b) ? a : b;
}
