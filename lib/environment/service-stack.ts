import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Application } from '../fleet/application';
import { FleetInstances } from '../fleet/fleet-instances';
import { CacheDashboard } from '../patterns/cache-dashboard';
import { CachedWebService } from '../patterns/cached-web-service';
import { createBudget } from './budget';
import type { DataStack } from './data-stack';
import type { Environment } from './environment';
import { keyFor } from './environment-key';
import type { NetworkStack } from './network-stack';

/** Properties of a `ServiceStack`. */
export interface ServiceStackProps extends StackProps {
  /** Sizes and protection. */
  readonly environment: Environment;
  /** What the fleet runs. */
  readonly application: Application;
  /** The network it stands in. */
  readonly base: NetworkStack;
  /** Database and caches. */
  readonly data: DataStack;
}

/** What changes with every release, and can be made again at any time: the fleet and its load balancer. */
export class ServiceStack extends Stack {
  /** The service. */
  public readonly service: CachedWebService;

  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, props);

    const { environment, application, base, data } = props;
    const { network } = base;
    const key = keyFor(this, base.key);
    const { certificateArn, allowFrom, insecureHttp } = environment;
    this.service = new CachedWebService(this, 'Service', {
      vpc: network.vpc,
      vpcSubnets: network.serviceSubnets,
      application,
      database: data.database,
      objects: data.databaseCache.cache,
      sessions: data.sessionStore.cache,
      instances: machines(environment),
      minCapacity: environment.minInstances,
      maxCapacity: environment.maxInstances,
      targetRequestsPerMinute: environment.targetRequestsPerMinute,
      insecureHttp,
      ...(certificateArn === undefined
        ? {}
        : { certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', certificateArn) }),
      ...(allowFrom === undefined ? {} : { allowFrom: [allowFrom] }),
      deletionProtection: environment.protect,
      logRetention: environment.logRetentionDays,
      ...(key === undefined ? {} : { encryptionKey: key }),
    });
    const { fleet } = this.service;
    if (data.alarms !== undefined) {
      fleet.addAlarms(new SnsAction(data.alarms));
    }
    if (environment.protect) {
      new CacheDashboard(this, 'Dashboard', {
        caches: { objects: this.service.objects, sessions: this.service.sessions },
        database: data.database,
        inFrontOfDatabase: ['objects'],
      });
    }
    createBudget(this, environment);
    const scheme = insecureHttp ? 'http' : 'https';
    new CfnOutput(this, 'Address', { value: `${scheme}://${fleet.loadBalancer.loadBalancerDnsName}` });
    new CfnOutput(this, 'FleetName', { value: fleet.autoScalingGroup.autoScalingGroupName });
    new CfnOutput(this, 'LogGroupName', { value: fleet.logGroup.logGroupName });
  }
}

/** All on demand: Spot is a choice that an environment of films does not make. */
function machines({ instanceTypes }: Environment): FleetInstances {
  const types = instanceTypes.map((type) => new ec2.InstanceType(type));
  return types.length === 1
    ? FleetInstances.onDemand(types[0] as ec2.InstanceType)
    : FleetInstances.mixed({ types, spotPercentage: 0 });
}
