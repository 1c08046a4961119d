import { Fault } from '../faults';

export function replicationGroupNotFound(id: string): Fault {
  return new Fault('ReplicationGroupNotFoundFault', `ReplicationGroup ${id} not found.`, 404);
}

export function nodeGroupNotFound(id: string, group: string): Fault {
  return new Fault('NodeGroupNotFoundFault', `Node group ${id} not found in replication group ${group}.`, 404);
}

export function cacheClusterNotFound(id: string): Fault {
  return new Fault('CacheClusterNotFound', `CacheCluster not found: ${id}`, 404);
}

export function serverlessCacheNotFound(name: string): Fault {
  return new Fault('ServerlessCacheNotFoundFault', `ServerlessCache ${name} not found.`, 404);
}

export function cacheParameterGroupNotFound(name: string): Fault {
  return new Fault('CacheParameterGroupNotFound', `CacheParameterGroup not found: ${name}`, 404);
}

export function snapshotNotFound(name: string): Fault {
  return new Fault('SnapshotNotFoundFault', `Snapshot ${name} not found.`, 404);
}

export function snapshotAlreadyExists(name: string): Fault {
  return new Fault('SnapshotAlreadyExistsFault', `Snapshot ${name} already exists.`);
}

export function snapshotQuotaExceeded(limit: number): Fault {
  return new Fault(
    'SnapshotQuotaExceededFault',
    `The request cannot be processed because it would exceed the maximum number of snapshots: ${limit} in 24 hours.`,
  );
}

export function snapshotFeatureNotSupported(id: string): Fault {
  return new Fault('SnapshotFeatureNotSupportedFault', `Snapshots are not supported for the Memcached cluster ${id}.`);
}

export function invalidReplicationGroupState(id: string, status: string): Fault {
  return new Fault(
    'InvalidReplicationGroupState',
    `Replication group ${id} is not in available state: it is ${status}.`,
  );
}

export function invalidCacheClusterState(message: string): Fault {
  return new Fault('InvalidCacheClusterState', message);
}

export function testFailoverNotAvailable(message: string): Fault {
  return new Fault('TestFailoverNotAvailableFault', message);
}

export function callRateExceeded(limit: number): Fault {
  return new Fault(
    'APICallRateForCustomerExceeded',
    `Cannot test failover of more than ${limit} node groups in any rolling 24-hour period.`,
  );
}

export function nodeQuotaExceeded(limit: number): Fault {
  return new Fault(
    'NodeQuotaForClusterExceeded',
    `The request cannot be processed because it would exceed the allowed number of cache nodes in a single cluster: ${limit}.`,
  );
}

export function noOperation(message: string): Fault {
  return new Fault('NoOperationFault', message);
}

export function cacheSubnetGroupNotFound(name: string): Fault {
  return new Fault('CacheSubnetGroupNotFoundFault', `CacheSubnetGroup ${name} not found.`);
}

export function reservedCacheNodeNotFound(id: string): Fault {
  return new Fault('ReservedCacheNodeNotFound', `ReservedCacheNode not found: ${id}`, 404);
}
