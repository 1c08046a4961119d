import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeControlTower, acknowledgeInlinePolicy, HIPAA, NIST, PCI } from '../acknowledgements';
import { enforce } from '../limits';

/** How what runs in private subnets reaches AWS. */
export enum NetworkEgress {
  /** One NAT gateway for all zones: cheap, and lost with its zone. */
  ONE_NAT = 'one-nat',
  /** A NAT gateway in every zone. */
  NAT_PER_ZONE = 'nat-per-zone',
  /** No way to the internet: interface endpoints for what the instances and the deploy step ask of AWS. */
  ENDPOINTS = 'endpoints',
}

/** Zones that the addresses are laid out for. */
const PLANNED_ZONES = 3;

/** What instances and the deploy step ask, besides S3: each an interface endpoint in every zone. */
const ENDPOINTS: { [id: string]: ec2.InterfaceVpcEndpointAwsService } = {
  AutoScaling: ec2.InterfaceVpcEndpointAwsService.AUTOSCALING,
  CloudFormation: ec2.InterfaceVpcEndpointAwsService.CLOUDFORMATION,
  Ec2: ec2.InterfaceVpcEndpointAwsService.EC2,
  Ec2Messages: ec2.InterfaceVpcEndpointAwsService.EC2_MESSAGES,
  Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Monitoring: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
  SecretsManager: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Ssm: ec2.InterfaceVpcEndpointAwsService.SSM,
  SsmMessages: ec2.InterfaceVpcEndpointAwsService.SSM_MESSAGES,
};

/** Properties of a `Network`. */
export interface NetworkProps {
  /** Availability Zones, named so that no look-up is needed: at least two. */
  readonly availabilityZones: string[];

  /**
   * How instances reach AWS.
   *
   * @default NetworkEgress.NAT_PER_ZONE
   */
  readonly egress?: NetworkEgress;

  /**
   * How long the log of the network's traffic is kept.
   *
   * @default logs.RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Key that encrypts that log. Its policy must let CloudWatch Logs use it.
   *
   * @default - the key of CloudWatch
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What happens to that log when the network is deleted.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A VPC for a service with its caches and database: public subnets for the load balancer, `Service` for the instances,
 * and `Data`, without a way in or out of the VPC.
 */
export class Network extends Construct {
  /** The VPC. */
  public readonly vpc: ec2.Vpc;
  /** Subnets of the instances. */
  public readonly serviceSubnets: ec2.SubnetSelection = { subnetGroupName: 'Service' };
  /** Subnets of the caches and the database. */
  public readonly dataSubnets: ec2.SubnetSelection = { subnetGroupName: 'Data' };

  /** @throws if there are fewer than two zones */
  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);

    const { availabilityZones, egress = NetworkEgress.NAT_PER_ZONE } = props;
    enforce([
      {
        broken: new Set(availabilityZones).size < 2,
        message: `\`availabilityZones\` must name at least two zones, which the load balancer and the database need, got ${availabilityZones.join(', ') || 'none'}`,
      },
    ]);
    const isolated = egress === NetworkEgress.ENDPOINTS;
    this.vpc = new ec2.Vpc(this, 'Resource', {
      // A copy: CDK adds to the list what it reserves.
      availabilityZones: [...availabilityZones],
      // Room for a third zone, which could not be added to a network that is in use.
      reservedAzs: Math.max(0, PLANNED_ZONES - availabilityZones.length),
      natGateways: isolated ? 0 : egress === NetworkEgress.ONE_NAT ? 1 : availabilityZones.length,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        {
          name: 'Service',
          subnetType: isolated ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS,
          cidrMask: 22,
        },
        { name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      // Security Hub EC2.6.
      flowLogs: {
        All: {
          trafficType: ec2.FlowLogTrafficType.ALL,
          destination: ec2.FlowLogDestination.toCloudWatchLogs(
            new logs.LogGroup(this, 'FlowLogs', {
              retention: props.logRetention ?? logs.RetentionDays.THREE_MONTHS,
              ...(props.encryptionKey === undefined ? {} : { encryptionKey: props.encryptionKey }),
              removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
            }),
          ),
        },
      },
      // S3 costs nothing this way: the application and the system's packages come from there.
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    acknowledge(
      this.vpc,
      'VPCNoUnrestrictedRouteToIGW',
      [NIST, HIPAA, PCI],
      'only the load balancer and the NAT gateways stand in the public subnets, which give no public addresses by themselves',
    );
    acknowledgeInlinePolicy(this.vpc.node.findChild('All'));
    const provider = Stack.of(this).node.tryFindChild('Custom::VpcRestrictDefaultSGCustomResourceProvider');
    if (provider !== undefined) {
      acknowledgeControlTower(provider, {
        lambda_inside_vpc_check: 'a function of CDK that asks the EC2 API only, and runs at deploys only',
      });
    }
    if (isolated) {
      for (const [name, service] of Object.entries(ENDPOINTS)) {
        this.vpc.addInterfaceEndpoint(name, { service, subnets: this.serviceSubnets });
      }
    }
  }
}
