import {
  type CacheCluster,
  paginateDescribeCacheClusters,
  paginateDescribeReplicationGroups,
  paginateDescribeServerlessCaches,
  type ReplicationGroup,
  type ServerlessCache,
} from '@aws-sdk/client-elasticache';
import type { AwsSession } from '../aws/aws-session';
import type { StackState } from './environment-state';
import type { Gaps } from './gaps';
import { known, type Made, madeBy } from './made';
import { everyOne } from './plain';

/** The most that ElastiCache gives in a page (API reference; of serverless caches 50). */
const PAGE = 100;
const SERVERLESS_PAGE = 50;

type Known<T> = Made & { readonly described: T };

/** What ElastiCache says of the caches that stacks have made. */
export interface FoundCaches {
  readonly groups: ReadonlyArray<Known<ReplicationGroup>>;
  readonly memcached: ReadonlyArray<Known<CacheCluster>>;
  readonly serverless: ReadonlyArray<Known<ServerlessCache>>;
  /** The nodes of groups, by id. */
  readonly clusters: ReadonlyMap<string, CacheCluster>;
}

/** Lists what the region has: a hundred caches in a call, instead of one. */
export async function findCaches(session: AwsSession, stacks: readonly StackState[], gaps: Gaps): Promise<FoundCaches> {
  const groups = madeBy(stacks, 'AWS::ElastiCache::ReplicationGroup');
  const memcached = madeBy(stacks, 'AWS::ElastiCache::CacheCluster');
  const serverless = madeBy(stacks, 'AWS::ElastiCache::ServerlessCache');
  const [client, abort] = [{ client: session.elastiCache }, { abortSignal: session.signal }];
  const nothing = Promise.resolve(undefined);
  const [allGroups = [], allMembers = [], allMemcached = [], allServerless = []] = await Promise.all([
    groups.length === 0
      ? nothing
      : gaps.ask('replication groups', 'elasticache:DescribeReplicationGroups', () =>
          everyOne(
            paginateDescribeReplicationGroups({ ...client, pageSize: PAGE }, {}, abort),
            (page) => page.ReplicationGroups,
          ),
        ),
    groups.length === 0
      ? nothing
      : gaps.ask('nodes', 'elasticache:DescribeCacheClusters', () =>
          // A member of a group is one node: what would be told of its nodes is four fifths of the answer, and known.
          everyOne(
            paginateDescribeCacheClusters({ ...client, pageSize: PAGE }, {}, abort),
            (page) => page.CacheClusters,
          ),
        ),
    memcached.length === 0
      ? nothing
      : gaps.ask('Memcached clusters', 'elasticache:DescribeCacheClusters', () =>
          everyOne(
            paginateDescribeCacheClusters(
              { ...client, pageSize: PAGE },
              { ShowCacheNodeInfo: true, ShowCacheClustersNotInReplicationGroups: true },
              abort,
            ),
            // Single nodes of Redis OSS are clusters of this kind too.
            (page) => page.CacheClusters?.filter(({ Engine }) => Engine === 'memcached'),
          ),
        ),
    serverless.length === 0
      ? nothing
      : gaps.ask('serverless caches', 'elasticache:DescribeServerlessCaches', () =>
          everyOne(
            paginateDescribeServerlessCaches({ ...client, pageSize: SERVERLESS_PAGE }, {}, abort),
            (page) => page.ServerlessCaches,
          ),
        ),
  ]);
  return {
    groups: known(groups, allGroups, ({ ReplicationGroupId }) => ReplicationGroupId),
    memcached: known(memcached, allMemcached, ({ CacheClusterId }) => CacheClusterId),
    serverless: known(serverless, allServerless, ({ ServerlessCacheName }) => ServerlessCacheName),
    clusters: new Map(allMembers.map((cluster) => [cluster.CacheClusterId ?? '', cluster])),
  };
}
