import type { RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { AuthToken } from './auth-token';
import type { CacheEngine } from './engine';
import type { CacheLog } from './log-delivery';
import type { CacheIpDiscovery, CacheNetworkType } from './network-type';
import type { CacheNodeType } from './node-type';
import type { IParameterGroup } from './parameter-group';
import type { MaintenanceWindow, SnapshotWindow } from './schedule';
import type { SnapshotSource } from './snapshot-source';
import type { ISubnetGroup } from './subnet-group';
import type { ClusterMode, ShardConfiguration } from './topology';
import type { IUserGroup } from './user-group';

/** When clients must encrypt their connections. */
export enum TransitEncryptionMode {
  /** They may: for the time in which clients of a group move to encryption. Deploy it first, then REQUIRED. */
  PREFERRED = 'preferred',
  /** They must. */
  REQUIRED = 'required',
}

/** When a write is on disk in several Availability Zones. */
export enum Durability {
  /** Before it is acknowledged: a failover loses nothing that was acknowledged. Billed by node. */
  SYNC = 'sync',
  /** At most 10 seconds later: a failover may lose those. */
  ASYNC = 'async',
  /** Never. */
  DISABLED = 'disabled',
}

/** Properties of a `ReplicationGroup`. */
export interface ReplicationGroupProps {
  /** The VPC the nodes are in. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets the nodes are in.
   *
   * @default - the isolated subnets where the VPC has some, else the private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * A subnet group that other caches share, in place of `vpcSubnets`. A change replaces the group and loses what it holds.
   *
   * @default - a new one of `vpcSubnets`
   */
  readonly subnetGroup?: ISubnetGroup;

  /**
   * Engine and version. A newer version of the same engine is installed in place; so is Valkey over Redis OSS, see
   * `CacheEngine.upgradedInPlaceFrom`. Every other change of the engine replaces the group and loses what it holds.
   *
   * @default CacheEngine.valkey(ValkeyVersion.V8_1)
   */
  readonly engine?: CacheEngine;

  /** The kind of machine each node runs on. */
  readonly nodeType: CacheNodeType;

  /**
   * Replicas of the primary, 0 to 5, in a group without shards. With at least one, failover is automatic and the nodes
   * stand in several Availability Zones.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * Shards over which the data are spread, 1 to 500 (cluster mode). Clients must know the cluster's protocol. A change
   * moves data while the group serves; deploy it alone.
   *
   * @default - no shards: one primary and its `replicas`
   */
  readonly shards?: number;

  /**
   * Replicas of each shard, 0 to 5. CloudFormation can only change it by REPLACING the group, which loses what it holds:
   * use `autoScaleReplicas`, or the API operations IncreaseReplicaCount and DecreaseReplicaCount.
   *
   * @default 1
   */
  readonly replicasPerShard?: number;

  /**
   * Slots and Availability Zones of each shard, as many as `shards`.
   *
   * @default - equal shards, placed by AWS
   */
  readonly shardConfigurations?: ShardConfiguration[];

  /**
   * Cluster mode, for a group that is brought from disabled by way of compatible to enabled, in three deploys, with its
   * data. It goes on with `replicas`. Needs Valkey 7.2 or Redis OSS 7.0, a replica, and keys in database 0 only.
   *
   * @default - enabled with `shards`, else disabled
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/modify-cluster-mode.html
   */
  readonly clusterMode?: ClusterMode;

  /**
   * Whether a replica takes over by itself when the primary fails. Cluster mode always has it.
   *
   * @default - true when there is a replica
   */
  readonly automaticFailover?: boolean;

  /**
   * Whether the nodes stand in several Availability Zones. Needs automatic failover and at least one replica.
   *
   * @default - true with automatic failover and a replica
   */
  readonly multiAz?: boolean;

  /**
   * Availability Zones of the primary and of each replica, in a group without shards. It CANNOT change later without a
   * new group, and neither can `replicas` then.
   *
   * @default - spread by AWS
   */
  readonly availabilityZones?: string[];

  /**
   * Security groups of the nodes.
   *
   * @default - a new one that lets nobody in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Port the nodes listen on: 1150 to 65535, but for 8005. A change replaces the group and loses what it holds.
   *
   * @default 6379
   */
  readonly port?: number;

  /**
   * Kind of addresses. A change replaces the group and loses what it holds.
   *
   * @default - IPv4
   */
  readonly networkType?: CacheNetworkType;

  /**
   * Kind of addresses that clients are told. With encrypted connections they are told host names, and it has no effect.
   *
   * @default - what `networkType` says
   */
  readonly ipDiscovery?: CacheIpDiscovery;

  /**
   * Whether connections are encrypted. Without it there are neither users nor tokens: who reaches the port may do all.
   *
   * @default true
   */
  readonly transitEncryption?: boolean;

  /**
   * Whether clients must encrypt their connections.
   *
   * @default - they must
   */
  readonly transitEncryptionMode?: TransitEncryptionMode;

  /**
   * Who may sign in. Excludes `authToken`.
   *
   * @default - a new group with one user for the application, who signs in with IAM tokens. Engines without them (Redis
   * OSS before 7.0) need this or `authToken`, so that an upgrade of the engine changes nothing about who signs in
   */
  readonly userGroup?: IUserGroup;

  /**
   * One password for the whole group, in place of users. To add one to a group that exists, or to go on to users, replaces
   * the group.
   *
   * @default - users
   */
  readonly authToken?: AuthToken;

  /**
   * Key that encrypts the data at rest. A change replaces the group and loses what it holds.
   *
   * @default - a key owned by ElastiCache
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Parameters of the engine, checked against the family of its version.
   *
   * @default - the engine's own
   */
  readonly parameters?: { [name: string]: string };

  /**
   * A parameter group that other caches share, in place of `parameters`.
   *
   * @default - a new one with `parameters`, or AWS's own of the family
   */
  readonly parameterGroup?: IParameterGroup;

  /**
   * Whether less used data are kept on a disk. r6gd nodes always do, and no others can.
   *
   * @default - true for r6gd nodes
   */
  readonly dataTiering?: boolean;

  /**
   * When a write is on disk. It can go from async to sync and back; CloudFormation documents no way to switch it on or off
   * for a group that exists. Needs Valkey 9.0, cluster mode, encrypted connections, Multi-AZ, and r6g, r7g, m6g, m7g, c7gn
   * nodes or newer.
   *
   * @default - never
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Durability.html
   */
  readonly durability?: Durability;

  /**
   * What the new group is filled with.
   *
   * @default - nothing
   */
  readonly restoreFrom?: SnapshotSource;

  /**
   * Days a daily snapshot is kept, 0 to 35. With 0 none is taken.
   *
   * @default 7
   */
  readonly snapshotRetentionDays?: number;

  /**
   * When the daily snapshot is taken. It must not overlap the maintenance window.
   *
   * @default - the hour after the maintenance window, or chosen by AWS where that is not given either
   */
  readonly snapshotWindow?: SnapshotWindow;

  /**
   * When AWS may install updates.
   *
   * @default - after the snapshot window on Sundays, or chosen by AWS where that is not given either
   */
  readonly maintenanceWindow?: MaintenanceWindow;

  /**
   * Whether minor versions of the engine are installed in the maintenance window.
   *
   * @default true
   */
  readonly autoMinorVersionUpgrade?: boolean;

  /**
   * Where the commands that took too long are written. Needs Valkey, or Redis OSS 6.0.
   *
   * @default - nowhere
   */
  readonly slowLog?: CacheLog;

  /**
   * Where the engine's own messages are written. Needs Valkey, or Redis OSS 6.2.
   *
   * @default - nowhere
   */
  readonly engineLog?: CacheLog;

  /**
   * Topic that is told of failovers, scaling and maintenance. It must belong to the same account.
   *
   * @default - none
   */
  readonly notificationTopic?: sns.ITopic;

  /**
   * Id of the group: 1 to 40 lower-case letters, digits and single hyphens, beginning with a letter. A fixed id makes a
   * replacement fail, and a change of it replaces the group.
   *
   * @default - an id that CloudFormation makes
   */
  readonly replicationGroupId?: string;

  /**
   * What happens to the data when the group leaves the template or is replaced.
   *
   * @default RemovalPolicy.SNAPSHOT
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Text that describes the group.
   *
   * @default - the construct's path
   */
  readonly description?: string;
}

/** What is known of a replication group that exists already. */
export interface ReplicationGroupAttributes {
  /** Id of the group. */
  readonly replicationGroupId: string;

  /** Engine and version. */
  readonly engine: CacheEngine;

  /** Host name of the primary endpoint, or of the configuration endpoint in cluster mode. */
  readonly endpointAddress: string;

  /**
   * Port of the endpoints.
   *
   * @default 6379
   */
  readonly endpointPort?: number;

  /**
   * Host name of the reader endpoint.
   *
   * @default - none is known
   */
  readonly readerEndpointAddress?: string;

  /**
   * Security groups of the nodes.
   *
   * @default - none: `connections` cannot let anybody in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Whether connections are encrypted.
   *
   * @default true
   */
  readonly transitEncryption?: boolean;

  /**
   * Who may sign in, with the users that applications use.
   *
   * @default - nobody has to, or there is an AUTH token
   */
  readonly userGroup?: IUserGroup;

  /**
   * The secret that holds the AUTH token, with the keys `username` (`default`) and `password`.
   *
   * @default - there is none
   */
  readonly authTokenSecret?: secretsmanager.ISecret;

  /**
   * Replicas of the primary, in a group without shards; for metrics and alarms.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * Shards, in cluster mode.
   *
   * @default - no shards
   */
  readonly shards?: number;

  /**
   * Replicas of each shard; for metrics and alarms.
   *
   * @default 1
   */
  readonly replicasPerShard?: number;

  /**
   * Replicas of each shard, where they differ; for metrics and alarms.
   *
   * @default - `replicasPerShard` everywhere
   */
  readonly shardConfigurations?: ShardConfiguration[];

  /**
   * Cluster mode, for a group that was brought to it from without shards.
   *
   * @default - enabled with `shards`, else disabled
   */
  readonly clusterMode?: ClusterMode;

  /**
   * The kind of machine each node runs on; for alarms.
   *
   * @default - not known: alarms that depend on it are judged as for a large node
   */
  readonly nodeType?: CacheNodeType;
}
