import { type NodeCache, nodesOf } from './caches';
import { cacheGuide, databaseGuide } from './sources';

/** How something is rebooted so that as little as may be is lost, and where AWS says so. */
export interface Reboot {
  readonly fix: string;
  readonly source: string;
}

export const DATABASE_REBOOT: Reboot = {
  fix: 'RebootDBInstance at a quiet hour: it answers nothing until it is back, with Multi-AZ and ForceFailover for less long',
  source: databaseGuide('USER_WorkingWithParamGroups'),
};

/**
 * A node that is rebooted loses what it holds, and RebootCacheCluster does not take groups with cluster mode on (API
 * reference of RebootCacheCluster).
 */
export function rebootOf(cache: NodeCache): Reboot {
  return { fix: fixOf(cache), source: cacheGuide('nodes.rebooting') };
}

function fixOf(cache: NodeCache): string {
  if (cache.engine === 'memcached') {
    return 'RebootCacheCluster at a quiet hour, one node after the other: each loses its entries';
  }
  if (cache.clusterMode) {
    return 'RebootCacheCluster does not take groups with cluster mode on: CreateSnapshot, and a group with the changed parameters that is made of it (`restoreFrom` of `ReplicationGroup`)';
  }
  return nodesOf(cache).length === 1
    ? 'its one node loses what it holds when it is rebooted: add a replica first (`replicas` of `ReplicationGroup`), and reboot by failing over'
    : 'each node loses what it holds: RebootCacheCluster of one replica after the other, each again in sync before the next; then TestFailover, and the node that was the primary';
}
