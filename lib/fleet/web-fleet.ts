import { Annotations, type CfnElement, Duration, Lazy, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import {
  APPLICATION_VARIABLES,
  BINDINGS_FILE_VARIABLE,
  type CacheBinding,
  type DatabaseBinding,
  FLEET_METADATA_KEY,
  type FleetDescription,
} from '../../runtime/binding';
import { acknowledge, acknowledgeElsewhere, HIPAA, NIST } from '../acknowledgements';
import { bindingOf, bindingText } from '../binding-document';
import type { ICache } from '../cache/cache';
import type { IDatabase } from '../database/database-base';
import { DeployStep } from '../database/deploy-step';
import { enforce } from '../limits';
import { letIn } from '../network/data-connections';
import { describe } from '../network/description';
import { computeSubnets } from '../network/subnets';
import { injected } from '../property-injection';
import type { Application } from './application';
import { FleetAlarms } from './fleet-alarms';
import { FleetInstances } from './fleet-instances';
import { FleetRollout } from './fleet-rollout';
import { createInstanceRole, grantDrain, grantStart, roleInStack } from './instance-role';
import { addListeners, addName, createAccessLogs, createLoadBalancer } from './load-balancer';
import { createUserData } from './user-data';
import { userDataProblems } from './user-data-size';
import { webFleetLimits } from './web-fleet-limits';
import type { UseCacheOptions, WebFleetProps } from './web-fleet-props';

/** Port the application listens on; above 1023, because it does not run as root. */
const APPLICATION_PORT = 8080;

/** Answers 200 as long as the process lives. It never asks a cache, or a lost cache would replace the whole fleet. */
const HEALTH_PATH = '/healthz';

const APPLICATION_DIRECTORY = '/opt/app';

const BINDING_FILE = '/etc/app/bindings.json';

/** Name of the lifecycle hook that waits until an instance has drained. */
const DRAIN_HOOK = 'drain';

/** So much longer than the load balancer the application keeps a silent connection open. */
const KEEP_ALIVE_MARGIN_MS = 5_000;

const DEFAULT_INSTANCES = FleetInstances.onDemand(ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL));

/**
 * A web service on an Auto Scaling group behind an Application Load Balancer, wired to its caches and databases.
 *
 * Any instance can serve any user. Deploys roll: a new instance must be healthy before the next is replaced, and one
 * that is not rolls the deploy back.
 */
export class WebFleet extends Construct implements ec2.IConnectable, iam.IGrantable {
  /** Uniquely identifies this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-elasticache.WebFleet';

  /** Access of the instances' security group. */
  public readonly connections: ec2.Connections;
  /** The instances' role. */
  public readonly role: iam.IRole;
  /** Who is granted when something is granted to the fleet. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** The group of instances. */
  public readonly autoScalingGroup: autoscaling.AutoScalingGroup;
  /** What an instance is made from. */
  public readonly launchTemplate: ec2.LaunchTemplate;
  /** The load balancer. */
  public readonly loadBalancer: elbv2.IApplicationLoadBalancer;
  /** What the load balancer listens with. */
  public readonly listener: elbv2.ApplicationListener;
  /** Where a load balancer of the fleet's own writes who asked for what. */
  public readonly accessLogs?: s3.IBucket;
  /** The application's logs. */
  public readonly logGroup: logs.LogGroup;
  /** Subnets of the instances. */
  public readonly vpcSubnets: ec2.SubnetSelection;
  /** The instances as the load balancer sees them. */
  public readonly targetGroup: elbv2.ApplicationTargetGroup;
  private readonly application: Application;
  private readonly asset: Asset;
  private readonly startPolicy: iam.Policy;
  private readonly encryptionKey?: kms.IKey;
  private readonly logRetention: logs.RetentionDays;
  private readonly drainTimeout: Duration;
  private readonly idleTimeout: Duration;
  private readonly healthPath: string;
  private readonly caches: Record<string, CacheBinding> = {};
  private readonly databases: Record<string, DatabaseBinding> = {};
  private readonly deploySteps: DeployStep[] = [];

  constructor(scope: Construct, id: string, props: WebFleetProps) {
    super(scope, id);
    props = injected(scope, id, WebFleet.PROPERTY_INJECTION_ID, props);

    const minCapacity = props.minCapacity ?? 2;
    const maxCapacity = props.maxCapacity ?? Math.min(minCapacity * 2, 100);
    enforce(webFleetLimits(this, props, minCapacity, maxCapacity));
    if (props.insecureHttp === true) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:insecure-http',
        'the load balancer speaks plain HTTP: sessions can be read and taken over on the way',
      );
    }

    this.application = props.application;
    this.encryptionKey = props.encryptionKey;
    this.logRetention = props.logRetention ?? logs.RetentionDays.THREE_MONTHS;
    this.vpcSubnets = props.vpcSubnets ?? computeSubnets(props.vpc);
    this.drainTimeout = props.drainTimeout ?? Duration.seconds(30);
    this.idleTimeout = props.idleTimeout ?? Duration.seconds(60);
    this.healthPath = props.healthCheck?.path ?? HEALTH_PATH;
    this.asset = props.application._asset(this);
    this.logGroup = new logs.LogGroup(this, 'Logs', {
      retention: this.logRetention,
      ...(props.encryptionKey === undefined ? {} : { encryptionKey: props.encryptionKey }),
      removalPolicy: props.deletionProtection === false ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    acknowledgeElsewhere(this.logGroup, props.encryptionKey, 'cloudwatch_log_group_encrypted_check');
    this.role = props.role === undefined ? createInstanceRole(this) : roleInStack(this, props.role);
    this.grantPrincipal = this.role;
    this.startPolicy = grantStart(this, this.role, this.asset, this.logGroup);
    const securityGroup =
      props.securityGroup ??
      new ec2.SecurityGroup(this, 'SecurityGroup', { vpc: props.vpc, description: describe(this, 'Instances of ') });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });

    this.launchTemplate = this.createLaunchTemplate(props, securityGroup);
    this.autoScalingGroup = this.createGroup(props, minCapacity, maxCapacity);
    this.targetGroup = this.createTargets(props);
    if (props.loadBalancer === undefined) {
      const accessLogs = props.accessLogs ?? createAccessLogs(this);
      this.accessLogs = accessLogs;
      this.loadBalancer = createLoadBalancer(this, props, accessLogs);
    } else {
      this.loadBalancer = props.loadBalancer;
    }
    this.listener = addListeners(this, this.loadBalancer, this.targetGroup, props);
    addName(this, this.loadBalancer, props);
    this.scale(props);
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
   * deploy step that runs the migrations and makes the application's role before the fleet starts. A database that was
   * imported without its master's secret gets no deploy step.
   *
   * @param name what the application calls the database
   */
  public useDatabase(name: string, database: IDatabase): void {
    this.requireFreeName(name, this.databases);
    if (database.masterSecret !== undefined) {
      this.application._requireDeployStep();
    }
    letIn(this.connections.securityGroups, database, `${this.node.id} uses database ${name}`);
    database.grantConnect(this);
    this.databases[name] = database._bindingEntry(APPLICATION_DIRECTORY);
    if (database.masterSecret !== undefined) {
      this.deploySteps.push(
        new DeployStep(this, `Deploy${name}`, {
          vpcSubnets: this.vpcSubnets,
          code: this.asset,
          file: this.application.deployStep,
          databaseName: name,
          database,
          encryptionKey: this.encryptionKey,
          logRetention: this.logRetention,
          before: [this.autoScalingGroup],
        }),
      );
    }
  }

  /**
   * Alarms for failed requests and for instances that do not become healthy.
   *
   * @param actions whom they tell, for example an `SnsAction`
   */
  public addAlarms(...actions: cloudwatch.IAlarmAction[]): void {
    new FleetAlarms(this, 'Alarms', { targets: this.targetGroup, loadBalancer: this.loadBalancer, actions });
  }

  private createLaunchTemplate(props: WebFleetProps, securityGroup: ec2.ISecurityGroup): ec2.LaunchTemplate {
    const userData = this.createUserData();
    this.node.addValidation({ validate: () => userDataProblems(Stack.of(this).resolve(userData.render())) });
    const instances = props.instances ?? DEFAULT_INSTANCES;
    const launchTemplate = new ec2.LaunchTemplate(this, 'LaunchTemplate', {
      machineImage: ec2.MachineImage.latestAmazonLinux2023({
        cpuType:
          instances.architecture === ec2.InstanceArchitecture.ARM_64
            ? ec2.AmazonLinuxCpuType.ARM_64
            : ec2.AmazonLinuxCpuType.X86_64,
      }),
      instanceType: instances.types[0] as ec2.InstanceType,
      role: this.role,
      securityGroup,
      userData,
      // Security Hub AutoScaling.3, EC2.8: IMDSv2 only, and out of a container's reach. No key pair: Session Manager.
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      detailedMonitoring: true,
      // Security Hub EC2.25.
      associatePublicIpAddress: false,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: autoscaling.BlockDeviceVolume.ebs(10, {
            encrypted: true,
            volumeType: autoscaling.EbsDeviceVolumeType.GP3,
            deleteOnTermination: true,
          }),
        },
      ],
    });
    // Written out, as for the volume: what an instance leaves behind costs, and keeps subnets from being deleted.
    (launchTemplate.node.defaultChild as ec2.CfnLaunchTemplate).addPropertyOverride(
      'LaunchTemplateData.NetworkInterfaces.0.DeleteOnTermination',
      true,
    );
    return launchTemplate;
  }

  private createGroup(props: WebFleetProps, minCapacity: number, maxCapacity: number): autoscaling.AutoScalingGroup {
    const group = new autoscaling.AutoScalingGroup(this, 'Group', {
      vpc: props.vpc,
      vpcSubnets: this.vpcSubnets,
      ...(props.instances ?? DEFAULT_INSTANCES)._groupProps(this.launchTemplate),
      // No desired capacity: a deploy would take back what scaling has added.
      minCapacity,
      maxCapacity,
      // Security Hub AutoScaling.1.
      healthChecks: autoscaling.HealthChecks.withAdditionalChecks({
        additionalTypes: [autoscaling.AdditionalHealthCheckType.ELB],
        gracePeriod: Duration.minutes(3),
      }),
      defaultInstanceWarmup: Duration.minutes(2),
      groupMetrics: [autoscaling.GroupMetrics.all()],
      ...(props.maxInstanceLifetime === undefined ? {} : { maxInstanceLifetime: props.maxInstanceLifetime }),
      ...(props.rollout ?? FleetRollout.rolling())._groupProps(minCapacity, maxCapacity),
    });
    (group.node.defaultChild as autoscaling.CfnAutoScalingGroup).instanceMaintenancePolicy = {
      minHealthyPercentage: props.minHealthyPercentage ?? 100,
      maxHealthyPercentage: props.maxHealthyPercentage ?? 150,
    };
    Validations.of(group).acknowledge({
      id: 'AwsSolutions-AS3',
      reason: 'instances come and go by design, and a deploy that cannot start one fails by its signals',
    });
    if (props.instances?.isMixed === true) {
      const reason = 'the launch template says so, and the rule does not look into a mixed instances policy';
      Validations.of(group).acknowledge({ id: 'AwsSolutions-EC26', reason });
      acknowledge(group, 'EC2IMDSv2Enabled', [NIST, HIPAA], reason);
    }
    acknowledgeElsewhere(group, props.vpc, 'autoscaling_multiple_az_check');
    // The instance profile alone would let an instance start before the role's policy is attached.
    group.node.addDependency(this.role, this.startPolicy, this.logGroup);
    this.launchTemplate.userData?.addSignalOnExitCommand(group);
    group.addLifecycleHook('Drain', {
      lifecycleHookName: DRAIN_HOOK,
      lifecycleTransition: autoscaling.LifecycleTransition.INSTANCE_TERMINATING,
      // An instance that cannot say that it has drained ends a minute later.
      heartbeatTimeout: this.drainTimeout.plus(Duration.minutes(1)),
      defaultResult: autoscaling.DefaultResult.CONTINUE,
    });
    grantDrain(this, this.role, group);
    if (props.warmPool !== undefined) {
      group.addWarmPool(props.warmPool);
    }
    return group;
  }

  private createTargets(props: WebFleetProps): elbv2.ApplicationTargetGroup {
    const { healthCheck = {} } = props;
    return new elbv2.ApplicationTargetGroup(this, 'Targets', {
      vpc: props.vpc,
      port: APPLICATION_PORT,
      protocol: elbv2.ApplicationProtocol.HTTP,
      targets: [this.autoScalingGroup],
      deregistrationDelay: this.drainTimeout,
      healthCheck: {
        path: this.healthPath,
        interval: healthCheck.interval ?? Duration.seconds(10),
        timeout: healthCheck.timeout ?? Duration.seconds(5),
        healthyThresholdCount: healthCheck.healthyThreshold ?? 2,
        unhealthyThresholdCount: healthCheck.unhealthyThreshold ?? 2,
      },
    });
  }

  private scale(props: WebFleetProps): void {
    this.autoScalingGroup.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: props.targetCpuPercent ?? 60 });
    if (props.targetRequestsPerMinute !== undefined) {
      this.autoScalingGroup.scaleOnRequestCount('Requests', {
        targetRequestsPerMinute: props.targetRequestsPerMinute,
      });
    }
  }

  private createUserData(): ec2.UserData {
    return createUserData({
      bucket: this.asset.s3BucketName,
      key: this.asset.s3ObjectKey,
      entry: this.application.entry,
      port: APPLICATION_PORT,
      healthPath: this.healthPath,
      environment: this.environment(),
      binding: bindingText(this, { caches: this.caches, databases: this.databases }),
      bindingFile: BINDING_FILE,
      directory: APPLICATION_DIRECTORY,
      logGroup: this.logGroup.logGroupName,
      metricsNamespace: Stack.of(this).stackName,
      region: Stack.of(this).region,
      lifecycleHook: DRAIN_HOOK,
      drainSeconds: this.drainTimeout.toSeconds(),
    });
  }

  private environment(): Record<string, string> {
    return {
      ...this.application.environment,
      [APPLICATION_VARIABLES.port]: String(APPLICATION_PORT),
      [APPLICATION_VARIABLES.keepAliveMs]: String(this.idleTimeout.toMilliseconds() + KEEP_ALIVE_MARGIN_MS),
      [APPLICATION_VARIABLES.drainMs]: String(this.drainTimeout.toMilliseconds()),
      [BINDINGS_FILE_VARIABLE]: BINDING_FILE,
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
          binding: bindingOf(this, { caches: this.caches, databases: this.databases }),
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
