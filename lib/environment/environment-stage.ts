import { Stage, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Application } from '../fleet/application';
import { DataStack } from './data-stack';
import type { Environment } from './environment';
import { NetworkStack } from './network-stack';
import { ServiceStack } from './service-stack';

/** Properties of an `EnvironmentStage`. */
export interface EnvironmentStageProps {
  /** Sizes and protection. */
  readonly environment: Environment;
  /** What the fleet runs. */
  readonly application: Application;
}

/**
 * One whole environment, in three stacks by what changes and what must survive: network, data and service. Deployed and
 * destroyed together: `cdk deploy 'dev/*'`.
 */
export class EnvironmentStage extends Stage {
  /** The network. */
  public readonly network: NetworkStack;
  /** Database and caches. */
  public readonly data: DataStack;
  /** The fleet. */
  public readonly service: ServiceStack;

  constructor(scope: Construct, id: string, props: EnvironmentStageProps) {
    const { environment, application } = props;
    super(scope, id, { env: { region: environment.region } });

    // Of the resources, and of the stacks, by which operators find an environment and whether it may be broken.
    const tags = { environment: environment.name, disposable: String(!environment.protect) };
    const stack = (part: string) => ({
      environment,
      stackName: `cdk-elasticache-${environment.name}-${part}`,
      description: `cdk-elasticache: film portal, ${environment.name}, ${part}`,
      terminationProtection: environment.protect,
      tags,
    });
    this.network = new NetworkStack(this, 'network', stack('network'));
    const base = this.network;
    this.data = new DataStack(this, 'data', { ...stack('data'), base });
    this.service = new ServiceStack(this, 'service', { ...stack('service'), application, base, data: this.data });
    for (const [name, value] of Object.entries(tags)) {
      Tags.of(this).add(name, value);
    }
  }
}
