import type { CacheCluster, NodeGroup, ReplicationGroup, Snapshot } from '@aws-sdk/client-elasticache';
import type { FakeMetrics } from '../fake-state';
import { alarm } from './alarm';
import { securityGroup, securityGroupId, subnetGroup } from './cache-parts';
import { type Part, resourcesOf, stateOf } from './part';
import { ago, arnOf, DAY_MS, GIB, HOUR_MS, hexOf, MIB, type Place, REGION, ZONES } from './place';

export interface ValkeyOptions {
  /** What its ids in the stack begin with, for example `SessionsCache`. */
  readonly logicalId: string;
  /** Its id, for example `prod-sessions`. */
  readonly id: string;
  readonly clusterMode: boolean;
  readonly shards: number;
  readonly nodesPerShard: number;
  readonly nodeType: string;
  readonly snapshotRetentionDays: number;
  readonly hasAlarms: boolean;
}

interface Node {
  readonly id: string;
  readonly shard: string;
  readonly zone: string;
  readonly isPrimary: boolean;
}

const PORT = 6379;
const ENGINE = 'valkey';
const ENGINE_VERSION = '8.1.0';

/** Replication group of Valkey whose nodes are spread over the zones, with all that belongs to it. */
export function valkey(place: Place, options: ValkeyOptions): Part {
  const { logicalId, id } = options;
  const nodes = nodesOf(options);
  const parts = [
    subnetGroup(place, `${id}-subnets`, `${logicalId}SubnetGroup`, ZONES),
    securityGroup(place, `${logicalId}SecurityGroup`),
    users(options),
    parameters(options),
    group(place, options, nodes),
    ...(options.hasAlarms ? alarms(place, options, nodes) : []),
  ];
  return {
    resources: resourcesOf(parts),
    state: stateOf(parts),
  };
}

function nodesOf({ id, clusterMode, shards, nodesPerShard }: ValkeyOptions): Node[] {
  return Array.from({ length: shards }, (_, shard) => serial(shard, 4)).flatMap((shard) =>
    Array.from({ length: nodesPerShard }, (_, index) => ({
      id: `${id}-${clusterMode ? `${shard}-` : ''}${serial(index, 3)}`,
      shard,
      zone: ZONES[index % ZONES.length] as string,
      isPrimary: index === 0,
    })),
  );
}

function serial(index: number, digits: number): string {
  return String(index + 1).padStart(digits, '0');
}

function group(place: Place, options: ValkeyOptions, nodes: readonly Node[]): Part {
  const { logicalId, id } = options;
  return {
    resources: {
      [logicalId]: {
        type: 'AWS::ElastiCache::ReplicationGroup',
        physicalId: id,
        properties: {
          AtRestEncryptionEnabled: true,
          AutoMinorVersionUpgrade: true,
          AutomaticFailoverEnabled: options.nodesPerShard > 1,
          CacheNodeType: options.nodeType,
          CacheParameterGroupName: { Ref: `${logicalId}Parameters` },
          CacheSubnetGroupName: { Ref: `${logicalId}SubnetGroup` },
          Engine: ENGINE,
          EngineVersion: '8.1',
          LogDeliveryConfigurations: logsOf(id).map(({ LogType, DestinationType, DestinationDetails, LogFormat }) => ({
            LogType,
            DestinationType,
            DestinationDetails,
            LogFormat,
          })),
          MultiAZEnabled: options.nodesPerShard > 1,
          ...(options.clusterMode
            ? { NumNodeGroups: options.shards, ReplicasPerNodeGroup: options.nodesPerShard - 1 }
            : { NumCacheClusters: options.nodesPerShard }),
          Port: PORT,
          ReplicationGroupDescription: descriptionOf(id),
          SecurityGroupIds: [{ 'Fn::GetAtt': [`${logicalId}SecurityGroup`, 'GroupId'] }],
          SnapshotRetentionLimit: options.snapshotRetentionDays,
          TransitEncryptionEnabled: true,
          TransitEncryptionMode: 'required',
          UserGroupIds: [{ Ref: `${logicalId}Users` }],
        },
      },
    },
    state: {
      replicationGroups: [replicationGroup(place, options, nodes)],
      cacheClusters: nodes.map((node) => cacheCluster(place, options, node)),
      snapshots: [automaticSnapshot(place, options, nodes)],
      metrics: nodes.map((node) => nodeMetrics(options, node)),
    },
  };
}

function replicationGroup({ now }: Place, options: ValkeyOptions, nodes: readonly Node[]): ReplicationGroup {
  const { id, clusterMode } = options;
  return {
    ReplicationGroupId: id,
    Description: descriptionOf(id),
    Status: 'available',
    PendingModifiedValues: {},
    MemberClusters: nodes.map((node) => node.id),
    NodeGroups: Array.from({ length: options.shards }, (_, index) => nodeGroup(options, index, nodes)),
    AutomaticFailover: options.nodesPerShard > 1 ? 'enabled' : 'disabled',
    MultiAZ: options.nodesPerShard > 1 ? 'enabled' : 'disabled',
    ...(clusterMode ? { ConfigurationEndpoint: endpoint(`clustercfg.${id}`) } : {}),
    SnapshotRetentionLimit: options.snapshotRetentionDays,
    SnapshotWindow: '03:00-04:00',
    ClusterEnabled: clusterMode,
    ClusterMode: clusterMode ? 'enabled' : 'disabled',
    CacheNodeType: options.nodeType,
    AuthTokenEnabled: false,
    TransitEncryptionEnabled: true,
    TransitEncryptionMode: 'required',
    AtRestEncryptionEnabled: true,
    ARN: arnOf('elasticache', `replicationgroup:${id}`),
    UserGroupIds: [`${id}-users`],
    LogDeliveryConfigurations: logsOf(id),
    ReplicationGroupCreateTime: ago(now, 90 * DAY_MS),
    DataTiering: 'disabled',
    AutoMinorVersionUpgrade: true,
    NetworkType: 'ipv4',
    IpDiscovery: 'ipv4',
    Engine: ENGINE,
  };
}

/** With cluster mode on, ElastiCache tells slots and no roles. */
function nodeGroup({ id, clusterMode, shards }: ValkeyOptions, index: number, nodes: readonly Node[]): NodeGroup {
  const shard = serial(index, 4);
  const slotOf = (of: number) => Math.round((of * 16_384) / shards);
  return {
    NodeGroupId: shard,
    Status: 'available',
    ...(clusterMode
      ? { Slots: `${slotOf(index)}-${slotOf(index + 1) - 1}` }
      : { PrimaryEndpoint: endpoint(`master.${id}`), ReaderEndpoint: endpoint(`replica.${id}`) }),
    NodeGroupMembers: nodes
      .filter((node) => node.shard === shard)
      .map((node) => ({
        CacheClusterId: node.id,
        CacheNodeId: '0001',
        PreferredAvailabilityZone: node.zone,
        ...(clusterMode
          ? {}
          : { ReadEndpoint: endpoint(node.id), CurrentRole: node.isPrimary ? 'primary' : 'replica' }),
      })),
  };
}

function cacheCluster({ environment, now }: Place, options: ValkeyOptions, node: Node): CacheCluster {
  const { id, logicalId } = options;
  return {
    CacheClusterId: node.id,
    CacheNodeType: options.nodeType,
    Engine: ENGINE,
    EngineVersion: ENGINE_VERSION,
    CacheClusterStatus: 'available',
    NumCacheNodes: 1,
    PreferredAvailabilityZone: node.zone,
    CacheClusterCreateTime: ago(now, 90 * DAY_MS),
    PreferredMaintenanceWindow: 'sun:05:00-sun:06:00',
    PendingModifiedValues: {},
    CacheSecurityGroups: [],
    CacheParameterGroup: {
      CacheParameterGroupName: `${id}-parameters`,
      ParameterApplyStatus: 'in-sync',
      CacheNodeIdsToReboot: [],
    },
    CacheSubnetGroupName: `${id}-subnets`,
    CacheNodes: [
      {
        CacheNodeId: '0001',
        CacheNodeStatus: 'available',
        CacheNodeCreateTime: ago(now, 90 * DAY_MS),
        Endpoint: endpoint(node.id),
        ParameterGroupStatus: 'in-sync',
        CustomerAvailabilityZone: node.zone,
      },
    ],
    AutoMinorVersionUpgrade: true,
    SecurityGroups: [{ SecurityGroupId: securityGroupId(environment, `${logicalId}SecurityGroup`), Status: 'active' }],
    ReplicationGroupId: id,
    SnapshotRetentionLimit: 0,
    SnapshotWindow: '03:00-04:00',
    AuthTokenEnabled: false,
    TransitEncryptionEnabled: true,
    TransitEncryptionMode: 'required',
    AtRestEncryptionEnabled: true,
    ARN: arnOf('elasticache', `cluster:${node.id}`),
    ReplicationGroupLogDeliveryEnabled: true,
    LogDeliveryConfigurations: [],
    NetworkType: 'ipv4',
    IpDiscovery: 'ipv4',
  };
}

/** Taken six hours ago. */
function automaticSnapshot({ now }: Place, options: ValkeyOptions, nodes: readonly Node[]): Snapshot {
  const { id } = options;
  const takenAt = ago(now, 6 * HOUR_MS);
  const name = `automatic.${id}-${takenAt.toISOString().slice(0, 16).replace(/[T:]/g, '-')}`;
  return {
    SnapshotName: name,
    // With cluster mode off it is one of a node.
    ...(options.clusterMode
      ? { ReplicationGroupId: id, ReplicationGroupDescription: descriptionOf(id) }
      : { CacheClusterId: nodes.at(-1)?.id }),
    SnapshotStatus: 'available',
    SnapshotSource: 'automated',
    CacheNodeType: options.nodeType,
    Engine: ENGINE,
    EngineVersion: ENGINE_VERSION,
    Port: PORT,
    SnapshotRetentionLimit: options.snapshotRetentionDays,
    SnapshotWindow: '03:00-04:00',
    NumNodeGroups: options.shards,
    AutomaticFailover: options.nodesPerShard > 1 ? 'enabled' : 'disabled',
    NodeSnapshots: nodes
      .filter(({ isPrimary }) => isPrimary)
      .map((node) => ({
        CacheClusterId: node.id,
        NodeGroupId: node.shard,
        CacheNodeId: '0001',
        CacheSize: '1200 MB',
        CacheNodeCreateTime: ago(now, 90 * DAY_MS),
        SnapshotCreateTime: takenAt,
      })),
    ARN: arnOf('elasticache', `snapshot:${name}`),
    DataTiering: 'disabled',
  };
}

/** Of a node that has much to do and more to spare. */
function nodeMetrics({ nodeType }: ValkeyOptions, { id, isPrimary }: Node): FakeMetrics {
  const isBurstable = nodeType.startsWith('cache.t');
  return {
    namespace: 'AWS/ElastiCache',
    dimensions: { CacheClusterId: id },
    values: {
      IsMaster: isPrimary ? 1 : 0,
      EngineCPUUtilization: 12,
      CPUUtilization: 9,
      DatabaseMemoryUsagePercentage: 41,
      BytesUsedForCache: isBurstable ? 150 * MIB : 1_200 * MIB,
      FreeableMemory: isBurstable ? 200 * MIB : 4 * GIB,
      SwapUsage: 0,
      CurrItems: 120_000,
      CurrVolatileItems: 118_000,
      CurrConnections: 64,
      NewConnections: 3,
      CacheHits: 9_700,
      CacheMisses: 300,
      CacheHitRate: 97,
      Evictions: 0,
      AuthenticationFailures: 0,
      NetworkBandwidthInAllowanceExceeded: 0,
      NetworkBandwidthOutAllowanceExceeded: 0,
      ...(isPrimary ? {} : { ReplicationLag: 0.2 }),
      ...(isBurstable ? { CPUCreditBalance: 280 } : {}),
    },
  };
}

function users({ logicalId, id }: ValkeyOptions): Part {
  return {
    resources: {
      [`${logicalId}User`]: {
        type: 'AWS::ElastiCache::User',
        physicalId: `${id}-user`,
        properties: {
          AccessString: 'on ~* &* +@all -@admin -@dangerous',
          AuthenticationMode: { Type: 'iam' },
          Engine: ENGINE,
          UserId: `${id}-user`,
          UserName: `${id}-user`,
        },
      },
      [`${logicalId}Users`]: {
        type: 'AWS::ElastiCache::UserGroup',
        physicalId: `${id}-users`,
        properties: { Engine: ENGINE, UserGroupId: `${id}-users`, UserIds: [{ Ref: `${logicalId}User` }] },
      },
    },
    state: {},
  };
}

/** A session store evicts nothing. Other parameters are the engine's. */
function parameters({ logicalId, id, clusterMode }: ValkeyOptions): Part {
  const values = { ...(clusterMode ? { 'cluster-enabled': 'yes' } : {}), 'maxmemory-policy': 'noeviction' };
  const name = `${id}-parameters`;
  return {
    resources: {
      [`${logicalId}Parameters`]: {
        type: 'AWS::ElastiCache::ParameterGroup',
        physicalId: name,
        properties: {
          CacheParameterGroupFamily: 'valkey8',
          Description: `Parameters of ${id}`,
          Properties: values,
        },
      },
    },
    state: {
      cacheParameters: {
        [name]: [
          ...Object.entries({ maxclients: '65000', 'reserved-memory-percent': '25' }).map(
            ([ParameterName, ParameterValue]) => ({
              ParameterName,
              ParameterValue,
              Source: 'system',
              DataType: 'integer',
              IsModifiable: false,
            }),
          ),
          ...Object.entries(values).map(([ParameterName, ParameterValue]) => ({
            ParameterName,
            ParameterValue,
            Source: 'user',
            DataType: 'string',
            IsModifiable: true,
          })),
        ],
      },
    },
  };
}

function alarms(place: Place, { logicalId }: ValkeyOptions, nodes: readonly Node[]): Part[] {
  const dimensions = nodes.map(({ id }) => ({ CacheClusterId: id }));
  return (
    [
      ['Cpu', 'EngineCPUUtilization', 'Average', 90],
      ['Memory', 'DatabaseMemoryUsagePercentage', 'Average', 90],
      ['Evictions', 'Evictions', 'Sum', 1_000],
      ['Connections', 'CurrConnections', 'Average', 52_000],
      ['ReplicationLag', 'ReplicationLag', 'Average', 5],
    ] as const
  ).map(([what, metric, statistic, threshold]) =>
    alarm(place, {
      logicalId: `${logicalId}Alarms${what}`,
      namespace: 'AWS/ElastiCache',
      metric,
      statistic,
      dimensions,
      threshold,
    }),
  );
}

function logsOf(id: string): NonNullable<ReplicationGroup['LogDeliveryConfigurations']> {
  return (['slow-log', 'engine-log'] as const).map((type) => ({
    LogType: type,
    DestinationType: 'cloudwatch-logs',
    DestinationDetails: { CloudWatchLogsDetails: { LogGroup: `/cdk-elasticache/${id}/${type}` } },
    LogFormat: 'json',
    Status: 'active',
  }));
}

function descriptionOf(id: string): string {
  return `${id}: sessions`;
}

function endpoint(host: string): { Address: string; Port: number } {
  return { Address: `${host}.${hexOf('elasticache', 6)}.${REGION}.cache.amazonaws.com`, Port: PORT };
}
