import { Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CacheNodeType, SessionStore } from 'cdk-elasticache';
import type { Construct } from 'constructs';

/** What outlives every release of the shop: the network and the sessions. */
export class StoreStack extends Stack {
  readonly vpc: ec2.Vpc;
  readonly sessions: SessionStore;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);

    this.vpc = new ec2.Vpc(this, 'Vpc', {
      availabilityZones: ['eu-central-1a', 'eu-central-1b'],
      natGateways: 1,
    });
    this.sessions = new SessionStore(this, 'Sessions', { vpc: this.vpc, nodeType: CacheNodeType.T4G_MEDIUM });
    this.sessions.cache.addAlarms();
  }
}
