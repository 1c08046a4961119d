import { RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { CacheLog, CacheLogFormat, CacheNodeType, ReplicationGroup } from '../../lib';
import { newStack, only } from './stacks';

const GROUP = 'AWS::ElastiCache::ReplicationGroup';
const POLICY = 'AWS::Logs::ResourcePolicy';
const nodeType = CacheNodeType.R7G_LARGE;

test('both logs go to groups of their own, as JSON', () => {
  const { stack, vpc } = newStack();

  const cache = new ReplicationGroup(stack, 'Cache', {
    vpc,
    nodeType,
    slowLog: CacheLog.toCloudWatch(),
    engineLog: CacheLog.toCloudWatch(),
  });

  const group = only(stack, GROUP);
  const names = [cache.slowLogGroup, cache.engineLogGroup].map((log) => stack.resolve(log?.logGroupName));
  expect(group.Properties.LogDeliveryConfigurations).toEqual(
    ['slow-log', 'engine-log'].map((LogType, index) => ({
      LogType,
      LogFormat: 'json',
      DestinationType: 'cloudwatch-logs',
      DestinationDetails: { CloudWatchLogsDetails: { LogGroup: names[index] } },
    })),
  );
  const created = Object.values(Template.fromStack(stack).findResources('AWS::Logs::LogGroup'));
  expect(created.map(({ Properties }) => Properties.LogGroupName).sort()).toEqual(
    ['engine-log', 'slow-log'].map((log) =>
      expect.stringMatching(new RegExp(`^/aws/vendedlogs/elasticache/Test-?Cache[^/]*/${log}$`)),
    ),
  );
  expect(created.map(({ Properties, DeletionPolicy }) => [Properties.RetentionInDays, DeletionPolicy])).toEqual([
    [30, 'Delete'],
    [30, 'Delete'],
  ]);
});

test('many caches of a stack share one permission, which they wait for', () => {
  const { stack, vpc } = newStack();

  for (const id of ['One', 'Two', 'Three']) {
    new ReplicationGroup(stack, id, { vpc, nodeType, slowLog: CacheLog.toCloudWatch() });
  }

  const template = Template.fromStack(stack);
  const [[id, policy] = ['', undefined]] = Object.entries(template.findResources(POLICY));
  template.resourceCountIs(POLICY, 1);
  const document = JSON.stringify(policy?.Properties.PolicyDocument);
  expect(document).toContain('delivery.logs.amazonaws.com');
  expect(document).toContain('logs:CreateLogStream\\",\\"logs:PutLogEvents');
  expect(document).toContain('log-group:/aws/vendedlogs/elasticache/*:log-stream:*');
  expect(document).toContain('aws:SourceAccount');
  for (const group of Object.values(template.findResources(GROUP))) {
    expect(group.DependsOn).toContain(id);
  }
});

test('a log group elsewhere is permitted too, and names of two caches differ', () => {
  const { stack, vpc } = newStack();
  const logGroup = new logs.LogGroup(stack, 'Mine', { logGroupName: '/mine' });

  new ReplicationGroup(stack, 'One', { vpc, nodeType, slowLog: CacheLog.toCloudWatch({ logGroup }) });
  new ReplicationGroup(stack, 'Two', { vpc, nodeType, slowLog: CacheLog.toCloudWatch() });

  const [policy] = Object.values(Template.fromStack(stack).findResources(POLICY));
  expect(JSON.stringify(policy?.Properties.PolicyDocument)).toContain(
    JSON.stringify(stack.resolve(logGroup.logGroupName)).slice(1, -1),
  );
});

test('the log group is as it was asked for', () => {
  const { stack, vpc } = newStack();
  const encryptionKey = new kms.Key(stack, 'Key');

  new ReplicationGroup(stack, 'Cache', {
    vpc,
    nodeType,
    slowLog: CacheLog.toCloudWatch({
      retention: logs.RetentionDays.ONE_YEAR,
      encryptionKey,
      logGroupClass: logs.LogGroupClass.INFREQUENT_ACCESS,
      removalPolicy: RemovalPolicy.DESTROY,
      format: CacheLogFormat.TEXT,
      resourcePolicy: false,
    }),
  });

  const template = Template.fromStack(stack);
  template.hasResource('AWS::Logs::LogGroup', {
    DeletionPolicy: 'Delete',
    Properties: {
      RetentionInDays: 365,
      KmsKeyId: stack.resolve(encryptionKey.keyArn),
      LogGroupClass: 'INFREQUENT_ACCESS',
    },
  });
  template.resourceCountIs(POLICY, 0);
  expect(only(stack, GROUP).Properties.LogDeliveryConfigurations[0].LogFormat).toBe('text');
});

test('a log goes to Firehose', () => {
  const { stack, vpc } = newStack();
  const stream = firehose.DeliveryStream.fromDeliveryStreamAttributes(stack, 'Stream', { deliveryStreamName: 'logs' });

  new ReplicationGroup(stack, 'Cache', { vpc, nodeType, engineLog: CacheLog.toFirehose(stream) });

  expect(only(stack, GROUP).Properties.LogDeliveryConfigurations).toEqual([
    {
      LogType: 'engine-log',
      LogFormat: 'json',
      DestinationType: 'kinesis-firehose',
      DestinationDetails: { KinesisFirehoseDetails: { DeliveryStream: 'logs' } },
    },
  ]);
  Template.fromStack(stack).resourceCountIs(POLICY, 0);
});
