import {
  type CacheCluster,
  DescribeCacheClusters$,
  type DescribeCacheClustersMessage,
  DescribeCacheParameters$,
  type DescribeCacheParametersMessage,
  DescribeCacheSubnetGroups$,
  type DescribeCacheSubnetGroupsMessage,
  DescribeEvents$,
  type DescribeEventsMessage,
  DescribeReplicationGroups$,
  type DescribeReplicationGroupsMessage,
  DescribeReservedCacheNodes$,
  type DescribeReservedCacheNodesMessage,
  DescribeServerlessCaches$,
  type DescribeServerlessCachesRequest,
  DescribeSnapshots$,
  type DescribeSnapshotsMessage,
  DescribeUpdateActions$,
  type DescribeUpdateActionsMessage,
  TestFailover$,
  type UpdateAction,
} from '@aws-sdk/client-elasticache';
import { AwsError } from '../aws-error';
import { type Context, operation, type Service } from '../operation';
import { type Paging, pageOf } from '../pages';
import { testFailover } from '../test-failover';

const PAGES: Paging<'Marker'> = {
  size: { name: 'MaxRecords', least: 20, most: 100 },
  usual: 100,
  token: 'Marker',
  answered: 'Marker',
  badSize: invalid,
  badToken: invalid,
};

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeSnapshots.html */
const SNAPSHOT_PAGES = { ...PAGES, size: { name: 'MaxRecords', least: 20, most: 50 }, usual: 50 };

/** AWS documents how many it gives where nothing is asked for, and no limits of what may be asked for. */
const SERVERLESS_PAGES: Paging<'NextToken'> = {
  ...PAGES,
  size: { name: 'MaxResults', least: 1, most: 50 },
  usual: 50,
  token: 'NextToken',
  answered: 'NextToken',
};

/**
 * Ids of replication groups, and of cache clusters, that service updates may be asked for.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeUpdateActions.html
 */
const MOST_IDS = 20;

const MINUTE_MS = 60_000;

/** How far back events go that are asked for without a time, and at all, in minutes. */
const USUAL_MINUTES = 60;
const MOST_MINUTES = 14 * 24 * 60;

export const ELASTICACHE: Service = {
  prefix: 'elasticache',
  signingName: 'elasticache',
  protocol: { name: 'query', version: '2015-02-02', namespace: 'http://elasticache.amazonaws.com/doc/2015-02-02/' },
  invalid,
  operations: [
    operation(
      DescribeReplicationGroups$,
      ['ReplicationGroupId', 'MaxRecords', 'Marker'],
      (input: DescribeReplicationGroupsMessage, context) => {
        const groups = only(
          context.state.replicationGroups,
          ({ ReplicationGroupId }) => ReplicationGroupId,
          input.ReplicationGroupId,
          (id) => new AwsError('ReplicationGroupNotFoundFault', `ReplicationGroup ${id} not found.`, 404),
        );
        const { records, next } = pageOf(groups, input, context, PAGES);
        return { ReplicationGroups: records, ...next };
      },
    ),
    operation(
      DescribeCacheClusters$,
      ['CacheClusterId', 'ShowCacheNodeInfo', 'ShowCacheClustersNotInReplicationGroups', 'MaxRecords', 'Marker'],
      describeCacheClusters,
    ),
    operation(
      DescribeServerlessCaches$,
      ['ServerlessCacheName', 'MaxResults', 'NextToken'],
      (input: DescribeServerlessCachesRequest, context) => {
        const caches = only(
          context.state.serverlessCaches,
          ({ ServerlessCacheName }) => ServerlessCacheName,
          input.ServerlessCacheName,
          (name) => new AwsError('ServerlessCacheNotFoundFault', `ServerlessCache ${name} not found.`, 404),
        );
        const { records, next } = pageOf(caches, input, context, SERVERLESS_PAGES);
        return { ServerlessCaches: records, ...next };
      },
    ),
    operation(
      DescribeCacheParameters$,
      ['CacheParameterGroupName', 'Source', 'MaxRecords', 'Marker'],
      (input: DescribeCacheParametersMessage, context) => {
        const [, parameters = []] =
          only(
            Object.entries(context.state.cacheParameters),
            ([name]) => name,
            input.CacheParameterGroupName,
            (name) => new AwsError('CacheParameterGroupNotFound', `CacheParameterGroup not found: ${name}`, 404),
          )[0] ?? [];
        const asked = parameters.filter(({ Source }) => input.Source === undefined || Source === input.Source);
        const { records, next } = pageOf(asked, input, context, PAGES);
        return { Parameters: records, CacheNodeTypeSpecificParameters: [], ...next };
      },
    ),
    operation(
      DescribeCacheSubnetGroups$,
      ['CacheSubnetGroupName', 'MaxRecords', 'Marker'],
      (input: DescribeCacheSubnetGroupsMessage, context) => {
        const groups = only(
          context.state.cacheSubnetGroups,
          ({ CacheSubnetGroupName }) => CacheSubnetGroupName,
          input.CacheSubnetGroupName,
          (name) => new AwsError('CacheSubnetGroupNotFoundFault', `Cache subnet group ${name} not found.`),
        );
        const { records, next } = pageOf(groups, input, context, PAGES);
        return { CacheSubnetGroups: records, ...next };
      },
    ),
    operation(
      DescribeUpdateActions$,
      [
        'ServiceUpdateName',
        'ReplicationGroupIds',
        'CacheClusterIds',
        'Engine',
        'ServiceUpdateStatus',
        'UpdateActionStatus',
        'ShowNodeLevelUpdateStatus',
        'MaxRecords',
        'Marker',
      ],
      describeUpdateActions,
    ),
    operation(
      DescribeSnapshots$,
      ['ReplicationGroupId', 'CacheClusterId', 'SnapshotName', 'SnapshotSource', 'MaxRecords', 'Marker'],
      describeSnapshots,
    ),
    operation(
      DescribeReservedCacheNodes$,
      ['ReservedCacheNodeId', 'CacheNodeType', 'ProductDescription', 'OfferingType', 'MaxRecords', 'Marker'],
      (input: DescribeReservedCacheNodesMessage, context) => {
        const reserved = only(
          context.state.reservedCacheNodes,
          ({ ReservedCacheNodeId }) => ReservedCacheNodeId,
          input.ReservedCacheNodeId,
          (id) => new AwsError('ReservedCacheNodeNotFound', `ReservedCacheNode not found: ${id}`, 404),
        ).filter(
          (node) =>
            isAsked(node.CacheNodeType, input.CacheNodeType) &&
            isAsked(node.ProductDescription, input.ProductDescription) &&
            isAsked(node.OfferingType, input.OfferingType),
        );
        const { records, next } = pageOf(reserved, input, context, PAGES);
        return { ReservedCacheNodes: records, ...next };
      },
    ),
    operation(
      DescribeEvents$,
      ['SourceIdentifier', 'SourceType', 'StartTime', 'EndTime', 'Duration', 'MaxRecords', 'Marker'],
      describeEvents,
    ),
    operation(TestFailover$, ['ReplicationGroupId', 'NodeGroupId'], testFailover),
  ],
};

function describeCacheClusters(input: DescribeCacheClustersMessage, context: Context) {
  const clusters = only(
    context.state.cacheClusters,
    ({ CacheClusterId }) => CacheClusterId,
    input.CacheClusterId,
    (id) => new AwsError('CacheClusterNotFound', `CacheCluster not found: ${id}`, 404),
  ).filter(
    ({ ReplicationGroupId }) => !input.ShowCacheClustersNotInReplicationGroups || ReplicationGroupId === undefined,
  );
  const { records, next } = pageOf(clusters, input, context, PAGES);
  const withoutNodes = ({ CacheNodes: _, ...cluster }: CacheCluster): CacheCluster => cluster;
  return { CacheClusters: input.ShowCacheNodeInfo ? records : records.map(withoutNodes), ...next };
}

function describeUpdateActions(input: DescribeUpdateActionsMessage, context: Context) {
  const { ReplicationGroupIds: groups, CacheClusterIds: clusters } = input;
  for (const ids of [groups ?? [], clusters ?? []]) {
    if (ids.length > MOST_IDS) {
      throw invalid(`${ids.length} ids are asked for. There must be no more than ${MOST_IDS}`);
    }
  }
  const isOfThese = ({ ReplicationGroupId: group = '', CacheClusterId: cluster = '' }: UpdateAction) =>
    (groups === undefined && clusters === undefined) || groups?.includes(group) || clusters?.includes(cluster);
  const actions = context.state.updateActions.filter(
    (action) =>
      isOfThese(action) &&
      isAsked(action.ServiceUpdateName, input.ServiceUpdateName) &&
      isAsked(action.Engine, input.Engine) &&
      isAmong(action.ServiceUpdateStatus, input.ServiceUpdateStatus) &&
      isAmong(action.UpdateActionStatus, input.UpdateActionStatus),
  );
  const { records, next } = pageOf(actions, input, context, PAGES);
  const withoutNodes = ({ NodeGroupUpdateStatus: _, CacheNodeUpdateStatus: __, ...action }: UpdateAction) => action;
  return { UpdateActions: input.ShowNodeLevelUpdateStatus ? records : records.map(withoutNodes), ...next };
}

function describeSnapshots(input: DescribeSnapshotsMessage, context: Context) {
  // Snapshots are asked for by `user` and `system`, and answered as `manual` and `automated`.
  const source = { user: 'manual', system: 'automated' }[input.SnapshotSource ?? ''] ?? input.SnapshotSource;
  const snapshots = only(
    context.state.snapshots,
    ({ SnapshotName }) => SnapshotName,
    input.SnapshotName,
    (name) => new AwsError('SnapshotNotFoundFault', `Snapshot ${name} not found.`, 404),
  ).filter(
    (snapshot) =>
      isAsked(snapshot.ReplicationGroupId, input.ReplicationGroupId) &&
      isAsked(snapshot.CacheClusterId, input.CacheClusterId) &&
      isAsked(snapshot.SnapshotSource, source),
  );
  const { records, next } = pageOf(snapshots, input, context, SNAPSHOT_PAGES);
  return { Snapshots: records, ...next };
}

function describeEvents(input: DescribeEventsMessage, context: Context) {
  const { StartTime, EndTime, Duration = USUAL_MINUTES } = input;
  if (Duration < 1 || Duration > MOST_MINUTES) {
    throw invalid(`Invalid value ${Duration} for Duration. Must be between 1 and ${MOST_MINUTES}`);
  }
  const until = (EndTime ?? context.now).getTime();
  const since = Math.max(
    StartTime?.getTime() ?? until - Duration * MINUTE_MS,
    context.now.getTime() - MOST_MINUTES * MINUTE_MS,
  );
  const events = context.state.events
    .filter(({ Date: at = new Date(0) }) => at.getTime() >= since && at.getTime() <= until)
    .filter(
      (event) => isAsked(event.SourceType, input.SourceType) && isAsked(event.SourceIdentifier, input.SourceIdentifier),
    )
    // The newest first. Of one moment, what was told later is newer.
    .reverse()
    .sort((one, other) => (other.Date?.getTime() ?? 0) - (one.Date?.getTime() ?? 0));
  const { records, next } = pageOf(events, input, context, PAGES);
  return { Events: records, ...next };
}

/** All of them in the order of their ids, or the one that is asked for. ElastiCache's ids have no upper case. */
function only<T>(
  all: readonly T[],
  idOf: (one: T) => string | undefined,
  asked: string | undefined,
  missing: (id: string) => AwsError,
): T[] {
  const idIn = (one: T) => idOf(one)?.toLowerCase() ?? '';
  if (asked === undefined) {
    return [...all].sort((one, other) => (idIn(one) < idIn(other) ? -1 : 1));
  }
  const found = all.filter((one) => idIn(one) === asked.toLowerCase());
  if (found.length === 0) {
    throw missing(asked);
  }
  return found;
}

function isAsked(value: string | undefined, asked: string | undefined): boolean {
  return asked === undefined || value?.toLowerCase() === asked.toLowerCase();
}

function isAmong(value: string | undefined, asked: readonly string[] | undefined): boolean {
  return asked === undefined || (value !== undefined && asked.includes(value));
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
