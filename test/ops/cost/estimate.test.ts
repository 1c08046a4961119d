import { costOf, DEPLOYED, estimateOf, UNRESOLVED } from './round-prices';

describe('caches', () => {
  const GROUP = { Engine: 'valkey', CacheNodeType: 'cache.t4g.micro' };

  test.each([
    ['two cache clusters', { NumCacheClusters: 2 }, '2 × cache.t4g.micro, valkey', 14.6],
    ['a number that stands there as text', { NumCacheClusters: '3' }, '3 × cache.t4g.micro, valkey', 21.9],
    ['shards with replicas', { NumNodeGroups: 3, ReplicasPerNodeGroup: 1 }, '6 × cache.t4g.micro, valkey', 43.8],
    ['one shard without replicas', {}, '1 × cache.t4g.micro, valkey', 7.3],
    [
      'shards that differ',
      { ReplicasPerNodeGroup: 1, NodeGroupConfiguration: [{ ReplicaCount: 2 }, {}] },
      '5 × cache.t4g.micro, valkey',
      36.5,
    ],
    [
      'a number that the deployment decides',
      { NumCacheClusters: DEPLOYED },
      'some × cache.t4g.micro, valkey',
      UNRESOLVED,
    ],
    [
      'replicas that the deployment decides',
      { ReplicasPerNodeGroup: DEPLOYED },
      'some × cache.t4g.micro, valkey',
      UNRESOLVED,
    ],
    [
      'shards that the deployment decides',
      { NodeGroupConfiguration: DEPLOYED },
      'some × cache.t4g.micro, valkey',
      UNRESOLVED,
    ],
    ['a type that the deployment decides', { CacheNodeType: DEPLOYED }, '1 × cache node, valkey', UNRESOLVED],
    [
      'a type without a price',
      { CacheNodeType: 'cache.x9.huge' },
      '1 × cache.x9.huge, valkey',
      'unknown: no sourced price for elasticache/valkey/cache.x9.huge',
    ],
  ])('a replication group: %s', (_name, properties, what, expected) => {
    expect(costOf('AWS::ElastiCache::ReplicationGroup', { ...GROUP, ...properties })).toEqual({ [what]: expected });
  });

  test('a replication group with snapshots pays for them by use', () => {
    const cost = costOf('AWS::ElastiCache::ReplicationGroup', { ...GROUP, SnapshotRetentionLimit: 7 });

    expect(cost['cache backups']).toBe('by use');
  });

  test('a cache cluster', () => {
    expect(
      costOf('AWS::ElastiCache::CacheCluster', {
        Engine: 'memcached',
        CacheNodeType: 'cache.t4g.small',
        NumCacheNodes: 2,
      }),
    ).toEqual({ '2 × cache.t4g.small, memcached': 29.2 });
  });

  test('a serverless cache is billed for the least data of its engine', () => {
    expect(costOf('AWS::ElastiCache::ServerlessCache', { Engine: 'valkey' })).toEqual({
      'serverless cache, the least data it bills': 7.3,
      'serverless cache, data beyond that': 'by use',
      'serverless cache, requests': 'by use',
    });
    expect(costOf('AWS::ElastiCache::ServerlessCache', { Engine: 'redis' })).toMatchObject({
      'serverless cache, the least data it bills': 146,
    });
  });

  test('a serverless cache is billed for the minimum that it asks for', () => {
    const limits = { DataStorage: { Minimum: 2, Unit: 'GB' }, ECPUPerSecond: { Minimum: 1000 } };

    expect(costOf('AWS::ElastiCache::ServerlessCache', { Engine: 'valkey', CacheUsageLimits: limits })).toMatchObject({
      'serverless cache, the least data it bills': 146,
      'serverless cache, the least requests it bills': 1314,
    });
  });
});

describe('databases', () => {
  const DATABASE = {
    Engine: 'postgres',
    DBInstanceClass: 'db.t4g.micro',
    AllocatedStorage: '20',
    StorageType: 'gp3',
    BackupRetentionPeriod: 0,
  };

  test('a database in one zone', () => {
    expect(costOf('AWS::RDS::DBInstance', DATABASE)).toEqual({
      'database, postgres, db.t4g.micro, single-az': 14.6,
      'database, postgres, storage gp3': 2,
      'database, postgres, CPU credits beyond those earned': 'unknown: no sourced price for rds/postgres/cpu-credits',
    });
  });

  test('a database in two zones, with all that costs', () => {
    expect(
      costOf('AWS::RDS::DBInstance', {
        ...DATABASE,
        DBInstanceClass: 'db.m7g.large',
        MultiAZ: true,
        MaxAllocatedStorage: 100,
        BackupRetentionPeriod: 7,
        ManageMasterUserPassword: true,
        MonitoringInterval: 60,
        EnableCloudwatchLogsExports: ['postgresql'],
        EnablePerformanceInsights: true,
        PerformanceInsightsRetentionPeriod: 731,
        Iops: 12000,
      }),
    ).toEqual({
      'database, postgres, db.m7g.large, multi-az': 292,
      'database, postgres, storage gp3': 4,
      'database, postgres, provisioned speed of the storage': 'unknown: its price is not in the list',
      'database, postgres, storage that it grows by': 'by use',
      'database, postgres, backups beyond its size': 'by use',
      'database, postgres, secret that RDS keeps': 0.4,
      'database, postgres, reads of the secret': 'by use',
      'database, postgres, Enhanced Monitoring': 'by use',
      'database, postgres, logs': 'by use',
      'database, postgres, Performance Insights, 731 days': 'unknown: no sourced price for rds/performance-insights',
    });
  });

  test('a read replica has the engine and the storage of its database', () => {
    const Main = { Type: 'AWS::RDS::DBInstance', Properties: DATABASE };
    const replica = {
      DBInstanceClass: 'db.t4g.micro',
      SourceDBInstanceIdentifier: { Ref: 'Main' },
      BackupRetentionPeriod: 0,
    };

    expect(costOf('AWS::RDS::DBInstance', replica, { Main })).toMatchObject({
      'read replica, postgres, db.t4g.micro, single-az': 14.6,
      'read replica, postgres, storage gp3': 2,
    });
  });

  test('storage without a type is gp2', () => {
    const { StorageType: _, ...rest } = DATABASE;

    expect(costOf('AWS::RDS::DBInstance', { ...rest, Engine: 'mysql' })).toMatchObject({
      'database, mysql, db.t4g.micro, single-az': 21.9,
      'database, mysql, storage gp2': 6,
    });
  });

  test.each([
    ['the class', { DBInstanceClass: DEPLOYED }, 'database, postgres, some class, single-az'],
    ['the zones', { MultiAZ: DEPLOYED }, 'database, postgres, db.t4g.micro, some zones'],
    ['the storage', { AllocatedStorage: DEPLOYED }, 'database, postgres, storage gp3'],
    ['the secret', { ManageMasterUserPassword: DEPLOYED }, 'database, postgres, secret that RDS keeps'],
  ])('does not guess %s', (_name, properties, what) => {
    expect(costOf('AWS::RDS::DBInstance', { ...DATABASE, ...properties })).toMatchObject({ [what]: UNRESOLVED });
  });

  test('performance data of a week is free, Database Insights is not', () => {
    const week = costOf('AWS::RDS::DBInstance', { ...DATABASE, EnablePerformanceInsights: true });
    const advanced = costOf('AWS::RDS::DBInstance', { ...DATABASE, DatabaseInsightsMode: 'advanced' });

    expect(Object.keys(week).filter((what) => /Insights/.test(what))).toEqual([]);
    expect(advanced['database, postgres, Database Insights, advanced']).toMatch(/^unknown: no sourced price/);
  });
});

test.each([
  ['AWS::EC2::NatGateway', {}, { 'NAT gateway': 36.5, 'NAT gateway, data': 'by use' }],
  ['AWS::EC2::EIP', {}, { 'public IPv4 address': 7.3 }],
  [
    'AWS::EC2::VPCEndpoint',
    { VpcEndpointType: 'Interface', SubnetIds: ['a', 'b'] },
    { 'interface endpoint in 2 zones': 14.6, 'interface endpoint, data': 'by use' },
  ],
  [
    'AWS::EC2::VPCEndpoint',
    { VpcEndpointType: 'Interface', SubnetIds: DEPLOYED },
    { 'interface endpoint in some zones': UNRESOLVED, 'interface endpoint, data': 'by use' },
  ],
  ['AWS::EC2::VPCEndpoint', {}, { 'gateway endpoint': 0 }],
  [
    'AWS::EC2::VPCEndpoint',
    { VpcEndpointType: 'GatewayLoadBalancer' },
    { 'GatewayLoadBalancer endpoint': 'unknown: its price is not in the list' },
  ],
  ['AWS::EC2::FlowLog', {}, { 'flow logs': 'by use' }],
  [
    'AWS::EC2::FlowLog',
    { LogDestinationType: 's3' },
    { 'flow logs': 'unknown: no sourced price for logs/vended-elsewhere' },
  ],
  [
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    { Scheme: 'internet-facing', Subnets: ['a', 'b', 'c'] },
    {
      'application load balancer': 14.6,
      'application load balancer, capacity units': 'by use',
      'public IPv4 addresses of the load balancer': 21.9,
    },
  ],
  [
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    { Scheme: 'internal', Subnets: ['a', 'b'] },
    { 'application load balancer': 14.6, 'application load balancer, capacity units': 'by use' },
  ],
  [
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    { Scheme: DEPLOYED, Type: 'network', Subnets: ['a', 'b'] },
    {
      'network load balancer': 'unknown: no sourced price for elb/network/hour',
      'network load balancer, capacity units': 'unknown: no sourced price for elb/network/lcu',
      'public IPv4 addresses of the load balancer': UNRESOLVED,
    },
  ],
  [
    'AWS::WAFv2::WebACL',
    { Rules: [{}, {}, {}] },
    { 'web ACL': 5, 'rules of the web ACL': 3, 'requests to the web ACL': 'by use' },
  ],
  ['AWS::Route53::HostedZone', {}, { 'hosted zone': 0.5 }],
  ['AWS::KMS::Key', {}, { 'KMS key': 1, 'KMS requests': 'by use' }],
  ['AWS::SecretsManager::Secret', {}, { secret: 0.4, 'reads of the secret': 'by use' }],
  ['AWS::CloudWatch::Alarm', { MetricName: 'CPUUtilization', Period: 300 }, { alarm: 0.1 }],
  [
    'AWS::CloudWatch::Alarm',
    { Metrics: [{ Expression: 'a/b' }, { MetricStat: { Metric: {}, Period: 60 } }, { MetricStat: { Metric: {} } }] },
    { alarm: 0.2 },
  ],
  ['AWS::CloudWatch::Alarm', { Period: 10 }, { 'alarm at high resolution': 0.3 }],
  [
    'AWS::CloudWatch::Alarm',
    { ThresholdMetricId: 'band', Metrics: [{ MetricStat: { Metric: {}, Period: 60 } }, { Expression: 'band' }] },
    { alarm: 0.3 },
  ],
  [
    'AWS::CloudWatch::CompositeAlarm',
    {},
    { 'composite alarm': 'unknown: no sourced price for cloudwatch/composite-alarm' },
  ],
  ['AWS::CloudWatch::Dashboard', {}, { dashboard: 3 }],
  ['AWS::Logs::LogGroup', {}, { 'logs, ingestion': 'by use', 'logs, storage': 'by use' }],
  ['AWS::S3::Bucket', {}, { 'bucket, storage': 'by use' }],
  [
    'AWS::Lambda::Function',
    { Architectures: ['arm64'] },
    { 'function, duration on arm64': 'by use', 'function, requests': 'by use' },
  ],
  ['AWS::Lambda::Function', {}, { 'function, duration on x86_64': 'by use', 'function, requests': 'by use' }],
  ['AWS::SNS::Topic', {}, { 'notifications by email': 'by use' }],
  ['AWS::Budgets::Budget', {}, { budget: 0 }],
  ['AWS::IAM::Role', {}, {}],
  ['Custom::Trigger', {}, {}],
  ['AWS::Mystery::Thing', {}, { 'AWS::Mystery::Thing': 'unknown: no price is known for this type' }],
])('%s with %j', (type, properties, expected) => {
  expect(costOf(type, properties)).toEqual(expected);
});

test('adds up what is known, over stacks, and names what is not', () => {
  const estimate = estimateOf({
    Nat: { Type: 'AWS::EC2::NatGateway' },
    Key: { Type: 'AWS::KMS::Key' },
    Thing: { Type: 'AWS::Mystery::Thing' },
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      Properties: { Type: 'network', Scheme: 'internal' },
    },
    Role: { Type: 'AWS::IAM::Role' },
  });

  expect(estimate.total).toBeCloseTo(37.5);
  expect(estimate.unknownTypes).toEqual(['AWS::Mystery::Thing']);
  expect(estimate.unknown.map(({ id, what }) => `${id}: ${what}`)).toEqual([
    'Thing: AWS::Mystery::Thing',
    'Balancer: network load balancer',
    'Balancer: network load balancer, capacity units',
  ]);
});

test('a line says where it is from', () => {
  const [line] = estimateOf({ Nat: { Type: 'AWS::EC2::NatGateway' } }).lines;

  expect(line).toEqual({
    stack: 'stack',
    id: 'Nat',
    type: 'AWS::EC2::NatGateway',
    what: 'NAT gateway',
    quantity: 730,
    unit: 'unit',
    priceId: 'nat-gateway/hour',
    unitPrice: 0.05,
    monthly: 36.5,
    source: 'https://x/nat-gateway/hour',
  });
});
