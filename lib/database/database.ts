import { Annotations, Duration, RemovalPolicy, Token, Validations } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeControlTower, acknowledgeElsewhere, HIPAA, NIST } from '../acknowledgements';
import { enforce } from '../limits';
import { dataConnections } from '../network/data-connections';
import { computeSubnets, dataSubnets, requireZones } from '../network/subnets';
import { injected } from '../property-injection';
import { DATABASE_PERIOD, DatabaseAlarms } from './database-alarms';
import { DatabaseBase, type IDatabase } from './database-base';
import { DatabaseEngine } from './database-engine';
import { type DatabaseChoices, databaseLimits } from './database-limits';
import type { DatabaseInstanceAttributes, DatabaseProps } from './database-props';
import { DatabaseStorage } from './database-storage';

const DEFAULT_MASTER = 'master';

/** What RDS takes in no password, and what shells and URLs would read otherwise. */
const PASSWORD_EXCLUDES = ' %+~`#$&*()|[]{}:;<>?!\'/@"\\';

/**
 * The database behind the cache: PostgreSQL or MySQL on RDS.
 *
 * Encrypted at rest, reached over TLS only, and entered with IAM tokens. The master password is made, kept and rotated in
 * Secrets Manager, by RDS or, where there are replicas, by a function; only the deploy step reads it.
 */
export class Database extends DatabaseBase {
  /** Uniquely identifies this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-elasticache.Database';

  /**
   * A database that exists, so that a cache can be put in front of it.
   *
   * @throws if neither the instance nor the attributes say the engine, or an IAM login has no resource id to be granted on
   */
  static fromDatabaseInstance(scope: Construct, id: string, attributes: DatabaseInstanceAttributes): IDatabase {
    const { instance, applicationSecret, masterSecret } = attributes;
    const engine =
      attributes.engine ?? (instance.engine === undefined ? undefined : DatabaseEngine.of(instance.engine));
    if (engine === undefined) {
      throw new Error(
        '`engine` is missing: the instance does not say what it runs, so give `DatabaseEngine.postgres()` or `.mysql()`',
      );
    }
    enforce([
      {
        broken: masterSecret !== undefined && attributes.masterUser === undefined,
        message: '`masterUser` is missing: name the master whose password is in `masterSecret`',
      },
      {
        broken: applicationSecret === undefined && instance.instanceResourceId === undefined,
        message:
          '`instance` has no `instanceResourceId`, which the permission to sign in with IAM tokens names: ' +
          'give it to `fromDatabaseInstanceAttributes`, or give `applicationSecret`',
      },
    ]);
    class Imported extends DatabaseBase {
      readonly engine = engine as DatabaseEngine;
      readonly instance = instance;
      readonly connections = instance.connections;
      readonly endpointAddress = instance.dbInstanceEndpointAddress;
      readonly endpointPort = instance.instanceEndpoint.port;
      readonly databaseName = attributes.databaseName;
      readonly applicationUser = attributes.applicationUser;
      readonly vpc = attributes.vpc;
      readonly masterSecret = masterSecret;
      readonly masterUser = attributes.masterUser ?? DEFAULT_MASTER;
      readonly applicationSecret = applicationSecret;
    }
    return new Imported(scope, id);
  }

  /** Engine and version. */
  public readonly engine: DatabaseEngine;
  /** Access of the database's security groups. */
  public readonly connections: ec2.Connections;
  /** The underlying instance. */
  public readonly instance: rds.DatabaseInstance;
  /** Host name of the database. */
  public readonly endpointAddress: string;
  /** Port of the database. */
  public readonly endpointPort: number;
  /** The master login, made, kept and rotated in Secrets Manager. */
  public readonly masterSecret?: secretsmanager.ISecret;
  /** Who the deploy step signs in as. */
  public readonly masterUser: string;
  /** Always undefined: the application signs in with IAM tokens. */
  public readonly applicationSecret?: secretsmanager.ISecret;
  /** Name of the database that the application uses. */
  public readonly databaseName: string;
  /** Name of the role the application signs in as. */
  public readonly applicationUser: string;
  /** Subnets the database is in. */
  public readonly vpcSubnets: ec2.SubnetSelection;
  /** The VPC the database is in. */
  public readonly vpc: ec2.IVpc;
  /** What the data is kept on. */
  public readonly storage: DatabaseStorage;
  /** Parameters of the engine. */
  public readonly parameterGroup: rds.ParameterGroup;
  /** Replicas that answer reads, each to be used like a database: the role of the application exists on them too. */
  public readonly readReplicas: IDatabase[];

  private readonly encryptionKey?: kms.IKey;

  /** @throws if the properties do not go together, in the words of the properties */
  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id);
    props = injected(scope, id, Database.PROPERTY_INJECTION_ID, props);

    const choices = withDefaults(props);
    const { engine } = choices;
    enforce(databaseLimits(choices));
    this.engine = engine;
    this.encryptionKey = props.encryptionKey;
    this.storage = props.storage ?? DatabaseStorage.gp3();
    this.databaseName = choices.databaseName;
    this.applicationUser = choices.applicationUser;
    this.masterUser = choices.masterUser;
    this.vpc = props.vpc;
    this.vpcSubnets = props.vpcSubnets ?? dataSubnets(props.vpc);
    requireZones('a `Database`', props.vpc.selectSubnets(this.vpcSubnets), 2);
    if (!engine._isKnownVersion) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:unknown-database-version',
        `${engine} is not a version that this release knows: RDS may refuse it`,
      );
    }

    this.connections = dataConnections(this, props.vpc, choices.port ?? engine.defaultPort, props.securityGroups);
    this.parameterGroup = new rds.ParameterGroup(this, 'Parameters', {
      engine: engine.instanceEngine,
      description: `Parameters of ${this.node.path}`,
      // Connections without TLS are refused.
      parameters: { ...props.parameters, ...engine._traits.tlsParameters },
    });
    this.instance = this.createInstance(choices);
    Validations.of(this.instance).acknowledge({
      id: 'AwsSolutions-RDS11',
      reason: 'another port hides nothing: the security group lets in its clients only',
    });
    acknowledge(
      this.instance,
      'RDSInBackupPlan',
      [NIST, HIPAA],
      'RDS makes a backup every day itself, and restores to any second of the days they are kept',
    );
    acknowledgeControlTower(this.instance, {
      rds_instance_no_default_ports_check: 'another port hides nothing: the security group lets in its clients only',
    });
    acknowledgeElsewhere(this.instance, props.encryptionKey, 'rds_storage_encrypted_kms_key_check');
    this.acknowledgeMonitoring(this.instance);
    if (this.rotatesItself(props)) {
      this.instance.addRotationSingleUser({
        automaticallyAfter: Duration.days(30),
        vpcSubnets: computeSubnets(props.vpc),
        excludeCharacters: PASSWORD_EXCLUDES,
      });
    }
    this.endpointAddress = this.instance.dbInstanceEndpointAddress;
    this.endpointPort = Token.asNumber(this.instance.dbInstanceEndpointPort);
    this.masterSecret = this.instance.secret;
    this.readReplicas = Array.from({ length: props.readReplicas ?? 0 }, (_, index) =>
      this.createReplica(`Replica${index + 1}`, choices),
    );
  }

  /**
   * Lets the deploy step read the master login.
   *
   * @internal
   */
  public override _grantMasterRead(grantee: iam.IGrantable): void {
    super._grantMasterRead(grantee);
    this.encryptionKey?.grantDecrypt(grantee);
  }

  /**
   * Alarms for CPU and storage.
   *
   * @param actions whom they tell, for example an `SnsAction`
   */
  public addAlarms(...actions: cloudwatch.IAlarmAction[]): void {
    new DatabaseAlarms(this, 'Alarms', {
      metric: (name, statistic) => this.instance.metric(name, { statistic, period: DATABASE_PERIOD }),
      storage: this.storage,
      actions,
    });
  }

  private createInstance(props: DatabaseChoices): rds.DatabaseInstance {
    const { storage } = this;
    const { encryptionKey: key, engine } = props;
    const backupWindow = props.backupWindow ?? props.maintenanceWindow?.snapshotWindowAfter();
    if (backupWindow !== undefined && props.maintenanceWindow?.overlaps(backupWindow)) {
      throw new Error(
        `\`backupWindow\` ${backupWindow} must not meet \`maintenanceWindow\` ${props.maintenanceWindow}`,
      );
    }
    const encrypted = key === undefined ? {} : { encryptionKey: key };
    return new rds.DatabaseInstance(this, 'Resource', {
      ...this.machine(props),
      engine: engine.instanceEngine,
      allowMajorVersionUpgrade: props.allowMajorVersionUpgrade ?? false,
      databaseName: props.databaseName,
      // Never a password in the template: it is kept in Secrets Manager and rotated, by RDS every seven days.
      manageMasterUserPassword: !this.rotatesItself(props),
      credentials: this.rotatesItself(props)
        ? rds.Credentials.fromGeneratedSecret(props.masterUser, {
            excludeCharacters: PASSWORD_EXCLUDES,
            ...encrypted,
          })
        : rds.Credentials.fromUsername(props.masterUser, encrypted),
      // Security Hub RDS.3.
      storageEncrypted: true,
      ...(key === undefined ? {} : { storageEncryptionKey: key }),
      storageType: storage.type,
      allocatedStorage: storage.sizeGiB,
      maxAllocatedStorage: storage.maxSizeGiB,
      iops: storage.iops,
      storageThroughput: storage.throughputMiBps,
      // Security Hub RDS.5.
      multiAz: props.multiAz,
      availabilityZone: props.availabilityZone,
      // Security Hub RDS.11.
      backupRetention: Duration.days(props.backupRetentionDays ?? 7),
      preferredBackupWindow: backupWindow?.toString(),
    });
  }

  private createReplica(id: string, props: DatabaseChoices): IDatabase {
    const replica = new rds.DatabaseInstanceReadReplica(this, id, {
      ...this.machine(props),
      // Encrypted as its source is, with the same key.
      sourceDatabaseInstance: this.instance,
      // A replica holds nothing that its source does not.
      removalPolicy: RemovalPolicy.DESTROY,
      deletionProtection: false,
    });
    this.acknowledgeMonitoring(replica);
    for (const [rule, reason] of [
      ['AwsSolutions-RDS3', 'a replica is itself what another zone has, and others answer when it fails'],
      ['AwsSolutions-RDS10', 'a replica holds nothing that its source does not, which is protected'],
      ['AwsSolutions-RDS11', 'another port hides nothing: the security group lets in its clients only'],
    ] as const) {
      Validations.of(replica).acknowledge({ id: rule, reason });
    }
    return Database.fromDatabaseInstance(this, `${id}Reader`, {
      instance: replica,
      vpc: this.vpc,
      engine: this.engine,
      databaseName: this.databaseName,
      applicationUser: this.applicationUser,
    });
  }

  /** What the instance and its replicas share. */
  private machine(props: DatabaseChoices) {
    const { encryptionKey: key, engine } = props;
    const insights = props.performanceInsights ?? !engine._traits.withoutInsights.includes(props.machine);
    return {
      vpc: props.vpc,
      vpcSubnets: this.vpcSubnets,
      securityGroups: this.connections.securityGroups,
      instanceType: new ec2.InstanceType(props.machine),
      parameterGroup: this.parameterGroup,
      port: props.port,
      // Security Hub RDS.10.
      iamAuthentication: true,
      // Security Hub RDS.2.
      publiclyAccessible: false,
      // Security Hub RDS.17.
      copyTagsToSnapshot: true,
      // Security Hub RDS.13.
      autoMinorVersionUpgrade: true,
      // Security Hub RDS.6.
      monitoringInterval: props.monitoringInterval,
      enablePerformanceInsights: insights,
      ...(insights && props.performanceInsightRetention !== undefined
        ? { performanceInsightRetention: props.performanceInsightRetention }
        : {}),
      ...(insights && key !== undefined ? { performanceInsightEncryptionKey: key } : {}),
      // Security Hub RDS.9 and .36.
      cloudwatchLogsExports: props.logExports ?? engine._traits.defaultLogs,
      preferredMaintenanceWindow: props.maintenanceWindow?.toString(),
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
      // Security Hub RDS.8.
      deletionProtection: props.deletionProtection ?? true,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.SNAPSHOT,
    };
  }

  /** RDS makes no replica of an instance whose master password it manages itself (user guide, rds-secrets-manager). */
  private rotatesItself(props: DatabaseProps): boolean {
    return (props.readReplicas ?? 0) > 0;
  }

  private acknowledgeMonitoring(instance: Construct): void {
    if (instance.node.tryFindChild('MonitoringRole') !== undefined) {
      Validations.of(instance).acknowledge({
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]',
        reason: 'what RDS needs to write its measurements, kept current by AWS',
      });
    }
  }
}

function withDefaults(props: DatabaseProps): DatabaseChoices {
  const machine = props.instanceType ?? ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO);
  return {
    ...props,
    engine: props.engine ?? DatabaseEngine.postgres(),
    databaseName: props.databaseName ?? 'app',
    applicationUser: props.applicationUser ?? 'app',
    masterUser: props.masterUser ?? DEFAULT_MASTER,
    multiAz: props.multiAz ?? true,
    machine: machine.toString().replace(/^db\./, ''),
    monitoringInterval: props.monitoringInterval ?? Duration.seconds(60),
  };
}
