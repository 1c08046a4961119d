import {
  CacheClusterNotFoundFault,
  CreateSnapshotCommand,
  type CreateSnapshotCommandInput,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  DescribeSnapshotsCommand,
  type DescribeSnapshotsCommandInput,
  InvalidCacheClusterStateFault,
  InvalidParameterCombinationException,
  InvalidParameterValueException,
  InvalidReplicationGroupStateFault,
  ReplicationGroupNotFoundFault,
  SnapshotAlreadyExistsFault,
  SnapshotFeatureNotSupportedFault,
  SnapshotNotFoundFault,
  SnapshotQuotaExceededFault,
} from '@aws-sdk/client-elasticache';
import { CREATED_AT } from './fake-environment';
import { refusal, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

const create = (input: Partial<CreateSnapshotCommandInput>) =>
  started.client.send(new CreateSnapshotCommand({ SnapshotName: 'before-sale', ...input }));

async function snapshots(input: DescribeSnapshotsCommandInput = {}) {
  const { Snapshots } = await started.client.send(new DescribeSnapshotsCommand(input));
  return Snapshots ?? [];
}

async function groupStatus(id: string): Promise<string | undefined> {
  const { ReplicationGroups } = await started.client.send(
    new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }),
  );
  return ReplicationGroups?.[0]?.Status;
}

async function events(): Promise<string[]> {
  const { Events } = await started.client.send(new DescribeEventsCommand({ SourceType: 'cache-cluster' }));
  return (Events ?? []).reverse().map(({ SourceIdentifier, Message }) => `${SourceIdentifier}: ${Message}`);
}

test('a snapshot is creating and its group snapshotting until it is written', async () => {
  const { carts, snapshots: taken } = started.environment;
  const { Snapshot } = await create({ ReplicationGroupId: 'carts', SnapshotName: 'Before-Sale' });
  expect(Snapshot).toMatchObject({
    SnapshotName: 'before-sale',
    ReplicationGroupId: 'carts',
    SnapshotStatus: 'creating',
    SnapshotSource: 'manual',
    NumNodeGroups: 2,
    NodeSnapshots: [
      { NodeGroupId: '0001', CacheSize: '' },
      { NodeGroupId: '0002', CacheSize: '' },
    ],
  });
  expect(Snapshot?.NodeSnapshots?.[0]).not.toHaveProperty('SnapshotCreateTime');
  expect(await groupStatus('carts')).toBe('snapshotting');
  expect((await snapshots()).map(({ SnapshotStatus }) => SnapshotStatus)).toEqual(['creating']);

  await taken.work.finish();
  expect(await groupStatus('carts')).toBe('available');
  expect(await snapshots()).toMatchObject([
    { SnapshotStatus: 'available', NodeSnapshots: [{ CacheSize: '3 MB' }, {}] },
  ]);
  expect(await events()).toEqual([
    "carts-0001-001: Snapshot succeeded for snapshot with ID 'before-sale' of replication group with ID 'carts'",
  ]);
  expect(carts.calls).toEqual([]);
});

test('a snapshot is listed once while it is being written', async () => {
  await create({ ReplicationGroupId: 'sessions' });
  started.environment.snapshots.add('before-sale', 'sessions');

  expect((await snapshots()).map(({ SnapshotStatus }) => SnapshotStatus)).toEqual(['creating']);
});

test('a member of a group with cluster mode off can be asked for a snapshot', async () => {
  await create({ CacheClusterId: 'sessions-002' });

  const { CacheClusters } = await started.client.send(new DescribeCacheClustersCommand({}));
  expect(
    CacheClusters?.filter(({ CacheClusterStatus }) => CacheClusterStatus === 'snapshotting').map(
      ({ CacheClusterId }) => CacheClusterId,
    ),
  ).toEqual(['sessions-002']);

  await started.environment.snapshots.work.finish();
  expect(await events()).toEqual([
    "sessions-002: Snapshot succeeded for snapshot with ID 'before-sale' of cache cluster with ID 'sessions-002'",
  ]);
});

test('describes a snapshot of a group that runs', async () => {
  started.environment.snapshots.add('nightly', 'carts', started.environment.carts.shards, 'automated');

  expect(await snapshots({ SnapshotName: 'nightly', ShowNodeGroupConfig: true })).toEqual([
    {
      SnapshotName: 'nightly',
      ReplicationGroupId: 'carts',
      ReplicationGroupDescription: 'Sessions & <carts>',
      SnapshotStatus: 'available',
      SnapshotSource: 'automated',
      CacheNodeType: 'cache.t4g.micro',
      Engine: 'valkey',
      EngineVersion: '8.1',
      PreferredMaintenanceWindow: 'sun:05:00-sun:06:00',
      Port: 6_379,
      CacheParameterGroupName: 'sessions-parameters',
      AutoMinorVersionUpgrade: true,
      SnapshotRetentionLimit: 3,
      SnapshotWindow: '03:00-04:00',
      NumNodeGroups: 2,
      AutomaticFailover: 'enabled',
      NodeSnapshots: [
        {
          NodeGroupId: '0001',
          NodeGroupConfiguration: { NodeGroupId: '0001', Slots: '0-99' },
          CacheSize: '3 MB',
          SnapshotCreateTime: CREATED_AT,
        },
        {
          NodeGroupId: '0002',
          NodeGroupConfiguration: { NodeGroupId: '0002', Slots: '100-199' },
          CacheSize: '3 MB',
          SnapshotCreateTime: CREATED_AT,
        },
      ],
      ARN: 'arn:aws:elasticache:us-east-1:000000000000:snapshot:nightly',
      DataTiering: 'disabled',
    },
  ]);
});

test('finds snapshots by group, by cache cluster and by who had them taken', async () => {
  const { snapshots: taken, carts } = started.environment;
  taken.add('a', 'sessions');
  taken.add('automatic.sessions-2026-03-01', 'sessions', undefined, 'automated');
  taken.add('b', 'carts', carts.shards);
  taken.add('c', 'gone');

  const names = async (input: DescribeSnapshotsCommandInput) =>
    (await snapshots(input)).map(({ SnapshotName }) => SnapshotName);
  expect(await names({})).toEqual(['a', 'automatic.sessions-2026-03-01', 'b', 'c']);
  expect(await names({ ReplicationGroupId: 'sessions' })).toEqual(['a', 'automatic.sessions-2026-03-01']);
  expect(await names({ SnapshotSource: 'user', ReplicationGroupId: 'sessions' })).toEqual(['a']);
  expect(await names({ SnapshotSource: 'system' })).toEqual(['automatic.sessions-2026-03-01']);
  expect(await names({ CacheClusterId: 'sessions-003', SnapshotSource: 'user' })).toEqual(['a']);
  expect(await names({ CacheClusterId: 'carts-0001-001' })).toEqual([]);
  expect(await names({ ReplicationGroupId: 'gone' })).toEqual(['c']);
  expect(await names({ ReplicationGroupId: 'never' })).toEqual([]);
});

test('does not find a snapshot that is not there', async () => {
  const error = await refusal(snapshots({ SnapshotName: 'x' }));

  expect(error).toBeInstanceOf(SnapshotNotFoundFault);
  expect(error.$metadata.httpStatusCode).toBe(404);
});

test('a name is taken by a snapshot that is there and by one that is being created', async () => {
  started.environment.snapshots.add('nightly', 'sessions');
  expect(await refusal(create({ ReplicationGroupId: 'carts', SnapshotName: 'nightly' }))).toBeInstanceOf(
    SnapshotAlreadyExistsFault,
  );

  await create({ ReplicationGroupId: 'sessions' });
  expect(await refusal(create({ ReplicationGroupId: 'carts' }))).toBeInstanceOf(SnapshotAlreadyExistsFault);
});

test('one snapshot is taken of a group at a time', async () => {
  await create({ ReplicationGroupId: 'sessions' });

  expect(await refusal(create({ ReplicationGroupId: 'sessions', SnapshotName: 'b' }))).toBeInstanceOf(
    InvalidReplicationGroupStateFault,
  );
  expect(await refusal(create({ CacheClusterId: 'sessions-001', SnapshotName: 'b' }))).toBeInstanceOf(
    InvalidCacheClusterStateFault,
  );
});

test('20 snapshots of a group are taken by hand in any 24 hours', async () => {
  for (let number = 0; number < 20; number += 1) {
    started.environment.snapshots.add(`snapshot-${number}`, 'sessions');
    started.environment.snapshots.add(`automatic.${number}`, 'carts', undefined, 'automated');
  }

  expect(await refusal(create({ ReplicationGroupId: 'sessions' }))).toBeInstanceOf(SnapshotQuotaExceededFault);
  await expect(create({ ReplicationGroupId: 'carts' })).resolves.toBeDefined();
  started.later(24 * 60);
  await expect(create({ ReplicationGroupId: 'sessions', SnapshotName: 'next-day' })).resolves.toBeDefined();
});

test('a snapshot that cannot be written has failed, and its name can be used again', async () => {
  await create({ ReplicationGroupId: 'sessions' });
  await started.environment.snapshots.work.fail('the disk is full');

  expect(started.reports).toEqual(['! snapshot of sessions has failed: the disk is full']);
  expect(await snapshots()).toMatchObject([{ SnapshotStatus: 'failed' }]);
  expect(await groupStatus('sessions')).toBe('available');
  expect(await events()).toEqual([
    "sessions-001: Snapshot failed for snapshot with ID 'before-sale' of replication group with ID 'sessions'",
  ]);

  await create({ ReplicationGroupId: 'sessions' });
  await started.environment.snapshots.work.finish();
  expect(await snapshots()).toMatchObject([{ SnapshotStatus: 'available' }]);
});

test.each(['../etc', 'a--b', '1a', 'a-', 'a.b', 'a/b', 'é', 'a'.repeat(256)])('refuses the name %s', async (name) => {
  const error = await refusal(create({ ReplicationGroupId: 'sessions', SnapshotName: name }));

  expect(error).toBeInstanceOf(InvalidParameterValueException);
});

test('refuses what has no snapshots', async () => {
  expect(await refusal(create({ CacheClusterId: 'pages' }))).toBeInstanceOf(SnapshotFeatureNotSupportedFault);
  expect(await refusal(create({ CacheClusterId: 'carts-0001-001' }))).toBeInstanceOf(
    InvalidParameterCombinationException,
  );
  expect(await refusal(create({ CacheClusterId: 'x' }))).toBeInstanceOf(CacheClusterNotFoundFault);
  expect(await refusal(create({ ReplicationGroupId: 'x' }))).toBeInstanceOf(ReplicationGroupNotFoundFault);
});

test('refuses a snapshot of nothing, of two things, or with what is not supported here', async () => {
  expect(await refusal(create({}))).toBeInstanceOf(InvalidParameterCombinationException);
  expect(await refusal(create({ ReplicationGroupId: 'sessions', CacheClusterId: 'sessions-001' }))).toBeInstanceOf(
    InvalidParameterCombinationException,
  );
  expect(await refusal(create({ ReplicationGroupId: 'sessions', KmsKeyId: 'key' }))).toBeInstanceOf(
    InvalidParameterValueException,
  );
  expect(await snapshots()).toEqual([]);
});
