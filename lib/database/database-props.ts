import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { MaintenanceWindow, SnapshotWindow } from '../cache/schedule';
import type { DatabaseEngine } from './database-engine';
import type { DatabaseStorage } from './database-storage';

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
   * Security groups of the database.
   *
   * @default - a new one that lets nobody in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Engine and version.
   *
   * @default DatabaseEngine.postgres()
   */
  readonly engine?: DatabaseEngine;

  /**
   * Whether a change of `engine` may be one to another major version, which takes the database down for minutes and
   * cannot be taken back.
   *
   * @default false
   */
  readonly allowMajorVersionUpgrade?: boolean;

  /**
   * The kind of machine the database runs on.
   *
   * @default - db.t4g.micro
   */
  readonly instanceType?: ec2.InstanceType;

  /**
   * Name of the database that the application uses. A change replaces the database.
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
   * Name of the master, who only the deploy step signs in as. A change replaces the database.
   *
   * @default 'master'
   */
  readonly masterUser?: string;

  /**
   * Port, 1150 to 65535. A change replaces the database.
   *
   * @default - 5432 for PostgreSQL, 3306 for MySQL
   */
  readonly port?: number;

  /**
   * Whether a standby in another Availability Zone takes over when the primary fails.
   *
   * @default true
   */
  readonly multiAz?: boolean;

  /**
   * The Availability Zone of a database without a standby. A change may replace the database.
   *
   * @default - RDS chooses
   */
  readonly availabilityZone?: string;

  /**
   * What the data is kept on.
   *
   * @default DatabaseStorage.gp3()
   */
  readonly storage?: DatabaseStorage;

  /**
   * Replicas that answer reads, 0 to 15. What they answer may be older than what was written.
   *
   * @default 0
   */
  readonly readReplicas?: number;

  /**
   * Key that encrypts storage, insights and the master secret. A change replaces the database.
   *
   * @default - the account's keys for RDS and Secrets Manager
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Days a daily backup is kept, 1 to 35.
   *
   * @default 7
   */
  readonly backupRetentionDays?: number;

  /**
   * The time of the day at which the backup is made.
   *
   * @default - the hour after `maintenanceWindow`, else RDS chooses
   */
  readonly backupWindow?: SnapshotWindow;

  /**
   * The time of the week at which RDS may install updates.
   *
   * @default - RDS chooses
   */
  readonly maintenanceWindow?: MaintenanceWindow;

  /**
   * Logs that are exported to CloudWatch. RDS makes their log groups, and keeps them until somebody deletes them.
   *
   * @default - `postgresql` and `upgrade`, or `error` and `slowquery` of MySQL
   */
  readonly logExports?: string[];

  /**
   * Parameters of the engine. Those that ask for TLS cannot be switched off.
   *
   * @default - the engine's own
   */
  readonly parameters?: { [name: string]: string };

  /**
   * Whether RDS records what the database waits for.
   *
   * @default - true, where the machine can
   */
  readonly performanceInsights?: boolean;

  /**
   * How long that is kept; beyond seven days it costs.
   *
   * @default - seven days
   */
  readonly performanceInsightRetention?: rds.PerformanceInsightRetention;

  /**
   * How often the operating system is measured: 1, 5, 10, 15, 30 or 60 seconds, 0 for never.
   *
   * @default Duration.seconds(60)
   */
  readonly monitoringInterval?: Duration;

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

/** A database that exists, made by RDS's construct library or imported with it. */
export interface DatabaseInstanceAttributes {
  /** The instance: `rds.DatabaseInstance`, or one from `fromDatabaseInstanceAttributes`. */
  readonly instance: rds.IDatabaseInstance;

  /** The VPC it is in, where a deploy step would run. */
  readonly vpc: ec2.IVpc;

  /**
   * Engine and version.
   *
   * @default - as the instance says; needed where it does not
   */
  readonly engine?: DatabaseEngine;

  /** Name of the database that the application uses. */
  readonly databaseName: string;

  /** Name of the role the application signs in as. */
  readonly applicationUser: string;

  /**
   * Secret with the keys `username` and `password` of a master, for the deploy step that runs migrations and makes the
   * role.
   *
   * @default - none: no deploy step runs, and the role must exist
   */
  readonly masterSecret?: secretsmanager.ISecret;

  /**
   * Name of the master, needed with `masterSecret`.
   *
   * @default - none
   */
  readonly masterUser?: string;

  /**
   * Secret with the keys `username` and `password` of the application's role, where the instance has no IAM
   * authentication. With `masterSecret` too, the deploy step makes the role with that password.
   *
   * @default - IAM tokens
   */
  readonly applicationSecret?: secretsmanager.ISecret;
}
