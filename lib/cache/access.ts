import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { CacheBinding } from '../../runtime/binding';
import { enforce } from '../limits';
import type { AuthToken, BoundAuthToken } from './auth-token';
import { CacheCapability, type CacheEngine, engineLimit } from './engine';
import { CacheUser, type ICacheUser } from './user';
import { type IUserGroup, UserGroup } from './user-group';

/** What a cache is told of who may sign in. */
export interface AccessProps {
  readonly engine: CacheEngine;
  readonly transitEncryption: boolean;
  readonly userGroup?: IUserGroup;
  readonly authToken?: AuthToken;
}

/** The cache that is signed in to. */
export interface SignInTarget {
  readonly cacheArn: string;
  readonly cacheName: string;
  readonly serverless: boolean;
}

/**
 * Who may sign in to a cache, and how a client proves to be one of them: users by role-based access control, an AUTH
 * token, or nobody has to.
 */
export class Access {
  /**
   * A user with IAM tokens, unless something is given. An engine without them must be given something: a default that
   * follows the engine would change with it, and take the proof away from who is connected.
   *
   * @throws if what is given excludes each other, or is not what the engine has
   */
  static of(scope: Construct, props: AccessProps): Access {
    const { engine, userGroup, authToken, transitEncryption } = props;
    enforce([
      {
        broken: userGroup !== undefined && authToken !== undefined,
        message: '`userGroup` and `authToken` exclude each other: users have passwords of their own',
      },
      {
        broken: authToken !== undefined && !transitEncryption,
        message:
          '`authToken` needs `transitEncryption` (AWS: "The AUTH token is only supported when encryption-in-transit is enabled")',
      },
      {
        broken: userGroup !== undefined && !transitEncryption,
        message: '`userGroup` needs `transitEncryption`: AWS attaches users to encrypted caches only',
      },
      ...(userGroup === undefined ? [] : [engineLimit(engine, CacheCapability.USERS, 'userGroup')]),
      ...(authToken === undefined ? [] : [engineLimit(engine, CacheCapability.AUTH_TOKEN, 'authToken')]),
      ...(userGroup?.users ?? []).map((user) => ({
        broken: user.usesIam && !engine.supports(CacheCapability.IAM),
        message: `\`userGroup\` has user ${user.userName} with IAM tokens, which ${engine} does not know`,
      })),
      ...(userGroup?.users ?? []).map((user) => ({
        broken:
          user instanceof CacheUser &&
          user.access.needsRedis7 &&
          engine.name === 'redis' &&
          Number(engine.majorVersion) < 7,
        message: `\`userGroup\` has user ${user.userName} with rules that need redis 7.0 or later, got ${engine}`,
      })),
      {
        // The other way round is fine: users of Redis OSS go on with a cache that was upgraded to Valkey (dg/Clusters.RBAC).
        broken: userGroup?.engineName === 'valkey' && engine.name === 'redis',
        message: `\`userGroup\` is of engine valkey and cannot be attached to ${engine}: make it for the cache's engine`,
      },
    ]);
    if (!transitEncryption) {
      Annotations.of(scope).addWarningV2(
        'cdk-elasticache:open-to-the-network',
        'without `transitEncryption` nobody has to sign in, and everything can be read on the way: who reaches the port may do all',
      );
      return new Access(undefined, undefined);
    }
    if (authToken !== undefined) {
      return new Access(undefined, authToken._bind(scope, engine));
    }
    enforce([
      {
        broken: userGroup === undefined && !engine.supports(CacheCapability.IAM),
        message:
          `\`userGroup\` or \`authToken\` must be given for ${engine}, which has no IAM tokens: for example ` +
          '`authToken: AuthToken.generated()`',
      },
    ]);
    return new Access(userGroup ?? defaultGroup(scope, engine), undefined);
  }

  /** What is known of a cache that exists already. */
  static imported(userGroup?: IUserGroup, authTokenSecret?: secretsmanager.ISecret): Access {
    return new Access(
      userGroup,
      authTokenSecret === undefined ? undefined : { token: '', secret: authTokenSecret, rotate: () => {} },
    );
  }

  private constructor(
    readonly userGroup: IUserGroup | undefined,
    readonly authToken: BoundAuthToken | undefined,
  ) {}

  /** Lets an identity sign in: for IAM on the cache and on the user, else to read the password. */
  grantConnect(grantee: iam.IGrantable, target: SignInTarget, user?: ICacheUser): iam.Grant {
    const signsIn = this.userOf(user);
    if (signsIn?.usesIam) {
      return iam.Grant.addToPrincipal({
        grantee,
        actions: ['elasticache:Connect'],
        resourceArns: [target.cacheArn, signsIn.userArn],
      });
    }
    const secret = this.secretOf(signsIn);
    return secret === undefined ? iam.Grant.drop(grantee, 'nobody has to sign in') : secret.grantRead(grantee);
  }

  /** How an application signs in, as the binding says it. */
  bindingAuth(scope: Construct, target: SignInTarget, user?: ICacheUser): CacheBinding['auth'] {
    const { region } = Stack.of(scope);
    const signsIn = this.userOf(user);
    if (signsIn?.usesIam) {
      const { cacheName, serverless } = target;
      return { type: 'iam', user: signsIn.userId, cacheName, region, serverless };
    }
    const secret = this.secretOf(signsIn);
    return secret === undefined ? { type: 'none' } : { type: 'secret', arn: secret.secretArn, region };
  }

  /** The secret that an application reads to sign in; undefined where it needs none. */
  private secretOf(user: ICacheUser | undefined): secretsmanager.ISecret | undefined {
    const secret = user === undefined ? this.authToken?.secret : user.secret;
    const open = user instanceof CacheUser && user._withoutPassword;
    enforce([
      {
        broken: secret === undefined && !open && (user !== undefined || this.authToken !== undefined),
        message:
          `an application cannot learn the password of ${user === undefined ? 'the cache' : `user ${user.userName}`}, ` +
          'which is no secret of Secrets Manager: use `generatedPassword`, `generated` or `secret`',
      },
      {
        broken: open && user.userName !== 'default',
        message: `an application cannot sign in as user ${user?.userName} without a password: give it one, or name it default`,
      },
    ]);
    return secret;
  }

  private userOf(user: ICacheUser | undefined): ICacheUser | undefined {
    const group = this.userGroup;
    if (group === undefined) {
      enforce([
        {
          broken: user !== undefined,
          message: `the cache has no user group, so ${user?.userName} cannot sign in to it`,
        },
      ]);
      return undefined;
    }
    const known = group.users;
    enforce([
      {
        broken: user === undefined && known.length === 0,
        message: 'no user of the cache is known to sign in as: name one, or give the user group its `users`',
      },
      {
        broken: user !== undefined && known.length > 0 && !known.some(({ userId }) => userId === user.userId),
        message: `user ${user?.userName} is not in the cache's user group (${known.map(({ userName }) => userName).join(', ')})`,
      },
    ]);
    return user ?? known[0];
  }
}

function defaultGroup(scope: Construct, engine: CacheEngine): UserGroup {
  return new UserGroup(scope, 'Users', { engine, users: [new CacheUser(scope, 'User', { engine })] });
}
