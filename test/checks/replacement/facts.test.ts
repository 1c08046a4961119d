import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { effectOn } from './deployed';

/** What replaces a resource when it changes at all, in any way: each property, and what may be beside it. */
const REPLACING: Readonly<Record<string, readonly string[]>> = {
  'AWS::ElastiCache::ReplicationGroup': [
    'AtRestEncryptionEnabled',
    'CacheSubnetGroupName',
    'DataTieringEnabled',
    'Engine',
    'GlobalReplicationGroupId',
    'KmsKeyId',
    'NetworkType',
    'NodeGroupConfiguration',
    'NumNodeGroups',
    'Port',
    'PreferredCacheClusterAZs',
    'ReplicasPerNodeGroup',
    'ReplicationGroupId',
    'SnapshotArns',
    'SnapshotName',
  ],
  'AWS::ElastiCache::CacheCluster': [
    'CacheSubnetGroupName',
    'ClusterName',
    'Engine',
    'NetworkType',
    'NumCacheNodes',
    'Port',
    'SnapshotArns',
    'SnapshotName',
  ],
  'AWS::ElastiCache::ServerlessCache': [
    'KmsKeyId',
    'NetworkType',
    'ServerlessCacheName',
    'SnapshotArnsToRestore',
    'SubnetIds',
  ],
  'AWS::ElastiCache::User': ['Engine', 'UserId', 'UserName'],
  'AWS::ElastiCache::UserGroup': ['Engine', 'UserGroupId'],
  'AWS::RDS::DBInstance': [
    'BackupTarget',
    'CharacterSetName',
    'CustomIAMInstanceProfile',
    'DBClusterIdentifier',
    'DBInstanceIdentifier',
    'DBName',
    'DBSnapshotIdentifier',
    'DBSubnetGroupName',
    'DBSystemId',
    'Engine',
    'KmsKeyId',
    'MasterUsername',
    'NcharCharacterSetName',
    'Port',
    'SourceRegion',
    'StorageEncrypted',
    'Timezone',
  ],
};

/** What no documentation decides: a warning. */
const MAYBE: Readonly<Record<string, readonly string[]>> = {
  'AWS::RDS::DBInstance': [
    'AvailabilityZone',
    'DBClusterSnapshotIdentifier',
    'RestoreTime',
    'SourceDBClusterIdentifier',
    'SourceDBInstanceAutomatedBackupsArn',
    'SourceDbiResourceId',
    'UseLatestRestorableTime',
  ],
};

/** What depends on the way: below. */
const EITHER = ['AuthToken', 'SourceDBInstanceIdentifier'];

const specification = loadAwsServiceSpecSync();

describe.each(Object.keys(REPLACING))('%s', (type) => {
  const [resource] = specification.lookup('resource', 'cloudFormationType', 'equals', type);
  const properties = Object.keys(resource?.properties ?? {}).filter((name) => !EITHER.includes(name));
  const [a, b] = ['a', 'b'];

  test('each row is found, each way, and nothing else is', () => {
    const found = properties.flatMap((name) =>
      Object.entries({
        'one to other': effectOn(type, { [name]: a }, { [name]: b }),
        'other to one': effectOn(type, { [name]: b }, { [name]: a }),
        added: effectOn(type, {}, { [name]: a }),
        removed: effectOn(type, { [name]: a }, {}),
        same: effectOn(type, { [name]: a }, { [name]: a }),
      }).map(([way, effect]) => `${name}, ${way}: ${effect}`),
    );

    const expected = properties.flatMap((name) => {
      const effect = REPLACING[type]?.includes(name) ? 'replace' : MAYBE[type]?.includes(name) ? 'may-replace' : 'none';
      return [
        ...['one to other', 'other to one', 'added', 'removed'].map((way) => `${name}, ${way}: ${effect}`),
        `${name}, same: none`,
      ];
    });
    expect(properties.length).toBeGreaterThan(3);
    expect(found).toEqual(expected);
  });

  test('a table that names a property the type does not have would be found out', () => {
    expect([...(REPLACING[type] ?? []), ...(MAYBE[type] ?? [])].filter((name) => !properties.includes(name))).toEqual(
      [],
    );
  });
});

const GROUP = 'AWS::ElastiCache::ReplicationGroup';
const CLUSTER = 'AWS::ElastiCache::CacheCluster';
const DATABASE = 'AWS::RDS::DBInstance';
const ONLINE = { UpdatePolicy: { UseOnlineResharding: true } };
const shard = (id: string, more: object = {}) => ({ NodeGroupId: id, ReplicaCount: 1, ...more });

test.each([
  ['redis', 'valkey', 'none'],
  ['valkey', 'redis', 'replace'],
  ['valkey', undefined, 'replace'],
  [undefined, 'valkey', 'replace'],
  ['redis', { 'Fn::If': ['New', 'valkey', 'redis'] }, 'replace'],
])('an engine that goes from %s to %s: %s', (before, now, effect) => {
  expect(effectOn(GROUP, { Engine: before }, { Engine: now })).toBe(effect);
});

test.each([
  ['is added', {}, { AuthToken: 'x' }, 'replace'],
  ['is rotated', { AuthToken: 'x' }, { AuthToken: 'y' }, 'none'],
  ['gives way to users', { AuthToken: 'x' }, { UserGroupIds: ['u'] }, 'replace'],
  ['takes the place of users', { UserGroupIds: ['u'] }, { AuthToken: 'x' }, 'replace'],
  ['is taken away', { AuthToken: 'x' }, {}, 'may-replace'],
  ['is taken away in another way', { AuthToken: 'x' }, { AuthToken: { Ref: 'AWS::NoValue' } }, 'may-replace'],
])('an AUTH token that %s', (_, before, now, effect) => {
  expect(effectOn(GROUP, before, now)).toBe(effect);
});

test('users for a group without a token are given in place', () => {
  expect(effectOn(GROUP, {}, { UserGroupIds: ['u'] })).toBe('none');
  expect(effectOn(GROUP, { UserGroupIds: ['u'] }, { UserGroupIds: ['v'] })).toBe('none');
});

test.each<[string, object, object, string, string]>([
  ['their number', { NumNodeGroups: 2 }, { NumNodeGroups: 3 }, 'none', 'replace'],
  ['their number, downwards', { NumNodeGroups: 3 }, { NumNodeGroups: 2 }, 'none', 'replace'],
  [
    'one that is new',
    { NodeGroupConfiguration: [shard('1')] },
    { NodeGroupConfiguration: [shard('1'), shard('2')] },
    'none',
    'replace',
  ],
  [
    'one that goes, in the middle',
    { NodeGroupConfiguration: [shard('1'), shard('2'), shard('3')] },
    { NodeGroupConfiguration: [shard('1'), shard('3')] },
    'none',
    'replace',
  ],
  [
    'the replicas of one that stays',
    { NodeGroupConfiguration: [shard('1'), shard('2')] },
    { NodeGroupConfiguration: [shard('1'), shard('2', { ReplicaCount: 2 })] },
    'replace',
    'replace',
  ],
  [
    'the zone of one that stays, while another is new',
    { NodeGroupConfiguration: [shard('1', { PrimaryAvailabilityZone: 'a' })] },
    { NodeGroupConfiguration: [shard('1', { PrimaryAvailabilityZone: 'b' }), shard('2')] },
    'replace',
    'replace',
  ],
  [
    'the slots of one that stays',
    { NodeGroupConfiguration: [shard('1', { Slots: '0-16383' })] },
    { NodeGroupConfiguration: [shard('1', { Slots: '0-8191' }), shard('2', { Slots: '8192-16383' })] },
    'none',
    'replace',
  ],
  [
    'one without an id, behind the others',
    { NodeGroupConfiguration: [{ ReplicaCount: 1 }] },
    { NodeGroupConfiguration: [{ ReplicaCount: 1 }, { ReplicaCount: 1 }] },
    'none',
    'replace',
  ],
  [
    'the first of those without an id',
    { NodeGroupConfiguration: [{ ReplicaCount: 1 }, { ReplicaCount: 2 }] },
    { NodeGroupConfiguration: [{ ReplicaCount: 2 }] },
    'replace',
    'replace',
  ],
  ['that they are named at all', {}, { NodeGroupConfiguration: [shard('1')] }, 'may-replace', 'replace'],
  ['the replicas of each', { ReplicasPerNodeGroup: 1 }, { ReplicasPerNodeGroup: 2 }, 'replace', 'replace'],
])('of the shards %s, resharded online or not', (_, before, now, online, offline) => {
  expect(effectOn(GROUP, before, now, ONLINE)).toBe(online);
  expect(effectOn(GROUP, before, now, { UpdatePolicy: { UseOnlineResharding: 'true' } })).toBe(online);
  expect(effectOn(GROUP, before, now)).toBe(offline);
  expect(effectOn(GROUP, before, now, { UpdatePolicy: { UseOnlineResharding: false } })).toBe(offline);
});

test('without shards a group is sized in place', () => {
  const sized = (replicas: number) => ({ NumCacheClusters: replicas, AutomaticFailoverEnabled: replicas > 1 });

  expect(effectOn(GROUP, sized(1), sized(3))).toBe('none');
  expect(effectOn(GROUP, sized(3), sized(1))).toBe('none');
});

test.each<[string, object, object, string]>([
  ['never', {}, {}, 'replace'],
  ['then and now', { PreferredAvailabilityZones: ['a'] }, { PreferredAvailabilityZones: ['a', 'b'] }, 'none'],
  ['only then', { PreferredAvailabilityZones: ['a'] }, {}, 'none'],
  ['only now', {}, { PreferredAvailabilityZones: ['a', 'b'] }, 'none'],
  ['as one, only then', { PreferredAvailabilityZone: 'a' }, {}, 'none'],
  ['as one, only now', {}, { PreferredAvailabilityZone: 'a' }, 'none'],
])('the number of nodes changes, zones were named %s', (_, before, now, effect) => {
  expect(effectOn(CLUSTER, { NumCacheNodes: 1, ...before }, { NumCacheNodes: 2, ...now })).toBe(effect);
});

test.each<[string, object, object, string]>([
  ['an engine', { Engine: 'mysql' }, { Engine: 'mariadb' }, 'replace'],
  ['Oracle to its container database', { Engine: 'oracle-ee' }, { Engine: 'oracle-ee-cdb' }, 'none'],
  ['back from there', { Engine: 'oracle-ee-cdb' }, { Engine: 'oracle-ee' }, 'replace'],
  ['an empty snapshot for none', {}, { DBSnapshotIdentifier: '' }, 'none'],
  ['no snapshot for one', { DBSnapshotIdentifier: 's' }, {}, 'replace'],
  ['a replica that is promoted', { SourceDBInstanceIdentifier: 'd' }, {}, 'none'],
  ['a replica of another', { SourceDBInstanceIdentifier: 'd' }, { SourceDBInstanceIdentifier: 'e' }, 'may-replace'],
  ['what becomes a replica', {}, { SourceDBInstanceIdentifier: 'd' }, 'may-replace'],
])('a database gets %s', (_, before, now, effect) => {
  expect(effectOn(DATABASE, before, now)).toBe(effect);
});
