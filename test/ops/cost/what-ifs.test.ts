import { PriceList } from '../../../ops/cost/price-list';
import type { Resource } from '../../../ops/cost/template';
import { neededPrices, type WhatIf, type WhatIfOptions, whatIfs } from '../../../ops/cost/what-ifs';
import { DEPLOYED } from './round-prices';

/** Prices that can be computed with in one's head: a month has 730 hours. */
const PRICES = {
  'elasticache/valkey/cache.m5.large': 0.2,
  'elasticache/valkey/cache.m7g.large': 0.1,
  'elasticache/redis/cache.m7g.large': 0.3,
  'elasticache/memcached/cache.m7g.large': 0.3,
  'elasticache/reserved-1y-no-upfront/valkey/cache.m7g.large': 0.05,
  'elasticache-serverless/valkey/storage': 0.1,
  'elasticache-serverless/valkey/requests': 0.5,
  'elasticache-serverless/redis/storage': 0.2,
  'elasticache-serverless/redis/requests': 0.5,
  'elasticache-serverless/memcached/storage': 0.2,
  'rds/postgres/single-az/db.t3.micro': 0.02,
  'rds/postgres/single-az/db.t4g.micro': 0.01,
  'rds/postgres/single-az/gp3': 0.1,
  'ec2/m6i.large': 0.2,
  'ec2/m7g.large': 0.1,
  'ebs/gp3': 0.1,
  'nat-gateway/hour': 0.05,
  'nat-gateway/data': 0.045,
  'vpc-endpoint/hour': 0.01,
  'vpc-endpoint/data': 0.01,
  'public-ipv4': 0.01,
};

function list(prices: Readonly<Record<string, number>> = PRICES): PriceList {
  return new PriceList(
    Object.entries(prices).map(([id, price]) => ({ id, what: id, unit: 'unit', price, source: `https://x/${id}` })),
  );
}

function whatIf(
  name: WhatIf['name'],
  resources: Readonly<Record<string, Resource>>,
  options: WhatIfOptions = {},
  prices = list(),
): WhatIf | undefined {
  const stacks = [{ name: 'prod/data', template: { Resources: resources } }];
  return whatIfs(stacks, prices, options).find((each) => each.name === name);
}

function group(properties: Readonly<Record<string, unknown>> = {}): Resource {
  return {
    Type: 'AWS::ElastiCache::ReplicationGroup',
    Properties: { Engine: 'valkey', CacheNodeType: 'cache.m7g.large', NumCacheClusters: 2, ...properties },
    Metadata: { 'aws:cdk:path': 'prod/data/Sessions/Cache/Resource' },
  };
}

function cluster(properties: Readonly<Record<string, unknown>> = {}): Resource {
  return {
    Type: 'AWS::ElastiCache::CacheCluster',
    Properties: { Engine: 'memcached', CacheNodeType: 'cache.m7g.large', NumCacheNodes: 1, ...properties },
  };
}

test('nothing is proposed that is so already, or that is not there', () => {
  const Serverless = { Type: 'AWS::ElastiCache::ServerlessCache', Properties: { Engine: 'valkey' } };

  expect(whatIfs([{ name: 'a', template: { Resources: { Serverless } } }], list())).toEqual([]);
  expect(whatIfs([], list())).toEqual([]);
});

test('each is what the stacks would cost with it alone', () => {
  const Sessions = group({ Engine: 'redis', CacheNodeType: 'cache.m7g.large' });
  const Nat = { Type: 'AWS::EC2::NatGateway' };

  const found = whatIfs([{ name: 'prod/data', template: { Resources: { Sessions, Nat } } }], list());

  expect(found.map(({ name }) => name)).toEqual(['valkey', 'serverless', 'reserved', 'no-nat']);
  expect(found[0]?.estimate.total).toBeCloseTo(2 * 73 + 36.5);
});

describe('Graviton', () => {
  test('replaces the nodes of caches, and says which and what it saves', () => {
    const found = whatIf('graviton', { Sessions: group({ CacheNodeType: 'cache.m5.large' }) });

    expect(found).toMatchObject({
      changes: ['prod/data Sessions/Cache: cache.m5.large → cache.m7g.large'],
      saves: 146,
    });
    expect(found?.estimate.total).toBeCloseTo(146);
  });

  test.each([
    ['AWS::ElastiCache::CacheCluster', 'CacheNodeType', 'cache.t3.micro', 'cache.t4g.micro'],
    ['AWS::ElastiCache::ReplicationGroup', 'CacheNodeType', 'cache.r5.4xlarge', 'cache.r7g.4xlarge'],
    ['AWS::RDS::DBInstance', 'DBInstanceClass', 'db.m6i.large', 'db.m7g.large'],
    ['AWS::RDS::DBInstance', 'DBInstanceClass', 'db.r6i.2xlarge', 'db.r7g.2xlarge'],
  ])('of %s with %s %s is %s', (Type, property, from, to) => {
    const found = whatIf('graviton', { It: { Type, Properties: { Engine: 'postgres', [property]: from } } });

    expect(found?.changes).toEqual([`prod/data It: ${from} → ${to}`]);
  });

  test.each([
    ['a Graviton type', group({ CacheNodeType: 'cache.r6g.large' })],
    ['a size that Graviton does not have', group({ CacheNodeType: 'cache.m5.24xlarge' })],
    ['a family with more than processors', group({ CacheNodeType: 'cache.r6gd.large' })],
    ['a type that the deployment decides', group({ CacheNodeType: DEPLOYED })],
    [
      'an engine that RDS has on x86 only',
      { Type: 'AWS::RDS::DBInstance', Properties: { Engine: 'sqlserver-se', DBInstanceClass: 'db.m5.large' } },
    ],
  ])('leaves %s as it is', (_name, resource) => {
    expect(whatIf('graviton', { It: resource })).toBeUndefined();
  });

  test('replaces the class of a read replica, whose engine is that of its database', () => {
    const Main = {
      Type: 'AWS::RDS::DBInstance',
      Properties: { Engine: 'postgres', DBInstanceClass: 'db.t3.micro', AllocatedStorage: 10, StorageType: 'gp3' },
    };
    const Replica = {
      Type: 'AWS::RDS::DBInstance',
      Properties: { DBInstanceClass: 'db.t3.micro', SourceDBInstanceIdentifier: { Ref: 'Main' } },
    };

    expect(whatIf('graviton', { Main, Replica })).toMatchObject({
      changes: ['prod/data Main: db.t3.micro → db.t4g.micro', 'prod/data Replica: db.t3.micro → db.t4g.micro'],
      saves: 14.6,
    });
  });

  const LAUNCH = {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        InstanceType: 'm6i.large',
        BlockDeviceMappings: [{ Ebs: { VolumeType: 'gp3', VolumeSize: 10 } }],
      },
    },
  };
  const Fleet = (properties: Readonly<Record<string, unknown>>) => ({
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: { MinSize: '2', ...properties },
  });
  const USED = { LaunchTemplateId: { Ref: 'Launch' } };

  test('replaces the instances of a fleet by its launch template', () => {
    const found = whatIf('graviton', { Launch: LAUNCH, Fleet: Fleet({ LaunchTemplate: USED }) });

    expect(found).toMatchObject({ changes: ['prod/data Launch: m6i.large → m7g.large'], saves: 146 });
  });

  test('replaces the types that a fleet may take, each once', () => {
    const mixed = {
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: USED,
          Overrides: ['m6i.large', 'm5.large', 'm6g.large'].map((InstanceType) => ({ InstanceType })),
        },
      },
    };

    expect(whatIf('graviton', { Launch: LAUNCH, Fleet: Fleet(mixed) })).toMatchObject({
      changes: [
        'prod/data Launch: m6i.large → m7g.large',
        'prod/data Fleet: m6i.large, m5.large, m6g.large → m7g.large, m6g.large',
      ],
      saves: 146,
    });
  });

  test('does not say what it saves for Spot instances, whose prices change', () => {
    const spot = {
      MixedInstancesPolicy: {
        InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 },
        LaunchTemplate: { LaunchTemplateSpecification: USED },
      },
    };

    const found = whatIf('graviton', { Launch: LAUNCH, Fleet: Fleet(spot) });

    expect(found?.changes).toHaveLength(1);
    expect(found).not.toHaveProperty('saves');
    expect(found?.caveat).toMatch(/What it saves is unknown: a Spot price changes from hour to hour\.$/);
  });

  test.each([
    ['what it is', 'elasticache/valkey/cache.m5.large'],
    ['what it would be', 'elasticache/valkey/cache.m7g.large'],
  ])('does not say what it saves without the price of %s', (_name, missing) => {
    const { [missing as keyof typeof PRICES]: _, ...rest } = PRICES;

    const found = whatIf('graviton', { Sessions: group({ CacheNodeType: 'cache.m5.large' }) }, {}, list(rest));

    expect(found).not.toHaveProperty('saves');
    expect(found?.caveat).toContain(`What it saves is unknown: no sourced price for ${missing}.`);
  });

  test('is not kept from saying what it saves by what stays the same', () => {
    const Thing = { Type: 'AWS::Mystery::Thing' };

    expect(whatIf('graviton', { Thing, Sessions: group({ CacheNodeType: 'cache.m5.large' }) })?.saves).toBe(146);
  });

  test('does not say what it saves for a number of nodes that the deployment decides', () => {
    const found = whatIf('graviton', { It: group({ CacheNodeType: 'cache.m5.large', NumCacheClusters: DEPLOYED }) });

    expect(found?.changes).toHaveLength(1);
    expect(found).not.toHaveProperty('saves');
  });
});

describe('Valkey', () => {
  test.each([
    ['a replication group', group({ Engine: 'redis' }), 292],
    ['a cache cluster', cluster({ Engine: 'redis' }), 146],
    // 1 GB is billed at least, and 0.1 GB of Valkey.
    ['a serverless cache', { Type: 'AWS::ElastiCache::ServerlessCache', Properties: { Engine: 'redis' } }, 138.7],
  ])('takes the place of Redis OSS in %s', (_name, resource, saves) => {
    expect(whatIf('valkey', { It: resource })).toMatchObject({
      changes: [expect.stringMatching(/: redis → valkey$/)],
      saves,
    });
  });

  test('does not take the place of Memcached', () => {
    expect(whatIf('valkey', { Objects: cluster(), Sessions: group() })).toBeUndefined();
  });
});

describe('serverless', () => {
  test('is counted with the least data that is billed, and says so', () => {
    const found = whatIf('serverless', { Sessions: group(), Objects: cluster() });

    // 0.1 GB of Valkey at 0.1 and 1 GB of Memcached at 0.2 an hour, instead of nodes for 146 and 219.
    expect(found).toMatchObject({
      title: 'Serverless caches, at the least that is billed',
      changes: [
        'prod/data Sessions/Cache: 2 × cache.m7g.large → serverless',
        'prod/data Objects: 1 × cache.m7g.large → serverless',
      ],
      saves: 211.7,
      caveat: expect.stringContaining('the least data that is billed (0.1 GB for Valkey, 1 GB for the others)'),
    });
    expect(found?.estimate.lines.map(({ what, byUse }) => [what, byUse ?? false])).toEqual([
      ['serverless cache, valkey, 0.1 GB of data', false],
      ['serverless cache, valkey, requests', true],
      ['serverless cache, memcached, 1 GB of data', false],
      ['serverless cache, memcached, requests', true],
    ]);
  });

  test('is counted with the use that is given, and says so', () => {
    const found = whatIf('serverless', { Sessions: group() }, { use: { gigabytes: 2.5, ecpuPerSecond: 10 } });

    // 2.5 GB * 730 h * 0.1, and 10 * 3600 * 730 / 1,000,000 * 0.5.
    expect(found?.estimate.total).toBeCloseTo(182.5 + 13.14);
    expect(found?.saves).toBeCloseTo(146 - 195.64);
    expect(found?.title).toBe('Serverless caches, at the use that is given');
    expect(found?.caveat).toContain('hold 2.5 GB');
    expect(found?.caveat).toContain('10 ECPU a second');
  });

  test('is billed for the least even where less is stored', () => {
    const found = whatIf('serverless', { Sessions: group() }, { use: { gigabytes: 0.01, ecpuPerSecond: 0 } });

    expect(found?.estimate.total).toBeCloseTo(7.3);
  });

  test('keeps the backups of a cache', () => {
    const found = whatIf('serverless', { Sessions: group({ SnapshotRetentionLimit: 7 }) });

    expect(found?.estimate.lines.map(({ what }) => what)).toContain('cache backups');
  });

  test('does not guess the engine', () => {
    const found = whatIf('serverless', { Sessions: group({ Engine: DEPLOYED }) });

    expect(found).not.toHaveProperty('saves');
  });

  test.each([
    [-1, 0],
    [1, -1],
    [Number.NaN, 0],
    [1, Number.POSITIVE_INFINITY],
  ])('refuses %s GB and %s ECPU a second', (gigabytes, ecpuPerSecond) => {
    expect(() => whatIfs([], list(), { use: { gigabytes, ecpuPerSecond } })).toThrow(
      `the use of a serverless cache is gigabytes and ECPU a second from 0, got ${gigabytes} and ${ecpuPerSecond}`,
    );
  });
});

describe('reserved nodes', () => {
  test('cost what the reservation costs', () => {
    expect(whatIf('reserved', { Sessions: group() })).toMatchObject({
      changes: ['prod/data Sessions/Cache: 2 × cache.m7g.large, reserved'],
      saves: 73,
      estimate: { lines: [{ what: '2 × cache.m7g.large, valkey, reserved for a year', monthly: 73 }] },
    });
  });

  test('are unknown as long as no price is known', () => {
    const found = whatIf('reserved', { Sessions: group(), Objects: cluster() });

    expect(found).not.toHaveProperty('saves');
    expect(found?.caveat).toContain(
      'no sourced price for elasticache/reserved-1y-no-upfront/memcached/cache.m7g.large',
    );
  });
});

describe('without NAT gateways', () => {
  function network(zones: readonly unknown[]): Record<string, Resource> {
    return Object.fromEntries([
      ['Address', { Type: 'AWS::EC2::EIP' }],
      ['Other', { Type: 'AWS::EC2::EIP' }],
      [
        'Nat',
        { Type: 'AWS::EC2::NatGateway', Properties: { AllocationId: { 'Fn::GetAtt': ['Address', 'AllocationId'] } } },
      ],
      ...zones.flatMap((AvailabilityZone, index) => [
        [`Subnet${index}`, { Type: 'AWS::EC2::Subnet', Properties: { AvailabilityZone } }],
        [`Table${index}`, { Type: 'AWS::EC2::RouteTable' }],
        [
          `Association${index}`,
          {
            Type: 'AWS::EC2::SubnetRouteTableAssociation',
            Properties: { RouteTableId: { Ref: `Table${index}` }, SubnetId: { Ref: `Subnet${index}` } },
          },
        ],
        [
          `Route${index}`,
          {
            Type: 'AWS::EC2::Route',
            Properties: { RouteTableId: { Ref: `Table${index}` }, NatGatewayId: { Ref: 'Nat' } },
          },
        ],
      ]),
    ]);
  }

  test('there are interface endpoints in the zones that used them', () => {
    const found = whatIf('no-nat', network(['a', 'b', 'b']));

    // A gateway and its address for 36.50 and 7.30, instead of nine endpoints in two zones for 14.60 each.
    expect(found).toMatchObject({
      changes: [
        'prod/data Nat: goes, with its public address',
        'prod/data: an interface endpoint in 2 zones for each of autoscaling, cloudformation, ec2, ec2messages, logs, monitoring, secretsmanager, ssm, ssmmessages',
      ],
      saves: -87.6,
      caveat: expect.stringContaining('a GB costs $0.01 through an endpoint, and $0.045 through a NAT gateway'),
    });
    expect(found?.estimate.lines.filter(({ type }) => /NatGateway|EIP/.test(type)).map(({ id }) => id)).toEqual([
      'Other',
    ]);
  });

  test('no endpoint is added that is there already', () => {
    const resources = {
      ...network(['a']),
      Logs: {
        Type: 'AWS::EC2::VPCEndpoint',
        Properties: {
          VpcEndpointType: 'Interface',
          ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.logs']] },
          SubnetIds: [{ Ref: 'Subnet0' }],
        },
      },
      Ssm: {
        Type: 'AWS::EC2::VPCEndpoint',
        Properties: {
          VpcEndpointType: 'Interface',
          ServiceName: 'com.amazonaws.eu-west-1.ssm',
          SubnetIds: [{ Ref: 'Subnet0' }],
        },
      },
    };

    // Seven are added for 7.30 each.
    expect(whatIf('no-nat', resources)?.saves).toBeCloseTo(43.8 - 51.1);
  });

  test.each([
    ['nothing uses the gateway', network([])],
    ['the zone of a subnet is not said', network([undefined])],
    [
      'the subnets are of another template',
      Object.fromEntries(Object.entries(network(['a'])).filter(([id]) => id !== 'Subnet0')),
    ],
  ])('it is not said what that saves if %s', (_name, resources) => {
    const found = whatIf('no-nat', resources);

    expect(found?.changes.at(-1)).toContain('in some zones');
    expect(found).not.toHaveProperty('saves');
  });

  test('nothing is said of a gateway that leads to no internet', () => {
    const Nat = { Type: 'AWS::EC2::NatGateway', Properties: { ConnectivityType: 'private' } };

    expect(whatIf('no-nat', { Nat })).toBeUndefined();
  });
});

test('the prices that are needed are those of the estimate and of all what-ifs, each once', () => {
  const Resources = { Sessions: group({ Engine: 'redis' }), Again: group({ Engine: 'redis' }) };

  expect(neededPrices([{ name: 'a', template: { Resources } }])).toEqual([
    'elasticache/redis/cache.m7g.large',
    'elasticache/valkey/cache.m7g.large',
    'elasticache-serverless/redis/storage',
    'elasticache-serverless/redis/requests',
    'elasticache/reserved-1y-no-upfront/redis/cache.m7g.large',
  ]);
});

test('a path of another name than that of the stack stays whole', () => {
  const stacks = [{ name: 'cdk-elasticache-prod-data', template: { Resources: { Sessions: group() } } }];

  expect(whatIfs(stacks, list())[0]?.changes).toEqual([
    'cdk-elasticache-prod-data prod/data/Sessions/Cache: 2 × cache.m7g.large → serverless',
  ]);
});
