import type { RemovalPolicy, Size } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { CacheEngine } from './engine';
import type { CacheNetworkType } from './network-type';
import type { DailySnapshotTime } from './schedule';
import type { IUserGroup } from './user-group';

/** Properties of a `ServerlessCache`. */
export interface ServerlessCacheProps {
  /** The VPC that the cache is reached from. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets that the cache is reached from. A change replaces the cache, which fails
   * as long as the name is taken: it needs another name too, and loses what it holds.
   *
   * @default - the isolated subnets where the VPC has some, else the private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Engine and version. Serverless caches follow the newest minor version by themselves: the first part counts, for
   * Memcached the first two. Another engine replaces the cache, but for Valkey after Redis OSS.
   *
   * @default CacheEngine.valkey(ValkeyVersion.V8_1)
   */
  readonly engine?: CacheEngine;

  /**
   * Most data it may hold, 1 to 5000 GB. At the limit it evicts what has an expiry, and then refuses writes.
   *
   * @default - as much as AWS allows
   */
  readonly maxDataStorage?: Size;

  /**
   * Data that it is ready to hold, and that are billed, 1 to 5000 GB.
   *
   * @default - it grows from what it holds
   */
  readonly minDataStorage?: Size;

  /**
   * Most processing units (ECPU) a second, 1000 to 15000000. At the limit commands are slowed down.
   *
   * @default - as many as AWS allows
   */
  readonly maxProcessingUnits?: number;

  /**
   * Processing units a second that it is ready for, and that are billed, 1000 to 15000000.
   *
   * @default - it grows from what it does
   */
  readonly minProcessingUnits?: number;

  /**
   * Security groups of the endpoint.
   *
   * @default - a new one that lets nobody in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Who may sign in, for Valkey and Redis OSS. It is the whole access control beside the network.
   *
   * @default - a new group with one user for the application, with IAM tokens
   */
  readonly userGroup?: IUserGroup;

  /**
   * Key that encrypts the data at rest. A change replaces the cache, which fails
   * as long as the name is taken: it needs another name too, and loses what it holds.
   *
   * @default - a key owned by ElastiCache
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Kind of addresses. A change replaces the cache, which fails
   * as long as the name is taken: it needs another name too, and loses what it holds.
   *
   * @default - IPv4
   */
  readonly networkType?: CacheNetworkType;

  /**
   * Days a daily snapshot is kept, 0 to 35. With 0 none is taken.
   *
   * @default - 7; for Memcached 0
   */
  readonly snapshotRetentionDays?: number;

  /**
   * When the daily snapshot is taken, in UTC.
   *
   * @default - chosen by AWS
   */
  readonly dailySnapshotTime?: DailySnapshotTime;

  /**
   * ARNs of snapshots that the new cache is filled with. A change replaces the cache, which fails
   * as long as the name is taken: it needs another name too, and loses what it holds.
   *
   * @default - none
   */
  readonly restoreFromSnapshotArns?: string[];

  /**
   * Name of the snapshot that is taken before the cache is deleted. It must be free then.
   *
   * @default - none
   */
  readonly finalSnapshotName?: string;

  /**
   * Name of the cache: 1 to 40 lower-case letters, digits and single hyphens, beginning with a letter. A change replaces
   * the cache.
   *
   * @default - from the construct's path
   */
  readonly serverlessCacheName?: string;

  /**
   * What happens to the cache when it leaves the template or is replaced. CloudFormation takes no snapshot of serverless
   * caches by itself: `finalSnapshotName` does.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Text that describes the cache, up to 255 characters.
   *
   * @default - the construct's path
   */
  readonly description?: string;
}

/** What is known of a serverless cache that exists already. */
export interface ServerlessCacheAttributes {
  /** Name of the cache. */
  readonly serverlessCacheName: string;

  /** Engine and version. */
  readonly engine: CacheEngine;

  /** Host name of the endpoint. */
  readonly endpointAddress: string;

  /**
   * Host name for reads that may be a little old.
   *
   * @default - none is known
   */
  readonly readerEndpointAddress?: string;

  /**
   * Port of the endpoint.
   *
   * @default - 6379, or 11211 for Memcached
   */
  readonly endpointPort?: number;

  /**
   * Security groups of the endpoint.
   *
   * @default - none: `connections` cannot let anybody in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Who may sign in, with the users that applications use.
   *
   * @default - nobody has to
   */
  readonly userGroup?: IUserGroup;
}
