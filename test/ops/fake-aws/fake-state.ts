import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Stack, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import type { CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Listener, LoadBalancer, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type {
  CacheCluster,
  CacheSubnetGroup,
  Event,
  Parameter,
  ReplicationGroup,
  ReservedCacheNode,
  ServerlessCache,
  Snapshot,
  UpdateAction,
} from '@aws-sdk/client-elasticache';
import type { DBInstance } from '@aws-sdk/client-rds';
import type { DescribeSecretResponse } from '@aws-sdk/client-secrets-manager';

/** All that a region of an account has, as AWS would answer it. Plain data: `structuredClone` copies it. */
export interface FakeState {
  region: string;
  account: string;
  stacks: FakeStack[];
  replicationGroups: ReplicationGroup[];
  /** Members of the replication groups, and Memcached clusters. */
  cacheClusters: CacheCluster[];
  serverlessCaches: ServerlessCache[];
  /** By the name of the parameter group. */
  cacheParameters: Record<string, Parameter[]>;
  cacheSubnetGroups: CacheSubnetGroup[];
  updateActions: UpdateAction[];
  snapshots: Snapshot[];
  reservedCacheNodes: ReservedCacheNode[];
  events: Event[];
  dbInstances: DBInstance[];
  autoScalingGroups: AutoScalingGroup[];
  loadBalancers: LoadBalancer[];
  listeners: Listener[];
  /** By the ARN of the target group. */
  targetHealth: Record<string, TargetHealthDescription[]>;
  alarms: MetricAlarm[];
  compositeAlarms: CompositeAlarm[];
  metrics: FakeMetrics[];
  secrets: DescribeSecretResponse[];
}

export interface FakeStack extends Stack {
  resources: StackResourceSummary[];
  template: Record<string, unknown>;
}

/** Metrics of one thing. CloudWatch finds them by exactly these dimensions. */
export interface FakeMetrics {
  namespace: string;
  dimensions: Record<string, string>;
  /**
   * By the metric's name, whatever period and statistic are asked for: either one value that every period has, or a
   * value a period, the newest last, which is the one at the end of what is asked for.
   */
  values: Record<string, number | number[]>;
}
