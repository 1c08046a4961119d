/**
 * What is known of a deployed environment at one moment: what AWS answered, in this package's own words, so that what
 * `--json` prints does not change with an SDK. Times are ISO 8601 in UTC, sizes bytes, shares 0 to 1.
 *
 * What could not be asked is `undefined` where it would stand, and is among the `gaps`. What AWS answered that there is
 * none of is an empty list.
 */
export interface EnvironmentState {
  /** For example `prod`. */
  readonly environment: string;
  readonly region: string;
  /** Whether it runs on this machine, by `cdk-elasticache up`. */
  readonly isLocal: boolean;
  /** When it was asked. */
  readonly takenAt: string;
  /** Whether its stacks are tagged `disposable: true`: everything in it may be broken and lost. */
  readonly isDisposable: boolean;
  /** Of the load balancer, for example `https://films.example.com`; from the stacks' output `Address`. */
  readonly address?: string;
  readonly stacks: readonly StackState[];
  /** Replication groups of Valkey and Redis OSS. */
  readonly groups: readonly GroupState[];
  readonly memcached: readonly MemcachedState[];
  readonly serverless: readonly ServerlessState[];
  readonly databases: readonly DatabaseState[];
  readonly fleets: readonly FleetState[];
  /** Of CloudWatch, that the stacks made. */
  readonly alarms?: readonly AlarmState[];
  /** Node reservations of the region that are active; only where they were asked for. */
  readonly reservations?: readonly Reservation[];
  /** Secrets that the stacks made; only where they were asked for. */
  readonly secrets?: readonly SecretState[];
  /** What could not be asked, and why: the state is partial then. */
  readonly gaps: readonly Gap[];
}

/** A part of the state that AWS did not give. */
export interface Gap {
  /** What is missing, for example `the alarms` or `metrics of nodes`. */
  readonly what: string;
  /** The call, as IAM writes it: `cloudwatch:DescribeAlarms`. */
  readonly action: string;
  /** AWS's code, for example `AccessDenied`, `Throttling` or `TimeoutError`. */
  readonly code: string;
  readonly message: string;
}

export interface StackState {
  readonly name: string;
  /** For example `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Its output `Address`; other outputs are not read, since some stacks have passwords among them. */
  readonly address?: string;
  readonly isTerminationProtected: boolean;
  readonly resources: readonly StackResource[];
}

export interface StackResource {
  readonly logicalId: string;
  /** What AWS knows it by; not there before it is made. */
  readonly physicalId?: string;
  /** For example `AWS::ElastiCache::ReplicationGroup`. */
  readonly type: string;
  /**
   * Properties as the deployed template has them, intrinsic functions included; only where the template was asked for.
   */
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** What every cache has. */
export interface CacheState {
  readonly id: string;
  /** In which stack, and as which resource. */
  readonly stack: string;
  readonly logicalId: string;
  /** As ElastiCache writes it, for example `available`, `modifying`, `snapshotting`. */
  readonly status: string;
  readonly engine: 'valkey' | 'redis' | 'memcached';
  /** For example `8.1.0`; of a serverless cache its full version. */
  readonly engineVersion: string;
  readonly createdAt?: string;
}

/** What ElastiCache says it will change, and has not yet. */
export interface PendingChange {
  /** For example `node type`, `engine version`, `AUTH token`, `nodes`. */
  readonly what: string;
  /** For example `cache.r7g.large`. */
  readonly to: string;
}

/** A service update that is offered to a cache. */
export interface ServiceUpdate {
  readonly name: string;
  readonly severity: 'critical' | 'important' | 'medium' | 'low';
  /** As ElastiCache writes it: `not-applied`, `waiting-to-start`, `scheduled`, `in-progress`, `stopped`, `complete`. */
  readonly status: string;
  readonly type?: string;
  readonly applyBy?: string;
  readonly engine?: string;
}

export interface Parameter {
  readonly name: string;
  readonly value: string;
  /** `user` where the group changes it, else `system` or `engine-default`. */
  readonly source: string;
}

export interface GroupState extends CacheState {
  readonly engine: 'valkey' | 'redis';
  readonly description: string;
  readonly nodeType: string;
  readonly clusterMode: boolean;
  /** `enabled`, `disabled`, `enabling` or `disabling`. */
  readonly automaticFailover: string;
  /** `enabled` or `disabled`. */
  readonly multiAz: string;
  readonly inTransitEncryption: boolean;
  /** `required` or `preferred`; nothing without encryption. */
  readonly inTransitEncryptionMode?: string;
  readonly atRestEncryption: boolean;
  readonly authToken: boolean;
  readonly authTokenChangedAt?: string;
  readonly userGroups: readonly string[];
  readonly snapshotRetentionDays: number;
  readonly snapshotWindow?: string;
  readonly maintenanceWindow?: string;
  readonly autoMinorVersionUpgrade: boolean;
  readonly dataTiering: boolean;
  /** Kind of log (`slow-log`, `engine-log`) and its delivery's state, such as `active` or `error`. */
  readonly logDelivery: ReadonlyArray<{ readonly type: string; readonly status: string; readonly message?: string }>;
  readonly endpoint?: string;
  readonly readerEndpoint?: string;
  readonly pending: readonly PendingChange[];
  readonly parameterGroup?: string;
  /** `in-sync`, `applying` or `pending-reboot`: of its nodes, the one that is furthest from being in sync. */
  readonly parameterStatus?: string;
  /** Ids of the nodes whose parameters wait for a reboot; nothing where there are none. */
  readonly nodesToReboot?: readonly string[];
  readonly securityGroups: readonly string[];
  readonly shards: readonly ShardState[];
  /** Zones of the subnets that nodes may be placed in; only where they were asked for. */
  readonly subnetZones?: readonly string[];
  /** Only where they were asked for. */
  readonly parameters?: readonly Parameter[];
  /** Only where they were asked for: those that are not complete. */
  readonly serviceUpdates?: readonly ServiceUpdate[];
  /** The newest first; only where they were asked for. */
  readonly snapshots?: ReadonlyArray<{
    readonly name: string;
    readonly status: string;
    readonly at?: string;
    readonly isAutomatic: boolean;
  }>;
}

export interface ShardState {
  /** For example `0001`. */
  readonly id: string;
  readonly status: string;
  /** With cluster mode on, for example `0-8191`. */
  readonly slots?: string;
  readonly nodes: readonly NodeState[];
}

export interface NodeState {
  /** Cache cluster id, for example `sessions-0001-002` or `sessions-001`; of Memcached its node id such as `0001`. */
  readonly id: string;
  /** `unknown` with cluster mode on, where ElastiCache tells no roles and no metric told them. */
  readonly role: 'primary' | 'replica' | 'node' | 'unknown';
  readonly zone: string;
  readonly status: string;
  readonly createdAt?: string;
  readonly metrics: Metrics;
}

export interface MemcachedState extends CacheState {
  readonly engine: 'memcached';
  readonly nodeType: string;
  readonly inTransitEncryption: boolean;
  readonly endpoint?: string;
  readonly pending: readonly PendingChange[];
  readonly parameterGroup?: string;
  readonly parameterStatus?: string;
  /** Ids of the nodes whose parameters wait for a reboot; nothing where there are none. */
  readonly nodesToReboot?: readonly string[];
  readonly maintenanceWindow?: string;
  readonly autoMinorVersionUpgrade: boolean;
  readonly securityGroups: readonly string[];
  /** Whether nodes are spread by request: `cross-az` or `single-az`. */
  readonly azMode?: string;
  readonly nodes: readonly NodeState[];
  readonly subnetZones?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly serviceUpdates?: readonly ServiceUpdate[];
}

export interface ServerlessState extends CacheState {
  readonly description: string;
  readonly endpoint?: string;
  readonly readerEndpoint?: string;
  readonly userGroup?: string;
  readonly snapshotRetentionDays: number;
  /** What it may grow to at most; nothing where no limit was set. */
  readonly maxStorageBytes?: number;
  readonly maxEcpuPerSecond?: number;
  readonly metrics: Metrics;
}

export interface DatabaseState {
  readonly id: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly status: string;
  /** For example `postgres` or `mysql`. */
  readonly engine: string;
  readonly engineVersion: string;
  readonly instanceClass: string;
  readonly zone?: string;
  readonly isMultiAz: boolean;
  /** Id of the database that it follows; nothing where it is none of the read replicas. */
  readonly readReplicaOf?: string;
  readonly isEncrypted: boolean;
  readonly isPublic: boolean;
  readonly isDeletionProtected: boolean;
  readonly backupRetentionDays: number;
  readonly latestRestorableAt?: string;
  readonly allocatedBytes: number;
  /** What storage may grow to; nothing where it does not grow. */
  readonly maxAllocatedBytes?: number;
  readonly endpoint?: string;
  /** CA of its certificate, for example `rds-ca-rsa2048-g1`, and until when the certificate is valid. */
  readonly certificateAuthority?: string;
  readonly certificateValidUntil?: string;
  readonly autoMinorVersionUpgrade: boolean;
  /**
   * Whether it runs on past the end of standard support, which costs extra; where not, RDS upgrades it then. Nothing
   * where RDS does not tell.
   */
  readonly isSupportExtended?: boolean;
  readonly iamAuthentication: boolean;
  readonly pending: readonly PendingChange[];
  /** `in-sync` or `pending-reboot`. */
  readonly parameterStatus?: string;
  readonly createdAt?: string;
  readonly metrics: Metrics;
}

export interface FleetState {
  /** Name of the Auto Scaling group. */
  readonly name: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
  readonly zones: readonly string[];
  readonly suspendedProcesses: readonly string[];
  readonly instances: readonly InstanceState[];
  /** Of the load balancer in the same stacks; nothing where there is none. */
  readonly loadBalancer?: LoadBalancerState;
}

export interface InstanceState {
  readonly id: string;
  readonly zone: string;
  readonly type?: string;
  /** As Auto Scaling writes it, for example `InService`. */
  readonly lifecycle: string;
  /** As Auto Scaling judges: `Healthy` or `Unhealthy`. */
  readonly health: string;
  /** As the load balancer judges: `healthy`, `unhealthy`, `draining`, `initial`, …; nothing where it is no target. */
  readonly target?: string;
  /** Why it is not healthy, in the load balancer's words. */
  readonly targetReason?: string;
  readonly isProtectedFromScaleIn: boolean;
  /** Whether it runs an older launch template than the group asks for. */
  readonly isOutdated: boolean;
}

export interface LoadBalancerState {
  readonly name: string;
  readonly dnsName: string;
  readonly state: string;
  /** ARNs of the certificates of its listeners. */
  readonly certificates: readonly string[];
  readonly metrics: Metrics;
}

export interface AlarmState {
  readonly name: string;
  readonly stack: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly reason: string;
  /** What it is about, in the words of whoever made it. */
  readonly description?: string;
  readonly since?: string;
  readonly actionsEnabled: boolean;
  /** How many actions an alarm has. */
  readonly actions: number;
  /** Whether all its actions are scaling policies: raised, it is at work. */
  readonly isForScaling: boolean;
  /** Names of the composite alarms of the stacks whose rules name it: they tell of it. */
  readonly partOf: readonly string[];
  /** Values of the dimensions of its metrics, for example ids of nodes: what it watches. */
  readonly watches: readonly string[];
  /** Of those, the ids of nodes and clusters of ElastiCache: values of `CacheClusterId`. */
  readonly watchesNodes: readonly string[];
  /** Its metrics with their namespaces, for example `AWS/RDS CPUUtilization`; those of searches are not among them. */
  readonly measures: readonly string[];
  /** Namespaces that its expressions search, for example `AWS/ElastiCache`: all that is there is watched. */
  readonly searches: readonly string[];
}

export interface Reservation {
  readonly id: string;
  readonly nodeType: string;
  readonly count: number;
  /** `valkey`, `redis`, `memcached`. */
  readonly engine: string;
  readonly endsAt?: string;
}

export interface SecretState {
  readonly name: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly isRotated: boolean;
  readonly lastRotatedAt?: string;
  readonly nextRotationAt?: string;
}

/**
 * Metrics of CloudWatch by their names there, each with its values, the oldest first. How far back they go and how far
 * they are apart is `METRIC_WINDOWS`'. A metric without data has no entry.
 */
export type Metrics = Readonly<Record<string, readonly number[]>>;
