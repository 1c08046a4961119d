import { pageRequest } from '../../pages';
import { AnswerList } from '../../query/answers';
import { reservedCacheNodeNotFound } from '../faults';
import { UPDATE_ACTION_LIMITS } from '../page-limits';
import type { Operation } from './operation';

/** None: the engines are this machine's, and AWS has no updates for them. */
export const describeUpdateActions: Operation = (request) => {
  request.string('ServiceUpdateName');
  request.string('Engine');
  request.list('ReplicationGroupIds');
  request.list('CacheClusterIds');
  request.list('ServiceUpdateStatus');
  request.list('UpdateActionStatus');
  request.boolean('ShowNodeLevelUpdateStatus');
  pageRequest(request, UPDATE_ACTION_LIMITS);
  return () => ({ UpdateActions: new AnswerList('UpdateAction', []) });
};

/** None: no node here has a price. */
export const describeReservedCacheNodes: Operation = (request) => {
  const id = request.string('ReservedCacheNodeId');
  request.string('ReservedCacheNodesOfferingId');
  request.string('CacheNodeType');
  request.string('Duration');
  request.string('ProductDescription');
  request.string('OfferingType');
  pageRequest(request);
  return () => {
    if (id !== undefined) {
      throw reservedCacheNodeNotFound(id);
    }
    return { ReservedCacheNodes: new AnswerList('ReservedCacheNode', []) };
  };
};
