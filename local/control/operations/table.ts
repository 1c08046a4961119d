import { modifyCacheCluster, rebootCacheCluster, testFailover } from './change-caches';
import {
  describeCacheClusters,
  describeCacheParameters,
  describeReplicationGroups,
  describeServerlessCaches,
} from './describe-caches';
import { describeEvents } from './describe-events';
import type { Operation } from './operation';
import { decreaseReplicaCount, increaseReplicaCount } from './replica-count';
import { createSnapshot, describeSnapshots } from './snapshots';

/** The operations that the endpoint has, by AWS's names. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['CreateSnapshot', createSnapshot],
  ['DecreaseReplicaCount', decreaseReplicaCount],
  ['DescribeCacheClusters', describeCacheClusters],
  ['DescribeCacheParameters', describeCacheParameters],
  ['DescribeEvents', describeEvents],
  ['DescribeReplicationGroups', describeReplicationGroups],
  ['DescribeServerlessCaches', describeServerlessCaches],
  ['DescribeSnapshots', describeSnapshots],
  ['IncreaseReplicaCount', increaseReplicaCount],
  ['ModifyCacheCluster', modifyCacheCluster],
  ['RebootCacheCluster', rebootCacheCluster],
  ['TestFailover', testFailover],
]);
