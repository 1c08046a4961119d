import {
  CacheClusterNotFoundFault,
  CacheParameterGroupNotFoundFault,
  DescribeCacheClustersCommand,
  DescribeCacheParametersCommand,
  DescribeReplicationGroupsCommand,
  DescribeServerlessCachesCommand,
  ReplicationGroupNotFoundFault,
  ServerlessCacheNotFoundFault,
} from '@aws-sdk/client-elasticache';
import { CREATED_AT } from './fake-environment';
import { refusal, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

test('describes a replication group with cluster mode off, its endpoints and the roles of its nodes', async () => {
  const { ReplicationGroups } = await started.client.send(
    new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'Sessions' }),
  );

  expect(ReplicationGroups).toEqual([
    {
      ReplicationGroupId: 'sessions',
      Description: 'Sessions & <carts>',
      GlobalReplicationGroupInfo: {},
      Status: 'available',
      PendingModifiedValues: {},
      MemberClusters: ['sessions-001', 'sessions-002', 'sessions-003'],
      NodeGroups: [
        {
          NodeGroupId: '0001',
          Status: 'available',
          PrimaryEndpoint: { Address: 'localhost', Port: 6_379 },
          ReaderEndpoint: { Address: 'localhost', Port: 6_380 },
          NodeGroupMembers: [
            {
              CacheClusterId: 'sessions-001',
              CacheNodeId: '0001',
              ReadEndpoint: { Address: 'localhost', Port: 7_000 },
              PreferredAvailabilityZone: 'us-east-1a',
              CurrentRole: 'primary',
            },
            {
              CacheClusterId: 'sessions-002',
              CacheNodeId: '0001',
              ReadEndpoint: { Address: 'localhost', Port: 7_001 },
              PreferredAvailabilityZone: 'us-east-1b',
              CurrentRole: 'replica',
            },
            {
              CacheClusterId: 'sessions-003',
              CacheNodeId: '0001',
              ReadEndpoint: { Address: 'localhost', Port: 7_002 },
              PreferredAvailabilityZone: 'us-east-1c',
              CurrentRole: 'replica',
            },
          ],
        },
      ],
      AutomaticFailover: 'enabled',
      MultiAZ: 'enabled',
      SnapshotRetentionLimit: 3,
      SnapshotWindow: '03:00-04:00',
      ClusterEnabled: false,
      CacheNodeType: 'cache.t4g.micro',
      AuthTokenEnabled: false,
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: 'required',
      AtRestEncryptionEnabled: true,
      ARN: 'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:sessions',
      UserGroupIds: ['sessions-users'],
      LogDeliveryConfigurations: [],
      ReplicationGroupCreateTime: CREATED_AT,
      DataTiering: 'disabled',
      AutoMinorVersionUpgrade: true,
      NetworkType: 'ipv4',
      IpDiscovery: 'ipv4',
      ClusterMode: 'disabled',
      Engine: 'valkey',
    },
  ]);
});

test('describes a replication group with cluster mode on by its configuration endpoint and slots', async () => {
  const { ReplicationGroups } = await started.client.send(
    new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'carts' }),
  );

  expect(ReplicationGroups?.[0]).toMatchObject({
    ClusterEnabled: true,
    ConfigurationEndpoint: { Address: 'localhost', Port: 6_379 },
    NodeGroups: [
      { NodeGroupId: '0001', Slots: '0-99' },
      { NodeGroupId: '0002', Slots: '100-199' },
    ],
  });
  expect(ReplicationGroups?.[0]?.NodeGroups?.[0]).not.toHaveProperty('PrimaryEndpoint');
  expect(ReplicationGroups?.[0]?.NodeGroups?.[0]?.NodeGroupMembers?.[0]).toEqual({
    CacheClusterId: 'carts-0001-001',
    CacheNodeId: '0001',
    PreferredAvailabilityZone: 'us-east-1a',
  });
});

test('lists members of replication groups as cache clusters, beside those of Memcached', async () => {
  const { CacheClusters } = await started.client.send(new DescribeCacheClustersCommand({}));

  expect(CacheClusters?.map(({ CacheClusterId, ReplicationGroupId }) => [CacheClusterId, ReplicationGroupId])).toEqual([
    ['carts-0001-001', 'carts'],
    ['carts-0001-002', 'carts'],
    ['carts-0002-001', 'carts'],
    ['carts-0002-002', 'carts'],
    ['pages', undefined],
    ['sessions-001', 'sessions'],
    ['sessions-002', 'sessions'],
    ['sessions-003', 'sessions'],
  ]);
  expect(CacheClusters?.[0]).not.toHaveProperty('CacheNodes');
});

test('lists only Memcached clusters where members of replication groups are left out', async () => {
  const { CacheClusters } = await started.client.send(
    new DescribeCacheClustersCommand({ ShowCacheClustersNotInReplicationGroups: true, ShowCacheNodeInfo: true }),
  );

  expect(CacheClusters).toEqual([
    {
      CacheClusterId: 'pages',
      ConfigurationEndpoint: { Address: 'localhost', Port: 11_211 },
      ClientDownloadLandingPage: 'https://console.aws.amazon.com/elasticache/home#client-download:',
      CacheNodeType: 'cache.t4g.micro',
      Engine: 'memcached',
      EngineVersion: '1.6.22',
      CacheClusterStatus: 'available',
      NumCacheNodes: 2,
      PreferredAvailabilityZone: 'Multiple',
      CacheClusterCreateTime: CREATED_AT,
      PreferredMaintenanceWindow: 'mon:05:00-mon:06:00',
      PendingModifiedValues: {},
      CacheSecurityGroups: [],
      CacheParameterGroup: {
        CacheParameterGroupName: 'default.memcached1.6',
        ParameterApplyStatus: 'in-sync',
        CacheNodeIdsToReboot: [],
      },
      CacheNodes: [
        {
          CacheNodeId: '0001',
          CacheNodeStatus: 'available',
          CacheNodeCreateTime: CREATED_AT,
          Endpoint: { Address: 'localhost', Port: 12_000 },
          ParameterGroupStatus: 'in-sync',
          CustomerAvailabilityZone: 'us-east-1a',
        },
        {
          CacheNodeId: '0002',
          CacheNodeStatus: 'available',
          CacheNodeCreateTime: CREATED_AT,
          Endpoint: { Address: 'localhost', Port: 12_001 },
          ParameterGroupStatus: 'in-sync',
          CustomerAvailabilityZone: 'us-east-1b',
        },
      ],
      AutoMinorVersionUpgrade: true,
      AuthTokenEnabled: false,
      TransitEncryptionEnabled: true,
      AtRestEncryptionEnabled: false,
      ARN: 'arn:aws:elasticache:us-east-1:000000000000:cluster:pages',
      ReplicationGroupLogDeliveryEnabled: false,
      LogDeliveryConfigurations: [],
      NetworkType: 'ipv4',
      IpDiscovery: 'ipv4',
    },
  ]);
});

test('describes one member with its node', async () => {
  const { CacheClusters } = await started.client.send(
    new DescribeCacheClustersCommand({ CacheClusterId: 'sessions-002', ShowCacheNodeInfo: true }),
  );

  expect(CacheClusters).toHaveLength(1);
  expect(CacheClusters?.[0]).toMatchObject({
    CacheClusterId: 'sessions-002',
    ReplicationGroupId: 'sessions',
    NumCacheNodes: 1,
    SnapshotRetentionLimit: 3,
    CacheParameterGroup: { CacheParameterGroupName: 'sessions-parameters', ParameterApplyStatus: 'in-sync' },
    CacheNodes: [
      { CacheNodeId: '0001', CacheNodeStatus: 'available', Endpoint: { Address: 'localhost', Port: 7_001 } },
    ],
  });
});

test('describes serverless caches', async () => {
  const { ServerlessCaches } = await started.client.send(new DescribeServerlessCachesCommand({}));

  expect(ServerlessCaches).toEqual([
    {
      ServerlessCacheName: 'feed',
      Description: 'The feed',
      CreateTime: CREATED_AT,
      Status: 'available',
      Engine: 'valkey',
      MajorEngineVersion: '8',
      Endpoint: { Address: 'localhost', Port: 6_400 },
      ReaderEndpoint: { Address: 'localhost', Port: 6_401 },
      ARN: 'arn:aws:elasticache:us-east-1:000000000000:serverlesscache:feed',
      UserGroupId: 'feed-users',
      SnapshotRetentionLimit: 1,
      NetworkType: 'ipv4',
    },
  ]);
});

test('answers empty lists where there is nothing', async () => {
  started.environment.serverlessCaches = [];

  const { ServerlessCaches } = await started.client.send(new DescribeServerlessCachesCommand({}));

  expect(ServerlessCaches).toEqual([]);
});

test('writes what XML cannot hold as replacement characters', async () => {
  started.environment.sessions.description = 'a\u0000b "c" \'d\' é 😀';

  const { ReplicationGroups } = await started.client.send(
    new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'sessions' }),
  );

  expect(ReplicationGroups?.[0]?.Description).toBe('a\ufffdb "c" \'d\' é 😀');
});

test.each([
  [
    'a replication group',
    new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'x' }),
    ReplicationGroupNotFoundFault,
  ],
  ['a cache cluster', new DescribeCacheClustersCommand({ CacheClusterId: 'sessions' }), CacheClusterNotFoundFault],
  [
    'a serverless cache',
    new DescribeServerlessCachesCommand({ ServerlessCacheName: 'x' }),
    ServerlessCacheNotFoundFault,
  ],
  [
    'a parameter group',
    new DescribeCacheParametersCommand({ CacheParameterGroupName: 'x' }),
    CacheParameterGroupNotFoundFault,
  ],
])('does not find %s that is not there', async (_, command, type) => {
  const error = await refusal(started.client.send(command as DescribeReplicationGroupsCommand));

  expect(error).toBeInstanceOf(type);
  expect(error.message).toMatch(/not found/);
  expect(error.$metadata.httpStatusCode).toBe(404);
});
