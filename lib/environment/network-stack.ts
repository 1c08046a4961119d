import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { Network } from '../network/network';
import type { Environment } from './environment';
import { createEnvironmentKey } from './environment-key';
import { refuseExamples } from './example-values';

/** Properties of a `NetworkStack`. */
export interface NetworkStackProps extends StackProps {
  /** Sizes and protection. */
  readonly environment: Environment;
}

/** What changes seldom and everything stands on: the network, and the key of the environment. */
export class NetworkStack extends Stack {
  /** The network. */
  public readonly network: Network;
  /** The environment's own key, where it has one. */
  public readonly key?: kms.Key;

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props);

    const { environment } = props;
    refuseExamples(this, environment);
    const removalPolicy = environment.protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    if (environment.customerKey) {
      this.key = createEnvironmentKey(this, 'Key', `Data, secrets and logs of ${environment.name}`, removalPolicy);
    }
    this.network = new Network(this, 'Network', {
      availabilityZones: environment.availabilityZones,
      egress: environment.egress,
      logRetention: environment.logRetentionDays,
      ...(this.key === undefined ? {} : { encryptionKey: this.key }),
      removalPolicy,
    });
  }
}
