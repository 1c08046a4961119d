import { CfnOutput, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { CacheNodeType } from '../cache/node-type';
import type { Application } from '../fleet/application';
import { CachedWebService } from '../patterns/cached-web-service';
import type { Environment } from './environment';

/** Properties of an `EnvironmentStack`. */
export interface EnvironmentStackProps {
  /** Sizes and protection. */
  readonly environment: Environment;
  /** What the fleet runs. */
  readonly application: Application;
  /**
   * Address range (CIDR) that may reach the load balancer.
   *
   * @default - nobody
   */
  readonly allowFrom?: string;
}

/** One whole environment: network, caches, database and fleet. */
export class EnvironmentStack extends Stack {
  /** The service in it. */
  public readonly service: CachedWebService;

  constructor(scope: Construct, id: string, props: EnvironmentStackProps) {
    const { environment } = props;
    super(scope, id, {
      stackName: `cdk-elasticache-${environment.name}`,
      description: `cdk-elasticache: film portal, ${environment.name}`,
      env: { region: environment.region },
    });
    if (props.allowFrom !== undefined && !/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(props.allowFrom)) {
      throw new Error(`\`allowFrom\` must be an address range such as 203.0.113.7/32, got ${props.allowFrom}`);
    }

    const vpc = new ec2.Vpc(this, 'Network', {
      availabilityZones: environment.availabilityZones,
      natGateways: environment.natGateways,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'Service', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 22 },
        { name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      // Security Hub EC2.6.
      flowLogs: {
        All: {
          trafficType: ec2.FlowLogTrafficType.ALL,
          destination: ec2.FlowLogDestination.toCloudWatchLogs(
            new logs.LogGroup(this, 'FlowLogs', {
              retention: logs.RetentionDays.ONE_MONTH,
              removalPolicy: environment.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
            }),
          ),
        },
      },
      // S3 without the NAT gateway's price: the application and the system's packages come from there.
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    this.service = new CachedWebService(this, 'Service', {
      vpc,
      application: props.application,
      insecureHttp: environment.disposable,
      allowFrom: props.allowFrom === undefined ? [] : [props.allowFrom],
      minCapacity: environment.instances,
      cacheNodeType: CacheNodeType.T4G_MICRO,
      objectNodes: environment.objectNodes,
      sessionReplicas: environment.sessionReplicas,
      databaseMultiAz: !environment.disposable,
      deletionProtection: !environment.disposable,
      removalPolicy: environment.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.SNAPSHOT,
    });
    if (environment.disposable) {
      for (const id of ['AwsSolutions-RDS3', 'AwsSolutions-RDS10']) {
        Validations.of(this.service.database).acknowledge({
          id,
          reason: 'a disposable environment: its data are made up, and it is deleted when it is not used',
        });
      }
    }
    Tags.of(this).add('environment', environment.name);
    Tags.of(this).add('disposable', String(environment.disposable));
    new CfnOutput(this, 'Address', { value: `http://${this.service.fleet.loadBalancer.loadBalancerDnsName}` });
  }
}
