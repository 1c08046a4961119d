import { CfnParameter, RemovalPolicy, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import {
  CacheEngine,
  CacheNodeType,
  MemcachedVersion,
  RedisVersion,
  ReplicationGroup,
  type ReplicationGroupProps,
  ValkeyVersion,
} from '../../lib';
import { newStack, only } from './stacks';

const GROUP = 'AWS::ElastiCache::ReplicationGroup';

test('renders a safe group from minimal props', () => {
  const { stack, vpc } = newStack();

  new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL });

  const group = only(stack, GROUP);
  expect(group.Properties).toMatchObject({
    Engine: 'valkey',
    EngineVersion: '8.1',
    CacheNodeType: 'cache.t4g.small',
    NumCacheClusters: 2,
    AutomaticFailoverEnabled: true,
    MultiAZEnabled: true,
    TransitEncryptionEnabled: true,
    AtRestEncryptionEnabled: true,
    AutoMinorVersionUpgrade: true,
    SnapshotRetentionLimit: 7,
    Port: 6379,
  });
  expect(group.Properties).not.toHaveProperty('ReplicasPerNodeGroup');
  expect(group.Properties).not.toHaveProperty('ReplicationGroupId');
  expect(group.Properties).not.toHaveProperty('AuthToken');
  expect([group.DeletionPolicy, group.UpdateReplacePolicy]).toEqual(['Snapshot', 'Snapshot']);
});

test('the nodes let nobody in, and stand in the isolated subnets', () => {
  const { stack, vpc } = newStack();

  const cache = new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL });

  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::ElastiCache::SubnetGroup', {
    SubnetIds: vpc.isolatedSubnets.map(({ subnetId }) => stack.resolve(subnetId)),
  });
  template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupDescription: 'Nodes of Test/Cache',
    SecurityGroupIngress: Match.absent(),
  });
  expect(cache.connections.defaultPort?.toString()).toBe('6379');
});

test('renders every prop', () => {
  const { stack, vpc } = newStack();
  const securityGroup = new ec2.SecurityGroup(stack, 'Own', { vpc });
  const key = new kms.Key(stack, 'Key');

  new ReplicationGroup(stack, 'Cache', {
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    engine: CacheEngine.redis(RedisVersion.V7_1),
    nodeType: CacheNodeType.of('cache.r7g.large'),
    replicas: 5,
    multiAz: false,
    securityGroups: [securityGroup],
    port: 6400,
    encryptionKey: key,
    snapshotRetentionDays: 35,
    autoMinorVersionUpgrade: false,
    removalPolicy: RemovalPolicy.DESTROY,
    description: 'sessions',
  });

  const group = only(stack, GROUP);
  expect(group).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: {
      ReplicationGroupDescription: 'sessions',
      Engine: 'redis',
      EngineVersion: '7.1',
      CacheNodeType: 'cache.r7g.large',
      NumCacheClusters: 6,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: false,
      Port: 6400,
      KmsKeyId: stack.resolve(key.keyArn),
      SecurityGroupIds: [stack.resolve(securityGroup.securityGroupId)],
      SnapshotRetentionLimit: 35,
      AutoMinorVersionUpgrade: false,
    },
  });
});

test('a single node has neither failover nor zones to fail over to', () => {
  const { stack, vpc } = newStack();

  new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_MICRO, replicas: 0 });

  expect(only(stack, GROUP).Properties).toMatchObject({
    NumCacheClusters: 1,
    AutomaticFailoverEnabled: false,
    MultiAZEnabled: false,
  });
});

describe('access', () => {
  test('users sign in with IAM, under an id that equals their name', () => {
    const { stack, vpc } = newStack();

    new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL });

    const user = only(stack, 'AWS::ElastiCache::User').Properties;
    expect(user).toMatchObject({ Engine: 'valkey', AuthenticationMode: { Type: 'iam' } });
    expect(user.UserName).toBe(user.UserId);
    expect(user.UserId).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(user.UserId.length).toBeLessThanOrEqual(40);
    expect(user.AccessString).toContain('-@dangerous');
  });

  test('a group of Redis OSS has the default user that it asks for, switched off', () => {
    const { stack, vpc } = newStack();

    new ReplicationGroup(stack, 'Cache', {
      vpc,
      nodeType: CacheNodeType.T4G_SMALL,
      engine: CacheEngine.redis(RedisVersion.V7_0),
    });

    Template.fromStack(stack).hasResourceProperties('AWS::ElastiCache::User', {
      UserName: 'default',
      AccessString: 'off ~* -@all',
    });
  });

  test('two caches in one stack have users of their own', () => {
    const { stack, vpc } = newStack();
    new ReplicationGroup(stack, 'One', { vpc, nodeType: CacheNodeType.T4G_SMALL });
    new ReplicationGroup(stack, 'Two', { vpc, nodeType: CacheNodeType.T4G_SMALL });

    const users = Object.values(Template.fromStack(stack).findResources('AWS::ElastiCache::User'));

    expect(new Set(users.map(({ Properties }) => Properties.UserId)).size).toBe(2);
  });

  test('grantConnect grants the cache and the user, and nothing else', () => {
    const { stack, vpc } = newStack();
    const cache = new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });

    cache.grantConnect(role);

    const [statement] = only(stack, 'AWS::IAM::Policy').Properties.PolicyDocument.Statement;
    expect(statement).toEqual({
      Action: 'elasticache:Connect',
      Effect: 'Allow',
      Resource: [
        { 'Fn::GetAtt': [expect.stringContaining('CacheUser'), 'Arn'] },
        stack.resolve(cache.replicationGroupArn),
      ],
    });
    expect(JSON.stringify(statement.Resource[1])).toContain(':replicationgroup:');
  });
});

test('the binding leads to the group by reference, with a port that is a number', () => {
  const { stack, vpc } = newStack();
  const cache = new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL });

  const text = JSON.stringify(stack.resolve(cache.binding('sessions')));

  expect(text).toContain('PrimaryEndPoint.Address');
  expect(text).toContain('ReaderEndPoint.Address');
  expect(text).not.toContain('NaN');
  expect(text).toContain('\\"type\\":\\"iam\\"');
});

test('unresolved tokens never trip a check', () => {
  const { stack, vpc } = newStack();

  new ReplicationGroup(stack, 'Cache', {
    vpc,
    nodeType: CacheNodeType.T4G_SMALL,
    port: new CfnParameter(stack, 'Port', { type: 'Number', default: 6379 }).valueAsNumber,
    snapshotRetentionDays: new CfnParameter(stack, 'Days', { type: 'Number', default: 7 }).valueAsNumber,
  });

  expect(() => Template.fromStack(stack)).not.toThrow();
});

const REFUSED: Array<[string, Partial<ReplicationGroupProps>, string]> = [
  ['`replicas` is 9', { replicas: 9 }, '`replicas` must be between 0 and 5, got 9'],
  ['`replicas` is -1', { replicas: -1 }, '`replicas` must be between 0 and 5, got -1'],
  ['`replicas` is 1.5', { replicas: 1.5 }, '`replicas` must be between 0 and 5, got 1.5'],
  [
    'Multi-AZ has no replica',
    { replicas: 0, multiAz: true },
    '`multiAz` needs at least 1 replica to fail over to, got `replicas` of 0',
  ],
  [
    'the engine is Memcached',
    { engine: CacheEngine.memcached(MemcachedVersion.V1_6_22) },
    'a `ReplicationGroup` cannot run memcached, which has no replication, no Multi-AZ with failover',
  ],
  ['the port is 70000', { port: 70_000 }, '`port` must be between 1150 and 65535, but not 8005, got 70000'],
  [
    'snapshots are kept 36 days',
    { snapshotRetentionDays: 36 },
    '`snapshotRetentionDays` must be between 0 and 35, got 36',
  ],
  [
    'Multi-AZ has one zone',
    { vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED, availabilityZones: ['us-east-1a'] } },
    '`multiAz` needs subnets in at least 2 Availability Zones, `vpcSubnets` selects 1',
  ],
];

test('fails if `replicas` is a token', () => {
  const { stack, vpc } = newStack();
  const replicas = Token.asNumber({ Ref: 'Replicas' });

  expect(() => new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL, replicas })).toThrow(
    '`replicas` must be a number known at synth',
  );
});

test.each(REFUSED)('fails if %s', (_, props, message) => {
  const { stack, vpc } = newStack();

  expect(() => new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL, ...props })).toThrow(
    message,
  );
});

test.each([ValkeyVersion.V7_2, ValkeyVersion.V9_1, ValkeyVersion.of('9.2')])('takes $version', (version) => {
  const { stack, vpc } = newStack();

  new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL, engine: CacheEngine.valkey(version) });

  expect(only(stack, GROUP).Properties.EngineVersion).toBe(version.version);
});
