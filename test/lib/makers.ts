import type { Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  CacheNodeType,
  MemcachedCluster,
  type MemcachedClusterProps,
  ReplicationGroup,
  type ReplicationGroupProps,
  ServerlessCache,
  type ServerlessCacheProps,
} from '../../lib';

/** Makes something in a stack of its own. */
export type Make<T = unknown> = (stack: Stack, vpc: ec2.Vpc) => T;

/** A replication group named `Cache`, on r7g.large nodes unless the properties say otherwise. */
export const group =
  (props: Partial<ReplicationGroupProps>): Make<ReplicationGroup> =>
  (stack, vpc) =>
    new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.R7G_LARGE, ...props });

/** A Memcached cluster named `Cache`, on r7g.large nodes unless the properties say otherwise. */
export const memcached =
  (props: Partial<MemcachedClusterProps>): Make<MemcachedCluster> =>
  (stack, vpc) =>
    new MemcachedCluster(stack, 'Cache', { vpc, nodeType: CacheNodeType.R7G_LARGE, ...props });

/** A serverless cache named `Cache`. */
export const serverless =
  (props: Partial<ServerlessCacheProps>): Make<ServerlessCache> =>
  (stack, vpc) =>
    new ServerlessCache(stack, 'Cache', { vpc, ...props });
