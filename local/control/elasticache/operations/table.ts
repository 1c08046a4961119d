import { modifyCacheCluster, rebootCacheCluster, testFailover } from './change-caches';
import {
  describeCacheClusters,
  describeCacheParameters,
  describeReplicationGroups,
  describeServerlessCaches,
} from './describe-caches';
import { describeEvents } from './describe-events';
import { describeReservedCacheNodes, describeUpdateActions } from './describe-offers';
import { describeCacheSubnetGroups } from './describe-subnet-groups';
import type { Operation } from './operation';
import { decreaseReplicaCount, increaseReplicaCount } from './replica-count';
import { createSnapshot, describeSnapshots } from './snapshots';

/** By AWS's names. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['CreateSnapshot', createSnapshot],
  ['DecreaseReplicaCount', decreaseReplicaCount],
  ['DescribeCacheClusters', describeCacheClusters],
  ['DescribeCacheParameters', describeCacheParameters],
  ['DescribeCacheSubnetGroups', describeCacheSubnetGroups],
  ['DescribeEvents', describeEvents],
  ['DescribeReplicationGroups', describeReplicationGroups],
  ['DescribeReservedCacheNodes', describeReservedCacheNodes],
  ['DescribeServerlessCaches', describeServerlessCaches],
  ['DescribeSnapshots', describeSnapshots],
  ['DescribeUpdateActions', describeUpdateActions],
  ['IncreaseReplicaCount', increaseReplicaCount],
  ['ModifyCacheCluster', modifyCacheCluster],
  ['RebootCacheCluster', rebootCacheCluster],
  ['TestFailover', testFailover],
]);
