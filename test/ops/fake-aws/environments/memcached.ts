import type { CacheCluster } from '@aws-sdk/client-elasticache';
import { alarm } from './alarm';
import { securityGroup, securityGroupId, subnetGroup } from './cache-parts';
import { type Part, resourcesOf, stateOf } from './part';
import { ago, arnOf, DAY_MS, GIB, hexOf, MIB, type Place, REGION, ZONES } from './place';

export interface MemcachedOptions {
  /** What its ids in the stack begin with, for example `ObjectsCache`. */
  readonly logicalId: string;
  /** Its id, for example `prod-objects`. */
  readonly id: string;
  /** With more than one they are spread over the zones. */
  readonly nodes: number;
  readonly nodeType: string;
  readonly hasAlarms: boolean;
}

const PORT = 11_211;
const PARAMETER_GROUP = 'default.memcached1.6';

/** Memcached cluster with all that belongs to it. */
export function memcached(place: Place, options: MemcachedOptions): Part {
  const { logicalId, id } = options;
  const nodes = nodesOf(options);
  const parts = [
    subnetGroup(place, `${id}-subnets`, `${logicalId}SubnetGroup`, ZONES),
    securityGroup(place, `${logicalId}SecurityGroup`),
    cluster(place, options, nodes),
    ...(options.hasAlarms ? alarms(place, options, nodes) : []),
  ];
  return { resources: resourcesOf(parts), state: stateOf(parts) };
}

interface Node {
  /** For example `0001`. */
  readonly id: string;
  readonly zone: string;
}

function nodesOf({ nodes }: MemcachedOptions): Node[] {
  return Array.from({ length: nodes }, (_, index) => ({
    id: String(index + 1).padStart(4, '0'),
    zone: ZONES[index % ZONES.length] as string,
  }));
}

function cluster(place: Place, options: MemcachedOptions, nodes: readonly Node[]): Part {
  const { logicalId, id } = options;
  return {
    resources: {
      [logicalId]: {
        type: 'AWS::ElastiCache::CacheCluster',
        physicalId: id,
        properties: {
          AZMode: nodes.length > 1 ? 'cross-az' : 'single-az',
          AutoMinorVersionUpgrade: true,
          CacheNodeType: options.nodeType,
          CacheParameterGroupName: PARAMETER_GROUP,
          CacheSubnetGroupName: { Ref: `${logicalId}SubnetGroup` },
          Engine: 'memcached',
          EngineVersion: '1.6.22',
          NumCacheNodes: nodes.length,
          Port: PORT,
          PreferredAvailabilityZones: nodes.map(({ zone }) => zone),
          TransitEncryptionEnabled: true,
          VpcSecurityGroupIds: [{ 'Fn::GetAtt': [`${logicalId}SecurityGroup`, 'GroupId'] }],
        },
      },
    },
    state: {
      cacheClusters: [cacheCluster(place, options, nodes)],
      cacheParameters: {
        [PARAMETER_GROUP]: [
          {
            ParameterName: 'max_item_size',
            ParameterValue: '1048576',
            Source: 'system',
            DataType: 'integer',
            IsModifiable: true,
          },
        ],
      },
      metrics: nodes.map((node) => ({
        namespace: 'AWS/ElastiCache',
        dimensions: { CacheClusterId: id, CacheNodeId: node.id },
        values: nodeValues(options),
      })),
    },
  };
}

function cacheCluster({ environment, now }: Place, options: MemcachedOptions, nodes: readonly Node[]): CacheCluster {
  const { logicalId, id } = options;
  const createdAt = ago(now, 90 * DAY_MS);
  return {
    CacheClusterId: id,
    ConfigurationEndpoint: { Address: `${hostOf(id)}.cfg.${DOMAIN}`, Port: PORT },
    CacheNodeType: options.nodeType,
    Engine: 'memcached',
    EngineVersion: '1.6.22',
    CacheClusterStatus: 'available',
    NumCacheNodes: nodes.length,
    PreferredAvailabilityZone: nodes.length > 1 ? 'Multiple' : nodes[0]?.zone,
    CacheClusterCreateTime: createdAt,
    PreferredMaintenanceWindow: 'sun:06:00-sun:07:00',
    PendingModifiedValues: {},
    CacheSecurityGroups: [],
    CacheParameterGroup: {
      CacheParameterGroupName: PARAMETER_GROUP,
      ParameterApplyStatus: 'in-sync',
      CacheNodeIdsToReboot: [],
    },
    CacheSubnetGroupName: `${id}-subnets`,
    CacheNodes: nodes.map((node) => ({
      CacheNodeId: node.id,
      CacheNodeStatus: 'available',
      CacheNodeCreateTime: createdAt,
      Endpoint: { Address: `${hostOf(id)}.${node.id}.${DOMAIN}`, Port: PORT },
      ParameterGroupStatus: 'in-sync',
      CustomerAvailabilityZone: node.zone,
    })),
    AutoMinorVersionUpgrade: true,
    SecurityGroups: [{ SecurityGroupId: securityGroupId(environment, `${logicalId}SecurityGroup`), Status: 'active' }],
    AuthTokenEnabled: false,
    TransitEncryptionEnabled: true,
    AtRestEncryptionEnabled: false,
    ARN: arnOf('elasticache', `cluster:${id}`),
    ReplicationGroupLogDeliveryEnabled: false,
    LogDeliveryConfigurations: [],
    NetworkType: 'ipv4',
    IpDiscovery: 'ipv4',
  };
}

const DOMAIN = `${REGION}.cache.amazonaws.com`;

function hostOf(id: string): string {
  return `${id}.${hexOf('elasticache', 6)}`;
}

/** Of a node that is a third full and answers most of what it is asked. */
function nodeValues({ nodeType }: MemcachedOptions): Record<string, number> {
  const isBurstable = nodeType.startsWith('cache.t');
  const memory = isBurstable ? 500 * MIB : 6 * GIB;
  return {
    CPUUtilization: 8,
    BytesUsedForCacheItems: memory / 3,
    UnusedMemory: (memory * 2) / 3,
    FreeableMemory: memory / 2,
    SwapUsage: 0,
    CurrItems: 80_000,
    CurrConnections: 48,
    NewConnections: 2,
    GetHits: 18_500,
    GetMisses: 1_500,
    Evictions: 0,
    NetworkBandwidthInAllowanceExceeded: 0,
    NetworkBandwidthOutAllowanceExceeded: 0,
    ...(isBurstable ? { CPUCreditBalance: 280 } : {}),
  };
}

function alarms(place: Place, { logicalId, id }: MemcachedOptions, nodes: readonly Node[]): Part[] {
  const dimensions = nodes.map((node) => ({ CacheClusterId: id, CacheNodeId: node.id }));
  return (
    [
      ['Cpu', 'CPUUtilization', 'Average', 90],
      ['Evictions', 'Evictions', 'Sum', 1_000],
      ['Connections', 'CurrConnections', 'Average', 52_000],
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
