import { Duration, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ICache } from './cache';
import { type MetricTarget, MOST_METRICS_OF_ALARM } from './metrics';

/** Where an alarm stands. */
export class AlarmThreshold {
  /** No alarm. */
  static readonly OFF = new AlarmThreshold(undefined);

  /** At this value, in the unit of the metric. */
  static at(value: number): AlarmThreshold {
    if (!Token.isUnresolved(value) && (!Number.isFinite(value) || value < 0)) {
      throw new Error(
        `the threshold of an alarm must be 0 or more, got ${value}: \`AlarmThreshold.OFF\` switches it off`,
      );
    }
    return new AlarmThreshold(value);
  }

  /** @param value undefined where the alarm is off */
  private constructor(readonly value: number | undefined) {}
}

/** Which alarms a cache has, and where each stands. What does not apply to a kind of cache is not made for it. */
export interface CacheAlarmOptions {
  /**
   * What each alarm does.
   *
   * @default - nothing: it is seen in the console only
   */
  readonly actions?: cloudwatch.IAlarmAction[];

  /**
   * CPU of the busiest node, in percent. Nodes with 4 vCPUs and more are judged by the engine's own thread, smaller ones
   * of Valkey and Redis OSS by the host, of which that thread is one part.
   *
   * @default - 90 of the engine; 90 divided by the vCPUs for 1 or 2 of them; 90 for Memcached (dg/CacheMetrics.WhichShouldIMonitor)
   */
  readonly cpu?: AlarmThreshold;

  /**
   * Memory in use of the fullest node, in percent of what it may use; for a serverless cache in percent of its storage
   * limit.
   *
   * @default - 90 (AWS gives no number; at 100 the engine evicts or refuses writes)
   */
  readonly memory?: AlarmThreshold;

  /**
   * Swap of a Memcached node, in bytes.
   *
   * @default - 50 MB (mem-ug/CacheMetrics.WhichShouldIMonitor)
   */
  readonly swap?: AlarmThreshold;

  /**
   * Entries thrown out in 5 minutes, three times in a row.
   *
   * @default - 1000 (AWS gives no number: in a pure cache some are normal, in a session store each logs a user out)
   */
  readonly evictions?: AlarmThreshold;

  /**
   * Connections of the fullest node.
   *
   * @default - 80 % of what the node type takes (parameter maxclients, dg/ParameterGroups.Engine)
   */
  readonly connections?: AlarmThreshold;

  /**
   * Seconds that a replica is behind, for 15 minutes.
   *
   * @default - 5 (AWS recommends the alarm and its 15 minutes, and gives no number)
   */
  readonly replicationLag?: AlarmThreshold;

  /**
   * Hit ratio of the primary, in percent, below which it is too low for half an hour.
   *
   * @default - 80 (dg/CacheMetrics.Redis: below about 0.8 many keys are evicted, expired or absent)
   */
  readonly hitRatio?: AlarmThreshold;

  /**
   * Packets a minute that were queued or dropped because the node's bandwidth was used up.
   *
   * @default - 0: any is too many (dg/CacheMetrics.HostLevel)
   */
  readonly networkExceeded?: AlarmThreshold;

  /**
   * Failed sign-ins in 5 minutes.
   *
   * @default - 0: any is looked at (dg/CacheMetrics.Redis suggests the alarm)
   */
  readonly failedAuthentications?: AlarmThreshold;

  /**
   * CPU credits left of a t node, below which it is soon slowed down to its baseline.
   *
   * @default - a tenth of what the type can save (dg/CacheNodes.SupportedTypes: 288 for micro, 576 for others)
   */
  readonly cpuCredits?: AlarmThreshold;

  /**
   * Commands a minute that a serverless cache slowed down because its limit was reached.
   *
   * @default - 0: any is too many
   */
  readonly throttledCommands?: AlarmThreshold;

  /**
   * Processing units (ECPU) a second, in percent of the serverless cache's limit. Without a limit there is no alarm.
   *
   * @default - 80
   */
  readonly processingUnits?: AlarmThreshold;
}

/** One thing that can go wrong. */
export interface AlarmRule {
  /** Id of the alarm; one of several chunks of nodes has its number behind it. */
  readonly id: string;
  /** The option that moves or switches it off. */
  readonly option: keyof CacheAlarmOptions;
  /** What an operator reads. */
  readonly description: string;
  readonly threshold: number;
  readonly below?: boolean;
  readonly minutes: number;
  /** How often in a row. */
  readonly times: number;
  /** Metrics of each node that the alarm looks at. */
  readonly metricsPerNode: number;
  /** Whether every shard has an alarm of its own, where one shard must not stand for another. */
  readonly perShard?: boolean;
  readonly metric: (targets: MetricTarget[], period: Duration) => cloudwatch.IMetric;
}

/** Properties of `CacheAlarms`. */
export interface CacheAlarmsProps extends CacheAlarmOptions {
  /** The cache that is watched. */
  readonly cache: ICache;
}

/** The alarms that are right for one cache. `cache.addAlarms()` makes them. */
export class CacheAlarms extends Construct {
  /** The alarms. */
  public readonly alarms: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: CacheAlarmsProps) {
    super(scope, id);

    const shards = props.cache._shards();
    this.alarms = props.cache._alarmRules().flatMap((rule) => {
      const moved = props[rule.option] as AlarmThreshold | undefined;
      const threshold = moved === undefined ? rule.threshold : moved.value;
      return threshold === undefined ? [] : this.alarmsOf(rule, threshold, shards, props.cache.node.path);
    });
    for (const alarm of this.alarms) {
      alarm.addAlarmAction(...(props.actions ?? []));
    }
  }

  private alarmsOf(rule: AlarmRule, threshold: number, shards: MetricTarget[][], cache: string): cloudwatch.Alarm[] {
    const groups = grouped(shards, Math.floor(MOST_METRICS_OF_ALARM / rule.metricsPerNode), rule.perShard ?? false);
    return groups.map(({ targets, name }, index) => {
      const metric = rule.metric(targets, Duration.minutes(rule.minutes));
      const period = `${rule.times * rule.minutes} minutes`;
      return new cloudwatch.Alarm(this, index === 0 ? rule.id : `${rule.id}${index + 1}`, {
        alarmDescription: `${cache}${groups.length === 1 ? '' : ` (${name})`}: ${rule.description}; ${rule.below ? 'below' : 'above'} ${threshold} for ${period}`,
        metric,
        threshold,
        comparisonOperator: rule.below
          ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
          : cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: rule.times,
        // A node that reports nothing is not there (replicas fewer than planned) or plays another role.
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
    });
  }
}

/** Whole shards, as many as one alarm can look at; only a shard that is too large for that is cut. */
function grouped(
  shards: MetricTarget[][],
  most: number,
  perShard: boolean,
): Array<{ targets: MetricTarget[]; name: string }> {
  const groups: Array<{ targets: MetricTarget[]; first: number; last: number }> = [];
  for (const [index, shard] of shards.entries()) {
    for (let start = 0; start < shard.length; start += most) {
      const part = shard.slice(start, start + most);
      const open = groups.at(-1);
      if (!perShard && open !== undefined && open.targets.length + part.length <= most) {
        open.targets.push(...part);
        open.last = index;
      } else {
        groups.push({ targets: part, first: index, last: index });
      }
    }
  }
  return groups.map(({ targets, first, last }) => ({
    targets,
    name: first === last ? `part ${first + 1}` : `parts ${first + 1} to ${last + 1}`,
  }));
}
