import type {
  AlarmState,
  DatabaseState,
  EnvironmentState,
  FleetState,
  GroupState,
  InstanceState,
  MemcachedState,
  Metrics,
  NodeState,
  Parameter,
  ServerlessState,
  StackResource,
} from '../../../ops/environment/environment-state';

/** When healthy environments are looked at. */
export const NOW = new Date('2026-11-28T12:00:00Z');

const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const QUARTERS_OF_A_DAY = 96;

/** A time so many days before `NOW`, or after it. */
export function daysAgo(days: number): string {
  return new Date(NOW.getTime() - days * 24 * 60 * 60 * 1_000).toISOString();
}

/** The same value in each quarter of an hour of the day. */
export function allDay(value: number): number[] {
  return Array.from({ length: QUARTERS_OF_A_DAY }, () => value);
}

/** A value in the last so many quarters of an hour of the day, and another before. */
export function lately(quarters: number, value: number, before = 0): number[] {
  return allDay(before).map((each, index) => (index < QUARTERS_OF_A_DAY - quarters ? each : value));
}

/** From one value to another, each a little more than the one before. */
export function growing(from: number, to: number): number[] {
  return allDay(from).map((value, index, all) => value + ((to - from) * index) / (all.length - 1));
}

/** Sessions in two shards of three nodes, objects, a database and a fleet, as production has them. */
export function healthyProd(): EnvironmentState {
  return {
    environment: 'prod',
    region: 'us-east-1',
    isLocal: false,
    takenAt: NOW.toISOString(),
    isDisposable: false,
    address: 'https://films.example.com',
    stacks: [
      {
        name: 'prod-data',
        status: 'UPDATE_COMPLETE',
        tags: { environment: 'prod', disposable: 'false' },
        isTerminationProtected: true,
        resources: [
          made('SessionsParameters', 'AWS::ElastiCache::ParameterGroup', 'sessions-parameters', {
            Properties: { 'maxmemory-policy': 'noeviction' },
          }),
          made('Sessions', 'AWS::ElastiCache::ReplicationGroup', 'sessions', {
            Engine: 'valkey',
            EngineVersion: '8.1',
            CacheNodeType: 'cache.m7g.large',
            CacheParameterGroupName: { Ref: 'SessionsParameters' },
            NumNodeGroups: 2,
            ReplicasPerNodeGroup: 2,
            SnapshotRetentionLimit: 35,
            MultiAZEnabled: true,
            AutomaticFailoverEnabled: true,
            AutoMinorVersionUpgrade: true,
            TransitEncryptionEnabled: true,
          }),
          made('Objects', 'AWS::ElastiCache::CacheCluster', 'objects', {
            Engine: 'memcached',
            EngineVersion: '1.6.22',
            CacheNodeType: 'cache.m7g.large',
            NumCacheNodes: 3,
          }),
          made('Films', 'AWS::RDS::DBInstance', 'films', {
            Engine: 'postgres',
            EngineVersion: '17',
            DBInstanceClass: 'db.r6g.large',
            MultiAZ: true,
            BackupRetentionPeriod: 35,
            DeletionProtection: true,
            PubliclyAccessible: false,
            MasterUserPassword: { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'FilmsPassword' }, '}}']] },
          }),
        ],
      },
      {
        name: 'prod-service',
        status: 'UPDATE_COMPLETE',
        tags: { environment: 'prod', disposable: 'false' },
        address: 'https://films.example.com',
        isTerminationProtected: true,
        resources: [made('Fleet', 'AWS::AutoScaling::AutoScalingGroup', 'web', { MinSize: '3' })],
      },
    ],
    groups: [healthyGroup()],
    memcached: [healthyMemcached()],
    serverless: [],
    databases: [healthyDatabase()],
    fleets: [healthyFleet()],
    alarms: [
      alarm('sessions-cpu', 'AWS/ElastiCache CPUUtilization', 'sessions-0001-001', 'sessions-0002-001'),
      alarm('objects-cpu', 'AWS/ElastiCache CPUUtilization', 'objects'),
      alarm('films-cpu', 'AWS/RDS CPUUtilization', 'films'),
    ],
    reservations: [
      { id: 'r1', nodeType: 'cache.m7g.large', count: 6, engine: 'valkey', endsAt: daysAgo(-200) },
      { id: 'r2', nodeType: 'cache.m7g.large', count: 3, engine: 'memcached', endsAt: daysAgo(-200) },
    ],
    secrets: [
      {
        name: 'films-password',
        stack: 'prod-data',
        logicalId: 'FilmsPassword',
        isRotated: true,
        lastRotatedAt: daysAgo(10),
        nextRotationAt: daysAgo(-20),
      },
    ],
    gaps: [],
  };
}

/** One node each of the smallest kinds, nothing saved and nothing watched: what a developer takes down in the evening. */
export function healthyDev(): EnvironmentState {
  const prod = healthyProd();
  const group = healthyGroup();
  const [first] = group.shards;
  const nodes = (first?.nodes ?? []).slice(0, 2).map((node, index) => ({
    ...node,
    id: `sessions-00${index + 1}`,
    zone: 'us-east-1a',
    createdAt: daysAgo(0.3),
    metrics: { ...node.metrics, ...IDLE, CPUCreditBalance: growing(0, 100) },
  }));
  const [fleet, database, memcached] = [healthyFleet(), healthyDatabase(), healthyMemcached()];
  return {
    ...prod,
    environment: 'dev',
    isDisposable: true,
    stacks: prod.stacks.map((stack) => ({
      ...stack,
      isTerminationProtected: false,
      resources: stack.resources.map((resource) =>
        resource.type === 'AWS::ElastiCache::ParameterGroup' ? resource : { ...resource, properties: {} },
      ),
    })),
    groups: [
      {
        ...group,
        nodeType: 'cache.t4g.micro',
        clusterMode: false,
        multiAz: 'disabled',
        snapshotRetentionDays: 0,
        snapshots: [],
        shards: [{ id: '0001', status: 'available', nodes }],
      },
    ],
    memcached: [
      {
        ...memcached,
        nodeType: 'cache.t4g.micro',
        nodes: memcached.nodes.slice(0, 1).map((node) => ({
          ...node,
          metrics: { ...node.metrics, GetHits: allDay(1), GetMisses: allDay(2), CPUCreditBalance: growing(0, 100) },
        })),
      },
    ],
    databases: [
      {
        ...database,
        instanceClass: 'db.t4g.micro',
        isMultiAz: false,
        isDeletionProtected: false,
        backupRetentionDays: 0,
        metrics: { ...database.metrics, CPUCreditBalance: growing(0, 100) },
      },
    ],
    fleets: [
      {
        ...fleet,
        minimum: 1,
        desired: 1,
        maximum: 2,
        zones: ['us-east-1a'],
        instances: fleet.instances.slice(0, 1),
      },
    ],
    alarms: [],
    reservations: [],
    secrets: [],
  };
}

/**
 * A local environment that nobody uses, before its first quarter of an hour is over: no metrics, no zones, nothing that
 * only AWS knows.
 */
export function idleLocal(): EnvironmentState {
  const { alarms: _alarms, reservations: _reservations, secrets: _secrets, ...prod } = healthyProd();
  const plain = (node: NodeState): NodeState => ({ ...node, zone: 'us-east-1a', metrics: {} });
  return {
    ...prod,
    isLocal: true,
    stacks: [],
    groups: prod.groups.map(
      ({ subnetZones: _1, parameters: _2, serviceUpdates: _3, snapshots: _4, parameterStatus: _5, ...group }) => ({
        ...group,
        inTransitEncryption: false,
        atRestEncryption: false,
        userGroups: [],
        snapshotRetentionDays: 0,
        automaticFailover: 'disabled',
        multiAz: 'disabled',
        shards: group.shards.map((shard) => ({ ...shard, nodes: shard.nodes.map(plain) })),
      }),
    ),
    memcached: prod.memcached.map(({ subnetZones: _1, parameters: _2, serviceUpdates: _3, ...cluster }) => ({
      ...cluster,
      inTransitEncryption: false,
      nodes: cluster.nodes.map(plain),
    })),
    databases: prod.databases.map(({ latestRestorableAt: _1, certificateValidUntil: _2, ...database }) => ({
      ...database,
      isMultiAz: false,
      isEncrypted: false,
      isDeletionProtected: false,
      backupRetentionDays: 0,
      metrics: {},
    })),
    fleets: prod.fleets.map((fleet) => ({
      ...fleet,
      zones: ['us-east-1a'],
      instances: fleet.instances.map((instance) => ({ ...instance, zone: 'us-east-1a' })),
      loadBalancer: { name: 'web', dnsName: 'localhost', state: 'active', certificates: [], metrics: {} },
    })),
  };
}

/** Valkey in front of the same database, without nodes of its own. */
export function healthyServerless(): ServerlessState {
  return {
    id: 'pages',
    stack: 'prod-data',
    logicalId: 'Pages',
    status: 'available',
    engine: 'valkey',
    engineVersion: '8.1',
    createdAt: daysAgo(100),
    description: 'prod/data/Pages',
    userGroup: 'pages-users',
    snapshotRetentionDays: 7,
    maxStorageBytes: 10_000_000_000,
    maxEcpuPerSecond: 5_000,
    metrics: {
      BytesUsedForCache: allDay(1_000_000_000),
      ElastiCacheProcessingUnits: allDay(900_000),
      ThrottledCmds: allDay(0),
      CacheHits: allDay(90_000),
      CacheMisses: allDay(10_000),
      CurrConnections: allDay(50),
      Evictions: allDay(0),
      CurrItems: allDay(1_000),
      CurrVolatileItems: allDay(900),
    },
  };
}

export const STORE_PARAMETERS: readonly Parameter[] = [
  { name: 'maxmemory-policy', value: 'noeviction', source: 'user' },
  { name: 'reserved-memory-percent', value: '25', source: 'system' },
  { name: 'maxclients', value: '65000', source: 'system' },
];

const IDLE: Metrics = {
  CacheHits: allDay(0),
  CacheMisses: allDay(1),
  NewConnections: allDay(1),
  CurrConnections: allDay(3),
};

function made(
  logicalId: string,
  type: string,
  physicalId: string,
  properties: Readonly<Record<string, unknown>>,
): StackResource {
  return { logicalId, type, physicalId, properties };
}

function healthyGroup(): GroupState {
  const shards = ['0001', '0002'].map((id, index) => ({
    id,
    status: 'available',
    slots: ['0-8191', '8192-16383'][index] as string,
    nodes: ZONES.map((zone, member) => storeNode(`sessions-${id}-00${member + 1}`, zone, member === 0)),
  }));
  return {
    id: 'sessions',
    stack: 'prod-data',
    logicalId: 'Sessions',
    status: 'available',
    engine: 'valkey',
    engineVersion: '8.1.0',
    createdAt: daysAgo(100),
    description: 'prod/data/Sessions',
    nodeType: 'cache.m7g.large',
    clusterMode: true,
    automaticFailover: 'enabled',
    multiAz: 'enabled',
    inTransitEncryption: true,
    inTransitEncryptionMode: 'required',
    atRestEncryption: true,
    authToken: false,
    userGroups: ['sessions-users'],
    snapshotRetentionDays: 35,
    snapshotWindow: '03:00-04:00',
    maintenanceWindow: 'sun:05:00-sun:06:00',
    autoMinorVersionUpgrade: true,
    dataTiering: false,
    logDelivery: [
      { type: 'slow-log', status: 'active' },
      { type: 'engine-log', status: 'active' },
    ],
    endpoint: 'sessions.example.com:6379',
    pending: [],
    parameterGroup: 'sessions-parameters',
    parameterStatus: 'in-sync',
    securityGroups: ['sg-1'],
    shards,
    subnetZones: ZONES,
    parameters: STORE_PARAMETERS,
    serviceUpdates: [],
    snapshots: [
      { name: 'automatic.sessions-2026-11-28-03-00', status: 'available', at: daysAgo(0.4), isAutomatic: true },
      { name: 'before-the-sale', status: 'creating', at: daysAgo(0.1), isAutomatic: false },
      { name: 'automatic.sessions-2026-11-27-03-00', status: 'available', at: daysAgo(1.4), isAutomatic: true },
    ],
  };
}

function storeNode(id: string, zone: string, isPrimary: boolean): NodeState {
  return {
    id,
    role: isPrimary ? 'primary' : 'replica',
    zone,
    status: 'available',
    createdAt: daysAgo(100),
    metrics: {
      DatabaseMemoryUsagePercentage: allDay(40),
      EngineCPUUtilization: allDay(20),
      CPUUtilization: allDay(15),
      CurrConnections: allDay(200),
      NewConnections: allDay(30),
      CacheHits: allDay(50_000),
      CacheMisses: allDay(500),
      Evictions: allDay(0),
      AuthenticationFailures: allDay(0),
      NetworkBandwidthInAllowanceExceeded: allDay(0),
      NetworkBandwidthOutAllowanceExceeded: allDay(0),
      ...(isPrimary ? {} : { ReplicationLag: allDay(0.2) }),
      SwapUsage: allDay(0),
      FreeableMemory: allDay(3_000_000_000),
      BytesUsedForCache: allDay(2_000_000_000),
      CurrItems: allDay(1_000_000),
      CurrVolatileItems: allDay(900_000),
      IsMaster: allDay(isPrimary ? 1 : 0),
    },
  };
}

function healthyMemcached(): MemcachedState {
  return {
    id: 'objects',
    stack: 'prod-data',
    logicalId: 'Objects',
    status: 'available',
    engine: 'memcached',
    engineVersion: '1.6.22',
    createdAt: daysAgo(100),
    nodeType: 'cache.m7g.large',
    inTransitEncryption: true,
    endpoint: 'objects.example.com:11211',
    pending: [],
    parameterGroup: 'default.memcached1.6',
    parameterStatus: 'in-sync',
    maintenanceWindow: 'sun:05:00-sun:06:00',
    autoMinorVersionUpgrade: true,
    securityGroups: ['sg-2'],
    azMode: 'cross-az',
    nodes: ZONES.map((zone, index) => ({
      id: `000${index + 1}`,
      role: 'node' as const,
      zone,
      status: 'available',
      createdAt: daysAgo(100),
      metrics: {
        CPUUtilization: allDay(20),
        CurrConnections: allDay(100),
        NewConnections: allDay(10),
        GetHits: allDay(90_000),
        GetMisses: allDay(9_000),
        Evictions: allDay(1),
        NetworkBandwidthInAllowanceExceeded: allDay(0),
        NetworkBandwidthOutAllowanceExceeded: allDay(0),
        BytesUsedForCacheItems: allDay(1_000_000_000),
        UnusedMemory: allDay(4_000_000_000),
        FreeableMemory: allDay(500_000_000),
        SwapUsage: allDay(0),
        CurrItems: allDay(500_000),
      },
    })),
    subnetZones: ZONES,
    parameters: [],
    serviceUpdates: [],
  };
}

function healthyDatabase(): DatabaseState {
  return {
    id: 'films',
    stack: 'prod-data',
    logicalId: 'Films',
    status: 'available',
    engine: 'postgres',
    engineVersion: '17.6',
    instanceClass: 'db.r6g.large',
    zone: 'us-east-1a',
    isMultiAz: true,
    isEncrypted: true,
    isPublic: false,
    isDeletionProtected: true,
    backupRetentionDays: 35,
    latestRestorableAt: daysAgo(0.003),
    allocatedBytes: 100_000_000_000,
    maxAllocatedBytes: 500_000_000_000,
    endpoint: 'films.example.com:5432',
    certificateAuthority: 'rds-ca-rsa2048-g1',
    certificateValidUntil: daysAgo(-300),
    autoMinorVersionUpgrade: true,
    isSupportExtended: true,
    iamAuthentication: true,
    pending: [],
    parameterStatus: 'in-sync',
    createdAt: daysAgo(100),
    metrics: {
      CPUUtilization: allDay(30),
      FreeStorageSpace: allDay(60_000_000_000),
      FreeableMemory: allDay(4_000_000_000),
      DatabaseConnections: allDay(40),
      ReadIOPS: allDay(120),
      WriteIOPS: allDay(20),
    },
  };
}

function healthyFleet(): FleetState {
  return {
    name: 'web',
    stack: 'prod-service',
    logicalId: 'Fleet',
    minimum: 3,
    maximum: 12,
    desired: 3,
    zones: ZONES,
    suspendedProcesses: [],
    instances: ZONES.map(
      (zone, index): InstanceState => ({
        id: `i-${index + 1}`,
        zone,
        type: 'm7g.medium',
        lifecycle: 'InService',
        health: 'Healthy',
        target: 'healthy',
        isProtectedFromScaleIn: false,
        isOutdated: false,
      }),
    ),
    loadBalancer: {
      name: 'web',
      dnsName: 'web.example.com',
      state: 'active',
      certificates: ['arn:aws:acm:us-east-1:123456789012:certificate/1'],
      metrics: {
        RequestCount: allDay(10_000),
        TargetResponseTime: allDay(0.05),
        DaysToExpiry: allDay(200),
      },
    },
  };
}

function alarm(name: string, measured: string, ...watches: string[]): AlarmState {
  return {
    name,
    stack: 'prod-data',
    state: 'OK',
    reason: 'Threshold Crossed: no datapoints',
    since: daysAgo(30),
    actionsEnabled: true,
    actions: 1,
    isForScaling: false,
    partOf: [],
    watches,
    watchesNodes: measured.startsWith('AWS/ElastiCache') ? watches : [],
    measures: [measured],
    searches: [],
  };
}
