import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { enforce, wholeNumber } from '../limits';

/** Machines of several kinds, and how many of them may be taken away. */
export interface MixedInstancesOptions {
  /** Kinds of machines that do, of one architecture; the more there are, the seldomer Spot runs out. At least two. */
  readonly types: ec2.InstanceType[];

  /**
   * Instances that are always on demand, before any Spot.
   *
   * @default 1
   */
  readonly onDemandBase?: number;

  /**
   * Of those above the base, the part that is Spot, in percent.
   *
   * @default 50
   */
  readonly spotPercentage?: number;
}

/** The machines of a fleet. */
export class FleetInstances {
  /** One kind of machine, on demand. */
  static onDemand(type: ec2.InstanceType): FleetInstances {
    return new FleetInstances([type]);
  }

  /**
   * Several kinds of machines, and Spot for a part of them: AWS ends such an instance with two minutes' notice, after
   * another was started.
   *
   * @throws if there are fewer than two kinds, their architectures differ, or a number is out of its range
   */
  static mixed(options: MixedInstancesOptions): FleetInstances {
    const { types, onDemandBase = 1, spotPercentage = 50 } = options;
    const architectures = new Set(types.map((type) => type.architecture));
    enforce([
      {
        broken: types.length < 2 || types.length > 40,
        message: `\`types\` must name 2 to 40 kinds of machines, got ${types.length}: with one, use \`FleetInstances.onDemand\``,
      },
      {
        broken: architectures.size > 1,
        message: `\`types\` must be of one architecture, got ${types.map((type) => `${type} (${type.architecture})`).join(', ')}`,
      },
      wholeNumber('onDemandBase', onDemandBase, 0, 100),
      wholeNumber('spotPercentage', spotPercentage, 0, 100),
    ]);
    return new FleetInstances(types, {
      onDemandBaseCapacity: onDemandBase,
      onDemandPercentageAboveBaseCapacity: 100 - spotPercentage,
      // Weighs the price against how seldom AWS takes the machine back.
      spotAllocationStrategy: autoscaling.SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED,
    });
  }

  private constructor(
    /** Kinds of machines, the preferred one first. */
    public readonly types: ec2.InstanceType[],
    private readonly distribution?: autoscaling.InstancesDistribution,
  ) {}

  /** Whether there is more than one kind. */
  get isMixed(): boolean {
    return this.distribution !== undefined;
  }

  /** Architecture of all of them. */
  get architecture(): ec2.InstanceArchitecture {
    return (this.types[0] as ec2.InstanceType).architecture;
  }

  /**
   * What an Auto Scaling group is told.
   *
   * @internal
   */
  _groupProps(launchTemplate: ec2.LaunchTemplate): Partial<autoscaling.AutoScalingGroupProps> {
    if (this.distribution === undefined) {
      return { launchTemplate };
    }
    return {
      mixedInstancesPolicy: {
        launchTemplate,
        launchTemplateOverrides: this.types.map((instanceType) => ({ instanceType })),
        instancesDistribution: this.distribution,
      },
      // Starts the next before AWS takes one back.
      capacityRebalance: true,
    };
  }
}
