/** Sizes and protection of one environment. It names a region and zones, never an account. */
export interface Environment {
  /** Name, which is also the stack's. */
  readonly name: string;
  /** Region. */
  readonly region: string;
  /** Availability Zones, named so that no look-up is needed. */
  readonly availabilityZones: string[];
  /** NAT gateways: one for all zones, or one a zone. */
  readonly natGateways: number;
  /** Instances of the fleet. */
  readonly instances: number;
  /** Nodes of the object cache. */
  readonly objectNodes: number;
  /** Replicas of the session store. */
  readonly sessionReplicas: number;
  /** Whether it may be deleted with its data. */
  readonly disposable: boolean;
}

/** Small, cheap, disposable, and still of every kind that production has. */
const DEV: Environment = {
  name: 'dev',
  region: 'us-east-1',
  availabilityZones: ['us-east-1a', 'us-east-1b'],
  natGateways: 1,
  instances: 2,
  objectNodes: 2,
  sessionReplicas: 1,
  disposable: true,
};

/** The environments by name. */
export class Environments {
  /** An environment by its name. */
  static named(name: string): Environment {
    const found = Environments.all.find((environment) => environment.name === name);
    if (found === undefined) {
      throw new Error(
        `no environment \`${name}\`, there are: ${Environments.all.map((environment) => environment.name).join(', ')}`,
      );
    }
    return found;
  }

  /** All of them. */
  static readonly all: Environment[] = [DEV];
}
