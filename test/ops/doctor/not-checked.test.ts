import { diagnose } from '../../../ops/doctor/diagnose';
import type { Gap } from '../../../ops/environment/environment-state';
import {
  all,
  balancer,
  type Change,
  databaseWithout,
  dataStack,
  environment,
  group,
  groupWithout,
  memcached,
  metrics,
  metricsWithout,
  nodes,
  parameters,
  secret,
  serverless,
  silentTemplate,
  template,
  without,
  withoutTemplates,
} from './changes';
import { allDay, daysAgo, healthyProd, lately, NOW, STORE_PARAMETERS } from './healthy-state';

const FIVE_OF_SIX = `${['0001-001', '0001-002', '0001-003', '0002-001', '0002-002'].map((node) => `sessions-${node}`).join('; ')}; and 1 more`;

const oneZone: Change = all(nodes(3, { zone: 'us-east-1a' }), groupWithout('subnetZones'));

/** What is not known, beside what would be wrong if it were. */
const UNKNOWN: ReadonlyArray<readonly [what: string, change: Change, notChecked: readonly string[]]> = [
  [
    'the zones of the subnets',
    oneZone,
    ['replicas-in-one-zone sessions: the zones of its nodes and subnets are not known'],
  ],
  [
    'the zones of the subnets of Memcached',
    (state) => ({
      ...state,
      memcached: state.memcached.map(({ subnetZones: _, ...cluster }) => ({
        ...cluster,
        nodes: cluster.nodes.map((node) => ({ ...node, zone: 'us-east-1a' })),
      })),
    }),
    ['memcached-in-one-zone objects: the zones of its nodes and subnets are not known'],
  ],
  [
    'the status of a cache and of a node',
    all(nodes(1, { status: 'unknown' }), memcached({ status: '' })),
    [
      'cache-not-available objects: ElastiCache tells no status of it',
      'node-not-available sessions-0001-001: ElastiCache tells no status of it',
    ],
  ],
  [
    'the slots of a shard',
    (state) => group({ shards: (state.groups[0]?.shards ?? []).map(({ slots: _, ...shard }) => shard) })(state),
    ['slots-without-shard sessions: ElastiCache does not tell the slots of every shard'],
  ],
  [
    'how far replicas are behind',
    metricsWithout('ReplicationLag'),
    [
      'replication-lags sessions: CloudWatch has no data of ReplicationLag of sessions-0001-002; sessions-0001-003; sessions-0002-002; sessions-0002-003',
    ],
  ],
  [
    'which nodes are replicas',
    all(metricsWithout('ReplicationLag'), nodes(6, { role: 'unknown' })),
    ['replication-lags sessions: CloudWatch has no data of ReplicationLag'],
  ],
  ['the snapshots', groupWithout('snapshots'), ['snapshot-old sessions: its snapshots are not known']],
  [
    'when snapshots were made',
    group({ snapshots: [{ name: 'automatic', status: 'available', isAutomatic: true }] }),
    ['snapshot-old sessions: when its newest automatic snapshot was made, or it itself, is not known'],
  ],
  [
    'to when the database can be restored, and until when its certificate is valid',
    databaseWithout('latestRestorableAt', 'certificateValidUntil'),
    [
      'database-certificate-expires database films: RDS does not tell until when its certificate is valid',
      'database-restore-lags database films: RDS does not tell its latest restorable time',
    ],
  ],
  [
    'the version of an engine',
    group({ engineVersion: '' }),
    [
      'engine-support-ended sessions: the version of its valkey is not known',
      'engine-support-ending sessions: the version of its valkey is not known',
    ],
  ],
  [
    'the service updates',
    groupWithout('serviceUpdates'),
    [
      'major-upgrade-due sessions: its service updates are not known',
      'service-update-due sessions: its service updates are not known',
      'service-update-overdue sessions: its service updates are not known',
    ],
  ],
  [
    'whether parameters are applied',
    groupWithout('parameterStatus'),
    ['parameters-wait-for-reboot sessions: it is not known whether its parameters are applied'],
  ],
  [
    'the parameters of a full group',
    all(groupWithout('parameters'), metrics({ DatabaseMemoryUsagePercentage: [99] })),
    [
      'memory-full-evicts sessions: its parameter maxmemory-policy is not known',
      'memory-full-refuses-writes sessions: its parameter maxmemory-policy is not known',
      'parameters-differ-from-template sessions: its parameters are not known',
      'reserved-memory-low sessions: its parameter reserved-memory-percent is not known',
    ],
  ],
  [
    'how full a disk is beside the memory',
    all(group({ dataTiering: true }), metrics({ DatabaseMemoryUsagePercentage: [99] })),
    [
      `memory-full-evicts sessions: CloudWatch has no data of DatabaseCapacityUsagePercentage of ${FIVE_OF_SIX}`,
      `memory-full-refuses-writes sessions: CloudWatch has no data of DatabaseCapacityUsagePercentage of ${FIVE_OF_SIX}`,
    ],
  ],
  [
    'how many entries of a volatile store may be evicted',
    all(
      parameters({ 'maxmemory-policy': 'volatile-lru' }),
      silentTemplate('SessionsParameters'),
      metrics({ DatabaseMemoryUsagePercentage: [99], CurrVolatileItems: [] }),
    ),
    ['memory-full-evicts', 'memory-full-refuses-writes'].map(
      (rule) =>
        `${rule} sessions: CloudWatch has no data of DatabaseMemoryUsagePercentage, CurrItems, CurrVolatileItems of sessions-0001-001`,
    ),
  ],
  [
    'whether a group whose lookups miss is a cache',
    all(
      group({ parameters: STORE_PARAMETERS.filter(({ name }) => name !== 'maxmemory-policy') }),
      silentTemplate('SessionsParameters'),
      nodes(6, {}, { CacheHits: [10], CacheMisses: [1_000] }),
    ),
    ['hit-ratio-low sessions: its parameter maxmemory-policy is not known'],
  ],
  [
    'what a deployment that is under way will leave',
    all(
      group({ nodeType: 'cache.m7g.xlarge', snapshotRetentionDays: 30 }),
      environment({
        reservations: [
          { id: 'r', nodeType: 'cache.m7g.xlarge', count: 9, engine: 'valkey' },
          { id: 'm', nodeType: 'cache.m7g.large', count: 3, engine: 'memcached' },
        ],
      }),
      dataStack({ status: 'UPDATE_IN_PROGRESS' }),
    ),
    [
      'node-type-differs-from-template sessions: a deployment is under way: the stack prod-data is UPDATE_IN_PROGRESS',
      'settings-differ-from-template sessions: a deployment is under way: the stack prod-data is UPDATE_IN_PROGRESS',
    ],
  ],
  [
    'which groups are caches',
    all(
      groupWithout('parameters'),
      template('Sessions', { CacheParameterGroupName: undefined }),
      group({ snapshotRetentionDays: 35, parameterGroup: 'default' }),
      (state) => ({
        ...state,
        memcached: state.memcached.map((cluster) => ({
          ...cluster,
          nodes: cluster.nodes.map((node) => ({ ...node, metrics: { ...node.metrics, GetHits: [0], GetMisses: [0] } })),
        })),
      }),
    ),
    [
      'cache-saves-little prod: which of its groups are caches is not known: their maxmemory-policy is not',
      'reserved-memory-low sessions: its parameter reserved-memory-percent is not known',
    ],
  ],
  [
    'some metrics of some nodes',
    (state) => ({
      ...state,
      groups: state.groups.map((each) => ({
        ...each,
        shards: each.shards.map((shard, index) => ({
          ...shard,
          nodes: shard.nodes.map((node, member) => {
            const { CacheHits: _1, CPUUtilization: _2, ...rest } = node.metrics;
            return index === 0 && member < 2 ? { ...node, metrics: rest } : node;
          }),
        })),
      })),
    }),
    [
      'engine-busy sessions: CloudWatch has no data of CPUUtilization of sessions-0001-001; sessions-0001-002',
      'uneven-shards sessions: CloudWatch has no data of BytesUsedForCache, CacheHits, CacheMisses of every node',
    ],
  ],
  [
    'how connections grow over hours',
    metrics({ CurrConnections: lately(23, 9_000).slice(-23), NewConnections: allDay(1) }),
    ['connections-not-closed sessions: there is less than six hours of data of sessions-0001-001'],
  ],
  [
    'what a serverless cache does',
    (state) => {
      const changed = serverless({})(state);
      return { ...changed, serverless: changed.serverless.map((cache) => ({ ...cache, metrics: {} })) };
    },
    [
      'cache-saves-little prod: CloudWatch has no data of hits, ReadIOPS of its caches and databases',
      'entries-evicted pages: CloudWatch has no data of Evictions',
      'hit-ratio-low pages: CloudWatch has no data of CacheHits, CacheMisses',
      'serverless-load-near-limit pages: CloudWatch has no data of ElastiCacheProcessingUnits',
      'serverless-storage-near-limit pages: CloudWatch has no data of BytesUsedForCache',
      'serverless-throttled pages: CloudWatch has no data of ThrottledCmds',
    ],
  ],
  [
    'what a burstable database does',
    (state) => ({
      ...template('Films', { DBInstanceClass: 'db.t4g.small' })(state),
      databases: state.databases.map((each) => ({ ...each, instanceClass: 'db.t4g.small', metrics: {} })),
    }),
    [
      'cache-saves-little prod: CloudWatch has no data of hits, ReadIOPS of its caches and databases',
      'database-busy database films: CloudWatch has no data of CPUUtilization',
      'database-credits-low database films: CloudWatch has no data of CPUCreditBalance',
      'database-storage-low database films: CloudWatch has no data of FreeStorageSpace',
    ],
  ],
  [
    'when the AUTH token was changed',
    group({ authToken: true }),
    ['auth-token-old sessions: ElastiCache does not tell when its AUTH token changed'],
  ],
  [
    'when a rotation is due',
    (state) => ({ ...state, secrets: (state.secrets ?? []).map(({ nextRotationAt: _, ...each }) => each) }),
    ['rotation-overdue secret films-password: Secrets Manager does not tell when its next rotation is'],
  ],
  [
    'the secrets',
    all(secret({ isRotated: false }), without('secrets')),
    ['rotation-off prod: its secrets are not known', 'rotation-overdue prod: its secrets are not known'],
  ],
  [
    'the alarms',
    without('alarms'),
    [
      'alarm-raised prod: its alarms are not known',
      'alarm-tells-nobody prod: its alarms are not known',
      'alarm-watches-what-is-gone prod: its alarms are not known',
      'alarm-without-data prod: its alarms are not known',
      'watched-by-no-alarm prod: its alarms are not known',
    ],
  ],
  [
    'since when an alarm has no data',
    (state) => ({
      ...state,
      alarms: (state.alarms ?? []).map(({ since: _, ...each }, index) =>
        index === 0 ? { ...each, state: 'INSUFFICIENT_DATA' as const } : each,
      ),
    }),
    ['alarm-without-data alarm sessions-cpu: CloudWatch does not tell since when it has no data'],
  ],
  [
    'the targets of the load balancer, and its requests',
    (state) => ({
      ...state,
      fleets: state.fleets.map((fleet) => ({
        ...fleet,
        instances: fleet.instances.map(({ target: _, ...instance }) => instance),
        ...(fleet.loadBalancer === undefined ? {} : { loadBalancer: { ...fleet.loadBalancer, metrics: {} } }),
      })),
    }),
    [
      'fleet-serves-nothing fleet web: the health of its targets is not known',
      'fleet-short-of-instances fleet web: the health of its targets is not known',
      'https-certificate-expires load balancer web: CloudWatch has no days to the expiry of its certificate in the last 24 hours: it may have expired',
      'requests-fail load balancer web: CloudWatch has no data of RequestCount',
      'requests-slow load balancer web: CloudWatch has no data of TargetResponseTime',
    ],
  ],
  ['the reservations', without('reservations'), ['reserved-nodes prod: its reservations are not known']],
  [
    'when nodes were made',
    (state) => ({
      ...environment({ reservations: [] })(state),
      groups: [],
      stacks: [],
      databases: [],
      memcached: state.memcached.map((cluster) => ({
        ...cluster,
        nodes: cluster.nodes.map(({ createdAt: _, ...node }) => node),
      })),
    }),
    [
      'engine-version-differs-from-template objects: its template is not known',
      'node-type-differs-from-template objects: its template is not known',
      'reserved-nodes prod: when 3 nodes were made is not known',
      'size-differs-from-template objects: its template is not known',
    ],
  ],
];

test.each(UNKNOWN)('says what it could not judge without %s, and finds nothing', (_what, change, expected) => {
  const { findings, notChecked } = diagnose(change(healthyProd()), NOW);

  expect(findings).toEqual([]);
  expect(notChecked.map(({ rule, subject, why }) => `${rule} ${subject}: ${why}`)).toEqual(expected);
});

describe('when AWS refused a call', () => {
  const refused = (action: string): Gap => ({ what: 'something', action, code: 'AccessDenied', message: 'no' });

  test.each([
    ['cloudwatch:DescribeAlarms', without('alarms'), 'its alarms are not known'],
    ['elasticache:DescribeSnapshots', groupWithout('snapshots'), 'its snapshots are not known'],
    ['elasticache:DescribeUpdateActions', groupWithout('serviceUpdates'), 'its service updates are not known'],
    ['elasticache:DescribeCacheSubnetGroups', oneZone, 'the zones of its nodes and subnets are not known'],
    ['elasticache:DescribeReservedCacheNodes', without('reservations'), 'its reservations are not known'],
    ['cloudformation:GetTemplate', withoutTemplates(), 'its template is not known'],
  ])('says so for what is not checked: %s', (action, change, what) => {
    const { notChecked } = diagnose(all(change, environment({ gaps: [refused(action)] }))(healthyProd()), NOW);

    expect(new Set(notChecked.map(({ why }) => why))).toEqual(new Set([`${what}: ${action} failed with AccessDenied`]));
  });

  test.each([
    ['elasticache:DescribeReplicationGroups', 'groups', 'sessions'],
    ['elasticache:DescribeCacheClusters', 'memcached', 'objects'],
    ['rds:DescribeDBInstances', 'databases', 'films'],
    ['autoscaling:DescribeAutoScalingGroups', 'fleets', 'web'],
  ])('does not take for gone what %s would have told', (action, part, id) => {
    const state = environment({ [part]: [], gaps: [refused(action)] })(healthyProd());

    expect(diagnose(state, NOW)).toEqual({
      findings: [],
      notChecked: [
        {
          rule: 'resource-gone',
          subject: id,
          why: `it is not known whether it is there: ${action} failed with AccessDenied`,
        },
      ],
    });
  });

  test('does not take a cluster of an unknown engine for a Memcached cluster that is gone', () => {
    const { findings, notChecked } = diagnose(
      all(environment({ memcached: [] }), withoutTemplates())(healthyProd()),
      NOW,
    );

    expect(findings).toEqual([]);
    expect(notChecked).toContainEqual({ rule: 'resource-gone', subject: 'objects', why: 'its engine is not known' });
  });
});

test('one node that is measured is judged, and the others are not checked', () => {
  const state = all(metricsWithout('CPUUtilization'), metrics({ CPUUtilization: allDay(99) }))(healthyProd());

  const { findings, notChecked } = diagnose(state, NOW);

  expect(findings.map(({ rule, evidence }) => [rule, evidence])).toEqual([
    [
      'engine-busy',
      'sessions-0001-001 was up to 99 % busy on average of 2 vCPUs, of which the engine uses one, in 96 quarters of an hour',
    ],
  ]);
  expect(notChecked.map(({ rule }) => rule)).toEqual(['engine-busy']);
});

test('a load balancer tells of failures only where there are some', () => {
  const state = balancer({}, { HTTPCode_ELB_5XX_Count: [12] })(healthyProd());

  expect(diagnose(state, NOW)).toEqual({ findings: [], notChecked: [] });
});

test('a parameter that a family does not have is not judged', () => {
  const others = STORE_PARAMETERS.filter(({ name }) => name !== 'reserved-memory-percent');

  expect(diagnose(group({ parameters: others })(healthyProd()), NOW)).toEqual({
    findings: [],
    notChecked: [
      {
        rule: 'reserved-memory-low',
        subject: 'sessions',
        why: 'its parameter reserved-memory-percent is not known',
      },
    ],
  });
});

test('what is unknown of a rotated token is judged by the days that Security Hub names', () => {
  const change = all(
    group({ authToken: true, authTokenChangedAt: daysAgo(60) }),
    template('Sessions', { AuthToken: { Ref: 'FilmsPassword' } }),
    without('secrets'),
  );

  expect(diagnose(change(healthyProd()), NOW).findings).toEqual([]);
});

test('without templates it is not known what a secret opens', () => {
  const { notChecked } = diagnose(all(secret({ isRotated: false }), withoutTemplates())(healthyProd()), NOW);

  expect(notChecked).toContainEqual({
    rule: 'rotation-off',
    subject: 'secret films-password',
    why: 'its template is not known',
  });
});
