import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { enforce } from '../limits';
import { describe } from '../network/description';
import { packageFile } from '../package-file';

/** Letters of a generated password; ElastiCache allows up to 128. */
const PASSWORD_LENGTH = 64;

/** Properties of a `RotatedPassword`. */
export interface RotatedPasswordProps {
  /** Name that goes with the password. */
  readonly userName: string;
  /** How often it changes. */
  readonly rotateAfter?: Duration;
  /** Key that encrypts the secret. */
  readonly encryptionKey?: kms.IKey;
}

/**
 * A generated password in a secret, with the keys `username` and `password`, and the function that changes it without
 * downtime: at each change the new password joins the old one, which stays valid until the next change.
 */
export class RotatedPassword extends Construct {
  /** The secret. */
  readonly secret: secretsmanager.Secret;
  private readonly rotateAfter?: Duration;

  constructor(scope: Construct, id: string, props: RotatedPasswordProps) {
    super(scope, id);

    const hours = props.rotateAfter?.isUnresolved() ? undefined : props.rotateAfter?.toHours({ integral: false });
    enforce([
      {
        // Secrets Manager API, RotateSecret.RotationRules.
        broken: hours !== undefined && (hours < 4 || hours > 1_000 * 24),
        message: `\`rotateAfter\` must be between 4 hours and 1000 days, got ${hours} hours`,
      },
    ]);
    this.rotateAfter = props.rotateAfter;
    this.secret = new secretsmanager.Secret(this, 'Secret', {
      description: `Password of ${scope.node.path}`,
      encryptionKey: props.encryptionKey,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: props.userName }),
        generateStringKey: 'password',
        passwordLength: PASSWORD_LENGTH,
        // Letters and digits only: every client and every URL takes them, and so do users and AUTH tokens alike.
        excludePunctuation: true,
      },
    });
    if (this.rotateAfter === undefined) {
      Validations.of(this.secret).acknowledge({
        id: 'AwsSolutions-SMG4',
        reason: 'whoever uses the password asked for no rotation: `rotateAfter` switches it on',
      });
    }
  }

  /** @internal */
  public _rotateUser(userId: string, userArn: string): void {
    this.rotate({ USER_ID: userId }, ['elasticache:DescribeUsers', 'elasticache:ModifyUser'], userArn);
  }

  /** @internal */
  public _rotateAuthToken(replicationGroupId: string, replicationGroupArn: string, strategy: string): void {
    this.rotate(
      { REPLICATION_GROUP_ID: replicationGroupId, UPDATE_STRATEGY: strategy },
      ['elasticache:DescribeReplicationGroups', 'elasticache:ModifyReplicationGroup'],
      replicationGroupArn,
    );
  }

  private rotate(environment: Record<string, string>, actions: string[], resourceArn: string): void {
    if (this.rotateAfter === undefined) {
      return;
    }
    const handler = new lambda.Function(this, 'Rotation', {
      description: describe(this, 'Changes the password of '),
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(packageFile('dist', 'rotation')),
      handler: 'handler.handler',
      // ElastiCache takes some minutes to tell a user's new password to every node of every group.
      timeout: Duration.minutes(15),
      memorySize: 256,
      environment,
      logGroup: new logs.LogGroup(this, 'RotationLogs', {
        retention: logs.RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    handler.addToRolePolicy(new iam.PolicyStatement({ actions, resources: [resourceArn] }));
    Validations.of(handler).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      reason: 'what every function needs to write its logs',
    });
    Validations.of(handler).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'GetRandomPassword, which the schedule of the rotation grants, reads nothing and knows no resources',
    });
    const schedule = this.secret.addRotationSchedule('Schedule', {
      rotationLambda: handler,
      automaticallyAfter: this.rotateAfter,
      // The password that the cache was made with is the first; a change at once would race with the cache's creation.
      rotateImmediatelyOnUpdate: false,
    });
    schedule.node.addDependency(handler.role as iam.IRole);
  }
}
