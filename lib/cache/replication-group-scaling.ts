import { type Duration, Token } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import type { Construct } from 'constructs';
import { enforce, type Limit, wholeNumber } from '../limits';
import type { CacheEngine } from './engine';
import { compareVersions } from './engine-version';
import type { CacheNodeType } from './node-type';
import type { Topology } from './topology';

/** Most shards that Application Auto Scaling makes (dg/AutoScaling-Policies). */
const MOST_SHARDS = 250;

/** Most replicas of a shard. */
const MOST_REPLICAS = 5;

/** Families and sizes that Application Auto Scaling knows (dg/AutoScaling). */
const FAMILIES = ['r8g', 'r8gd', 'r7g', 'r7gd', 'r6g', 'r6gd', 'r5', 'm8g', 'm7g', 'm6g', 'm5', 'c8gn', 'c7gn'];
const SIZES = ['large', 'xlarge', '2xlarge'];

/** What a target-tracking policy of a cache keeps where. */
export interface CacheTargetTrackingProps {
  /** Percent that is kept: 35 to 70 for CPU (dg/AutoScaling-Scaling-Policies-Target). */
  readonly targetUtilizationPercent: number;

  /**
   * Time after growing in which nothing grows again.
   *
   * @default - 10 minutes, ElastiCache's own
   */
  readonly scaleOutCooldown?: Duration;

  /**
   * Time after shrinking in which nothing shrinks again.
   *
   * @default - 15 minutes, ElastiCache's own
   */
  readonly scaleInCooldown?: Duration;

  /**
   * Whether the policy only ever grows.
   *
   * @default false
   */
  readonly disableScaleIn?: boolean;
}

/** Between how many shards a group is scaled, and by what. */
export interface ShardScalingProps {
  /** Fewest shards, at least 1. */
  readonly minCapacity: number;

  /** Most shards, up to 250, and more than the fewest. */
  readonly maxCapacity: number;

  /**
   * Keeps the CPU of the primaries' engines here.
   *
   * @default - not a reason to scale
   */
  readonly onPrimaryCpu?: CacheTargetTrackingProps;

  /**
   * Keeps the memory in use here; with data tiering the memory and disk.
   *
   * @default - not a reason to scale
   */
  readonly onMemory?: CacheTargetTrackingProps;
}

/** Between how many replicas every shard is scaled, and by what. */
export interface ReplicaScalingProps {
  /** Fewest replicas of a shard, at least 1. */
  readonly minCapacity: number;

  /** Most replicas of a shard, up to 5, and more than the fewest. */
  readonly maxCapacity: number;

  /**
   * Keeps the CPU of the replicas' engines here.
   *
   * @default - not a reason to scale
   */
  readonly onReplicaCpu?: CacheTargetTrackingProps;
}

/** What is scaled. */
export interface ScaledGroup {
  readonly replicationGroupId: string;
  readonly engine: CacheEngine;
  readonly nodeType: CacheNodeType;
  readonly topology: Topology;
}

/**
 * Lets Application Auto Scaling change the number of shards.
 *
 * @throws if the engine, the node type or the topology is not one that it scales
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling.html
 */
export function scaleShards(scope: Construct, group: ScaledGroup, props: ShardScalingProps): appscaling.ScalableTarget {
  enforce([
    ...scalingLimits(group),
    ...rangeLimits(props, 1, MOST_SHARDS),
    ...within('shards', group.topology.shards, props),
  ]);
  const memory = group.nodeType.hasDataTiering
    ? appscaling.PredefinedMetric.ELASTICACHE_DATABASE_CAPACITY_USAGE_COUNTED_FOR_EVICT_PERCENTAGE
    : appscaling.PredefinedMetric.ELASTICACHE_DATABASE_MEMORY_USAGE_COUNTED_FOR_EVICT_PERCENTAGE;
  const target = targetOf(scope, 'ShardScaling', group, 'elasticache:replication-group:NodeGroups', props);
  track(target, 'Cpu', appscaling.PredefinedMetric.ELASTICACHE_PRIMARY_ENGINE_CPU_UTILIZATION, props.onPrimaryCpu);
  track(target, 'Memory', memory, props.onMemory);
  return target;
}

/**
 * Lets Application Auto Scaling change the number of replicas of every shard.
 *
 * @throws if the engine, the node type or the topology is not one that it scales
 */
export function scaleReplicas(
  scope: Construct,
  group: ScaledGroup,
  props: ReplicaScalingProps,
): appscaling.ScalableTarget {
  enforce([
    ...scalingLimits(group),
    ...rangeLimits(props, 1, MOST_REPLICAS),
    ...group.topology.shardReplicas().flatMap((replicas) => within('replicasPerShard', replicas, props)),
  ]);
  const target = targetOf(scope, 'ReplicaScaling', group, 'elasticache:replication-group:Replicas', props);
  track(target, 'Cpu', appscaling.PredefinedMetric.ELASTICACHE_REPLICA_ENGINE_CPU_UTILIZATION, props.onReplicaCpu);
  return target;
}

function targetOf(
  scope: Construct,
  id: string,
  { replicationGroupId }: ScaledGroup,
  scalableDimension: string,
  { minCapacity, maxCapacity }: { readonly minCapacity: number; readonly maxCapacity: number },
): appscaling.ScalableTarget {
  return new appscaling.ScalableTarget(scope, id, {
    serviceNamespace: appscaling.ServiceNamespace.ELASTICACHE,
    resourceId: `replication-group/${replicationGroupId}`,
    scalableDimension,
    minCapacity,
    maxCapacity,
  });
}

function track(
  target: appscaling.ScalableTarget,
  id: string,
  predefinedMetric: appscaling.PredefinedMetric,
  props?: CacheTargetTrackingProps,
): void {
  if (props === undefined) {
    return;
  }
  enforce([wholeNumber('targetUtilizationPercent', props.targetUtilizationPercent, 35, 70)]);
  target.scaleToTrackMetric(id, {
    predefinedMetric,
    targetValue: props.targetUtilizationPercent,
    scaleInCooldown: props.scaleInCooldown,
    scaleOutCooldown: props.scaleOutCooldown,
    disableScaleIn: props.disableScaleIn,
  });
}

function scalingLimits({ engine, nodeType, topology }: ScaledGroup): Limit[] {
  const [, , size = ''] = nodeType.name.split('.');
  const since = engine.name === 'redis' ? (nodeType.hasDataTiering ? '7.0' : '6.0') : '7.2';
  return [
    {
      broken: !topology.isSharded,
      message: topology.isCluster
        ? 'auto scaling needs `shards`, got a group that was brought to cluster mode without: scale it through the API'
        : 'auto scaling needs `shards` (cluster mode), got a group without',
    },
    {
      broken: compareVersions(engine.version, since) < 0,
      message: `auto scaling needs ${engine.name} ${since} or later, got ${engine}`,
    },
    {
      broken: !nodeType.isUnresolved && !(FAMILIES.includes(nodeType.family) && SIZES.includes(size)),
      message: `auto scaling needs a node type of size ${SIZES.join(', ')} and family ${FAMILIES.join(', ')}, got ${nodeType}`,
    },
  ];
}

function rangeLimits(props: { minCapacity: number; maxCapacity: number }, least: number, most: number): Limit[] {
  return [
    wholeNumber('minCapacity', props.minCapacity, least, most),
    wholeNumber('maxCapacity', props.maxCapacity, least, most),
    {
      broken: known(props.minCapacity, props.maxCapacity) && props.maxCapacity <= props.minCapacity,
      message: `\`maxCapacity\` must be greater than \`minCapacity\` (${props.minCapacity}), got ${props.maxCapacity}`,
    },
  ];
}

/** A group that starts outside the range would be scaled at once. */
function within(name: string, value: number, range: { minCapacity: number; maxCapacity: number }): Limit[] {
  return [
    {
      broken:
        (known(range.minCapacity) && value < range.minCapacity) ||
        (known(range.maxCapacity) && value > range.maxCapacity),
      message: `\`${name}\` must be between \`minCapacity\` (${range.minCapacity}) and \`maxCapacity\` (${range.maxCapacity}), got ${value}`,
    },
  ];
}

function known(...values: number[]): boolean {
  return !values.some((value) => Token.isUnresolved(value));
}
