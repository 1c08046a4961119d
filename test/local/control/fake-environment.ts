import type {
  CacheChange,
  CacheChangeListener,
  ControlledEnvironment,
  ControlledGroup,
  ControlledMemcached,
  ControlledMemcachedNode,
  ControlledNode,
  ControlledParameterGroup,
  ControlledServerless,
  ControlledSnapshot,
  ControlledSnapshots,
  ControlledSubnetGroup,
} from '../../../local/control/controlled';
import type {
  ControlledDatabase,
  ControlledFleet,
  ControlledLoadBalancer,
  ControlledStack,
} from '../../../local/control/controlled-resources';
import type { Measurement } from '../../../local/control/measurement';

export const CREATED_AT = new Date('2026-03-01T08:00:00.000Z');

const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

/** Work that goes on until the test lets it end. */
class Work {
  private readonly waiting: Array<{ resolve: () => void; reject: (error: Error) => void }> = [];

  begin(): Promise<void> {
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /** Lets it end, and what is waiting for it go on. */
  async finish(): Promise<void> {
    this.waiting.shift()?.resolve();
    await new Promise(setImmediate);
  }

  async fail(message: string): Promise<void> {
    this.waiting.shift()?.reject(new Error(message));
    await new Promise(setImmediate);
  }
}

class Changes {
  readonly work = new Work();
  private readonly listeners = new Set<CacheChangeListener>();

  get listenerCount(): number {
    return this.listeners.size;
  }

  onChange(listener: CacheChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(change: CacheChange): void {
    for (const listener of this.listeners) {
      listener(change);
    }
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class FakeGroup extends Changes implements ControlledGroup {
  description = 'Sessions & <carts>';
  engine = 'valkey' as const;
  engineVersion = '8.1';
  nodeType = 'cache.t4g.micro';
  automaticFailover = true;
  multiAz = true;
  tls = true;
  atRestEncryption = true;
  authToken = false;
  userGroupIds: readonly string[] = ['sessions-users'];
  parameterGroup = 'sessions-parameters';
  subnetGroup: string | undefined = 'sessions-subnets';
  snapshotRetentionDays = 3;
  snapshotWindow: string | undefined = '03:00-04:00';
  maintenanceWindow: string | undefined = 'sun:05:00-sun:06:00';
  autoMinorVersionUpgrade = true;
  createdAt = CREATED_AT;
  endpoint = { host: 'localhost', port: 6_379 };
  reader: ControlledGroup['reader'] = { host: 'localhost', port: 6_380 };
  shards: Array<{ id: string; slots: string | undefined; nodes: Array<Mutable<ControlledNode>> }>;
  readonly calls: unknown[] = [];

  constructor(
    readonly id: string,
    readonly clusterMode: boolean,
    shards: number,
    replicas: number,
  ) {
    super();
    this.shards = Array.from({ length: shards }, (_, index) => {
      const shard = String(index + 1).padStart(4, '0');
      const prefix = clusterMode ? `${id}-${shard}` : id;
      return {
        id: shard,
        slots: clusterMode ? `${index * 100}-${index * 100 + 99}` : undefined,
        nodes: Array.from({ length: replicas + 1 }, (_, node) => this.node(prefix, node)),
      };
    });
  }

  async failOver(shardId: string): Promise<void> {
    this.calls.push(['failOver', shardId]);
    await this.work.begin();
  }

  async setReplicas(perShard: number, removed?: readonly string[]): Promise<void> {
    this.calls.push(['setReplicas', perShard, removed]);
    await this.work.begin();
  }

  async reboot(nodeId: string): Promise<void> {
    this.calls.push(['reboot', nodeId]);
    await this.work.begin();
  }

  /** As the real one: a replica takes the primary's place, and the primary comes back as its replica. */
  promote(shardId: string): { from: string; to: string } {
    const nodes = this.shards.find(({ id }) => id === shardId)?.nodes ?? [];
    const from = nodes.find(({ role }) => role === 'primary') as Mutable<ControlledNode>;
    const to = nodes.find(({ role }) => role === 'replica') as Mutable<ControlledNode>;
    from.role = 'replica';
    from.isUp = false;
    to.role = 'primary';
    this.tell({ type: 'failover', shard: shardId, from: from.id, to: to.id });
    return { from: from.id, to: to.id };
  }

  recover(id: string): void {
    const node = this.find(id);
    node.isUp = false;
    this.tell({ type: 'recovering', node: id });
  }

  recovered(id: string): void {
    this.find(id).isUp = true;
    this.tell({ type: 'recovered', node: id, isEmpty: false });
  }

  find(id: string): Mutable<ControlledNode> {
    return this.shards.flatMap(({ nodes }) => nodes).find((node) => node.id === id) as Mutable<ControlledNode>;
  }

  node(prefix: string, index: number): Mutable<ControlledNode> {
    return {
      id: `${prefix}-${String(index + 1).padStart(3, '0')}`,
      role: index === 0 ? 'primary' : 'replica',
      zone: ZONES[index % ZONES.length] as string,
      isUp: true,
      host: 'localhost',
      port: 7_000 + index,
    };
  }
}

export class FakeMemcached extends Changes implements ControlledMemcached {
  engineVersion = '1.6.22';
  nodeType = 'cache.t4g.micro';
  tls = true;
  parameterGroup = 'default.memcached1.6';
  subnetGroup: string | undefined;
  maintenanceWindow: string | undefined = 'mon:05:00-mon:06:00';
  autoMinorVersionUpgrade = true;
  createdAt = CREATED_AT;
  endpoint = { host: 'localhost', port: 11_211 };
  nodes: Array<Mutable<ControlledMemcachedNode>>;
  readonly calls: unknown[] = [];

  constructor(
    readonly id: string,
    count: number,
  ) {
    super();
    this.nodes = Array.from({ length: count }, (_, index) => this.node(index));
  }

  async setNodes(count: number, removed?: readonly string[]): Promise<void> {
    this.calls.push(['setNodes', count, removed]);
    await this.work.begin();
  }

  async reboot(nodeIds: readonly string[]): Promise<void> {
    this.calls.push(['reboot', nodeIds]);
    await this.work.begin();
  }

  node(index: number): Mutable<ControlledMemcachedNode> {
    return {
      id: String(index + 1).padStart(4, '0'),
      zone: ZONES[index % ZONES.length] as string,
      isUp: true,
      host: 'localhost',
      port: 12_000 + index,
    };
  }
}

export class FakeSnapshots implements ControlledSnapshots {
  readonly work = new Work();
  readonly taken: ControlledSnapshot[] = [];

  list(): readonly ControlledSnapshot[] {
    return this.taken;
  }

  async create(group: ControlledGroup, name: string): Promise<ControlledSnapshot> {
    await this.work.begin();
    return this.add(name, group.id, group.shards);
  }

  add(
    name: string,
    group: string,
    shards: ReadonlyArray<{ readonly id: string; readonly slots: string | undefined }> = [
      { id: '0001', slots: undefined },
    ],
    source: ControlledSnapshot['source'] = 'manual',
  ): ControlledSnapshot {
    const snapshot: ControlledSnapshot = {
      name,
      group,
      engine: 'valkey',
      engineVersion: '8.1',
      nodeType: 'cache.t4g.micro',
      source,
      createdAt: CREATED_AT,
      shards: shards.map(({ id, slots }) => ({ id, slots, bytes: 3_000_000 })),
    };
    this.taken.push(snapshot);
    return snapshot;
  }
}

export class FakeEnvironment implements ControlledEnvironment {
  readonly region = 'us-east-1';
  /** Cluster mode off, a primary and two replicas. */
  readonly sessions = new FakeGroup('sessions', false, 1, 2);
  /** Cluster mode on, two shards of a primary and a replica. */
  readonly carts = new FakeGroup('carts', true, 2, 1);
  readonly pages = new FakeMemcached('pages', 2);
  readonly snapshots = new FakeSnapshots();
  readonly stacks: ControlledStack[] = [stack('films-dev-data'), stack('films-dev-service')];
  databases: ControlledDatabase[] = [database('films')];
  readonly killed: string[] = [];
  fleet: ControlledFleet | undefined = fleetOf((instance) => this.killed.push(instance));
  loadBalancer: ControlledLoadBalancer | undefined = LOAD_BALANCER;
  /** What is measured each time. */
  measurements: readonly Measurement[] = [];
  replicationGroups: FakeGroup[] = [this.sessions, this.carts];
  memcachedClusters: FakeMemcached[] = [this.pages];
  serverlessCaches: ControlledServerless[] = [serverless('feed')];
  subnetGroups: ControlledSubnetGroup[] = [
    {
      name: 'sessions-subnets',
      description: 'Where sessions are',
      subnets: [
        { id: 'subnet-1', zone: 'us-east-1a' },
        { id: 'subnet-2', zone: 'us-east-1b' },
      ],
    },
  ];
  parameterGroups: ControlledParameterGroup[] = [
    {
      name: 'sessions-parameters',
      family: 'valkey8',
      parameters: [
        { name: 'timeout', value: '0', isUsers: false },
        { name: 'maxmemory-policy', value: 'volatile-ttl', isUsers: true },
      ],
    },
  ];

  async measure(): Promise<readonly Measurement[]> {
    return this.measurements;
  }
}

export function stack(name: string): ControlledStack {
  return {
    name,
    arn: `arn:aws:cloudformation:us-east-1:000000000000:stack/${name}/1`,
    status: 'CREATE_COMPLETE',
    createdAt: CREATED_AT,
    updatedAt: undefined,
    isTerminationProtected: false,
    tags: { environment: 'dev', disposable: 'true' },
    outputs: [{ key: 'Address', value: 'http://localhost:8080', exportName: undefined }],
    resources: [
      { logicalId: 'Sessions', physicalId: 'sessions', type: 'AWS::ElastiCache::ReplicationGroup' },
      { logicalId: 'Films', physicalId: 'films', type: 'AWS::RDS::DBInstance' },
    ],
    template: '{\n  "Description": "<&>"\n}\n',
  };
}

export function database(id: string): ControlledDatabase {
  return {
    id,
    engine: 'postgres',
    engineVersion: '17',
    instanceClass: 'db.t4g.micro',
    isUp: true,
    createdAt: CREATED_AT,
    endpoint: { host: 'localhost', port: 5_432 },
    masterUser: 'master',
    databaseName: 'app',
    zone: 'us-east-1a',
    multiAz: false,
    isEncrypted: true,
    isPublic: false,
    isDeletionProtected: false,
    backupRetentionDays: 1,
    allocatedGibibytes: 20,
    maxAllocatedGibibytes: 100,
    storageType: 'gp3',
    certificateAuthority: 'rds-ca-rsa2048-g1',
    autoMinorVersionUpgrade: true,
    iamAuthentication: true,
    parameterGroup: 'films-parameters',
    subnetGroup: 'films-subnets',
  };
}

const LOAD_BALANCER: ControlledLoadBalancer = {
  name: 'films',
  arn: 'arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/films/1',
  createdAt: CREATED_AT,
  scheme: 'internet-facing',
  port: 8_080,
  subnets: [{ id: 'subnet-3', zone: 'us-east-1a' }],
  listenerArn: 'arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/films/1/2',
  targetGroup: { name: 'films', arn: 'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/films/3' },
  targets: [
    { id: 'i-1', port: 20_001, state: 'healthy', reason: undefined, description: undefined },
    {
      id: 'i-2',
      port: 20_002,
      state: 'unhealthy',
      reason: 'Target.FailedHealthChecks',
      description: 'Health checks failed',
    },
  ],
};

function fleetOf(kill: (instance: string) => void): ControlledFleet {
  const instance = { zone: 'us-east-1a', lifecycle: 'InService', isHealthy: true, launchTemplateVersion: 2 } as const;
  return {
    name: 'films-fleet',
    createdAt: CREATED_AT,
    minimum: 2,
    maximum: 4,
    desired: 2,
    zones: ['us-east-1a', 'us-east-1b'],
    subnets: ['subnet-5', 'subnet-6'],
    healthCheck: 'ELB',
    healthCheckGraceSeconds: 180,
    targetGroups: [LOAD_BALANCER.targetGroup.arn],
    launchTemplate: { id: 'lt-1', name: 'films' },
    launchTemplateVersion: 2,
    instances: [
      { ...instance, id: 'i-1' },
      { ...instance, id: 'i-2', zone: 'us-east-1b', isHealthy: false, launchTemplateVersion: 1 },
    ],
    kill,
  };
}

export function serverless(id: string): ControlledServerless {
  return {
    id,
    description: 'The feed',
    engine: 'valkey',
    majorVersion: '8',
    userGroupId: 'feed-users',
    snapshotRetentionDays: 1,
    createdAt: CREATED_AT,
    endpoint: { host: 'localhost', port: 6_400 },
    reader: { host: 'localhost', port: 6_401 },
  };
}
