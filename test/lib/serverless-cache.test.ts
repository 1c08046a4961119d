import { RemovalPolicy, Size } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import {
  CacheEngine,
  CacheNetworkType,
  DailySnapshotTime,
  MemcachedVersion,
  RedisVersion,
  ServerlessCache,
  ValkeyVersion,
} from '../../lib';
import { newStack, only, warnings } from './stacks';

const CACHE = 'AWS::ElastiCache::ServerlessCache';

test('renders a safe cache from minimal props', () => {
  const { stack, vpc } = newStack();

  const cache = new ServerlessCache(stack, 'Cache', { vpc });

  const { Properties, DeletionPolicy, UpdateReplacePolicy } = only(stack, CACHE);
  expect(Properties).toMatchObject({
    Engine: 'valkey',
    MajorEngineVersion: '8',
    SnapshotRetentionLimit: 7,
    UserGroupId: stack.resolve(cache.userGroup?.userGroupId),
    SubnetIds: vpc.isolatedSubnets.map(({ subnetId }) => stack.resolve(subnetId)),
  });
  expect(Properties.ServerlessCacheName).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  expect(Properties).not.toHaveProperty('CacheUsageLimits');
  expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
});

test('renders every prop', () => {
  const { stack, vpc } = newStack();
  const key = new kms.Key(stack, 'Key');
  const securityGroup = new ec2.SecurityGroup(stack, 'Own', { vpc });

  new ServerlessCache(stack, 'Cache', {
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    engine: CacheEngine.redis(RedisVersion.V7_1),
    minDataStorage: Size.gibibytes(1),
    maxDataStorage: Size.gibibytes(10),
    minProcessingUnits: 1_000,
    maxProcessingUnits: 5_000,
    securityGroups: [securityGroup],
    encryptionKey: key,
    networkType: CacheNetworkType.DUAL_STACK,
    snapshotRetentionDays: 35,
    dailySnapshotTime: DailySnapshotTime.at(5, 30),
    restoreFromSnapshotArns: ['arn:aws:elasticache:us-east-1:111122223333:serverlesscachesnapshot:nightly'],
    finalSnapshotName: 'last',
    serverlessCacheName: 'sessions',
    removalPolicy: RemovalPolicy.DESTROY,
    description: 'sessions',
  });

  expect(only(stack, CACHE)).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: {
      Engine: 'redis',
      MajorEngineVersion: '7',
      CacheUsageLimits: {
        DataStorage: { Minimum: 1, Maximum: 10, Unit: 'GB' },
        ECPUPerSecond: { Minimum: 1_000, Maximum: 5_000 },
      },
      SecurityGroupIds: [stack.resolve(securityGroup.securityGroupId)],
      KmsKeyId: stack.resolve(key.keyArn),
      NetworkType: 'dual_stack',
      SnapshotRetentionLimit: 35,
      DailySnapshotTime: '05:30',
      SnapshotArnsToRestore: ['arn:aws:elasticache:us-east-1:111122223333:serverlesscachesnapshot:nightly'],
      FinalSnapshotName: 'last',
      ServerlessCacheName: 'sessions',
      Description: 'sessions',
    },
  });
});

test('clients reach both of its ports', () => {
  const { stack, vpc } = newStack();
  const client = new ec2.SecurityGroup(stack, 'Client', { vpc });
  const valkey = new ServerlessCache(stack, 'Valkey', { vpc });
  const memcached = new ServerlessCache(stack, 'Memcached', {
    vpc,
    engine: CacheEngine.memcached(MemcachedVersion.V1_6_22),
  });

  valkey.connections.allowDefaultPortFrom(client);
  memcached.connections.allowDefaultPortFrom(client);

  const rules = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress')).map(
    ({ Properties }) => [Properties.FromPort, Properties.ToPort],
  );
  expect(rules.sort()).toEqual([
    [11_211, 11_212],
    [6_379, 6_380],
  ]);
});

test('Memcached has neither users nor a second host, and is addressed as one node', () => {
  const { stack, vpc } = newStack();
  const cache = new ServerlessCache(stack, 'Cache', {
    vpc,
    engine: CacheEngine.memcached(MemcachedVersion.V1_6_22),
  });

  const { Properties } = only(stack, CACHE);
  expect(Properties).toMatchObject({ Engine: 'memcached', MajorEngineVersion: '1.6', SnapshotRetentionLimit: 0 });
  expect(Properties).not.toHaveProperty('UserGroupId');
  expect(cache.readerEndpointAddress).toBeUndefined();
  const binding = JSON.stringify(stack.resolve(cache.binding('objects')));
  expect(binding).toContain('\\"mode\\":\\"node\\"');
  expect(binding).toContain('\\"type\\":\\"none\\"');
});

test('Valkey is addressed as a cluster, always encrypted', () => {
  const { stack, vpc } = newStack();
  const cache = new ServerlessCache(stack, 'Cache', { vpc });

  const binding = JSON.stringify(stack.resolve(cache.binding('sessions')));
  expect(binding).toContain('\\"mode\\":\\"cluster\\"');
  expect(binding).toContain('\\"tls\\":true');
  expect(JSON.stringify(stack.resolve(cache.readerEndpointAddress))).toContain('ReaderEndpoint.Address');
});

test('what is lost when it is deleted is said', () => {
  const { stack, vpc } = newStack();

  new ServerlessCache(stack, 'Lost', { vpc, removalPolicy: RemovalPolicy.DESTROY });
  new ServerlessCache(stack, 'Kept', { vpc, removalPolicy: RemovalPolicy.DESTROY, finalSnapshotName: 'last' });

  expect(warnings(stack)).toEqual([expect.stringContaining('what the cache holds is lost when it is deleted')]);
});

test('fails if CloudFormation is asked for a snapshot', () => {
  const { stack, vpc } = newStack();

  expect(() => new ServerlessCache(stack, 'Cache', { vpc, removalPolicy: RemovalPolicy.SNAPSHOT })).toThrow(
    '`removalPolicy` SNAPSHOT is not for serverless caches, CloudFormation takes none of them',
  );
});

test.each([ValkeyVersion.V9_0, ValkeyVersion.of('10.0')])('takes $version by its first part', (version) => {
  const { stack, vpc } = newStack();

  new ServerlessCache(stack, 'Cache', { vpc, engine: CacheEngine.valkey(version) });

  expect(only(stack, CACHE).Properties.MajorEngineVersion).toBe(version.version.split('.')[0]);
});
