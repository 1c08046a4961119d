import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  paginateDescribeStacks,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricDataQuery,
  paginateDescribeAlarms,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeCacheClustersCommand,
  DescribeCacheParametersCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  DescribeReservedCacheNodesCommand,
  DescribeServerlessCachesCommand,
  DescribeSnapshotsCommand,
  DescribeUpdateActionsCommand,
  ElastiCacheClient,
  paginateDescribeCacheClusters,
  TestFailoverCommand,
} from '@aws-sdk/client-elasticache';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { healthyDev, healthyProduction, largeEnvironment } from '../../ops/fake-aws/environments';
import { FakeAws, type FakeFault, type FakeState } from '../../ops/fake-aws/fake-aws';

const NOW = new Date('2026-07-31T12:00:30.000Z');
const ELASTICACHE = 'elasticache:DescribeReplicationGroups';

const production = healthyProduction(NOW);
let clock = NOW;
let fake: FakeAws;
let clients: ReturnType<typeof clientsOf>;

beforeAll(async () => {
  fake = await FakeAws.start(structuredClone(production), {
    now: () => clock,
    durations: { promotion: 20_000, replacement: 10_000, recovery: 30_000 },
  });
  clients = clientsOf(fake.address);
});

beforeEach(() => {
  clock = NOW;
  fake.state = structuredClone(production);
  fake.clearFaults();
});

afterAll(async () => {
  await fake.close();
});

function clientsOf(endpoint: string, region = 'us-east-1', maxAttempts = 1) {
  const configuration = {
    endpoint,
    region,
    maxAttempts,
    credentials: { accessKeyId: 'anybody', secretAccessKey: 'anybody' },
  };
  return {
    cloudFormation: new CloudFormationClient(configuration),
    elastiCache: new ElastiCacheClient(configuration),
    rds: new RDSClient(configuration),
    autoScaling: new AutoScalingClient(configuration),
    loadBalancing: new ElasticLoadBalancingV2Client(configuration),
    cloudWatch: new CloudWatchClient(configuration),
    secretsManager: new SecretsManagerClient(configuration),
  };
}

async function collect<Page, Item>(pages: AsyncIterable<Page>, itemsOf: (page: Page) => Item[] | undefined) {
  const items: Item[] = [];
  const sizes: number[] = [];
  for await (const page of pages) {
    items.push(...(itemsOf(page) ?? []));
    sizes.push(itemsOf(page)?.length ?? 0);
  }
  return { items, sizes };
}

async function failureOf(asked: Promise<unknown>): Promise<{ name: string; message: string; status?: number }> {
  const error = await asked.then(
    () => new Error('it was answered'),
    (reason) => reason,
  );
  return { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode };
}

describe('what a client reads', () => {
  const [dbInstance, secret] = [production.dbInstances[0], production.secrets[0]];
  const [targetGroup = '', targets] = Object.entries(production.targetHealth)[0] ?? [];
  const dataStack = production.stacks.find(({ StackName }) => StackName === 'cdk-elasticache-prod-data');
  const byId = <T>(list: readonly T[], idOf: (one: T) => string | undefined) =>
    [...list].sort((one, other) => ((idOf(one) ?? '') < (idOf(other) ?? '') ? -1 : 1));

  const answers: Array<[string, () => Promise<unknown>, unknown]> = [
    [
      'DescribeStacks',
      async () => (await clients.cloudFormation.send(new DescribeStacksCommand({}))).Stacks,
      production.stacks.map(({ resources: _, template: __, ...stack }) => stack),
    ],
    [
      'ListStackResources',
      async () =>
        (await clients.cloudFormation.send(new ListStackResourcesCommand({ StackName: dataStack?.StackId })))
          .StackResourceSummaries,
      dataStack?.resources,
    ],
    [
      'GetTemplate',
      async () =>
        JSON.parse(
          (await clients.cloudFormation.send(new GetTemplateCommand({ StackName: dataStack?.StackName })))
            .TemplateBody ?? '',
        ),
      dataStack?.template,
    ],
    [
      'DescribeReplicationGroups',
      async () => (await clients.elastiCache.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups,
      production.replicationGroups,
    ],
    [
      'DescribeCacheClusters',
      async () =>
        (await clients.elastiCache.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true }))).CacheClusters,
      byId(production.cacheClusters, ({ CacheClusterId }) => CacheClusterId),
    ],
    [
      'DescribeCacheParameters',
      async () =>
        (
          await clients.elastiCache.send(
            new DescribeCacheParametersCommand({ CacheParameterGroupName: 'prod-sessions-parameters', Source: 'user' }),
          )
        ).Parameters,
      byId(
        production.cacheParameters['prod-sessions-parameters']?.filter(({ Source }) => Source === 'user') ?? [],
        ({ ParameterName }) => ParameterName,
      ),
    ],
    [
      'DescribeCacheSubnetGroups',
      async () => (await clients.elastiCache.send(new DescribeCacheSubnetGroupsCommand({}))).CacheSubnetGroups,
      byId(production.cacheSubnetGroups, ({ CacheSubnetGroupName }) => CacheSubnetGroupName),
    ],
    [
      'DescribeSnapshots',
      async () =>
        (await clients.elastiCache.send(new DescribeSnapshotsCommand({ SnapshotSource: 'system' }))).Snapshots,
      production.snapshots,
    ],
    [
      'DescribeReservedCacheNodes',
      async () => (await clients.elastiCache.send(new DescribeReservedCacheNodesCommand({}))).ReservedCacheNodes,
      byId(production.reservedCacheNodes, ({ ReservedCacheNodeId }) => ReservedCacheNodeId),
    ],
    [
      'DescribeDBInstances',
      async () =>
        (await clients.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'PROD-database' }))).DBInstances,
      [dbInstance],
    ],
    [
      'DescribeAutoScalingGroups',
      async () =>
        (
          await clients.autoScaling.send(
            new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['prod-fleet', 'nobody'] }),
          )
        ).AutoScalingGroups,
      production.autoScalingGroups,
    ],
    [
      'DescribeLoadBalancers',
      async () => (await clients.loadBalancing.send(new DescribeLoadBalancersCommand({}))).LoadBalancers,
      production.loadBalancers,
    ],
    [
      'DescribeListeners',
      async () =>
        (
          await clients.loadBalancing.send(
            new DescribeListenersCommand({ LoadBalancerArn: production.loadBalancers[0]?.LoadBalancerArn }),
          )
        ).Listeners,
      production.listeners,
    ],
    [
      'DescribeTargetHealth',
      async () =>
        (await clients.loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup })))
          .TargetHealthDescriptions,
      targets,
    ],
    [
      'DescribeAlarms',
      async () =>
        (await clients.cloudWatch.send(new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm'] }))).MetricAlarms,
      production.alarms,
    ],
    [
      'DescribeSecret',
      async () => {
        const { $metadata: _, ...answer } = await clients.secretsManager.send(
          new DescribeSecretCommand({ SecretId: secret?.ARN }),
        );
        return answer;
      },
      secret,
    ],
  ];

  it.each(answers)('is with %s what the state has', async (_, ask, expected) => {
    expect(await ask()).toEqual(expected);
    expect(expected).toBeDefined();
  });

  it('is what a state has that a healthy environment has not', async () => {
    const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
    Object.assign(fake.state, {
      serverlessCaches: [
        {
          ServerlessCacheName: 'pages',
          Description: '<"pages"> & more\n',
          CreateTime: minutesAgo(5_000),
          CacheUsageLimits: { DataStorage: { Maximum: 10, Unit: 'GB' }, ECPUPerSecond: { Maximum: 5_000 } },
          SecurityGroupIds: [],
          SnapshotRetentionLimit: 0,
        },
      ],
      updateActions: [
        {
          ReplicationGroupId: 'prod-sessions',
          ServiceUpdateName: 'elasticache-20260701-001',
          ServiceUpdateSeverity: 'critical',
          UpdateActionStatus: 'not-applied',
          SlaMet: 'n/a',
        },
        {
          CacheClusterId: 'prod-objects',
          ServiceUpdateName: 'elasticache-20260601-001',
          UpdateActionStatus: 'complete',
        },
      ],
      events: [
        { SourceIdentifier: 'prod-objects', SourceType: 'cache-cluster', Message: 'older', Date: minutesAgo(50) },
        { SourceIdentifier: 'prod-objects', SourceType: 'cache-cluster', Message: 'newer', Date: minutesAgo(20) },
        { SourceIdentifier: 'prod-objects', SourceType: 'cache-cluster', Message: 'too old', Date: minutesAgo(90) },
      ],
    } satisfies Partial<FakeState>);
    const { serverlessCaches, updateActions, events } = fake.state;

    const serverless = await clients.elastiCache.send(new DescribeServerlessCachesCommand({}));
    expect(serverless.ServerlessCaches).toEqual(serverlessCaches);
    const open = await clients.elastiCache.send(
      new DescribeUpdateActionsCommand({
        ReplicationGroupIds: ['prod-sessions', 'other'],
        CacheClusterIds: ['prod-objects'],
        UpdateActionStatus: ['not-applied', 'in-progress'],
      }),
    );
    expect(open.UpdateActions).toEqual(updateActions.slice(0, 1));
    const recent = await clients.elastiCache.send(new DescribeEventsCommand({ SourceType: 'cache-cluster' }));
    expect(recent.Events).toEqual([events[1], events[0]]);
  });

  it('has empty lists where there is nothing', async () => {
    const answer = await clients.elastiCache.send(new DescribeServerlessCachesCommand({}));
    expect(answer.ServerlessCaches).toEqual([]);
    expect(answer.NextToken).toBeUndefined();
  });

  it('has no nodes of cache clusters unless they are asked for', async () => {
    const answer = await clients.elastiCache.send(
      new DescribeCacheClustersCommand({ ShowCacheClustersNotInReplicationGroups: true }),
    );
    expect(answer.CacheClusters).toEqual([
      expect.objectContaining({ CacheClusterId: 'prod-objects', NumCacheNodes: 3 }),
    ]);
    expect(answer.CacheClusters?.[0]?.CacheNodes).toBeUndefined();
  });
});

describe('what is not there', () => {
  it.each<[string, () => Promise<unknown>, number]>([
    ['ValidationError', () => clients.cloudFormation.send(new DescribeStacksCommand({ StackName: 'none' })), 400],
    ['ValidationError', () => clients.cloudFormation.send(new GetTemplateCommand({ StackName: 'none' })), 400],
    [
      'ReplicationGroupNotFoundFault',
      () => clients.elastiCache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'none' })),
      404,
    ],
    [
      'CacheClusterNotFoundFault',
      () => clients.elastiCache.send(new DescribeCacheClustersCommand({ CacheClusterId: 'none' })),
      404,
    ],
    [
      'ServerlessCacheNotFoundFault',
      () => clients.elastiCache.send(new DescribeServerlessCachesCommand({ ServerlessCacheName: 'none' })),
      404,
    ],
    [
      'CacheParameterGroupNotFoundFault',
      () => clients.elastiCache.send(new DescribeCacheParametersCommand({ CacheParameterGroupName: 'none' })),
      404,
    ],
    [
      'CacheSubnetGroupNotFoundFault',
      () => clients.elastiCache.send(new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: 'none' })),
      400,
    ],
    [
      'SnapshotNotFoundFault',
      () => clients.elastiCache.send(new DescribeSnapshotsCommand({ SnapshotName: 'none' })),
      404,
    ],
    [
      'ReservedCacheNodeNotFoundFault',
      () => clients.elastiCache.send(new DescribeReservedCacheNodesCommand({ ReservedCacheNodeId: 'none' })),
      404,
    ],
    [
      'DBInstanceNotFoundFault',
      () => clients.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'none' })),
      404,
    ],
    [
      'LoadBalancerNotFoundException',
      () => clients.loadBalancing.send(new DescribeLoadBalancersCommand({ Names: ['none'] })),
      400,
    ],
    [
      'LoadBalancerNotFoundException',
      () => clients.loadBalancing.send(new DescribeListenersCommand({ LoadBalancerArn: 'none' })),
      400,
    ],
    [
      'ListenerNotFoundException',
      () => clients.loadBalancing.send(new DescribeListenersCommand({ ListenerArns: ['none'] })),
      400,
    ],
    [
      'TargetGroupNotFoundException',
      () => clients.loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn: 'none' })),
      400,
    ],
    [
      'ResourceNotFoundException',
      () => clients.secretsManager.send(new DescribeSecretCommand({ SecretId: 'none' })),
      400,
    ],
  ])('is %s to the client', async (name, ask, status) => {
    expect(await failureOf(ask())).toMatchObject({ name, status });
  });

  it('is said of a stack in the words that tell it from other validation errors', async () => {
    const { message } = await failureOf(clients.cloudFormation.send(new DescribeStacksCommand({ StackName: 'none' })));
    expect(message).toBe('Stack with id none does not exist');
  });
});

describe('pages', () => {
  const large = largeEnvironment(650, NOW);

  it('have every cache cluster once, a hundred at a time', async () => {
    fake.state = large;
    const { items, sizes } = await collect(
      paginateDescribeCacheClusters({ client: clients.elastiCache }, {}),
      ({ CacheClusters }) => CacheClusters,
    );
    expect(items).toHaveLength(large.cacheClusters.length);
    expect(new Set(items.map(({ CacheClusterId }) => CacheClusterId)).size).toBe(items.length);
    expect(sizes.slice(0, -1).every((size) => size === 100)).toBe(true);
  });

  it('have every stack, resource and alarm', async () => {
    fake.state = large;
    const stacks = await collect(
      paginateDescribeStacks({ client: clients.cloudFormation }, {}),
      ({ Stacks }) => Stacks,
    );
    expect(stacks.items).toHaveLength(large.stacks.length);
    expect(stacks.sizes.length).toBeGreaterThan(1);
    const data = large.stacks.find(({ StackName }) => StackName === 'cdk-elasticache-prod-data');
    const resources = await collect(
      paginateListStackResources({ client: clients.cloudFormation }, { StackName: data?.StackName }),
      ({ StackResourceSummaries }) => StackResourceSummaries,
    );
    expect(resources.items).toHaveLength(data?.resources.length ?? 0);
    expect(resources.sizes.length).toBeGreaterThan(1);
    const alarms = await collect(
      paginateDescribeAlarms({ client: clients.cloudWatch }, { MaxRecords: 100 }),
      ({ MetricAlarms }) => MetricAlarms,
    );
    expect(alarms.items).toHaveLength(large.alarms.length);
  });

  it.each([19, 101])('cannot have %d records', async (MaxRecords) => {
    const asked = clients.elastiCache.send(new DescribeCacheClustersCommand({ MaxRecords }));
    expect(await failureOf(asked)).toMatchObject({ name: 'InvalidParameterValueException', status: 400 });
  });

  it('follow only with a token that was given, to the same question', async () => {
    fake.state = large;
    const ask = (input: object) => clients.elastiCache.send(new DescribeCacheClustersCommand(input));
    const { Marker } = await ask({ MaxRecords: 20 });
    expect((await ask({ MaxRecords: 20, Marker })).CacheClusters).toHaveLength(20);
    for (const input of [
      { MaxRecords: 20, Marker: 'made-up' },
      { MaxRecords: 50, Marker },
    ]) {
      expect(await failureOf(ask(input))).toMatchObject({ name: 'InvalidParameterValueException' });
    }
    const alarms = clients.cloudWatch.send(new DescribeAlarmsCommand({ NextToken: 'made-up' }));
    expect(await failureOf(alarms)).toMatchObject({ name: 'InvalidNextToken' });
  });
});

describe('metrics', () => {
  const window = { StartTime: new Date('2026-07-31T11:55:30Z'), EndTime: NOW };

  function query(
    Id: string,
    CacheClusterId: string,
    MetricName = 'EngineCPUUtilization',
    Period = 60,
  ): MetricDataQuery {
    const Metric = {
      Namespace: 'AWS/ElastiCache',
      MetricName,
      Dimensions: [{ Name: 'CacheClusterId', Value: CacheClusterId }],
    };
    return { Id, MetricStat: { Metric, Stat: 'Maximum', Period } };
  }

  function setValues(id: string, values: Record<string, number | number[]>): void {
    const found = fake.state.metrics.find(({ dimensions }) => dimensions.CacheClusterId === id);
    Object.assign(found?.values ?? {}, values);
  }

  it('have the newest value at the end of the window, in the order that is asked for', async () => {
    setValues('prod-sessions-0001-001', { EngineCPUUtilization: [5, 6.5, 7] });
    const ask = async (ScanBy: 'TimestampAscending' | 'TimestampDescending' | undefined) => {
      const MetricDataQueries = [query('cpu', 'prod-sessions-0001-001')];
      const answer = await clients.cloudWatch.send(new GetMetricDataCommand({ ...window, MetricDataQueries, ScanBy }));
      return answer.MetricDataResults?.[0];
    };
    const minutes = ['11:58', '11:59', '12:00'].map((time) => new Date(`2026-07-31T${time}:00Z`));
    expect(await ask('TimestampAscending')).toEqual({
      Id: 'cpu',
      Label: 'EngineCPUUtilization',
      StatusCode: 'Complete',
      Timestamps: minutes,
      Values: [5, 6.5, 7],
    });
    expect(await ask(undefined)).toMatchObject({ Timestamps: [...minutes].reverse(), Values: [7, 6.5, 5] });
  });

  it('have a value that is always the same once a period, and of more values the newest', async () => {
    setValues('prod-sessions-0001-001', { CurrItems: Array.from({ length: 200 }, (_, index) => index) });
    const answer = await clients.cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date('2026-07-31T11:00:00Z'),
        EndTime: new Date('2026-07-31T12:00:00Z'),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: [
          query('cpu', 'prod-sessions-0001-001', 'CPUUtilization', 900),
          query('items', 'prod-sessions-0001-001', 'CurrItems', 900),
        ],
      }),
    );
    expect(answer.MetricDataResults?.map(({ Values }) => Values)).toEqual([
      [9, 9, 9, 9],
      [196, 197, 198, 199],
    ]);
  });

  it('are empty of what has none', async () => {
    const answer = await clients.cloudWatch.send(
      new GetMetricDataCommand({ ...window, MetricDataQueries: [query('cpu', 'nobody')] }),
    );
    expect(answer.MetricDataResults).toEqual([
      { Id: 'cpu', Label: 'EngineCPUUtilization', StatusCode: 'Complete', Timestamps: [], Values: [] },
    ]);
  });

  it('come in pages of as many values as are asked for, of which each has the rest of the one before', async () => {
    const MetricDataQueries = [
      query('a', 'prod-sessions-0001-001'),
      query('b', 'nobody'),
      query('c', 'prod-sessions-0001-002'),
    ];
    const pages = paginateGetMetricData(
      { client: clients.cloudWatch },
      { ...window, MetricDataQueries, MaxDatapoints: 4 },
    );
    const found: Array<Array<[string | undefined, number, string | undefined]>> = [];
    for await (const { MetricDataResults = [] } of pages) {
      found.push(MetricDataResults.map(({ Id, Values, StatusCode }) => [Id, Values?.length ?? 0, StatusCode]));
    }
    // Six values each.
    expect(found).toEqual([
      [
        ['a', 4, 'PartialData'],
        ['b', 0, 'Complete'],
      ],
      [
        ['a', 2, 'Complete'],
        ['c', 2, 'PartialData'],
      ],
      [['c', 4, 'Complete']],
    ]);
  });

  it.each<[string, object]>([
    [
      'of more than 500 queries',
      { MetricDataQueries: Array.from({ length: 501 }, (_, index) => query(`m${index}`, 'x')) },
    ],
    ['of more than 100,800 values', { MaxDatapoints: 100_801 }],
    ['that end before they begin', { StartTime: NOW }],
    ['with an id that is there twice', { MetricDataQueries: [query('m', 'x'), query('m', 'y')] }],
    ['with a period of a minute and a half', { MetricDataQueries: [query('m', 'x', 'CurrItems', 90)] }],
    ['with a token that was not given', { NextToken: 'made-up' }],
  ])('%s are refused', async (_, input) => {
    const asked = clients.cloudWatch.send(
      new GetMetricDataCommand({ ...window, MetricDataQueries: [query('m', 'x')], ...input }),
    );
    expect(await failureOf(asked)).toMatchObject({ name: 'ValidationError', status: 400 });
  });
});

describe('requests', () => {
  it('are recorded with what they asked, and when, and how they were answered', async () => {
    const { length } = fake.calls;
    const before = Date.now();
    await clients.elastiCache.send(
      new DescribeUpdateActionsCommand({ ReplicationGroupIds: ['one', 'two'], ShowNodeLevelUpdateStatus: false }),
    );
    await failureOf(clients.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'none' })));
    expect(fake.calls.slice(length)).toEqual([
      {
        action: 'elasticache:DescribeUpdateActions',
        input: { ReplicationGroupIds: ['one', 'two'], ShowNodeLevelUpdateStatus: false },
        at: expect.any(Number),
        status: 200,
      },
      {
        action: 'rds:DescribeDBInstances',
        input: { DBInstanceIdentifier: 'none' },
        at: expect.any(Number),
        status: 404,
      },
    ]);
    for (const { at } of fake.calls.slice(length)) {
      expect(at).toBeGreaterThanOrEqual(before);
      expect(at).toBeLessThanOrEqual(Date.now());
    }
  });

  it('are counted while they are in flight together', async () => {
    const own = await FakeAws.start(structuredClone(production));
    try {
      const { elastiCache } = clientsOf(own.address);
      own.fault({ kind: 'slow', ms: 150, times: 3 });
      await Promise.all([1, 2, 3].map(() => elastiCache.send(new DescribeReplicationGroupsCommand({}))));
      await elastiCache.send(new DescribeReplicationGroupsCommand({}));
      expect(own.mostAtOnce).toBe(3);
    } finally {
      await own.close();
    }
  });

  it('for another region are refused', async () => {
    const { rds } = clientsOf(fake.address, 'eu-west-1');
    expect(await failureOf(rds.send(new DescribeDBInstancesCommand({})))).toMatchObject({
      name: 'SignatureDoesNotMatch',
      message: 'Credential should be scoped to us-east-1, and is to eu-west-1.',
    });
  });

  it('for what the fake does not have are refused, instead of answered with something else', async () => {
    const policies = clients.autoScaling.send(new DescribePoliciesCommand({}));
    expect(await failureOf(policies)).toMatchObject({ name: 'InvalidAction' });
    const filtered = clients.rds.send(
      new DescribeDBInstancesCommand({ Filters: [{ Name: 'engine', Values: ['mysql'] }] }),
    );
    expect(await failureOf(filtered)).toMatchObject({
      message: 'This fake does not know the parameter Filters of DescribeDBInstances.',
    });
  });

  it('that are not signed are refused', async () => {
    const answer = await fetch(fake.address, { method: 'POST', body: 'Action=DescribeStacks&Version=2010-05-15' });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('MissingAuthenticationToken');
  });
});

describe('faults', () => {
  const groups = () => clients.elastiCache.send(new DescribeReplicationGroupsCommand({}));
  const alarms = () => clients.cloudWatch.send(new DescribeAlarmsCommand({}));
  const secret = () => clients.secretsManager.send(new DescribeSecretCommand({ SecretId: 'prod-signingkey' }));

  it.each<[FakeFault, string, number, string]>([
    [{ kind: 'throttle' }, 'Throttling', 400, 'ThrottlingException'],
    [{ kind: 'error', status: 500 }, 'InternalFailure', 500, 'InternalFailure'],
    [{ kind: 'error', status: 503 }, 'ServiceUnavailable', 503, 'ServiceUnavailable'],
    [{ kind: 'denied' }, 'AccessDenied', 403, 'AccessDeniedException'],
    [{ kind: 'expired' }, 'ExpiredToken', 403, 'ExpiredTokenException'],
    [{ kind: 'skew', ms: 3_600_000, fixed: true }, 'SignatureDoesNotMatch', 403, 'InvalidSignatureException'],
  ])('%j have the code of each protocol', async (fault, query, status, json) => {
    fake.fault(fault);
    expect(await failureOf(groups())).toMatchObject({ name: query, status });
    expect(await failureOf(clientsOf(fake.address).cloudWatch.send(new DescribeAlarmsCommand({})))).toMatchObject({
      name: json,
    });
    expect(await failureOf(secret())).toMatchObject({ name: json });
  });

  it('say who may not do what', async () => {
    fake.fault({ kind: 'denied', action: 'cloudwatch:DescribeAlarms' });
    const { message } = await failureOf(alarms());
    expect(message).toContain(
      'User: arn:aws:iam::111122223333:user/operator is not authorized to perform: cloudwatch:DescribeAlarms',
    );
  });

  it('happen to the actions that they are for, as often as they are for', async () => {
    fake.fault({ kind: 'throttle', action: /^elasticache:/, times: 1 });
    fake.fault({ kind: 'denied', action: ELASTICACHE, times: 1, message: 'No.' });
    await alarms();
    expect((await failureOf(groups())).name).toBe('Throttling');
    expect(await failureOf(groups())).toMatchObject({ name: 'AccessDenied', message: 'No.' });
    await groups();
  });

  it.each<FakeFault['kind']>(['error', 'reset', 'cut'])(
    'of the kind %s are tried again by the client',
    async (kind) => {
      const { length } = fake.calls;
      fake.fault({ kind, status: 500, times: 1 } as FakeFault);
      const { elastiCache } = clientsOf(fake.address, 'us-east-1', 2);
      const answer = await elastiCache.send(new DescribeReplicationGroupsCommand({}));
      expect(answer.ReplicationGroups).toHaveLength(1);
      expect(fake.calls.slice(length)).toHaveLength(2);
    },
  );

  it('keep a client waiting for good, or for a while', async () => {
    fake.fault({ kind: 'hang', times: 1 });
    const ended = clients.elastiCache.send(new DescribeReplicationGroupsCommand({}), {
      abortSignal: AbortSignal.timeout(50),
    });
    expect((await failureOf(ended)).name).toBe('AbortError');
    expect(fake.calls.at(-1)?.status).toBe(0);
    fake.fault({ kind: 'slow', ms: 30, times: 1 });
    const before = performance.now();
    await groups();
    expect(performance.now() - before).toBeGreaterThan(28);
  });

  it('can be a page of a proxy', async () => {
    fake.fault({ kind: 'html' });
    expect((await failureOf(groups())).status).toBe(502);
    expect((await failureOf(alarms())).name).toBe('SyntaxError');
  });

  it.each([3_600_000, -3_600_000])('of a clock that is %d ms off are corrected by the client', async (ms) => {
    fake.fault({ kind: 'skew', ms });
    const { elastiCache, cloudWatch } = clientsOf(fake.address, 'us-east-1', 2);
    const { length } = fake.calls;
    await elastiCache.send(new DescribeReplicationGroupsCommand({}));
    await elastiCache.send(new DescribeReplicationGroupsCommand({}));
    await cloudWatch.send(new DescribeAlarmsCommand({}));
    expect(fake.calls.slice(length).map(({ status }) => status)).toEqual([403, 200, 200, 400, 200]);
  });
});

describe('a failover that is tested', () => {
  const events = async () => {
    const { Events = [] } = await clients.elastiCache.send(new DescribeEventsCommand({}));
    return Events.map(({ SourceIdentifier, Message }) => `${SourceIdentifier}: ${Message}`).reverse();
  };
  const test = (ReplicationGroupId: string, NodeGroupId = '0001') =>
    clients.elastiCache.send(new TestFailoverCommand({ ReplicationGroupId, NodeGroupId }));
  const groupNow = async () => {
    const { ReplicationGroups = [] } = await clients.elastiCache.send(new DescribeReplicationGroupsCommand({}));
    return ReplicationGroups[0];
  };
  const clusterNow = async (CacheClusterId: string) => {
    const asked = new DescribeCacheClustersCommand({ CacheClusterId, ShowCacheNodeInfo: true });
    const { CacheClusters = [] } = await clients.elastiCache.send(asked);
    return CacheClusters[0];
  };
  const pass = (seconds: number) => {
    clock = new Date(clock.getTime() + seconds * 1_000);
  };

  it('swaps the roles and recovers the node, with the events that AWS documents', async () => {
    fake.state = healthyDev(NOW);
    const roles = async () =>
      (await groupNow())?.NodeGroups?.[0]?.NodeGroupMembers?.map(({ CurrentRole }) => CurrentRole);
    const answer = await test('dev-sessions');
    expect(answer.ReplicationGroup).toMatchObject({ Status: 'modifying', AutomaticFailover: 'enabled' });
    expect(await roles()).toEqual(['primary', 'replica']);
    expect(await clusterNow('dev-sessions-002')).toMatchObject({ CacheClusterStatus: 'modifying' });

    pass(20);
    expect(await roles()).toEqual(['replica', 'primary']);
    expect(await events()).toHaveLength(3);
    pass(10);
    expect(await clusterNow('dev-sessions-001')).toMatchObject({ CacheNodes: [{ CacheNodeStatus: 'creating' }] });
    expect(await groupNow()).toMatchObject({ Status: 'modifying' });
    pass(30);
    expect(await groupNow()).toMatchObject({ Status: 'available', NodeGroups: [{ Status: 'available' }] });
    expect(await clusterNow('dev-sessions-001')).toMatchObject({
      CacheClusterStatus: 'available',
      CacheNodes: [{ CacheNodeStatus: 'available' }],
    });
    const failover = 'Failover from primary node dev-sessions-001 to replica node dev-sessions-002 completed';
    expect(await events()).toEqual([
      'dev-sessions: Test Failover API called for node group 0001',
      `dev-sessions-001: ${failover}`,
      `dev-sessions: ${failover}`,
      'dev-sessions-001: Recovering cache nodes 0001',
      'dev-sessions-001: Finished recovery for cache nodes 0001',
    ]);
  });

  it('shows by the metric of the nodes alone with cluster mode on', async () => {
    const primaries = () =>
      fake.state.metrics
        .filter(({ values }) => values.IsMaster === 1)
        .map(({ dimensions }) => dimensions.CacheClusterId);
    await test('prod-sessions', '0002');
    expect(primaries()).toEqual(['prod-sessions-0001-001', 'prod-sessions-0002-001']);
    expect(await clusterNow('prod-sessions-0001-001')).toMatchObject({ CacheClusterStatus: 'available' });
    pass(20);
    expect(primaries()).toEqual(['prod-sessions-0001-001', 'prod-sessions-0002-002']);
    pass(40);
    expect(await groupNow()).toMatchObject({ Status: 'available' });
    expect((await groupNow())?.NodeGroups?.[1]?.NodeGroupMembers?.[0]?.CurrentRole).toBeUndefined();
  });

  it.each<[string, string, string, (state: FakeState) => void]>([
    ['ReplicationGroupNotFoundFault', 'nobody', '0001', () => {}],
    ['NodeGroupNotFoundFault', 'prod-sessions', '0003', () => {}],
    [
      'InvalidReplicationGroupStateFault',
      'prod-sessions',
      '0001',
      ({ replicationGroups: [group] }) => Object.assign(group ?? {}, { Status: 'snapshotting' }),
    ],
    [
      'InvalidParameterCombinationException',
      'prod-sessions',
      '0001',
      ({ replicationGroups: [group] }) => Object.assign(group ?? {}, { AutomaticFailover: 'disabled' }),
    ],
  ])('is refused with %s', async (name, group, shard, change) => {
    change(fake.state);
    expect(await failureOf(test(group, shard))).toMatchObject({ name });
    expect(await events()).toEqual([]);
  });

  it('is refused while another one goes on, and the sixteenth time in 24 hours', async () => {
    const own = await FakeAws.start(healthyDev(NOW), { now: () => clock, durations: { recovery: 1_000 } });
    try {
      const { elastiCache } = clientsOf(own.address);
      const testNow = () =>
        elastiCache.send(new TestFailoverCommand({ ReplicationGroupId: 'dev-sessions', NodeGroupId: '0001' }));
      for (let count = 0; count < 15; count += 1) {
        await testNow();
        expect((await failureOf(testNow())).name).toBe('InvalidReplicationGroupStateFault');
        pass(60);
      }
      expect((await failureOf(testNow())).name).toBe('APICallRateForCustomerExceededFault');
      pass(24 * 60 * 60);
      await testNow();
    } finally {
      await own.close();
    }
  });

  it('never ends where a duration has no end', async () => {
    const own = await FakeAws.start(healthyDev(NOW), {
      now: () => clock,
      durations: { promotion: Number.POSITIVE_INFINITY },
    });
    try {
      const { elastiCache } = clientsOf(own.address);
      await elastiCache.send(new TestFailoverCommand({ ReplicationGroupId: 'dev-sessions', NodeGroupId: '0001' }));
      pass(1_000_000);
      expect(own.state.replicationGroups[0]?.Status).toBe('modifying');
    } finally {
      await own.close();
    }
  });
});

describe('an instance that is ended', () => {
  const end = (InstanceId: string | undefined, ShouldDecrementDesiredCapacity = false) =>
    clients.autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }),
    );
  const instances = () => fake.state.autoScalingGroups[0]?.Instances?.map(({ LifecycleState }) => LifecycleState);
  const targets = () => Object.values(fake.state.targetHealth)[0]?.map(({ TargetHealth }) => TargetHealth?.State);
  const [first] = production.autoScalingGroups[0]?.Instances ?? [];

  it('is drained and goes, and another one comes in its place', async () => {
    const answer = await end(first?.InstanceId);
    expect(answer.Activity).toMatchObject({
      AutoScalingGroupName: 'prod-fleet',
      StatusCode: 'InProgress',
      StartTime: NOW,
    });
    expect(instances()).toEqual(['Terminating', 'InService', 'InService']);
    expect(targets()).toEqual(['draining', 'healthy', 'healthy']);
    const wait = (milliseconds: number) => {
      clock = new Date(NOW.getTime() + milliseconds);
      return { instances: instances(), targets: targets() };
    };
    expect(wait(20).instances).toEqual(['Terminating', 'InService', 'InService', 'Pending']);
    expect(wait(40)).toEqual({ instances: ['InService', 'InService', 'Pending'], targets: ['healthy', 'healthy'] });
    expect(wait(50)).toEqual({
      instances: ['InService', 'InService', 'InService'],
      targets: ['healthy', 'healthy', 'initial'],
    });
    expect(wait(80).targets).toEqual(['healthy', 'healthy', 'healthy']);
    const ids = fake.state.autoScalingGroups[0]?.Instances?.map(({ InstanceId }) => InstanceId);
    expect(ids).not.toContain(first?.InstanceId);
    expect(ids?.at(-1)).toMatch(/^i-0[0-9a-f]{16}$/);
  });

  it('has no successor where fewer are wanted, which the least number forbids', async () => {
    expect(await failureOf(end(first?.InstanceId, true))).toMatchObject({ name: 'ValidationError' });
    expect(instances()).toEqual(['InService', 'InService', 'InService']);
    Object.assign(fake.state.autoScalingGroups[0] ?? {}, { MinSize: 2 });
    await end(first?.InstanceId, true);
    clock = new Date(NOW.getTime() + 1_000);
    expect(instances()).toEqual(['InService', 'InService']);
    expect(fake.state.autoScalingGroups[0]?.DesiredCapacity).toBe(2);
  });

  it('must be one of a group', async () => {
    expect(await failureOf(end('i-00000000000000000'))).toMatchObject({ name: 'ValidationError' });
  });
});

describe('environments', () => {
  const cacheNodes = ({ cacheClusters }: FakeState) =>
    cacheClusters.reduce((sum, { CacheNodes = [] }) => sum + CacheNodes.length, 0);

  it.each<[string, FakeState]>([
    ['production', production],
    ['dev', healthyDev(NOW)],
    ['a large one', largeEnvironment(80, NOW)],
  ])('in %s are copied whole, and have in the region what their stacks have made', (_, state) => {
    expect(structuredClone(state)).toEqual(state);
    const made = (type: string) =>
      state.stacks
        .flatMap(({ resources }) => resources)
        .filter(({ ResourceType }) => ResourceType === type)
        .map(({ PhysicalResourceId }) => PhysicalResourceId)
        .sort();
    const has = {
      'AWS::ElastiCache::ReplicationGroup': state.replicationGroups.map(({ ReplicationGroupId }) => ReplicationGroupId),
      'AWS::ElastiCache::CacheCluster': state.cacheClusters
        .filter(({ Engine }) => Engine === 'memcached')
        .map(({ CacheClusterId }) => CacheClusterId),
      'AWS::ElastiCache::SubnetGroup': state.cacheSubnetGroups.map(({ CacheSubnetGroupName }) => CacheSubnetGroupName),
      'AWS::RDS::DBInstance': state.dbInstances.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier),
      'AWS::AutoScaling::AutoScalingGroup': state.autoScalingGroups.map((group) => group.AutoScalingGroupName),
      'AWS::CloudWatch::Alarm': state.alarms.map(({ AlarmName }) => AlarmName),
      'AWS::SecretsManager::Secret': state.secrets.map(({ ARN }) => ARN),
    };
    for (const [type, ids] of Object.entries(has)) {
      expect([type, made(type)]).toEqual([type, [...ids].sort()]);
    }
    const members = state.replicationGroups.flatMap(({ MemberClusters = [] }) => MemberClusters);
    expect(state.cacheClusters.map(({ CacheClusterId }) => CacheClusterId)).toEqual(expect.arrayContaining(members));
    for (const { template, resources } of state.stacks) {
      expect(Object.keys(template.Resources as object)).toEqual(
        resources.map(({ LogicalResourceId }) => LogicalResourceId),
      );
    }
  });

  it('in production watch every cache node and the database, and have reserved every cache node', () => {
    const watched = JSON.stringify(production.alarms);
    for (const { CacheClusterId } of production.cacheClusters) {
      expect(watched).toContain(`"${CacheClusterId}"`);
    }
    expect(watched).toContain('"prod-database"');
    const reserved = production.reservedCacheNodes.reduce((sum, { CacheNodeCount = 0 }) => sum + CacheNodeCount, 0);
    expect(reserved).toBe(cacheNodes(production));
  });

  it.each([9, 1_000])('can have %d cache nodes', (nodes) => {
    const state = largeEnvironment(nodes, NOW);
    expect(cacheNodes(state)).toBe(nodes);
    expect(Math.max(...state.stacks.map(({ resources }) => resources.length))).toBeLessThanOrEqual(500);
  });
});
