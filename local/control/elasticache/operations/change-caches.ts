import { invalidParameterCombination, invalidParameterValue, missingParameter } from '../../faults';
import type { Answer } from '../../query/answers';
import { cacheClusterAnswer } from '../cache-cluster-answer';
import type { ControlPlane } from '../control-plane';
import { ONLY_NODE } from '../group-control';
import { replicationGroupAnswer } from '../replication-group-answer';
import type { Operation } from './operation';

export const testFailover: Operation = (request) => {
  const id = request.required('ReplicationGroupId', request.identifier('ReplicationGroupId'));
  const shard = request.required('NodeGroupId', request.identifier('NodeGroupId'));
  return (plane) => {
    const control = plane.group(id);
    plane.testFailover(control, shard);
    return { ReplicationGroup: replicationGroupAnswer(control, plane.environment.region) };
  };
};

export const modifyCacheCluster: Operation = (request) => {
  const id = request.required('CacheClusterId', request.identifier('CacheClusterId'));
  const count = request.integer('NumCacheNodes');
  const removed = request.list('CacheNodeIdsToRemove', 'CacheNodeId') ?? [];
  const now = request.boolean('ApplyImmediately') ?? false;
  return (plane) => {
    const cluster = plane.cacheCluster(id);
    if (count === undefined) {
      throw invalidParameterCombination('No modifications were requested');
    }
    if (cluster.type === 'memcached') {
      cluster.control.setNodes({ count, removed }, now);
    } else if (count !== 1 || removed.length > 0) {
      throw invalidParameterValue('Clusters running Valkey or Redis OSS have one cache node.');
    }
    return answerOf(plane, id);
  };
};

export const rebootCacheCluster: Operation = (request) => {
  const id = request.required('CacheClusterId', request.identifier('CacheClusterId'));
  const nodes = request.list('CacheNodeIdsToReboot', 'CacheNodeId') ?? [];
  if (nodes.length === 0) {
    throw missingParameter('CacheNodeIdsToReboot');
  }
  return (plane) => {
    const cluster = plane.cacheCluster(id);
    if (cluster.type === 'memcached') {
      cluster.control.reboot(nodes);
    } else if (nodes.length === 1 && nodes[0] === ONLY_NODE) {
      cluster.control.reboot(id);
    } else {
      throw invalidParameterValue(`Cache cluster ${id} has only the cache node ${ONLY_NODE}.`);
    }
    return answerOf(plane, id);
  };
};

function answerOf(plane: ControlPlane, id: string): Answer {
  return { CacheCluster: cacheClusterAnswer(plane.cacheCluster(id), plane.environment.region, false) };
}
