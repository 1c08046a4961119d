import { Annotations, type CfnElement, Duration, Lazy, Stack, Token, Validations } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import {
  APPLICATION_VARIABLES,
  BINDING_VERSION,
  BINDINGS_FILE_VARIABLE,
  type CacheBinding,
  type DatabaseBinding,
  FLEET_METADATA_KEY,
  type FleetDescription,
} from '../../runtime/binding';
import type { ICache } from '../cache/cache';
import type { CacheCapability } from '../cache/engine';
import type { ICacheUser } from '../cache/user';
import type { Database } from '../database/database';
import { DeployStep } from '../database/deploy-step';
import { enforce, wholeNumber } from '../limits';
import { letIn } from '../network/data-connections';
import type { Application } from './application';
import { createAccessLogs, createLoadBalancer } from './load-balancer';
import { createUserData } from './user-data';

/** Port the application listens on; above 1023, because it does not run as root. */
const APPLICATION_PORT = 8080;

/** Answers 200 as long as the process lives. It never asks a cache, or a lost cache would replace the whole fleet. */
const HEALTH_PATH = '/healthz';

const APPLICATION_DIRECTORY = '/opt/app';

const BINDING_FILE = '/etc/app/bindings.json';

/** Properties of a `WebFleet`. */
export interface WebFleetProps {
  /** The VPC: public subnets for the load balancer, private ones with a way out for the instances. */
  readonly vpc: ec2.IVpc;

  /** What every instance runs. */
  readonly application: Application;

  /**
   * The kind of machine of the instances; the image is Amazon Linux 2023 for arm64.
   *
   * @default - t4g.small
   */
  readonly instanceType?: ec2.InstanceType;

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
   * Certificate of the load balancer's HTTPS listener.
   *
   * @default - none, and then `insecureHttp` must be set
   */
  readonly certificate?: acm.ICertificate;

  /**
   * Whether the load balancer speaks plain HTTP, which shows passwords and sessions to who can listen. For development.
   *
   * @default false
   */
  readonly insecureHttp?: boolean;

  /**
   * Address ranges (CIDR) that may reach the load balancer.
   *
   * @default - everybody over HTTPS, nobody over plain HTTP
   */
  readonly allowFrom?: string[];

  /**
   * Whether the load balancer cannot be deleted.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;
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

/**
 * A web service on an Auto Scaling group behind an Application Load Balancer, wired to its caches and databases.
 *
 * Any instance can serve any user. Deploys roll: a new instance must be healthy before the next is replaced, and one
 * that is not rolls the deploy back.
 */
export class WebFleet extends Construct implements ec2.IConnectable, iam.IGrantable {
  /** Access of the instances' security group. */
  public readonly connections: ec2.Connections;
  /** The instances' role. */
  public readonly role: iam.Role;
  /** Who is granted when something is granted to the fleet. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** The group of instances. */
  public readonly autoScalingGroup: autoscaling.AutoScalingGroup;
  /** What an instance is made from. */
  public readonly launchTemplate: ec2.LaunchTemplate;
  /** The load balancer. */
  public readonly loadBalancer: elbv2.ApplicationLoadBalancer;
  /** Where the load balancer writes who asked for what. */
  public readonly accessLogs: s3.Bucket;
  /** The instances as the load balancer sees them. */
  public readonly targetGroup: elbv2.ApplicationTargetGroup;
  private readonly application: Application;
  private readonly asset: Asset;
  private readonly vpc: ec2.IVpc;
  private readonly caches: Record<string, CacheBinding> = {};
  private readonly databases: Record<string, DatabaseBinding> = {};
  private readonly deploySteps: DeployStep[] = [];

  constructor(scope: Construct, id: string, props: WebFleetProps) {
    super(scope, id);

    const minCapacity = props.minCapacity ?? 2;
    const maxCapacity = props.maxCapacity ?? minCapacity * 2;
    const insecureHttp = props.insecureHttp ?? false;
    enforce([
      {
        broken: Token.isUnresolved(Stack.of(this).region),
        message:
          'a `WebFleet` needs a stack with a region, because who writes the access logs differs by region: ' +
          "give the stack `env: { region: 'us-east-1' }` or another",
      },
      wholeNumber('minCapacity', minCapacity, 1, 100),
      wholeNumber('maxCapacity', maxCapacity, minCapacity, 100),
      {
        broken: props.certificate === undefined && !insecureHttp,
        message: '`certificate` is missing: give one, or set `insecureHttp` in a development environment',
      },
      {
        broken: props.certificate !== undefined && insecureHttp,
        message: '`certificate` and `insecureHttp` exclude each other',
      },
    ]);
    if (insecureHttp) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:insecure-http',
        'the load balancer speaks plain HTTP: sessions can be read and taken over on the way',
      );
    }

    this.vpc = props.vpc;
    this.application = props.application;
    this.asset = props.application._asset(this);
    this.role = this.createRole();
    this.grantPrincipal = this.role;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: `Instances of ${this.node.path}`,
    });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });

    const userData = this.createUserData();
    this.launchTemplate = new ec2.LaunchTemplate(this, 'LaunchTemplate', {
      machineImage: ec2.MachineImage.latestAmazonLinux2023({ cpuType: ec2.AmazonLinuxCpuType.ARM_64 }),
      instanceType: props.instanceType ?? ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
      role: this.role,
      securityGroup,
      userData,
      // Security Hub AutoScaling.3, EC2.8: IMDSv2 only, and out of a container's reach. No key pair: Session Manager.
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      detailedMonitoring: true,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: autoscaling.BlockDeviceVolume.ebs(10, {
            encrypted: true,
            volumeType: autoscaling.EbsDeviceVolumeType.GP3,
          }),
        },
      ],
    });
    this.autoScalingGroup = new autoscaling.AutoScalingGroup(this, 'Group', {
      vpc: props.vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      launchTemplate: this.launchTemplate,
      minCapacity,
      maxCapacity,
      // Security Hub AutoScaling.1.
      healthChecks: autoscaling.HealthChecks.withAdditionalChecks({
        additionalTypes: [autoscaling.AdditionalHealthCheckType.ELB],
        gracePeriod: Duration.minutes(3),
      }),
      signals: autoscaling.Signals.waitForMinCapacity({ timeout: Duration.minutes(10) }),
      updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({
        minInstancesInService: minCapacity === maxCapacity ? minCapacity - 1 : minCapacity,
        maxBatchSize: 1,
        pauseTime: Duration.minutes(10),
        waitOnResourceSignals: true,
      }),
    });
    Validations.of(this.autoScalingGroup).acknowledge({
      id: 'AwsSolutions-AS3',
      reason: 'instances come and go by design, and a deploy that cannot start one fails by its signals',
    });
    // The instance profile alone would let an instance start before the role's policy is attached.
    this.autoScalingGroup.node.addDependency(this.role);
    userData.addSignalOnExitCommand(this.autoScalingGroup);
    this.autoScalingGroup.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });

    this.targetGroup = new elbv2.ApplicationTargetGroup(this, 'Targets', {
      vpc: props.vpc,
      port: APPLICATION_PORT,
      protocol: elbv2.ApplicationProtocol.HTTP,
      targets: [this.autoScalingGroup],
      deregistrationDelay: Duration.seconds(30),
      healthCheck: {
        path: HEALTH_PATH,
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
    });
    this.accessLogs = createAccessLogs(this);
    this.loadBalancer = createLoadBalancer(this, {
      vpc: props.vpc,
      targets: this.targetGroup,
      certificate: props.certificate,
      allowFrom: props.allowFrom,
      deletionProtection: props.deletionProtection ?? true,
      accessLogs: this.accessLogs,
    });
    this.describe();
  }

  /**
   * Connects the application to a cache: the security groups' rule, the permission to sign in, and the binding.
   *
   * @param name what the application calls the cache
   */
  public useCache(name: string, cache: ICache, options: UseCacheOptions = {}): void {
    this.requireFreeName(name, this.caches);
    for (const capability of options.requires ?? []) {
      enforce([
        {
          broken: !cache.engine.supports(capability),
          message: `cache \`${name}\` is asked for ${capability}, which ${cache.engine} does not have: use a \`ReplicationGroup\` with Valkey or Redis OSS`,
        },
      ]);
    }
    letIn(this.connections.securityGroups, cache, `${this.node.id} uses cache ${name}`);
    cache.grantConnect(this, options.user);
    this.caches[name] = cache._bindingEntry(options.user);
  }

  /**
   * Connects the application to a database: the security groups' rule, the permission to sign in, the binding, and a
   * deploy step that runs the migrations and makes the application's role before the fleet starts.
   *
   * @param name what the application calls the database
   */
  public useDatabase(name: string, database: Database): void {
    this.requireFreeName(name, this.databases);
    this.application._requireDeployStep();
    letIn(this.connections.securityGroups, database, `${this.node.id} uses database ${name}`);
    database.grantConnect(this);
    this.databases[name] = database._bindingEntry(APPLICATION_DIRECTORY);
    this.deploySteps.push(
      new DeployStep(this, `Deploy${name}`, {
        vpc: this.vpc,
        code: this.asset,
        file: this.application.deployStep,
        databaseName: name,
        database,
        before: [this.autoScalingGroup],
      }),
    );
  }

  private createRole(): iam.Role {
    const role = new iam.Role(this, 'Role', {
      description: `Instances of ${this.node.path}`,
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      // Session Manager instead of SSH.
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]',
      reason: 'what Session Manager needs, kept current by AWS; it takes the place of SSH keys',
    });
    // The one object, where `asset.grantRead` would grant all assets of the account.
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [this.asset.bucket.arnForObjects(this.asset.s3ObjectKey)],
      }),
    );
    return role;
  }

  private createUserData(): ec2.UserData {
    return createUserData({
      bucket: this.asset.s3BucketName,
      key: this.asset.s3ObjectKey,
      entry: this.application.entry,
      port: APPLICATION_PORT,
      healthPath: HEALTH_PATH,
      environment: Object.entries(this.environment())
        .map(([name, value]) => `${name}=${value}`)
        .join('\n'),
      binding: Lazy.string({ produce: () => Stack.of(this).toJsonString(this.binding()) }),
      bindingFile: BINDING_FILE,
      directory: APPLICATION_DIRECTORY,
    });
  }

  private environment(): Record<string, string> {
    return {
      ...this.application.environment,
      [APPLICATION_VARIABLES.port]: String(APPLICATION_PORT),
      [BINDINGS_FILE_VARIABLE]: BINDING_FILE,
    };
  }

  private binding(): object {
    return {
      version: BINDING_VERSION,
      caches: this.caches,
      databases: this.databases,
      metricsNamespace: Stack.of(this).stackName,
    };
  }

  /** Says in the template what the fleet runs and uses, for the tools that read templates. */
  private describe(): void {
    const resource = this.autoScalingGroup.node.defaultChild as autoscaling.CfnAutoScalingGroup;
    resource.addMetadata(
      FLEET_METADATA_KEY,
      Lazy.any({
        produce: (): FleetDescription => ({
          application: { bucket: this.asset.s3BucketName, key: this.asset.s3ObjectKey, entry: this.application.entry },
          environment: this.environment(),
          port: APPLICATION_PORT,
          binding: this.binding(),
          deploySteps: this.deploySteps.map(({ handler }) =>
            Stack.of(this).getLogicalId(handler.node.defaultChild as CfnElement),
          ),
        }),
      }),
    );
  }

  private requireFreeName(name: string, taken: Record<string, unknown>): void {
    enforce([
      {
        broken: !/^[a-zA-Z][a-zA-Z0-9-]{0,39}$/.test(name),
        message: `a binding's name must be 1 to 40 letters, digits and hyphens, starting with a letter, got ${JSON.stringify(name)}`,
      },
      {
        broken: Object.hasOwn(taken, name),
        message: `the fleet uses \`${name}\` already: every binding needs a name of its own`,
      },
    ]);
  }
}
