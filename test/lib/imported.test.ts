import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  Application,
  CacheCapability,
  CacheEngine,
  CacheNodeType,
  CacheUser,
  type ICache,
  MemcachedCluster,
  ReplicationGroup,
  ServerlessCache,
  UserGroup,
  ValkeyVersion,
  WebFleet,
} from '../../lib';
import { parseBinding } from '../../runtime/binding';
import { applicationDirectory, newStack } from './stacks';

const VALKEY = CacheEngine.valkey(ValkeyVersion.V8_1);

/** Caches that exist already, of every kind. */
function importedCaches(stack: Stack): Record<string, ICache> {
  const securityGroups = [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')];
  const user = CacheUser.fromUserAttributes(stack, 'User', { userId: 'web', engineName: 'valkey' });
  const userGroup = UserGroup.fromUserGroupAttributes(stack, 'Users', {
    userGroupId: 'users',
    engineName: 'valkey',
    users: [user],
  });
  return {
    sessions: ReplicationGroup.fromReplicationGroupAttributes(stack, 'Sessions', {
      replicationGroupId: 'sessions',
      engine: VALKEY,
      endpointAddress: 'sessions.example.com',
      readerEndpointAddress: 'sessions-ro.example.com',
      replicas: 2,
      securityGroups,
      userGroup,
    }),
    ranks: ReplicationGroup.fromReplicationGroupAttributes(stack, 'Ranks', {
      replicationGroupId: 'ranks',
      engine: VALKEY,
      endpointAddress: 'ranks.example.com',
      endpointPort: 6_400,
      shards: 2,
      nodeType: CacheNodeType.T4G_MICRO,
      securityGroups,
      authTokenSecret: secretsmanager.Secret.fromSecretNameV2(stack, 'Token', 'token'),
    }),
    objects: MemcachedCluster.fromMemcachedClusterAttributes(stack, 'Objects', {
      clusterId: 'objects',
      endpointAddress: 'objects.cfg.example.com',
      nodes: 3,
      securityGroups,
    }),
    pages: ServerlessCache.fromServerlessCacheAttributes(stack, 'Pages', {
      serverlessCacheName: 'pages',
      engine: VALKEY,
      endpointAddress: 'pages.serverless.example.com',
      securityGroups,
      userGroup,
    }),
  };
}

test('imported caches are bound like any other', () => {
  const { stack } = newStack();

  const bindings = Object.entries(importedCaches(stack)).map(([name, cache]) => {
    const text = stack.resolve(cache.binding(name));
    const joined: string =
      typeof text === 'string'
        ? text
        : text['Fn::Join'][1].map((part: any) => (typeof part === 'string' ? part : 'TOKEN')).join('');
    return parseBinding(joined, 'test').caches[name];
  });

  expect(bindings).toEqual([
    {
      engine: 'valkey',
      mode: 'primary',
      host: 'sessions.example.com',
      readerHost: 'sessions-ro.example.com',
      port: 6_379,
      tls: true,
      auth: { type: 'iam', user: 'web', cacheName: 'sessions', region: 'us-east-1', serverless: false },
    },
    {
      engine: 'valkey',
      mode: 'cluster',
      host: 'ranks.example.com',
      port: 6_400,
      tls: true,
      auth: { type: 'secret', arn: expect.stringContaining(':secret:token'), region: 'us-east-1' },
    },
    {
      engine: 'memcached',
      mode: 'discovery',
      host: 'objects.cfg.example.com',
      port: 11_211,
      tls: true,
      auth: { type: 'none' },
    },
    {
      engine: 'valkey',
      mode: 'cluster',
      host: 'pages.serverless.example.com',
      port: 6_379,
      tls: true,
      auth: { type: 'iam', user: 'web', cacheName: 'pages', region: 'us-east-1', serverless: true },
    },
  ]);
});

test('imported caches are used by a fleet: rules, grants and binding in one line each', () => {
  const { stack, vpc } = newStack();
  const fleet = new WebFleet(stack, 'Web', {
    vpc,
    application: Application.fromDirectory(applicationDirectory()),
    insecureHttp: true,
  });

  for (const [name, cache] of Object.entries(importedCaches(stack))) {
    fleet.useCache(name, cache, { requires: name === 'objects' ? [] : [CacheCapability.DATA_TYPES] });
  }

  const template = Template.fromStack(stack);
  const ports = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress'))
    .filter(({ Properties }) => Properties.GroupId === 'sg-0123456789abcdef0')
    .map(({ Properties }) => [Properties.FromPort, Properties.ToPort]);
  expect(ports.sort()).toEqual([
    [11_211, 11_211],
    [6_379, 6_379],
    [6_379, 6_380],
    [6_400, 6_400],
  ]);
  const policies = JSON.stringify(Object.values(template.findResources('AWS::IAM::Policy')));
  for (const arn of [':replicationgroup:sessions', ':serverlesscache:pages', ':user:web', ':secret:token']) {
    expect(policies).toContain(arn);
  }
});

test('imported caches are watched: metrics of nodes that exist, and alarms', () => {
  const { stack } = newStack();
  const caches = importedCaches(stack);

  for (const cache of Object.values(caches)) {
    cache.addAlarms();
  }

  const text = JSON.stringify(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
  for (const dimension of ['"sessions-003"', '"ranks-0002-002"', '"objects"', '"pages"']) {
    expect(text).toContain(dimension);
  }
  expect(text).not.toContain('"ranks-0003-001"');
});

test('ARNs are those that IAM asks for, with a colon before the name', () => {
  const { stack } = newStack();
  const { sessions, pages } = importedCaches(stack) as Record<string, any>;

  expect(JSON.stringify(stack.resolve(sessions.replicationGroupArn))).toContain(':replicationgroup:sessions');
  expect(JSON.stringify(stack.resolve(pages.serverlessCacheArn))).toContain(':serverlesscache:pages');
});

test('fails if nobody is known to sign in as', () => {
  const { stack } = newStack();
  const userGroup = UserGroup.fromUserGroupAttributes(stack, 'Users', { userGroupId: 'users', engineName: 'valkey' });
  const cache = ReplicationGroup.fromReplicationGroupAttributes(stack, 'Cache', {
    replicationGroupId: 'sessions',
    engine: VALKEY,
    endpointAddress: 'sessions.example.com',
    userGroup,
  });
  const user = CacheUser.fromUserAttributes(stack, 'User', { userId: 'web', engineName: 'valkey' });

  expect(() => cache.binding('sessions')).toThrow('no user of the cache is known to sign in as: name one');
  expect(JSON.stringify(stack.resolve(cache.binding('sessions', user)))).toContain('\\"user\\":\\"web\\"');
});
