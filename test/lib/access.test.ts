import { CfnParameter, Duration, SecretValue, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  AccessRules,
  AuthToken,
  AuthTokenUpdateStrategy,
  CacheEngine,
  CacheNodeType,
  CacheUser,
  type ICache,
  MemcachedCluster,
  RedisVersion,
  ReplicationGroup,
  type ReplicationGroupProps,
  ServerlessCache,
  UserAuthentication,
  UserGroup,
  ValkeyVersion,
} from '../../lib';
import { newApp, newStack, only } from './stacks';

const GROUP = 'AWS::ElastiCache::ReplicationGroup';
const USER = 'AWS::ElastiCache::User';
const VALKEY = CacheEngine.valkey(ValkeyVersion.V8_1);
const REDIS_7 = CacheEngine.redis(RedisVersion.V7_1);
const REDIS_6 = CacheEngine.redis(RedisVersion.V6_2);
const REDIS_5 = CacheEngine.redis(RedisVersion.V5_0_6);

function groupOf(props: Partial<ReplicationGroupProps> | ((stack: Stack) => Partial<ReplicationGroupProps>) = {}) {
  const { stack, vpc } = newStack();
  const given = typeof props === 'function' ? props(stack) : props;
  return {
    stack,
    vpc,
    cache: new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.M5_LARGE, ...given }),
  };
}

/** What a role is allowed after `grantConnect`, as `actions on resources`. */
function granted(stack: Stack, grant: (role: iam.Role) => unknown): Array<{ Action: unknown; Resource: unknown }> {
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  grant(role);
  const [policy] = Object.values(
    Template.fromStack(stack).findResources('AWS::IAM::Policy', {
      Properties: { Roles: [stack.resolve(role.roleName)] },
    }),
  );
  return policy?.Properties.PolicyDocument.Statement ?? [];
}

/** The binding's `auth` of a cache, its references resolved to text. */
function auth(stack: Stack, cache: ICache, ...user: CacheUser[]): string {
  const text = JSON.stringify(stack.resolve(cache.binding('it', ...user)));
  return text.slice(text.indexOf('\\"auth\\"'));
}

describe('who signs in', () => {
  test.each([VALKEY, REDIS_7])('%s: by default a user with IAM tokens', (engine) => {
    const { stack, cache } = groupOf({ engine });

    const [user] = Object.values(
      Template.fromStack(stack).findResources(USER, { Properties: { AuthenticationMode: { Type: 'iam' } } }),
    );
    expect(user?.Properties.UserName).toBe(user?.Properties.UserId);
    expect(auth(stack, cache)).toContain('\\"type\\":\\"iam\\"');
    Template.fromStack(stack).resourceCountIs('AWS::SecretsManager::Secret', 0);
    expect(only(stack, GROUP).Properties.UserGroupIds).toEqual([stack.resolve(cache.userGroup?.userGroupId)]);
  });

  test('a user with a generated password', () => {
    const { stack, cache } = groupOf((scope) => ({
      engine: REDIS_6,
      userGroup: new UserGroup(scope, 'Users', {
        engine: REDIS_6,
        users: [
          new CacheUser(scope, 'User', { engine: REDIS_6, authentication: UserAuthentication.generatedPassword() }),
        ],
      }),
    }));
    const statements = granted(stack, (role) => cache.grantConnect(role));
    const template = Template.fromStack(stack);
    const [secret] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));

    template.hasResourceProperties(USER, {
      AuthenticationMode: {
        Type: 'password',
        Passwords: [{ 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: secret }, ':SecretString:password::}}']] }],
      },
    });
    expect(auth(stack, cache)).toContain('\\"type\\":\\"secret\\"');
    expect(statements).toEqual([
      {
        Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
        Effect: 'Allow',
        Resource: { Ref: secret },
      },
    ]);
  });

  test('a generated AUTH token', () => {
    const { stack, cache } = groupOf({ engine: REDIS_5, authToken: AuthToken.generated() });

    const { AuthToken: token, UserGroupIds } = only(stack, GROUP).Properties;
    expect(JSON.stringify(token)).toContain('{{resolve:secretsmanager:');
    expect(UserGroupIds).toBeUndefined();
    expect(auth(stack, cache)).toContain('\\"type\\":\\"secret\\"');
    const secret = only(stack, 'AWS::SecretsManager::Secret').Properties.GenerateSecretString;
    expect(secret).toEqual({
      ExcludePunctuation: true,
      GenerateStringKey: 'password',
      PasswordLength: 64,
      SecretStringTemplate: '{"username":"default"}',
    });
  });

  test('without encryption nobody, and nothing is granted', () => {
    const { stack, cache } = groupOf({ transitEncryption: false });

    expect(auth(stack, cache)).toContain('\\"type\\":\\"none\\"');
    expect(granted(stack, (role) => cache.grantConnect(role))).toEqual([]);
  });
});

describe('users and user groups', () => {
  test('the first user of the group signs in, or the one that is named', () => {
    const { stack, cache } = groupOf((scope) => ({
      userGroup: new UserGroup(scope, 'Users', {
        engine: VALKEY,
        users: ['reader', 'writer'].map((userId) => new CacheUser(scope, userId, { engine: VALKEY, userId })),
      }),
    }));
    const writer = cache.userGroup?.users[1] as CacheUser;

    expect(auth(stack, cache)).toContain('\\"user\\":\\"reader\\"');
    expect(auth(stack, cache, writer)).toContain('\\"user\\":\\"writer\\"');
    const [{ Resource } = { Resource: [] as unknown[] }] = granted(stack, (role) =>
      cache.grantConnect(role, writer),
    ) as Array<{ Resource: unknown[] }>;
    expect(Resource).toHaveLength(2);
    expect(JSON.stringify(Resource)).toContain('writer');
    expect(JSON.stringify(Resource)).toContain(':replicationgroup:');
  });

  test('a group of Redis OSS switches the default user off, unless it is given one', () => {
    const { stack } = newStack();
    new UserGroup(stack, 'Off', { engine: REDIS_7, users: [new CacheUser(stack, 'Web', { engine: REDIS_7 })] });
    new UserGroup(stack, 'Own', {
      engine: REDIS_7,
      users: [
        new CacheUser(stack, 'Default', {
          engine: REDIS_7,
          userName: 'default',
          authentication: UserAuthentication.generatedPassword(),
        }),
      ],
    });

    const defaults = Object.values(
      Template.fromStack(stack).findResources(USER, { Properties: { UserName: 'default' } }),
    ).map(({ Properties }) => [Properties.AccessString, Properties.AuthenticationMode.Type]);
    expect(defaults.sort()).toEqual([
      ['off ~* -@all', 'no-password-required'],
      [AccessRules.readWrite().toString(), 'password'],
    ]);
  });

  test('a group of Valkey needs no default user', () => {
    const { stack } = newStack();

    new UserGroup(stack, 'Group', { engine: VALKEY, users: [new CacheUser(stack, 'Web', { engine: VALKEY })] });

    expect(only(stack, USER).Properties.UserName).not.toBe('default');
  });

  test('users are made before their group, wherever they stand', () => {
    const app = newApp();
    const one = new Stack(app, 'One', { env: { region: 'us-east-1' } });
    const two = new Stack(app, 'Two', { env: { region: 'us-east-1' } });
    const user = new CacheUser(one, 'Web', { engine: VALKEY });
    const group = new UserGroup(two, 'Group', { engine: VALKEY });

    group.addUser(user);

    expect(JSON.stringify(only(two, 'AWS::ElastiCache::UserGroup').Properties.UserIds)).toContain('Fn::ImportValue');
  });

  test('after an upgrade in place users stay those of Redis OSS', () => {
    const { stack } = groupOf({ engine: VALKEY.upgradedInPlaceFrom(REDIS_7) });

    const engines = Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, any>)
      .filter(({ Type }) => /ElastiCache::(User|ReplicationGroup)/.test(Type))
      .map(({ Type, Properties }) => [Type.split('::')[2], Properties.Engine]);
    expect(engines.sort()).toEqual([
      ['ReplicationGroup', 'valkey'],
      ['User', 'redis'],
      ['User', 'redis'],
      ['UserGroup', 'redis'],
    ]);
  });

  test('fails if a group stays empty', () => {
    const { stack } = newStack();
    new UserGroup(stack, 'Group', { engine: VALKEY });

    expect(() => Template.fromStack(stack)).toThrow('a user group needs at least one user, or nobody signs in');
  });

  test('fails if a user is not in the group, or the cache has none', () => {
    const { stack, cache } = groupOf();
    const stranger = new CacheUser(stack, 'Stranger', { engine: VALKEY, userId: 'stranger' });
    const { cache: open } = groupOf({ transitEncryption: false });
    const { stack: other, vpc } = newStack();
    const memcached = new MemcachedCluster(other, 'Cache', { vpc, nodeType: CacheNodeType.R7G_LARGE });

    expect(() => cache.binding('it', stranger)).toThrow("user stranger is not in the cache's user group (");
    expect(() => open.binding('it', stranger)).toThrow('the cache has no user group, so stranger cannot sign in to it');
    expect(() => memcached.grantConnect(new iam.AccountRootPrincipal(), stranger)).toThrow('memcached has no users');
  });

  test('fails if an application could not learn the password', () => {
    const authentication = UserAuthentication.passwords(SecretValue.secretsManager('somewhere'));
    const { cache } = groupOf((stack) => ({
      userGroup: new UserGroup(stack, 'Users', {
        engine: VALKEY,
        users: [new CacheUser(stack, 'Web', { engine: VALKEY, userId: 'web', authentication })],
      }),
    }));
    const { cache: token } = groupOf({ authToken: AuthToken.value(SecretValue.secretsManager('somewhere')) });

    expect(() => cache.binding('it')).toThrow('an application cannot learn the password of user web');
    expect(() => token.binding('it')).toThrow('an application cannot learn the password of the cache');
  });

  test('a secret that exists already serves', () => {
    const { stack, cache } = groupOf((scope) => ({
      authToken: AuthToken.secret(secretsmanager.Secret.fromSecretNameV2(scope, 'Token', 'token')),
    }));

    expect(JSON.stringify(only(stack, GROUP).Properties.AuthToken)).toContain(':secret:token:SecretString:password');
    expect(auth(stack, cache)).toContain('\\"type\\":\\"secret\\"');
  });
});

describe('rotation', () => {
  const FUNCTION = 'AWS::Lambda::Function';

  test('a password changes on a schedule, by a function that may change that user only', () => {
    const { stack } = newStack();
    const key = new kms.Key(stack, 'Key');

    const user = new CacheUser(stack, 'User', {
      engine: VALKEY,
      userId: 'web',
      authentication: UserAuthentication.generatedPassword({ rotateAfter: Duration.days(30), encryptionKey: key }),
    });

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'rate(30 days)' },
      RotateImmediatelyOnUpdate: false,
    });
    template.hasResourceProperties(FUNCTION, { Environment: { Variables: { USER_ID: 'web' } } });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: ['elasticache:DescribeUsers', 'elasticache:ModifyUser'],
            Effect: 'Allow',
            Resource: stack.resolve(user.userArn),
          },
        ]),
      },
    });
    template.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: stack.resolve(key.keyArn) });
  });

  test.each([
    [undefined, 'ROTATE'],
    [AuthTokenUpdateStrategy.SET, 'SET'],
  ])('an AUTH token changes with update strategy %s', (updateStrategy, rendered) => {
    const { stack } = groupOf({
      engine: REDIS_5,
      authToken: AuthToken.generated({ rotateAfter: Duration.days(7), updateStrategy }),
    });

    const template = Template.fromStack(stack);
    const [id] = Object.keys(template.findResources(GROUP));
    template.hasResourceProperties(FUNCTION, {
      Environment: { Variables: { REPLICATION_GROUP_ID: { Ref: id }, UPDATE_STRATEGY: rendered } },
    });
  });

  test('without a schedule there is no function', () => {
    const { stack } = groupOf({ engine: REDIS_5, authToken: AuthToken.generated() });

    Template.fromStack(stack).resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
  });

  test.each([Duration.hours(3), Duration.days(1_001)])('fails if it is %p', (rotateAfter) => {
    const { stack } = newStack();

    expect(
      () =>
        new CacheUser(stack, 'User', {
          engine: VALKEY,
          authentication: UserAuthentication.generatedPassword({ rotateAfter }),
        }),
    ).toThrow('`rotateAfter` must be between 4 hours and 1000 days, got ');
  });
});

test('who cannot learn a password is not granted it in silence', () => {
  const { stack, cache } = groupOf({ authToken: AuthToken.value(SecretValue.secretsManager('somewhere')) });
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });

  expect(() => cache.grantConnect(role)).toThrow('an application cannot learn the password of the cache');
});

test('a user is known by its id, however often it is imported', () => {
  const { stack, cache } = groupOf((scope) => ({
    userGroup: UserGroup.fromUserGroupAttributes(scope, 'Users', {
      userGroupId: 'users',
      engineName: 'valkey',
      users: [CacheUser.fromUserAttributes(scope, 'One', { userId: 'web', engineName: 'valkey' })],
    }),
  }));
  const again = CacheUser.fromUserAttributes(stack, 'Two', { userId: 'web', engineName: 'valkey' });

  expect(auth(stack, cache, again as CacheUser)).toContain('\\"user\\":\\"web\\"');
});

test('access rules that are a token are taken as they are', () => {
  const { stack } = newStack();
  const access = AccessRules.parse(new CfnParameter(stack, 'Rules').valueAsString);

  new CacheUser(stack, 'User', { engine: VALKEY, access });

  expect(only(stack, USER).Properties.AccessString).toEqual({ Ref: 'Rules' });
});

test.each([
  ['on ~* +@all', true],
  ['off ~* +@all', false],
  ['~* +@all', false],
  ['on OFF', false],
  ['off on', true],
])('%s is on: %s', (text, on) => {
  expect(AccessRules.parse(text).isOn).toBe(on);
});

test.each([
  'on +@read>hunter2',
  'on (>hunter2 +@all',
  'on>hunter2 ~*',
  'on ">hunter2" ~*',
  'on ~* ,>hunter2',
  'on ~* #hunter2',
  'on <hunter2',
])('no message repeats the password of %s', (text) => {
  expect(() => AccessRules.parse(text)).toThrow(/^(?!.*hunter2)/);
});

test('the ARN of a serverless cache is granted, not that of a group', () => {
  const { stack, vpc } = newStack();
  const cache = new ServerlessCache(stack, 'Cache', { vpc });

  const [statement] = granted(stack, (role) => cache.grantConnect(role));

  expect(statement).toMatchObject({ Action: 'elasticache:Connect' });
  expect(JSON.stringify(statement?.Resource)).toContain('"Fn::GetAtt":["Cache');
  expect(auth(stack, cache)).toContain('\\"serverless\\":true');
});

test('rules are rendered in the order that the engine reads them', () => {
  expect([
    AccessRules.readWrite().toString(),
    AccessRules.readWrite().onKeys('app:*', 'web:*').onChannels('app:*').toString(),
    AccessRules.readOnly().onKeys('app:*').toString(),
    AccessRules.readWrite().onKeys('a*').onKeysReadOnly('b*').deny('@scripting').allow('info').toString(),
    AccessRules.readWrite().onChannels().toString(),
    AccessRules.all().toString(),
    AccessRules.off().toString(),
    AccessRules.parse('on  ~a*  +@all').toString(),
  ]).toEqual([
    'on ~* &* +@all -@admin -@dangerous +cluster|slots +cluster|shards +cluster|nodes +cluster|myid',
    'on ~app:* ~web:* &app:* +@all -@admin -@dangerous +cluster|slots +cluster|shards +cluster|nodes +cluster|myid',
    'on ~app:* -@all +@read +@connection -@dangerous +cluster|slots +cluster|shards +cluster|nodes +cluster|myid',
    'on ~a* %R~b* &* +@all -@admin -@dangerous +cluster|slots +cluster|shards +cluster|nodes +cluster|myid -@scripting +info',
    'on ~* +@all -@admin -@dangerous +cluster|slots +cluster|shards +cluster|nodes +cluster|myid',
    'on ~* &* +@all',
    'off ~* -@all',
    'on ~a* +@all',
  ]);
});
