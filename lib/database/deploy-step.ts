import { Annotations, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import {
  BINDING_VERSION,
  BINDINGS_VARIABLE,
  DEPLOY_STEP_VARIABLE,
  type DeployStepInstructions,
} from '../../runtime/binding';
import type { Database } from './database';

/** Where Lambda unpacks a function's code. */
const LAMBDA_DIRECTORY = '/var/task';

/** Properties of a `DeployStep`. */
export interface DeployStepProps {
  /** The VPC of the database. */
  readonly vpc: ec2.IVpc;
  /** The application, whose bundle holds the handler. */
  readonly code: Asset;
  /** File of the handler, for example `deploy.js`. */
  readonly file: string;
  /** What the application calls the database. */
  readonly databaseName: string;
  /** The database. */
  readonly database: Database;
  /** What must not start before the step has run. */
  readonly before: Construct[];
}

/**
 * Runs once a deploy, after the database and before the fleet: the application's migrations, and the role it signs in
 * with. CloudFormation has no resource for either. A failure fails the deploy, and the fleet keeps what it ran before.
 */
export class DeployStep extends Construct {
  /** The function that runs. */
  readonly handler: lambda.Function;

  constructor(scope: Construct, id: string, props: DeployStepProps) {
    super(scope, id);

    const { database, databaseName } = props;
    const instructions: DeployStepInstructions = {
      database: databaseName,
      role: { user: database.applicationUser, auth: { type: 'iam' } },
    };
    const binding = {
      version: BINDING_VERSION,
      caches: {},
      databases: { [databaseName]: database._masterBindingEntry(LAMBDA_DIRECTORY) },
      metricsNamespace: Stack.of(this).stackName,
    };
    this.handler = new lambda.Function(this, 'Handler', {
      description: `Migrations and database role of ${database.node.path}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      // The very bundle the instances run, so that the schema and the code that needs it are of one build.
      code: lambda.Code.fromBucketV2(props.code.bucket, props.code.s3ObjectKey),
      handler: props.file.replace(/\.[cm]?js$/, '.handler'),
      timeout: Duration.minutes(10),
      memorySize: 512,
      vpc: props.vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      environment: {
        [BINDINGS_VARIABLE]: Stack.of(this).toJsonString(binding),
        [DEPLOY_STEP_VARIABLE]: JSON.stringify(instructions),
      },
      logGroup: new logs.LogGroup(this, 'Logs', {
        retention: logs.RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    Annotations.of(props.code).acknowledgeWarning(
      '@aws-cdk/aws-lambda:codeFromBucketObjectVersionNotSpecified',
      'the key of the object is the hash of its content, so other content has another key',
    );
    for (const policy of ['AWSLambdaBasicExecutionRole', 'AWSLambdaVPCAccessExecutionRole']) {
      Validations.of(this.handler).acknowledge({
        id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/${policy}]`,
        reason: 'what every function in a VPC needs: its logs, and its own network interfaces',
      });
    }
    database.masterSecret.grantRead(this.handler);
    database.connections.allowDefaultPortFrom(this.handler, 'Migrations');

    const trigger = new Trigger(this, 'Trigger', { handler: this.handler, timeout: Duration.minutes(10) });
    trigger.executeAfter(database);
    trigger.executeBefore(...props.before);
  }
}
