import type { Duration } from 'aws-cdk-lib';
import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as route53 from 'aws-cdk-lib/aws-route53';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { CacheCapability } from '../cache/engine';
import type { ICacheUser } from '../cache/user';
import type { Application } from './application';
import type { FleetInstances } from './fleet-instances';
import type { FleetRollout } from './fleet-rollout';

/** How the load balancer finds out whether an instance lives. It is never asked about the caches. */
export interface FleetHealthCheck {
  /**
   * Path that answers 200 as long as the process lives. It must not ask a cache or a database: one that is lost would
   * replace the whole fleet.
   *
   * @default '/healthz'
   */
  readonly path?: string;

  /**
   * Time between checks, 5 to 300 seconds.
   *
   * @default Duration.seconds(10)
   */
  readonly interval?: Duration;

  /**
   * Longest that an answer may take, 2 to 120 seconds and less than `interval`.
   *
   * @default Duration.seconds(5)
   */
  readonly timeout?: Duration;

  /**
   * Good answers in a row that make an instance healthy, 2 to 10.
   *
   * @default 2
   */
  readonly healthyThreshold?: number;

  /**
   * Failures in a row that make an instance unhealthy, 2 to 10.
   *
   * @default 2
   */
  readonly unhealthyThreshold?: number;
}

/** Properties of a `WebFleet`. */
export interface WebFleetProps {
  /** The VPC. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets of the instances. Without a NAT gateway they need the endpoints that `Network` makes.
   *
   * @default - the private subnets with a way out where the VPC has some, else the isolated ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /** What every instance runs. */
  readonly application: Application;

  /**
   * The machines; the image is Amazon Linux 2023 for their architecture.
   *
   * @default - t4g.small (Graviton), on demand
   */
  readonly instances?: FleetInstances;

  /**
   * Fewest instances, at least 1.
   *
   * @default 2
   */
  readonly minCapacity?: number;

  /**
   * Most instances, `minCapacity` to 100.
   *
   * @default - twice `minCapacity`
   */
  readonly maxCapacity?: number;

  /**
   * CPU of the instances that scaling aims at, in percent, 10 to 90.
   *
   * @default 60
   */
  readonly targetCpuPercent?: number;

  /**
   * Requests a minute and instance that scaling aims at, beside the CPU.
   *
   * @default - the CPU alone
   */
  readonly targetRequestsPerMinute?: number;

  /**
   * How a deploy replaces the instances.
   *
   * @default FleetRollout.rolling()
   */
  readonly rollout?: FleetRollout;

  /**
   * Least part of the instances that serve while Auto Scaling replaces some, 0 to 100 percent.
   *
   * @default 100
   */
  readonly minHealthyPercentage?: number;

  /**
   * Most instances there may be meanwhile, 100 to 200 percent, at most 100 above `minHealthyPercentage`.
   *
   * @default 150
   */
  readonly maxHealthyPercentage?: number;

  /**
   * Instances that are prepared and stopped, to be started when the load grows. Not with mixed machines.
   *
   * @default - none
   */
  readonly warmPool?: autoscaling.WarmPoolOptions;

  /**
   * After how long an instance is replaced, 1 to 365 days.
   *
   * @default - never
   */
  readonly maxInstanceLifetime?: Duration;

  /**
   * Security group of the instances.
   *
   * @default - a new one
   */
  readonly securityGroup?: ec2.ISecurityGroup;

  /**
   * Role of the instances, which gets the permissions that the fleet needs. `ec2.amazonaws.com` must be able to assume it.
   *
   * @default - a new one
   */
  readonly role?: iam.IRole;

  /**
   * A load balancer that exists. Its logs, subnets and protection are its owner's.
   *
   * @default - a new one
   */
  readonly loadBalancer?: elbv2.IApplicationLoadBalancer;

  /**
   * Certificate of the HTTPS listener, of the stack's region.
   *
   * @default - one that is made for `domainName` in `hostedZone`; without these, `insecureHttp` must be set
   */
  readonly certificate?: acm.ICertificate;

  /**
   * Name under which the service is found, within `hostedZone`.
   *
   * @default - the load balancer's own
   */
  readonly domainName?: string;

  /**
   * Where the name and the proof for the certificate are written.
   *
   * @default - none
   */
  readonly hostedZone?: route53.IHostedZone;

  /**
   * Whether the load balancer speaks plain HTTP, which shows passwords and sessions to who can listen. For development.
   *
   * @default false
   */
  readonly insecureHttp?: boolean;

  /**
   * Whether the load balancer is reached from the internet; else from the VPC and what is connected to it.
   *
   * @default true
   */
  readonly internetFacing?: boolean;

  /**
   * Address ranges (CIDR) that may reach the load balancer.
   *
   * @default - everybody over HTTPS, nobody over plain HTTP
   */
  readonly allowFrom?: string[];

  /**
   * How long a connection may be silent, 1 to 4000 seconds. The application keeps its own open five seconds longer, so
   * that the load balancer never writes to one that is closing.
   *
   * @default Duration.seconds(60)
   */
  readonly idleTimeout?: Duration;

  /**
   * Longest that requests in flight may take when an instance is taken out, 0 to 3600 seconds.
   *
   * @default Duration.seconds(30)
   */
  readonly drainTimeout?: Duration;

  /**
   * How the load balancer finds out whether an instance lives.
   *
   * @default - `/healthz` every 10 seconds, two answers decide
   */
  readonly healthCheck?: FleetHealthCheck;

  /**
   * Whether the load balancer cannot be deleted.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * Where the load balancer writes who asked for what.
   *
   * @default - a new bucket, which keeps it for 90 days
   */
  readonly accessLogs?: s3.IBucket;

  /**
   * How long the application's logs are kept.
   *
   * @default logs.RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Key that encrypts the logs. Its policy must let CloudWatch Logs use it.
   *
   * @default - the key of CloudWatch
   */
  readonly encryptionKey?: kms.IKey;
}

/** What an application needs of a cache. */
export interface UseCacheOptions {
  /**
   * What the application will ask the cache for: an engine that cannot do it is an error at synth.
   *
   * @default - objects only
   */
  readonly requires?: CacheCapability[];

  /**
   * Who the application signs in as.
   *
   * @default - the first user of the cache's user group
   */
  readonly user?: ICacheUser;
}
