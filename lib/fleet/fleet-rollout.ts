import { Duration } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import { enforce, wholeNumber } from '../limits';

/** Longest that a new instance may take to signal that it serves. */
const SIGNAL_TIMEOUT = Duration.minutes(10);

/** Options of a rolling update. */
export interface RollingOptions {
  /**
   * Instances that are replaced at once.
   *
   * @default 1
   */
  readonly maxBatchSize?: number;
}

/** Options of an instance refresh. */
export interface InstanceRefreshOptions {
  /**
   * Least part of the instances that serve during the refresh, 0 to 100 percent.
   *
   * @default 100
   */
  readonly minHealthyPercentage?: number;

  /**
   * Most instances there may be during the refresh, 100 to 200 percent, at most 100 above `minHealthyPercentage`.
   *
   * @default 150
   */
  readonly maxHealthyPercentage?: number;

  /**
   * How long the new instances are watched before the deploy counts as done.
   *
   * @default Duration.minutes(5)
   */
  readonly bakeTime?: Duration;
}

/** How a deploy replaces the instances of a fleet. */
export class FleetRollout {
  /** By CloudFormation: each batch must signal that it serves, and one that does not rolls the deploy back. */
  static rolling(options: RollingOptions = {}): FleetRollout {
    return new FleetRollout((minCapacity, maxCapacity) => {
      const maxBatchSize = options.maxBatchSize ?? 1;
      enforce([wholeNumber('maxBatchSize', maxBatchSize, 1, maxCapacity)]);
      return autoscaling.UpdatePolicy.rollingUpdate({
        // CloudFormation asks for fewer than the most.
        minInstancesInService: Math.min(minCapacity, maxCapacity - 1),
        maxBatchSize,
        pauseTime: SIGNAL_TIMEOUT,
        waitOnResourceSignals: true,
      });
    });
  }

  /** By Auto Scaling: new instances are started before old ones end, and the health checks decide. */
  static instanceRefresh(options: InstanceRefreshOptions = {}): FleetRollout {
    const { minHealthyPercentage = 100, maxHealthyPercentage = 150, bakeTime = Duration.minutes(5) } = options;
    enforce([
      wholeNumber('minHealthyPercentage', minHealthyPercentage, 0, 100),
      wholeNumber('maxHealthyPercentage', maxHealthyPercentage, 100, 200),
      healthyRange(minHealthyPercentage, maxHealthyPercentage),
    ]);
    return new FleetRollout(() =>
      autoscaling.UpdatePolicy.instanceRefresh({
        strategy: autoscaling.InstanceRefreshStrategy.ROLLING,
        minHealthyPercentage,
        maxHealthyPercentage,
        bakeTime,
      }),
    );
  }

  private constructor(private readonly make: (minCapacity: number, maxCapacity: number) => autoscaling.UpdatePolicy) {}

  /**
   * What an Auto Scaling group is told.
   *
   * @internal
   */
  _groupProps(minCapacity: number, maxCapacity: number): Partial<autoscaling.AutoScalingGroupProps> {
    return {
      signals: autoscaling.Signals.waitForMinCapacity({ timeout: SIGNAL_TIMEOUT }),
      updatePolicy: this.make(minCapacity, maxCapacity),
    };
  }
}

/** The range that Auto Scaling takes (Auto Scaling API, InstanceMaintenancePolicy). */
export function healthyRange(min: number, max: number) {
  return {
    broken: max - min > 100,
    message: `\`maxHealthyPercentage\` must be at most 100 above \`minHealthyPercentage\`, got ${min} and ${max}`,
  };
}
