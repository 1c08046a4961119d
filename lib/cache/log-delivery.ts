import { ArnFormat, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, type IDependable } from 'constructs';
import { acknowledgeElsewhere } from '../acknowledgements';
import { enforce } from '../limits';

/**
 * Log groups below this path are covered by one statement of one resource policy. Without it AWS writes one statement a
 * group, and an account has 10 policies of limited size a region (CloudWatch Logs API, PutResourcePolicy).
 */
const LOG_GROUP_PREFIX = '/aws/vendedlogs/elasticache/';

/** How a log is written. */
export enum CacheLogFormat {
  /** One JSON object a line, which CloudWatch Logs Insights reads by field. */
  JSON = 'json',
  /** Text. */
  TEXT = 'text',
}

/** How a log is written to CloudWatch Logs. */
export interface CloudWatchLogOptions {
  /**
   * The log group.
   *
   * @default - a new one below /aws/vendedlogs/elasticache/
   */
  readonly logGroup?: logs.ILogGroup;

  /**
   * How long the new log group keeps what it is given.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly retention?: logs.RetentionDays;

  /**
   * Key that encrypts the new log group. Its policy must let CloudWatch Logs use it.
   *
   * @default - a key of CloudWatch Logs
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Class of the new log group.
   *
   * @default logs.LogGroupClass.STANDARD
   */
  readonly logGroupClass?: logs.LogGroupClass;

  /**
   * What happens to the new log group when it leaves the template. Its name is fixed, because the permission is by path:
   * one that is retained makes a second deploy of a deleted stack fail.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * How the log is written.
   *
   * @default CacheLogFormat.JSON
   */
  readonly format?: CacheLogFormat;

  /**
   * Whether the stack gets the resource policy that lets AWS write to its log groups: one for all caches of the stack.
   * Switch it off where the account has a policy for /aws/vendedlogs/ already.
   *
   * @default true
   */
  readonly resourcePolicy?: boolean;
}

/** How a log is written to Firehose. */
export interface FirehoseLogOptions {
  /**
   * How the log is written.
   *
   * @default CacheLogFormat.JSON
   */
  readonly format?: CacheLogFormat;
}

/**
 * Where a cache's log goes.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html
 */
export class CacheLog {
  /** To CloudWatch Logs. */
  static toCloudWatch(options: CloudWatchLogOptions = {}): CacheLog {
    const { logGroup, retention, encryptionKey, logGroupClass, removalPolicy } = options;
    enforce([
      {
        broken:
          logGroup !== undefined &&
          [retention, encryptionKey, logGroupClass, removalPolicy].some((set) => set !== undefined),
        message:
          '`logGroup` is there already: `retention`, `encryptionKey`, `logGroupClass` and `removalPolicy` are for a new one',
      },
    ]);
    return new CacheLog((scope, logType) => {
      const logGroup = options.logGroup ?? createLogGroup(scope, logType, options);
      const policy = (options.resourcePolicy ?? true) ? LogDeliveryPolicy.of(scope) : undefined;
      if (options.logGroup !== undefined) {
        policy?.allow(options.logGroup);
      }
      return {
        configuration: {
          destinationType: 'cloudwatch-logs',
          destinationDetails: { cloudWatchLogsDetails: { logGroup: logGroup.logGroupName } },
          logFormat: options.format ?? CacheLogFormat.JSON,
          logType,
        },
        logGroup,
        before: policy === undefined ? [] : [policy],
      };
    });
  }

  /** To a delivery stream of Firehose. */
  static toFirehose(stream: firehose.IDeliveryStream, options: FirehoseLogOptions = {}): CacheLog {
    return new CacheLog((_, logType) => ({
      configuration: {
        destinationType: 'kinesis-firehose',
        destinationDetails: { kinesisFirehoseDetails: { deliveryStream: stream.deliveryStreamName } },
        logFormat: options.format ?? CacheLogFormat.JSON,
        logType,
      },
      before: [],
    }));
  }

  private constructor(
    /**
     * Makes what the log needs.
     *
     * @internal
     */
    readonly _bind: (scope: Construct, logType: string) => BoundLog,
  ) {}
}

/** A log as a cache uses it. */
export interface BoundLog {
  readonly configuration: elasticache.CfnReplicationGroup.LogDeliveryConfigurationRequestProperty;
  readonly logGroup?: logs.ILogGroup;
  /** What must stand before the cache delivers. */
  readonly before: IDependable[];
}

function createLogGroup(scope: Construct, logType: string, options: CloudWatchLogOptions): logs.LogGroup {
  const name = Names.uniqueResourceName(scope, { maxLength: 400, separator: '-', allowedSpecialCharacters: '-_' });
  const group = new logs.LogGroup(scope, logType === 'slow-log' ? 'SlowLog' : 'EngineLog', {
    logGroupName: `${LOG_GROUP_PREFIX}${name}/${logType}`,
    retention: options.retention ?? logs.RetentionDays.ONE_MONTH,
    encryptionKey: options.encryptionKey,
    logGroupClass: options.logGroupClass,
    removalPolicy: options.removalPolicy ?? RemovalPolicy.DESTROY,
  });
  acknowledgeElsewhere(group, options.encryptionKey, 'cloudwatch_log_group_encrypted_check');
  return group;
}

/** The stack's one permission for AWS to write caches' logs. */
class LogDeliveryPolicy extends Construct {
  static of(scope: Construct): LogDeliveryPolicy {
    const stack = Stack.of(scope);
    const id = 'CdkElasticacheLogDelivery';
    return (stack.node.tryFindChild(id) as LogDeliveryPolicy | undefined) ?? new LogDeliveryPolicy(stack, id);
  }

  private readonly statement: iam.PolicyStatement;

  private constructor(scope: Stack, id: string) {
    super(scope, id);

    this.statement = new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [this.streamsOf(`${LOG_GROUP_PREFIX}*`)],
      // Only deliveries of this account: another's could otherwise write here (confused deputy).
      conditions: {
        StringEquals: { 'aws:SourceAccount': scope.account },
        ArnLike: { 'aws:SourceArn': scope.formatArn({ service: 'logs', resource: '*' }) },
      },
    });
    new logs.CfnResourcePolicy(this, 'Resource', {
      policyName: Names.uniqueResourceName(this, { maxLength: 200, separator: '-' }),
      policyDocument: scope.toJsonString(new iam.PolicyDocument({ statements: [this.statement] })),
    });
  }

  allow(logGroup: logs.ILogGroup): void {
    this.statement.addResources(this.streamsOf(logGroup.logGroupName));
  }

  private streamsOf(logGroupName: string): string {
    return Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: `${logGroupName}:log-stream:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}
