/** An error that is answered in AWS's own form: its code, its message and its HTTP status. */
export class Fault extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number = 400,
  ) {
    super(message);
  }
}

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

export function invalidParameterValue(message: string): Fault {
  return new Fault('InvalidParameterValue', message);
}

export function invalidParameterCombination(message: string): Fault {
  return new Fault('InvalidParameterCombination', message);
}

export function missingParameter(name: string): Fault {
  return new Fault('MissingParameter', `The request must contain the parameter ${name}`);
}

/** What AWS says of an operation that it does not have, in that version of its API or in any. */
export function invalidAction(action: string, version: string): Fault {
  return new Fault('InvalidAction', `Could not find operation ${action} for version ${version}`);
}

export function malformedQuery(message: string): Fault {
  return new Fault('MalformedQueryString', message);
}
