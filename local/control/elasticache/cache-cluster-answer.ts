import type { ControlledMemcachedNode, ControlledNode } from '../controlled';
import { type Answer, AnswerList } from '../query/answers';
import type { CacheControl } from './cache-control';
import type { CacheCluster } from './control-plane';
import { type GroupControl, ONLY_NODE } from './group-control';
import type { MemcachedControl } from './memcached-control';
import { arnOf, endpointOf } from './names';

/** A `CacheCluster` as AWS describes it. */
export function cacheClusterAnswer(cluster: CacheCluster, region: string, withNodes: boolean): Answer {
  return {
    ...(cluster.type === 'member'
      ? memberAnswer(cluster.control, cluster.node, withNodes)
      : memcachedAnswer(cluster.control, withNodes)),
    ClientDownloadLandingPage: 'https://console.aws.amazon.com/elasticache/home#client-download:',
    CacheSecurityGroups: new AnswerList('CacheSecurityGroup', []),
    LogDeliveryConfigurations: new AnswerList('LogDeliveryConfiguration', []),
    ReplicationGroupLogDeliveryEnabled: false,
    NetworkType: 'ipv4',
    IpDiscovery: 'ipv4',
    ARN: arnOf('cluster', cluster.id, region),
  };
}

function memberAnswer(control: GroupControl, node: ControlledNode, withNodes: boolean): Answer {
  const { group } = control;
  return {
    CacheClusterId: node.id,
    ReplicationGroupId: group.id,
    CacheNodeType: group.nodeType,
    Engine: group.engine,
    EngineVersion: group.engineVersion,
    CacheClusterStatus: control.memberStatus(node),
    NumCacheNodes: 1,
    PreferredAvailabilityZone: node.zone,
    CacheClusterCreateTime: control.nodeCreatedAt(node.id),
    PreferredMaintenanceWindow: group.maintenanceWindow,
    PendingModifiedValues: {},
    CacheParameterGroup: parameterGroupAnswer(group.parameterGroup),
    CacheSubnetGroupName: group.subnetGroup,
    CacheNodes: withNodes
      ? new AnswerList('CacheNode', [cacheNodeAnswer(control, { ...node, nodeId: ONLY_NODE })])
      : undefined,
    AutoMinorVersionUpgrade: group.autoMinorVersionUpgrade,
    SnapshotRetentionLimit: group.snapshotRetentionDays,
    SnapshotWindow: group.snapshotWindow,
    AuthTokenEnabled: group.authToken,
    TransitEncryptionEnabled: group.tls,
    TransitEncryptionMode: group.tls ? 'required' : undefined,
    AtRestEncryptionEnabled: group.atRestEncryption,
  };
}

function memcachedAnswer(control: MemcachedControl, withNodes: boolean): Answer {
  const { cluster, pending } = control;
  const [zone, ...others] = new Set(cluster.nodes.map((node) => node.zone));
  return {
    CacheClusterId: cluster.id,
    ConfigurationEndpoint: endpointOf(cluster.endpoint),
    CacheNodeType: cluster.nodeType,
    Engine: 'memcached',
    EngineVersion: cluster.engineVersion,
    CacheClusterStatus: control.status,
    NumCacheNodes: cluster.nodes.length,
    PreferredAvailabilityZone: others.length > 0 ? 'Multiple' : zone,
    CacheClusterCreateTime: cluster.createdAt,
    PreferredMaintenanceWindow: cluster.maintenanceWindow,
    PendingModifiedValues: {
      NumCacheNodes: pending?.count,
      CacheNodeIdsToRemove:
        pending === undefined || pending.removed.length === 0
          ? undefined
          : new AnswerList('CacheNodeId', pending.removed),
    },
    CacheParameterGroup: parameterGroupAnswer(cluster.parameterGroup),
    CacheSubnetGroupName: cluster.subnetGroup,
    CacheNodes: withNodes
      ? new AnswerList(
          'CacheNode',
          cluster.nodes.map((node) => cacheNodeAnswer(control, { ...node, nodeId: node.id })),
        )
      : undefined,
    AutoMinorVersionUpgrade: cluster.autoMinorVersionUpgrade,
    AuthTokenEnabled: false,
    TransitEncryptionEnabled: cluster.tls,
    AtRestEncryptionEnabled: false,
  };
}

function parameterGroupAnswer(name: string): Answer {
  return {
    CacheParameterGroupName: name,
    ParameterApplyStatus: 'in-sync',
    CacheNodeIdsToReboot: new AnswerList('CacheNodeId', []),
  };
}

/** A node that is not there yet has no address, as AWS says of nodes that are being added. */
function cacheNodeAnswer(
  control: CacheControl,
  node: (ControlledNode | ControlledMemcachedNode) & { readonly nodeId: string },
): Answer {
  const state = control.stateOf(node);
  return {
    CacheNodeId: node.nodeId,
    // Of a node that is brought back AWS documents no status of its own.
    CacheNodeStatus: state === 'recovering' ? 'rebooting' : state,
    CacheNodeCreateTime: control.nodeCreatedAt(node.id),
    Endpoint: state === 'creating' ? undefined : endpointOf(node),
    ParameterGroupStatus: 'in-sync',
    CustomerAvailabilityZone: node.zone,
  };
}
