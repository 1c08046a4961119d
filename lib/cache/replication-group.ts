import { ArnFormat, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnReplicationGroup } from 'aws-cdk-lib/aws-elasticache';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { CacheBinding } from '../../runtime/binding';
import { enforce, wholeNumber } from '../limits';
import { dataConnections } from '../network/data-connections';
import { dataSubnets, requireZones } from '../network/data-subnets';
import { CacheBase } from './cache';
import { CacheEngine, ValkeyVersion } from './engine';
import type { CacheNodeType } from './node-type';
import { createSubnetGroup } from './subnet-group';
import { ApplicationUser } from './user';

/** Port of Valkey and Redis OSS. */
const DEFAULT_PORT = 6379;

/** Days a snapshot is kept. Security Hub ElastiCache.1 asks for at least one. */
const DEFAULT_SNAPSHOT_RETENTION_DAYS = 7;

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
   * Engine and version: Valkey, or Redis OSS from 7.0 on.
   *
   * @default CacheEngine.valkey(ValkeyVersion.V8_1)
   */
  readonly engine?: CacheEngine;

  /** The kind of machine each node runs on. */
  readonly nodeType: CacheNodeType;

  /**
   * Replicas of the primary, 0 to 5. With at least one, failover is automatic and the nodes stand in several
   * Availability Zones.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * Whether the nodes stand in several Availability Zones, with automatic failover. Needs at least one replica.
   *
   * @default - true when there is a replica
   */
  readonly multiAz?: boolean;

  /**
   * Security groups of the nodes.
   *
   * @default - a new one that lets nobody in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Port the nodes listen on. A change replaces the group and loses what it holds.
   *
   * @default 6379
   */
  readonly port?: number;

  /**
   * Key that encrypts the data at rest. A change replaces the group and loses what it holds.
   *
   * @default - a key owned by ElastiCache
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Days a daily snapshot is kept, 0 to 35. With 0 none is taken.
   *
   * @default 7
   */
  readonly snapshotRetentionDays?: number;

  /**
   * Whether minor versions of the engine are installed in the maintenance window.
   *
   * @default true
   */
  readonly autoMinorVersionUpgrade?: boolean;

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

/**
 * Valkey or Redis OSS with cluster mode off: a primary and its replicas behind one endpoint that follows the primary.
 *
 * Connections are encrypted, data are encrypted at rest, and users sign in with IAM tokens. Failover takes the endpoint
 * to a replica; clients see a pause of some seconds and must reconnect.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.html
 */
export class ReplicationGroup extends CacheBase {
  /** Engine and version. */
  public readonly engine: CacheEngine;
  /** Access of the nodes' security groups. */
  public readonly connections: ec2.Connections;
  /** Host name that always leads to the primary. */
  public readonly endpointAddress: string;
  /** Port of the endpoints. */
  public readonly endpointPort: number;
  /** Host name that spreads connections over the replicas, which lag behind the primary. */
  public readonly readerEndpointAddress: string;
  /** Id of the group, which is part of its ARN. */
  public readonly replicationGroupId: string;
  /** ARN of the group. */
  public readonly replicationGroupArn: string;
  /** The underlying resource. */
  public readonly resource: CfnReplicationGroup;
  private readonly user: ApplicationUser;

  constructor(scope: Construct, id: string, props: ReplicationGroupProps) {
    super(scope, id);

    this.engine = props.engine ?? CacheEngine.valkey(ValkeyVersion.V8_1);
    const replicas = props.replicas ?? 1;
    const multiAz = props.multiAz ?? replicas > 0;
    const snapshotRetentionDays = props.snapshotRetentionDays ?? DEFAULT_SNAPSHOT_RETENTION_DAYS;
    const port = props.port ?? DEFAULT_PORT;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.SNAPSHOT;
    const subnets = props.vpc.selectSubnets(props.vpcSubnets ?? dataSubnets(props.vpc));
    enforce([
      {
        broken: this.engine.isMemcached,
        message:
          'a `ReplicationGroup` cannot run memcached, which has no replication, no Multi-AZ with failover, no ' +
          'persistence and no lists or leaderboards: choose `CacheEngine.valkey(...)`, or a `MemcachedCluster` for plain objects',
      },
      {
        broken: !this.engine.supportsIam,
        message: `\`engine\` must be valkey 7.2 or redis 7.0 or later, because users sign in with IAM tokens, got ${this.engine}`,
      },
      {
        broken: Token.isUnresolved(replicas),
        message: '`replicas` must be a number known at synth, because CloudFormation cannot add the primary to it',
      },
      wholeNumber('replicas', replicas, 0, 5),
      {
        broken: multiAz && replicas === 0,
        message: '`multiAz` needs at least 1 replica to fail over to, got `replicas` of 0',
      },
      wholeNumber('port', port, 1, 65_535),
      wholeNumber('snapshotRetentionDays', snapshotRetentionDays, 0, 35),
    ]);
    if (multiAz) {
      requireZones('`multiAz`', subnets, 2);
    }

    this.connections = dataConnections(this, props.vpc, port, props.securityGroups);
    this.user = new ApplicationUser(this, 'User', this.engine);

    this.resource = new CfnReplicationGroup(this, 'Resource', {
      replicationGroupDescription: props.description ?? this.node.path,
      engine: this.engine.name,
      engineVersion: this.engine.version,
      cacheNodeType: props.nodeType.name,
      numCacheClusters: replicas + 1,
      // Security Hub ElastiCache.3. Written out, because the defaults differ by engine.
      automaticFailoverEnabled: replicas > 0,
      multiAzEnabled: multiAz,
      cacheSubnetGroupName: createSubnetGroup(this, subnets).ref,
      securityGroupIds: this.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
      port,
      // Security Hub ElastiCache.4 and .5.
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      ...(props.encryptionKey === undefined ? {} : { kmsKeyId: props.encryptionKey.keyArn }),
      userGroupIds: [this.user.userGroupId],
      // Security Hub ElastiCache.1 and .2.
      snapshotRetentionLimit: snapshotRetentionDays,
      autoMinorVersionUpgrade: props.autoMinorVersionUpgrade ?? true,
    });
    this.resource.applyRemovalPolicy(removalPolicy);
    Validations.of(this.resource).acknowledge({
      id: 'AwsSolutions-AEC6',
      reason:
        'users sign in with IAM tokens by role-based access control, which excludes the AUTH token the rule looks for',
    });

    this.replicationGroupId = this.resource.ref;
    this.replicationGroupArn = Stack.of(this).formatArn({
      service: 'elasticache',
      resource: 'replicationgroup',
      resourceName: this.resource.ref,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.endpointAddress = this.resource.attrPrimaryEndPointAddress;
    this.endpointPort = Token.asNumber(this.resource.attrPrimaryEndPointPort);
    this.readerEndpointAddress = this.resource.attrReaderEndPointAddress;
  }

  /** Lets an identity sign in to the group as the application's user: IAM asks for both ARNs. */
  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['elasticache:Connect'],
      resourceArns: [this.replicationGroupArn, this.user.userArn],
    });
  }

  /**
   * The cache's entry of the binding.
   *
   * @internal
   */
  public _bindingEntry(): CacheBinding {
    return {
      engine: this.engine.name as CacheBinding['engine'],
      mode: 'primary',
      host: this.endpointAddress,
      readerHost: this.readerEndpointAddress,
      port: this.endpointPort,
      tls: true,
      auth: {
        type: 'iam',
        user: this.user.userId,
        cacheName: this.replicationGroupId,
        region: Stack.of(this).region,
        serverless: false,
      },
    };
  }
}
