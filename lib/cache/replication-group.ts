import { Annotations, RemovalPolicy, Token, Validations } from 'aws-cdk-lib';
import type * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnReplicationGroup } from 'aws-cdk-lib/aws-elasticache';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { enforce } from '../limits';
import { dataConnections } from '../network/data-connections';
import { dataSubnets, requireZones } from '../network/subnets';
import { injected } from '../property-injection';
import { Access } from './access';
import type { CacheAlarmOptions, CacheAlarms } from './alarms';
import { CacheCapability, CacheEngine, engineLimit } from './engine';
import { ValkeyVersion } from './engine-version';
import type { BoundLog } from './log-delivery';
import type { CacheNodeType } from './node-type';
import { warnOfOldNodeType } from './node-type-limits';
import { parameterGroupNameOf } from './parameter-group';
import { type IReplicationGroup, ReplicationGroupBase } from './replication-group-base';
import { replicationGroupLimits } from './replication-group-limits';
import type { ReplicationGroupAttributes, ReplicationGroupProps } from './replication-group-props';
import {
  type ReplicaScalingProps,
  type ScaledGroup,
  type ShardScalingProps,
  scaleReplicas,
  scaleShards,
} from './replication-group-scaling';
import { scheduleOf } from './schedule';
import { createSubnetGroup } from './subnet-group';
import { ClusterMode, Topology } from './topology';
import type { IUserGroup } from './user-group';

/** Port of Valkey and Redis OSS. */
const DEFAULT_PORT = 6379;

/** Days a snapshot is kept. Security Hub ElastiCache.1 asks for at least one. */
const DEFAULT_SNAPSHOT_RETENTION_DAYS = 7;

/**
 * Valkey or Redis OSS: a primary and its replicas behind one endpoint that follows the primary, or shards of them behind a
 * configuration endpoint (cluster mode).
 *
 * Connections are encrypted, data are encrypted at rest, and users sign in with IAM tokens. Failover takes the endpoint
 * to a replica; clients see a pause of some seconds and must reconnect.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.html
 */
export class ReplicationGroup extends ReplicationGroupBase {
  /** Identifies the construct to property injectors. */
  static readonly PROPERTY_INJECTION_ID = 'cdk-elasticache.ReplicationGroup';

  /** A group that exists already, to be connected to, granted, watched and bound like one that is made here. */
  static fromReplicationGroupAttributes(
    scope: Construct,
    id: string,
    attributes: ReplicationGroupAttributes,
  ): IReplicationGroup {
    enforce([engineLimit(attributes.engine, CacheCapability.REPLICATION, 'engine')]);
    class Imported extends ReplicationGroupBase {
      readonly engine = attributes.engine;
      readonly endpointAddress = attributes.endpointAddress;
      readonly endpointPort = attributes.endpointPort ?? DEFAULT_PORT;
      readonly readerEndpointAddress = attributes.readerEndpointAddress;
      readonly replicationGroupId = attributes.replicationGroupId;
      readonly transitEncryption = attributes.transitEncryption ?? true;
      readonly connections = new ec2.Connections({
        securityGroups: attributes.securityGroups,
        defaultPort: ec2.Port.tcp(attributes.endpointPort ?? DEFAULT_PORT),
      });
      protected readonly _topology = new Topology(attributes, attributes.engine);
      protected readonly _access = Access.imported(attributes.userGroup, attributes.authTokenSecret);
      protected readonly _nodeType = attributes.nodeType;
    }
    return new Imported(scope, id);
  }

  /** Engine and version. */
  public readonly engine: CacheEngine;
  /** Access of the nodes' security groups. */
  public readonly connections: ec2.Connections;
  /** Host name that always leads to the primary, or of the configuration endpoint in cluster mode. */
  public readonly endpointAddress: string;
  /** Port of the endpoints. */
  public readonly endpointPort: number;
  /** Host name that spreads connections over the replicas, which lag behind the primary. Not in cluster mode. */
  public readonly readerEndpointAddress?: string;
  /** Id of the group, which is part of its ARN. */
  public readonly replicationGroupId: string;
  /** Whether connections are encrypted. */
  public readonly transitEncryption: boolean;
  /** Who may sign in, unless an AUTH token is the whole proof. */
  public readonly userGroup?: IUserGroup;
  /** The secret of the AUTH token, where there is one. */
  public readonly authTokenSecret?: secretsmanager.ISecret;
  /** Log group of the commands that took too long, where there is one. */
  public readonly slowLogGroup?: logs.ILogGroup;
  /** Log group of the engine's own messages, where there is one. */
  public readonly engineLogGroup?: logs.ILogGroup;
  /** The underlying resource. */
  public readonly resource: CfnReplicationGroup;
  /** @internal */
  protected readonly _topology: Topology;
  /** @internal */
  protected readonly _access: Access;
  /** @internal */
  protected readonly _nodeType: CacheNodeType;
  private isScaled = false;

  /** @throws if the properties do not go together, in the words of the properties */
  constructor(scope: Construct, id: string, props: ReplicationGroupProps) {
    super(scope, id);
    props = injected(scope, id, ReplicationGroup.PROPERTY_INJECTION_ID, props);

    this.engine = props.engine ?? CacheEngine.valkey(ValkeyVersion.V8_1);
    this.transitEncryption = props.transitEncryption ?? true;
    this._nodeType = props.nodeType;
    const port = props.port ?? DEFAULT_PORT;
    const snapshotRetentionDays = props.snapshotRetentionDays ?? DEFAULT_SNAPSHOT_RETENTION_DAYS;
    enforce([
      {
        broken: !this.engine.supports(CacheCapability.REPLICATION),
        message:
          'a `ReplicationGroup` cannot run memcached, which has no replication, no Multi-AZ with failover, no ' +
          'persistence and no lists or leaderboards: choose `CacheEngine.valkey(...)`, or a `MemcachedCluster` for plain objects',
      },
    ]);
    this._topology = new Topology(props, this.engine);
    enforce(replicationGroupLimits({ ...props, engine: this.engine, port, snapshotRetentionDays }, this._topology));
    const schedule = scheduleOf(props, snapshotRetentionDays);
    this.engine._warnIfUnknown(this);
    this._topology.warn(this);
    warnOfOldNodeType(this, props.nodeType);

    this.connections = dataConnections(this, props.vpc, port, props.securityGroups);
    this._access = Access.of(this, {
      engine: this.engine,
      transitEncryption: this.transitEncryption,
      userGroup: props.userGroup,
      authToken: props.authToken,
    });
    this.userGroup = this._access.userGroup;
    this.authTokenSecret = this._access.authToken?.secret;
    const slowLog = props.slowLog?._bind(this, 'slow-log');
    const engineLog = props.engineLog?._bind(this, 'engine-log');
    const delivered = [slowLog, engineLog].filter((log): log is BoundLog => log !== undefined);
    this.slowLogGroup = slowLog?.logGroup;
    this.engineLogGroup = engineLog?.logGroup;

    this.resource = new CfnReplicationGroup(this, 'Resource', {
      replicationGroupId: props.replicationGroupId,
      replicationGroupDescription: props.description ?? this.node.path,
      engine: this.engine.name,
      engineVersion: this.engine.version,
      cacheNodeType: props.nodeType.name,
      ...this._topology.render(),
      cacheParameterGroupName: parameterGroupNameOf(
        this,
        this.engine,
        this._topology.clusterMode !== ClusterMode.DISABLED,
        props,
      ),
      cacheSubnetGroupName: this.subnetGroupName(props),
      securityGroupIds: this.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
      port,
      networkType: props.networkType,
      ipDiscovery: props.ipDiscovery,
      // Security Hub ElastiCache.4 and .5.
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: this.transitEncryption,
      transitEncryptionMode: props.transitEncryptionMode,
      kmsKeyId: props.encryptionKey?.keyArn,
      userGroupIds: this.userGroup === undefined ? undefined : [this.userGroup.userGroupId],
      authToken: this._access.authToken?.token,
      dataTieringEnabled: props.nodeType.hasDataTiering || props.dataTiering ? true : undefined,
      durability: props.durability,
      snapshotName: props.restoreFrom?._snapshotName,
      snapshotArns: props.restoreFrom?._snapshotArns.length ? props.restoreFrom._snapshotArns : undefined,
      // Security Hub ElastiCache.1 and .2.
      snapshotRetentionLimit: snapshotRetentionDays,
      autoMinorVersionUpgrade: props.autoMinorVersionUpgrade ?? true,
      snapshotWindow: schedule.snapshotWindow?.toString(),
      preferredMaintenanceWindow: schedule.maintenanceWindow?.toString(),
      logDeliveryConfigurations:
        delivered.length === 0 ? undefined : delivered.map(({ configuration }) => configuration),
      notificationTopicArn: props.notificationTopic?.topicArn,
    });
    this.resource.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.SNAPSHOT);
    if (this._topology.isSharded) {
      // Without it CloudFormation replaces the whole group to add a shard.
      this.resource.cfnOptions.updatePolicy = { useOnlineResharding: true };
    }
    this.resource.node.addDependency(...delivered.flatMap(({ before }) => before));
    this.acknowledge();

    this.replicationGroupId = this.resource.ref;
    this._access.authToken?.rotate(this.replicationGroupId, this.replicationGroupArn);
    if (this._topology.isCluster) {
      this.endpointAddress = this.resource.attrConfigurationEndPointAddress;
      this.endpointPort = Token.asNumber(this.resource.attrConfigurationEndPointPort);
    } else {
      this.endpointAddress = this.resource.attrPrimaryEndPointAddress;
      this.endpointPort = Token.asNumber(this.resource.attrPrimaryEndPointPort);
      this.readerEndpointAddress = this.resource.attrReaderEndPointAddress;
    }
  }

  /**
   * Lets Application Auto Scaling add and remove shards. It changes the group outside of CloudFormation: leave `shards` in
   * the code as it is, and CloudFormation leaves the group as it is.
   *
   * @returns the target, for schedules and policies of one's own
   * @throws if the engine, the node type or the topology is not one that it scales
   */
  public autoScaleShards(props: ShardScalingProps): appscaling.ScalableTarget {
    this.isScaled = true;
    this.warnOfUnwatchedNodes();
    return scaleShards(this, this.scaled, props);
  }

  /**
   * Lets Application Auto Scaling add and remove replicas of every shard, which CloudFormation cannot do without a new
   * group.
   *
   * @returns the target, for schedules and policies of one's own
   * @throws if the engine, the node type or the topology is not one that it scales
   */
  public autoScaleReplicas(props: ReplicaScalingProps): appscaling.ScalableTarget {
    this.isScaled = true;
    this.warnOfUnwatchedNodes();
    return scaleReplicas(this, this.scaled, props);
  }

  public override addAlarms(options?: CacheAlarmOptions): CacheAlarms {
    const alarms = super.addAlarms(options);
    this.warnOfUnwatchedNodes();
    return alarms;
  }

  private warnOfUnwatchedNodes(): void {
    if (this.isScaled && this.node.tryFindChild('Alarms') !== undefined) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:alarms-of-scaled-group',
        'the alarms watch the nodes that the template makes: those that auto scaling adds are not watched',
      );
    }
  }

  private get scaled(): ScaledGroup {
    return {
      replicationGroupId: this.replicationGroupId,
      engine: this.engine,
      nodeType: this._nodeType,
      topology: this._topology,
    };
  }

  private subnetGroupName({ vpc, vpcSubnets, subnetGroup }: ReplicationGroupProps): string {
    if (subnetGroup !== undefined) {
      return subnetGroup.subnetGroupName;
    }
    const subnets = vpc.selectSubnets(vpcSubnets ?? dataSubnets(vpc));
    if (this._topology.multiAz) {
      requireZones('`multiAz`', subnets, 2);
    }
    this._topology.requireZonesIn(subnets);
    return createSubnetGroup(this, 'SubnetGroup', { vpc, vpcSubnets }).ref;
  }

  private acknowledge(): void {
    if (this.userGroup !== undefined) {
      Validations.of(this.resource).acknowledge({
        id: 'AwsSolutions-AEC6',
        reason:
          'users sign in by role-based access control, with IAM tokens or passwords of their own, which excludes the AUTH token the rule looks for',
      });
    }
    if (this.engine.name === 'redis' && !this._topology.automaticFailover && this._topology.replicas > 0) {
      Validations.of(this.resource).acknowledge({
        id: 'CloudFormation-Validate::E3026',
        reason:
          'the API allows replicas without automatic failover (CreateReplicationGroup.NumCacheClusters), and it was asked for',
      });
    }
    if (this.engine.name === 'redis') {
      Validations.of(this.resource).acknowledge({
        id: 'AwsSolutions-AEC5',
        reason: 'another port hides nothing: the security group lets in its clients only',
      });
    }
  }
}
