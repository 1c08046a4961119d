import { Annotations, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import { BINDINGS_VARIABLE, DEPLOY_STEP_VARIABLE, type DeployStepInstructions } from '../../runtime/binding';
import {
  acknowledge,
  acknowledgeControlTower,
  acknowledgeElsewhere,
  acknowledgeInlinePolicy,
  HIPAA,
  NIST,
} from '../acknowledgements';
import { bindingText } from '../binding-document';
import { letIn } from '../network/data-connections';
import type { IDatabase } from './database-base';

/** Where Lambda unpacks a function's code. */
const LAMBDA_DIRECTORY = '/var/task';

/** Properties of a `DeployStep`. */
export interface DeployStepProps {
  /** Subnets of the database's VPC with a way to Secrets Manager. */
  readonly vpcSubnets: ec2.SubnetSelection;
  /** The application, whose bundle holds the handler. */
  readonly code: Asset;
  /** File of the handler, for example `deploy.js`. */
  readonly file: string;
  /** What the application calls the database. */
  readonly databaseName: string;
  /** The database. */
  readonly database: IDatabase;
  /** How long its log is kept. */
  readonly logRetention: logs.RetentionDays;
  /**
   * Key that encrypts the log.
   *
   * @default - the key of CloudWatch
   */
  readonly encryptionKey?: kms.IKey;
  /** What must not start before the step has run. */
  readonly before: Construct[];
}

/**
 * Runs in a deploy that changes the application or its configuration, after the database and before the fleet: the application's migrations, and the role it signs in
 * with. CloudFormation has no resource for either. A failure fails the deploy, and the fleet keeps what it ran before.
 */
export class DeployStep extends Construct {
  /** The function that runs. */
  readonly handler: lambda.Function;

  constructor(scope: Construct, id: string, props: DeployStepProps) {
    super(scope, id);

    const { database, databaseName } = props;
    const { applicationSecret } = database;
    const instructions: DeployStepInstructions = {
      database: databaseName,
      role: {
        user: database.applicationUser,
        auth:
          applicationSecret === undefined
            ? { type: 'iam' }
            : { type: 'secret', arn: applicationSecret.secretArn, region: Stack.of(this).region },
      },
    };
    const databases = { [databaseName]: database._masterBindingEntry(LAMBDA_DIRECTORY) };
    this.handler = new lambda.Function(this, 'Handler', {
      description: `Migrations and database role of ${database.node.path}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      // The very bundle the instances run, so that the schema and the code that needs it are of one build.
      code: lambda.Code.fromBucketV2(props.code.bucket, props.code.s3ObjectKey),
      handler: props.file.replace(/\.[cm]?js$/, '.handler'),
      timeout: Duration.minutes(10),
      memorySize: 512,
      vpc: database.vpc,
      vpcSubnets: props.vpcSubnets,
      environment: {
        [BINDINGS_VARIABLE]: bindingText(this, { databases }),
        [DEPLOY_STEP_VARIABLE]: Stack.of(this).toJsonString(instructions),
      },
      logGroup: new logs.LogGroup(this, 'Logs', {
        retention: props.logRetention,
        ...(props.encryptionKey === undefined ? {} : { encryptionKey: props.encryptionKey }),
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
    acknowledge(
      this.handler,
      'LambdaConcurrency',
      [NIST, HIPAA],
      'a deploy calls it once, and reserved concurrency would be taken from the whole account',
    );
    acknowledge(
      this.handler,
      'LambdaDLQ',
      [NIST, HIPAA],
      'a deploy calls it and waits for its answer: a failure fails the deploy',
    );
    acknowledgeInlinePolicy(this.handler);
    acknowledgeElsewhere(this.handler, database.vpc, 'lambda_inside_vpc_check');
    acknowledgeElsewhere(this.handler.logGroup, props.encryptionKey, 'cloudwatch_log_group_encrypted_check');
    database._grantMasterRead(this.handler);
    applicationSecret?.grantRead(this.handler);
    letIn(this.handler.connections.securityGroups, database, 'Migrations');

    const trigger = new Trigger(this, 'Trigger', { handler: this.handler, timeout: Duration.minutes(10) });
    trigger.executeAfter(database);
    trigger.executeBefore(...props.before);
    acknowledgeControlTower(
      Stack.of(this).node.findChild('AWSCDK.TriggerCustomResourceProviderCustomResourceProvider'),
      {
        lambda_inside_vpc_check: 'a function of CDK that asks the Lambda API only, and runs at deploys only',
      },
    );
  }
}
