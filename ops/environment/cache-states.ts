import type {
  CacheCluster,
  NodeGroupMember,
  PendingModifiedValues,
  ReplicationGroup,
  ReplicationGroupPendingModifiedValues,
  ServerlessCache,
} from '@aws-sdk/client-elasticache';
import type { CacheDetails } from './cache-details';
import type { FoundCaches } from './caches';
import type {
  GroupState,
  MemcachedState,
  NodeState,
  PendingChange,
  ServerlessState,
  ShardState,
} from './environment-state';
import { withMisses } from './figures';
import type { Made } from './made';
import type { MetricReader } from './metrics';
import { isoTime, withoutUndefined } from './plain';

type Known<T> = Made & { readonly described: T };

/** How ElastiCache writes that changed parameters take effect when a node is rebooted. */
const REBOOT = 'pending-reboot';

/** States of the caches that were found; their metrics are asked at once, and read when the states are taken. */
export function cacheStates(found: FoundCaches, details: CacheDetails, metrics: MetricReader) {
  const groups = found.groups.map((group) => groupState(group, found.clusters, details, metrics));
  const memcached = found.memcached.map((cluster) => memcachedState(cluster, details, metrics));
  const serverless = found.serverless.map((cache) => serverlessState(cache, metrics));
  return () => ({
    groups: groups.map((take) => take()),
    memcached: memcached.map((take) => take()),
    serverless: serverless.map((take) => take()),
  });
}

function groupState(
  { described: group, ...made }: Known<ReplicationGroup>,
  clusters: ReadonlyMap<string, CacheCluster>,
  details: CacheDetails,
  metrics: MetricReader,
): () => GroupState {
  const id = made.physicalId;
  const first = clusters.get(group.MemberClusters?.[0] ?? '');
  const parameterGroup = first?.CacheParameterGroup?.CacheParameterGroupName;
  const parameterStates = (group.MemberClusters ?? []).flatMap((node) => {
    const status = clusters.get(node)?.CacheParameterGroup?.ParameterApplyStatus;
    return status === undefined ? [] : [{ node, status }];
  });
  const shards = (group.NodeGroups ?? []).map(({ NodeGroupId = '', Status = '', Slots, NodeGroupMembers = [] }) => {
    const nodes = NodeGroupMembers.map((member) => storeNode(member, clusters, metrics));
    return (): ShardState =>
      withoutUndefined({ id: NodeGroupId, status: Status, slots: Slots, nodes: nodes.map((take) => take()) });
  });
  return () =>
    withoutUndefined({
      id,
      stack: made.stack,
      logicalId: made.logicalId,
      status: group.Status ?? '',
      engine: (group.Engine ?? first?.Engine ?? 'redis') as GroupState['engine'],
      engineVersion: first?.EngineVersion ?? '',
      createdAt: isoTime(group.ReplicationGroupCreateTime),
      description: group.Description ?? '',
      nodeType: group.CacheNodeType ?? '',
      clusterMode: group.ClusterEnabled === true,
      automaticFailover: group.AutomaticFailover ?? 'disabled',
      multiAz: group.MultiAZ ?? 'disabled',
      inTransitEncryption: group.TransitEncryptionEnabled === true,
      inTransitEncryptionMode: group.TransitEncryptionMode,
      atRestEncryption: group.AtRestEncryptionEnabled === true,
      authToken: group.AuthTokenEnabled === true,
      authTokenChangedAt: isoTime(group.AuthTokenLastModifiedDate),
      userGroups: group.UserGroupIds ?? [],
      snapshotRetentionDays: group.SnapshotRetentionLimit ?? 0,
      snapshotWindow: group.SnapshotWindow,
      maintenanceWindow: first?.PreferredMaintenanceWindow,
      autoMinorVersionUpgrade: group.AutoMinorVersionUpgrade ?? first?.AutoMinorVersionUpgrade ?? false,
      dataTiering: group.DataTiering === 'enabled',
      logDelivery: (group.LogDeliveryConfigurations ?? []).map(({ LogType = '', Status = '', Message }) =>
        withoutUndefined({ type: LogType as string, status: Status as string, message: Message }),
      ),
      endpoint: addressOf(group.ConfigurationEndpoint ?? group.NodeGroups?.[0]?.PrimaryEndpoint),
      readerEndpoint: addressOf(group.NodeGroups?.[0]?.ReaderEndpoint),
      pending: [...pendingOfGroup(group.PendingModifiedValues), ...pendingOfCluster(first?.PendingModifiedValues)],
      parameterGroup,
      parameterStatus: furthestFromSync(parameterStates.map(({ status }) => status)),
      nodesToReboot: someOf(parameterStates.filter(({ status }) => status === REBOOT).map(({ node }) => node)),
      securityGroups: securityGroupsOf(first),
      shards: shards.map((take) => take()),
      subnetZones: details.subnetZones.get(first?.CacheSubnetGroupName ?? ''),
      parameters: details.parameters.get(parameterGroup ?? ''),
      serviceUpdates: details.serviceUpdates.get(id),
      snapshots: details.snapshots
        .get(id)
        ?.map(({ SnapshotName = '', SnapshotStatus = '', SnapshotSource, NodeSnapshots = [] }) =>
          withoutUndefined({
            name: SnapshotName,
            status: SnapshotStatus,
            at: isoTime(latest(NodeSnapshots.flatMap(({ SnapshotCreateTime }) => SnapshotCreateTime ?? []))),
            isAutomatic: SnapshotSource === 'automated',
          }),
        )
        .sort((one, other) => ((one.at ?? '') < (other.at ?? '') ? 1 : -1)),
    });
}

/** Of the states of parameters at several nodes the worst; nothing where none is told. */
function furthestFromSync(states: readonly string[]): string | undefined {
  return [REBOOT, 'applying'].find((status) => states.includes(status)) ?? states[0];
}

function someOf(ids: readonly string[]): string[] | undefined {
  return ids.length === 0 ? undefined : [...ids].sort();
}

function storeNode(
  { CacheClusterId = '', CurrentRole, PreferredAvailabilityZone }: NodeGroupMember,
  clusters: ReadonlyMap<string, CacheCluster>,
  metrics: MetricReader,
): () => NodeState {
  const cluster = clusters.get(CacheClusterId);
  const key = metrics.ask('storeNode', { CacheClusterId });
  return () => {
    const measured = metrics.metricsOf(key);
    return withoutUndefined({
      id: CacheClusterId,
      role: roleOf(CurrentRole, measured.IsMaster?.at(-1)),
      zone: PreferredAvailabilityZone ?? cluster?.PreferredAvailabilityZone ?? '',
      status: cluster?.CacheClusterStatus ?? 'unknown',
      createdAt: isoTime(cluster?.CacheClusterCreateTime),
      metrics: measured,
    });
  };
}

/** With cluster mode on ElastiCache tells no role, and a metric does. */
function roleOf(told: string | undefined, isMaster: number | undefined): NodeState['role'] {
  if (told === 'primary' || told === 'replica') {
    return told;
  }
  return isMaster === undefined ? 'unknown' : isMaster > 0 ? 'primary' : 'replica';
}

function memcachedState(
  { described: cluster, ...made }: Known<CacheCluster>,
  details: CacheDetails,
  metrics: MetricReader,
): () => MemcachedState {
  const id = made.physicalId;
  const parameterGroup = cluster.CacheParameterGroup?.CacheParameterGroupName;
  const nodes = (cluster.CacheNodes ?? []).map(
    ({ CacheNodeId = '', CacheNodeStatus, CustomerAvailabilityZone, CacheNodeCreateTime }) => {
      const key = metrics.ask('memcachedNode', { CacheClusterId: id, CacheNodeId });
      return (): NodeState =>
        withoutUndefined({
          id: CacheNodeId,
          role: 'node' as const,
          zone: CustomerAvailabilityZone ?? '',
          status: CacheNodeStatus ?? 'unknown',
          createdAt: isoTime(CacheNodeCreateTime),
          metrics: metrics.metricsOf(key),
        });
    },
  );
  const zone = cluster.PreferredAvailabilityZone;
  return () =>
    withoutUndefined({
      id,
      stack: made.stack,
      logicalId: made.logicalId,
      status: cluster.CacheClusterStatus ?? '',
      engine: 'memcached' as const,
      engineVersion: cluster.EngineVersion ?? '',
      createdAt: isoTime(cluster.CacheClusterCreateTime),
      nodeType: cluster.CacheNodeType ?? '',
      inTransitEncryption: cluster.TransitEncryptionEnabled === true,
      endpoint: addressOf(cluster.ConfigurationEndpoint),
      pending: pendingOfCluster(cluster.PendingModifiedValues),
      parameterGroup,
      parameterStatus: cluster.CacheParameterGroup?.ParameterApplyStatus,
      nodesToReboot: someOf(cluster.CacheParameterGroup?.CacheNodeIdsToReboot ?? []),
      maintenanceWindow: cluster.PreferredMaintenanceWindow,
      autoMinorVersionUpgrade: cluster.AutoMinorVersionUpgrade ?? false,
      securityGroups: securityGroupsOf(cluster),
      azMode: zone === undefined ? undefined : zone === 'Multiple' ? 'cross-az' : 'single-az',
      nodes: nodes.map((take) => take()),
      subnetZones: details.subnetZones.get(cluster.CacheSubnetGroupName ?? ''),
      parameters: details.parameters.get(parameterGroup ?? ''),
      serviceUpdates: details.serviceUpdates.get(id),
    });
}

function serverlessState(
  { described: cache, ...made }: Known<ServerlessCache>,
  metrics: MetricReader,
): () => ServerlessState {
  const key = metrics.ask('serverless', { clusterId: made.physicalId });
  const { DataStorage, ECPUPerSecond } = cache.CacheUsageLimits ?? {};
  return () =>
    withoutUndefined({
      id: made.physicalId,
      stack: made.stack,
      logicalId: made.logicalId,
      status: cache.Status ?? '',
      engine: (cache.Engine ?? 'valkey') as ServerlessState['engine'],
      engineVersion: cache.FullEngineVersion ?? cache.MajorEngineVersion ?? '',
      createdAt: isoTime(cache.CreateTime),
      description: cache.Description ?? '',
      endpoint: addressOf(cache.Endpoint),
      readerEndpoint: addressOf(cache.ReaderEndpoint),
      userGroup: cache.UserGroupId,
      snapshotRetentionDays: cache.SnapshotRetentionLimit ?? 0,
      // The unit is always GB.
      maxStorageBytes: DataStorage?.Maximum === undefined ? undefined : DataStorage.Maximum * 1024 ** 3,
      maxEcpuPerSecond: ECPUPerSecond?.Maximum,
      metrics: withMisses(metrics.metricsOf(key)),
    });
}

function pendingOfGroup(pending: ReplicationGroupPendingModifiedValues | undefined): PendingChange[] {
  const { PrimaryClusterId, AutomaticFailoverStatus, AuthTokenStatus, Resharding, TransitEncryptionMode, ClusterMode } =
    pending ?? {};
  return changes({
    'primary node': PrimaryClusterId,
    'automatic failover': AutomaticFailoverStatus,
    'AUTH token': AuthTokenStatus,
    slots: Resharding?.SlotMigration && `${Math.round(Resharding.SlotMigration.ProgressPercentage ?? 0)} % moved`,
    'encryption in transit': TransitEncryptionMode,
    'cluster mode': ClusterMode,
  });
}

function pendingOfCluster(pending: PendingModifiedValues | undefined): PendingChange[] {
  const { NumCacheNodes, CacheNodeIdsToRemove, EngineVersion, CacheNodeType } = pending ?? {};
  return changes({
    nodes: NumCacheNodes === undefined ? undefined : `${NumCacheNodes}`,
    'nodes to remove': CacheNodeIdsToRemove?.join(', ') || undefined,
    'engine version': EngineVersion,
    'node type': CacheNodeType,
  });
}

export function changes(pending: Readonly<Record<string, string | undefined>>): PendingChange[] {
  return Object.entries(pending).flatMap(([what, to]) => (to === undefined ? [] : [{ what, to }]));
}

function addressOf(
  endpoint: { readonly Address?: string | undefined; readonly Port?: number | undefined } | undefined,
) {
  return endpoint?.Address === undefined ? undefined : `${endpoint.Address}:${endpoint.Port}`;
}

function securityGroupsOf(cluster: CacheCluster | undefined): string[] {
  return cluster?.SecurityGroups?.flatMap(({ SecurityGroupId }) => SecurityGroupId ?? []) ?? [];
}

function latest(dates: readonly Date[]): Date | undefined {
  return dates.reduce<Date | undefined>(
    (newest, date) => (newest === undefined || date > newest ? date : newest),
    undefined,
  );
}
