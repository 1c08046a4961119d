import {
  DescribeCacheSubnetGroupsCommand,
  paginateDescribeCacheParameters,
  paginateDescribeReservedCacheNodes,
  paginateDescribeSnapshots,
  paginateDescribeUpdateActions,
  ServiceUpdateStatus,
  type Snapshot,
  type UpdateAction,
} from '@aws-sdk/client-elasticache';
import type { AwsSession } from '../aws/aws-session';
import type { FoundCaches } from './caches';
import type { Parameter, Reservation, ServiceUpdate } from './environment-state';
import type { Gaps } from './gaps';
import { chunks, everyOne, isoTime, withoutUndefined } from './plain';

/** The most ids that DescribeUpdateActions takes, and the most snapshots of a page (API reference). */
const UPDATE_IDS = 20;
const SNAPSHOT_PAGE = 50;

/** Service updates that can be applied: those that expired or were cancelled stay listed for ever. */
const OFFERED = [ServiceUpdateStatus.AVAILABLE];

/** Service updates that ask for nothing any more. */
const DONE = new Set(['complete', 'not-applicable']);

/** What is asked of ElastiCache beside the caches themselves, where everything is judged. */
export interface CacheDetails {
  readonly parameters: ReadonlyMap<string, readonly Parameter[]>;
  readonly subnetZones: ReadonlyMap<string, readonly string[]>;
  readonly serviceUpdates: ReadonlyMap<string, readonly ServiceUpdate[]>;
  readonly snapshots: ReadonlyMap<string, readonly Snapshot[]>;
  readonly reservations?: readonly Reservation[];
}

export const NO_DETAILS: CacheDetails = {
  parameters: new Map(),
  subnetZones: new Map(),
  serviceUpdates: new Map(),
  snapshots: new Map(),
};

export async function cacheDetails(session: AwsSession, found: FoundCaches, gaps: Gaps): Promise<CacheDetails> {
  const [client, abort] = [{ client: session.elastiCache }, { abortSignal: session.signal }];
  const clusters = [
    ...found.memcached.map(({ described }) => described),
    ...found.groups.flatMap(({ described }) => found.clusters.get(described.MemberClusters?.[0] ?? '') ?? []),
  ];
  const [parameters, subnetZones, snapshots, serviceUpdates, reservations] = await Promise.all([
    each(
      clusters.map(({ CacheParameterGroup }) => CacheParameterGroup?.CacheParameterGroupName),
      (name) =>
        gaps.ask(`parameters of ${name}`, 'elasticache:DescribeCacheParameters', () =>
          everyOne(
            paginateDescribeCacheParameters({ ...client, pageSize: 100 }, { CacheParameterGroupName: name }, abort),
            (page) =>
              page.Parameters?.map(({ ParameterName = '', ParameterValue = '', Source = '' }) => ({
                name: ParameterName,
                value: ParameterValue,
                source: Source,
              })),
          ),
        ),
    ),
    each(
      clusters.map(({ CacheSubnetGroupName }) => CacheSubnetGroupName),
      (name) =>
        gaps.ask(`subnets of ${name}`, 'elasticache:DescribeCacheSubnetGroups', async () => {
          const command = new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: name });
          const { CacheSubnetGroups: [group] = [] } = await session.elastiCache.send(command, abort);
          return [
            ...new Set(group?.Subnets?.flatMap(({ SubnetAvailabilityZone }) => SubnetAvailabilityZone?.Name ?? [])),
          ].sort();
        }),
    ),
    snapshotsOf(session, found, gaps),
    updates(session, found, gaps),
    gaps.ask('reservations', 'elasticache:DescribeReservedCacheNodes', () =>
      everyOne(paginateDescribeReservedCacheNodes({ ...client, pageSize: 100 }, {}, abort), (page) =>
        page.ReservedCacheNodes?.filter(({ State }) => State === 'active').map(
          (node): Reservation =>
            withoutUndefined({
              id: node.ReservedCacheNodeId ?? '',
              nodeType: node.CacheNodeType ?? '',
              count: node.CacheNodeCount ?? 0,
              engine: node.ProductDescription ?? '',
              endsAt: isoTime(
                node.StartTime && node.Duration !== undefined
                  ? new Date(node.StartTime.getTime() + node.Duration * 1_000)
                  : undefined,
              ),
            }),
        ),
      ),
    ),
  ]);
  return withoutUndefined({ parameters, subnetZones, snapshots, serviceUpdates, reservations }) as CacheDetails;
}

/** Snapshots by group: with cluster mode off they are of a node, and not of the group that it is a member of. */
async function snapshotsOf(session: AwsSession, found: FoundCaches, gaps: Gaps): Promise<Map<string, Snapshot[]>> {
  const asked = new Map(
    found.groups.map(({ physicalId: id, described: { ClusterEnabled, MemberClusters = [] } }) => [
      id,
      ClusterEnabled === true
        ? [{ ReplicationGroupId: id }]
        : MemberClusters.map((CacheClusterId) => ({ CacheClusterId })),
    ]),
  );
  return each([...asked.keys()], (id) =>
    gaps.ask(`snapshots of ${id}`, 'elasticache:DescribeSnapshots', async () => {
      const lists = await Promise.all(
        (asked.get(id) ?? []).map((input) =>
          everyOne(
            paginateDescribeSnapshots({ client: session.elastiCache, pageSize: SNAPSHOT_PAGE }, input, {
              abortSignal: session.signal,
            }),
            (page) => page.Snapshots,
          ),
        ),
      );
      return [...new Map(lists.flat().map((snapshot) => [snapshot.SnapshotName, snapshot])).values()];
    }),
  );
}

/** Asks once for each name; what was not given has no entry. */
async function each<T>(
  names: ReadonlyArray<string | undefined>,
  ask: (name: string) => Promise<T | undefined>,
): Promise<Map<string, T>> {
  const asked = [...new Set(names.filter((name) => name !== undefined))];
  const given = await Promise.all(asked.map(async (name) => [name, await ask(name)] as const));
  return new Map(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

async function updates(session: AwsSession, found: FoundCaches, gaps: Gaps): Promise<Map<string, ServiceUpdate[]>> {
  const inputs = [
    ...chunks(
      found.groups.map(({ physicalId }) => physicalId),
      UPDATE_IDS,
    ).map((ReplicationGroupIds) => ({ ReplicationGroupIds, ServiceUpdateStatus: OFFERED })),
    ...chunks(
      found.memcached.map(({ physicalId }) => physicalId),
      UPDATE_IDS,
    ).map((CacheClusterIds) => ({ CacheClusterIds, ServiceUpdateStatus: OFFERED })),
  ];
  const given = await gaps.ask('service updates', 'elasticache:DescribeUpdateActions', () =>
    Promise.all(
      inputs.map((input) =>
        everyOne(
          paginateDescribeUpdateActions({ client: session.elastiCache, pageSize: 50 }, input, {
            abortSignal: session.signal,
          }),
          (page) => page.UpdateActions,
        ),
      ),
    ),
  );
  const byCache = new Map<string, ServiceUpdate[]>();
  if (given !== undefined) {
    for (const { physicalId } of [...found.groups, ...found.memcached]) {
      byCache.set(physicalId, []);
    }
    for (const action of given.flat().filter(({ UpdateActionStatus = '' }) => !DONE.has(UpdateActionStatus))) {
      byCache.get(action.ReplicationGroupId ?? action.CacheClusterId ?? '')?.push(serviceUpdate(action));
    }
  }
  return byCache;
}

function serviceUpdate(action: UpdateAction): ServiceUpdate {
  return withoutUndefined({
    name: action.ServiceUpdateName ?? '',
    severity: (action.ServiceUpdateSeverity ?? 'low') as ServiceUpdate['severity'],
    status: action.UpdateActionStatus ?? '',
    type: action.ServiceUpdateType,
    applyBy: isoTime(action.ServiceUpdateRecommendedApplyByDate),
    engine: action.Engine,
  });
}
