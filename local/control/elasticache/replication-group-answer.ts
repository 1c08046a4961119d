import type { ControlledNode, ControlledShard } from '../controlled';
import { type Answer, AnswerList } from '../query/answers';
import { type GroupControl, ONLY_NODE } from './group-control';
import { arnOf, endpointOf } from './names';

/** A `ReplicationGroup` as AWS describes it. */
export function replicationGroupAnswer(control: GroupControl, region: string): Answer {
  const { group } = control;
  return {
    ReplicationGroupId: group.id,
    Description: group.description,
    GlobalReplicationGroupInfo: {},
    Status: control.status,
    PendingModifiedValues: {},
    MemberClusters: new AnswerList(
      'ClusterId',
      control.members.map(({ id }) => id),
    ),
    NodeGroups: new AnswerList(
      'NodeGroup',
      group.shards.map((shard) => nodeGroupAnswer(control, shard)),
    ),
    AutomaticFailover: enabled(group.automaticFailover),
    MultiAZ: enabled(group.multiAz),
    ConfigurationEndpoint: group.clusterMode ? endpointOf(group.endpoint) : undefined,
    SnapshotRetentionLimit: group.snapshotRetentionDays,
    SnapshotWindow: group.snapshotWindow,
    ClusterEnabled: group.clusterMode,
    CacheNodeType: group.nodeType,
    AuthTokenEnabled: group.authToken,
    TransitEncryptionEnabled: group.tls,
    TransitEncryptionMode: group.tls ? 'required' : undefined,
    AtRestEncryptionEnabled: group.atRestEncryption,
    ARN: arnOf('replicationgroup', group.id, region),
    UserGroupIds: new AnswerList('member', group.userGroupIds),
    LogDeliveryConfigurations: new AnswerList('LogDeliveryConfiguration', []),
    ReplicationGroupCreateTime: group.createdAt,
    DataTiering: 'disabled',
    AutoMinorVersionUpgrade: group.autoMinorVersionUpgrade,
    NetworkType: 'ipv4',
    IpDiscovery: 'ipv4',
    ClusterMode: enabled(group.clusterMode),
    Engine: group.engine,
  };
}

function nodeGroupAnswer(control: GroupControl, shard: ControlledShard): Answer {
  const { group } = control;
  return {
    NodeGroupId: shard.id,
    Status: control.shardStatus(shard),
    PrimaryEndpoint: group.clusterMode ? undefined : endpointOf(group.endpoint),
    ReaderEndpoint: group.clusterMode || group.reader === undefined ? undefined : endpointOf(group.reader),
    Slots: shard.slots,
    NodeGroupMembers: new AnswerList(
      'NodeGroupMember',
      shard.nodes.map((node) => nodeGroupMemberAnswer(node, group.clusterMode)),
    ),
  };
}

/** With cluster mode on, AWS tells neither the role nor the address: clients ask the nodes themselves. */
function nodeGroupMemberAnswer(node: ControlledNode, clusterMode: boolean): Answer {
  return {
    CacheClusterId: node.id,
    CacheNodeId: ONLY_NODE,
    ReadEndpoint: clusterMode ? undefined : endpointOf(node),
    PreferredAvailabilityZone: node.zone,
    CurrentRole: clusterMode ? undefined : node.role,
  };
}

export function enabled(isEnabled: boolean): 'enabled' | 'disabled' {
  return isEnabled ? 'enabled' : 'disabled';
}
