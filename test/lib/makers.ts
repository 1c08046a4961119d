import type { Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  Application,
  CacheNodeType,
  MemcachedCluster,
  type MemcachedClusterProps,
  ReplicationGroup,
  type ReplicationGroupProps,
  ServerlessCache,
  type ServerlessCacheProps,
  WebFleet,
  type WebFleetProps,
} from '../../lib';
import { applicationDirectory, newStack, warnings } from './stacks';

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

const CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000';

/** A certificate of the region that tests stand in. */
export const certificateIn = (stack: Stack): acm.ICertificate =>
  acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE);

/** A fleet named `Web` of a small application, over HTTPS unless the properties say otherwise. */
export function fleetIn(stack: Stack, vpc: ec2.IVpc, props: Partial<WebFleetProps> = {}): WebFleet {
  return new WebFleet(stack, 'Web', {
    vpc,
    application: Application.fromDirectory(applicationDirectory()),
    ...(props.insecureHttp ? {} : { certificate: certificateIn(stack) }),
    ...props,
  });
}

/** The error of making it, or the warnings it gives, in one text. */
export function outcome(make: Make): { error?: string; warnings: string } {
  const { stack, vpc } = newStack();
  try {
    make(stack, vpc);
    return { warnings: warnings(stack).join('\n') };
  } catch (error) {
    return { error: (error as Error).message, warnings: '' };
  }
}
