import { type IResource, Resource, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { DatabaseBinding } from '../../runtime/binding';
import { bindingText } from '../binding-document';
import type { DatabaseEngine } from './database-engine';

/** Path of RDS's certificate authority on an instance, and in the deploy step: beside the application. */
const CA_FILE = 'rds.pem';

/** A database that an application can be connected to. */
export interface IDatabase extends IResource, ec2.IConnectable {
  /** Engine and version. */
  readonly engine: DatabaseEngine;

  /** The instance in RDS's construct library, for its metrics. */
  readonly instance: rds.IDatabaseInstance;

  /** Host name of the database. */
  readonly endpointAddress: string;

  /** Port of the database. */
  readonly endpointPort: number;

  /** Name of the database that the application uses. */
  readonly databaseName: string;

  /** Name of the role the application signs in as. */
  readonly applicationUser: string;

  /** The VPC the database is in. */
  readonly vpc: ec2.IVpc;

  /** The master login, which only the deploy step reads. Without it no deploy step runs, and the role must exist. */
  readonly masterSecret?: secretsmanager.ISecret;

  /** The application's own login, where it does not sign in with IAM tokens. */
  readonly applicationSecret?: secretsmanager.ISecret;

  /** Who the deploy step signs in as. */
  readonly masterUser: string;

  /** Lets an identity sign in as the application's role. */
  grantConnect(grantee: iam.IGrantable): iam.Grant;

  /**
   * The binding document for this database alone, as JSON, to be given to compute in the environment variable
   * `CACHE_BINDINGS`. It holds nothing secret.
   *
   * @param name what the application calls the database
   * @param directory where the application and `rds.pem` lie, for example `/var/task` on Lambda
   */
  binding(name: string, directory: string): string;

  /**
   * Lets the deploy step read the master login, where there is one.
   *
   * @internal
   */
  _grantMasterRead(grantee: iam.IGrantable): void;

  /**
   * The database's entry of the binding, for the application.
   *
   * @internal
   */
  _bindingEntry(directory: string): DatabaseBinding;

  /**
   * The database's entry of the binding for the deploy step, which signs in with the master secret.
   *
   * @internal
   */
  _masterBindingEntry(directory: string): DatabaseBinding;
}

/** What databases share, whether they are made here or were before. */
export abstract class DatabaseBase extends Resource implements IDatabase {
  public abstract readonly engine: DatabaseEngine;
  public abstract readonly connections: ec2.Connections;
  public abstract readonly endpointAddress: string;
  public abstract readonly endpointPort: number;
  public abstract readonly databaseName: string;
  public abstract readonly applicationUser: string;
  public abstract readonly vpc: ec2.IVpc;
  public abstract readonly masterSecret?: secretsmanager.ISecret;
  public abstract readonly masterUser: string;
  /** The instance in RDS's construct library. */
  public abstract readonly instance: rds.IDatabaseInstance;
  /** The application's own login, where it does not sign in with IAM tokens. */
  public abstract readonly applicationSecret?: secretsmanager.ISecret;

  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return this.applicationSecret === undefined
      ? this.instance.grantConnect(grantee, this.applicationUser)
      : this.applicationSecret.grantRead(grantee);
  }

  /**
   * Lets the deploy step read the master login, where there is one.
   *
   * @internal
   */
  public _grantMasterRead(grantee: iam.IGrantable): void {
    this.masterSecret?.grantRead(grantee);
  }

  public binding(name: string, directory: string): string {
    return bindingText(this, { databases: { [name]: this._bindingEntry(directory) } });
  }

  /**
   * The database's entry of the binding, for the application.
   *
   * @internal
   */
  public _bindingEntry(directory: string): DatabaseBinding {
    const { region } = Stack.of(this);
    return {
      ...this.endpoint(directory),
      user: this.applicationUser,
      auth:
        this.applicationSecret === undefined
          ? { type: 'iam', region }
          : { type: 'secret', arn: this.applicationSecret.secretArn, region },
    };
  }

  /**
   * The database's entry of the binding for the deploy step, which signs in with the master secret.
   *
   * @internal
   */
  public _masterBindingEntry(directory: string): DatabaseBinding {
    return {
      ...this.endpoint(directory),
      user: this.masterUser,
      auth: {
        type: 'secret',
        arn: (this.masterSecret as secretsmanager.ISecret).secretArn,
        region: Stack.of(this).region,
      },
    };
  }

  private endpoint(directory: string) {
    return {
      engine: this.engine._traits.name,
      host: this.endpointAddress,
      port: this.endpointPort,
      name: this.databaseName,
      tls: true,
      ca: `${directory}/${CA_FILE}`,
    };
  }
}
