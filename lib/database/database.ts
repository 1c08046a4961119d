import { Duration, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { DatabaseBinding } from '../../runtime/binding';
import { enforce, wholeNumber } from '../limits';
import { dataSubnets } from '../network/data-subnets';

/** Names that PostgreSQL on RDS keeps for itself (RDS API, CreateDBInstance.MasterUsername). */
const RESERVED_USERS = ['admin', 'rdsadmin', 'rdsrepladmin', 'public'];

/** Path of RDS's certificate authority on an instance, and in the deploy step: beside the application. */
const CA_FILE = 'rds.pem';

/** Properties of a `Database`. */
export interface DatabaseProps {
  /** The VPC the database is in. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets the database is in. RDS asks for two Availability Zones.
   *
   * @default - the isolated subnets where the VPC has some, else the private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Version of PostgreSQL.
   *
   * @default rds.PostgresEngineVersion.VER_17
   */
  readonly version?: rds.PostgresEngineVersion;

  /**
   * The kind of machine the database runs on.
   *
   * @default - db.t4g.micro
   */
  readonly instanceType?: ec2.InstanceType;

  /**
   * Name of the database that the application uses.
   *
   * @default 'app'
   */
  readonly databaseName?: string;

  /**
   * Name of the role the application signs in as. The deploy step makes it.
   *
   * @default 'app'
   */
  readonly applicationUser?: string;

  /**
   * Whether a standby in another Availability Zone takes over when the primary fails.
   *
   * @default true
   */
  readonly multiAz?: boolean;

  /**
   * Size of the storage in GiB, 20 to 65536. It grows by itself up to five times that.
   *
   * @default 20
   */
  readonly allocatedStorageGiB?: number;

  /**
   * Key that encrypts the storage. A change replaces the database.
   *
   * @default - the account's key for RDS
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Days a daily backup is kept, 1 to 35.
   *
   * @default 7
   */
  readonly backupRetentionDays?: number;

  /**
   * Whether the database cannot be deleted.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * What happens to the data when the database leaves the template or is replaced.
   *
   * @default RemovalPolicy.SNAPSHOT
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The database behind the cache: PostgreSQL on RDS.
 *
 * Encrypted at rest, reached over TLS only, and entered with IAM tokens: RDS makes, keeps and rotates the master
 * password, which only the deploy step reads.
 */
export class Database extends Construct implements ec2.IConnectable {
  /** Access of the database's security groups. */
  public readonly connections: ec2.Connections;
  /** The underlying instance. */
  public readonly instance: rds.DatabaseInstance;
  /** The master login, made, kept and rotated by RDS. */
  public readonly masterSecret: secretsmanager.ISecret;
  /** Name of the database that the application uses. */
  public readonly databaseName: string;
  /** Name of the role the application signs in as. */
  public readonly applicationUser: string;
  /** Subnets the database is in. */
  public readonly vpcSubnets: ec2.SubnetSelection;
  /** The VPC the database is in. */
  public readonly vpc: ec2.IVpc;

  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id);

    const allocatedStorage = props.allocatedStorageGiB ?? 20;
    const backupRetentionDays = props.backupRetentionDays ?? 7;
    this.databaseName = props.databaseName ?? 'app';
    this.applicationUser = props.applicationUser ?? 'app';
    enforce([
      wholeNumber('allocatedStorageGiB', allocatedStorage, 20, 65_536),
      wholeNumber('backupRetentionDays', backupRetentionDays, 1, 35),
      nameLimit('databaseName', this.databaseName),
      nameLimit('applicationUser', this.applicationUser),
      {
        broken: RESERVED_USERS.includes(this.applicationUser) || this.applicationUser === MASTER_USER,
        message: `\`applicationUser\` must not be a reserved name (${[...RESERVED_USERS, MASTER_USER].join(', ')}), got ${this.applicationUser}`,
      },
    ]);

    this.vpc = props.vpc;
    this.vpcSubnets = props.vpcSubnets ?? dataSubnets(props.vpc);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: `Database ${this.node.path}`,
      // A database never opens a connection of its own.
      allowAllOutbound: false,
    });
    this.instance = new rds.DatabaseInstance(this, 'Resource', {
      vpc: props.vpc,
      vpcSubnets: this.vpcSubnets,
      securityGroups: [securityGroup],
      engine: rds.DatabaseInstanceEngine.postgres({ version: props.version ?? rds.PostgresEngineVersion.VER_17 }),
      instanceType: props.instanceType ?? ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO),
      databaseName: this.databaseName,
      // Never a password in the template: RDS keeps it in Secrets Manager and rotates it every seven days.
      manageMasterUserPassword: true,
      credentials: rds.Credentials.fromUsername(MASTER_USER),
      // Security Hub RDS.10.
      iamAuthentication: true,
      // Security Hub RDS.3.
      storageEncrypted: true,
      storageType: rds.StorageType.GP3,
      allocatedStorage,
      maxAllocatedStorage: allocatedStorage * 5,
      ...(props.encryptionKey === undefined ? {} : { storageEncryptionKey: props.encryptionKey }),
      // Security Hub RDS.5.
      multiAz: props.multiAz ?? true,
      // Security Hub RDS.2.
      publiclyAccessible: false,
      // Security Hub RDS.11 and .17.
      backupRetention: Duration.days(backupRetentionDays),
      copyTagsToSnapshot: true,
      // Security Hub RDS.8.
      deletionProtection: props.deletionProtection ?? true,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.SNAPSHOT,
      // Security Hub RDS.13.
      autoMinorVersionUpgrade: true,
      // Security Hub RDS.9 and .36.
      cloudwatchLogsExports: ['postgresql', 'upgrade'],
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
      // Connections without TLS are refused (the default from PostgreSQL 15 on, written out).
      parameters: { 'rds.force_ssl': '1' },
    });
    Validations.of(this.instance).acknowledge({
      id: 'AwsSolutions-RDS11',
      reason: 'another port hides nothing: the security group lets in its clients only',
    });
    this.masterSecret = this.instance.secret as secretsmanager.ISecret;
    this.connections = new ec2.Connections({
      securityGroups: [securityGroup],
      defaultPort: ec2.Port.tcp(Token.asNumber(this.instance.dbInstanceEndpointPort)),
    });
  }

  /** Lets an identity sign in as the application's role. */
  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return this.instance.grantConnect(grantee, this.applicationUser);
  }

  /**
   * The database's entry of the binding, for the application.
   *
   * @internal
   */
  public _bindingEntry(directory: string): DatabaseBinding {
    return {
      ...this.endpoint(directory),
      user: this.applicationUser,
      auth: { type: 'iam', region: Stack.of(this).region },
    };
  }

  /**
   * The database's entry of the binding, for the deploy step.
   *
   * @internal
   */
  public _masterBindingEntry(directory: string): DatabaseBinding {
    return {
      ...this.endpoint(directory),
      user: MASTER_USER,
      auth: { type: 'secret', arn: this.masterSecret.secretArn, region: Stack.of(this).region },
    };
  }

  private endpoint(directory: string) {
    return {
      engine: 'postgres' as const,
      host: this.instance.dbInstanceEndpointAddress,
      port: Token.asNumber(this.instance.dbInstanceEndpointPort),
      name: this.databaseName,
      tls: true,
      ca: `${directory}/${CA_FILE}`,
    };
  }
}

const MASTER_USER = 'master';

function nameLimit(property: string, name: string) {
  return {
    broken: !Token.isUnresolved(name) && !/^[a-z][a-z0-9_]{0,62}$/.test(name),
    message: `\`${property}\` must be 1 to 63 characters of a-z, 0-9 and _, starting with a letter, got ${name}`,
  };
}
