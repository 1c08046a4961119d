import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { CacheBinding } from '../../runtime/binding';
import { enforce } from '../limits';
import { AuthToken, type BoundAuthToken } from './auth-token';
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
   * The strongest that the engine has, unless something is given: a user with IAM tokens, a user with a generated
   * password, or a generated AUTH token for engines without users.
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
      ...(userGroup === undefined ? [] : [engineLimit(engine, CacheCapability.USERS)]),
      ...(authToken === undefined ? [] : [engineLimit(engine, CacheCapability.AUTH_TOKEN)]),
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
    if (authToken !== undefined || (userGroup === undefined && !engine.supports(CacheCapability.USERS))) {
      return new Access(undefined, (authToken ?? AuthToken.generated())._bind(scope));
    }
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
    const secret = signsIn === undefined ? this.authToken?.secret : signsIn.secret;
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
    const secret = signsIn === undefined ? this.authToken?.secret : signsIn.secret;
    const needsPassword = signsIn !== undefined || this.authToken !== undefined;
    if (secret === undefined && needsPassword && !isOpen(signsIn)) {
      throw new Error(
        `an application cannot learn the password of ${signsIn === undefined ? 'the cache' : `user ${signsIn.userName}`}, ` +
          'which is no secret of Secrets Manager: use `generatedPassword`, `generated` or `secret`',
      );
    }
    return secret === undefined ? { type: 'none' } : { type: 'secret', arn: secret.secretArn, region };
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
        broken: user !== undefined && known.length > 0 && !known.includes(user),
        message: `user ${user?.userName} is not in the cache's user group (${known.map(({ userName }) => userName).join(', ')})`,
      },
    ]);
    return user ?? known[0];
  }
}

function defaultGroup(scope: Construct, engine: CacheEngine): UserGroup {
  return new UserGroup(scope, 'Users', { engine, users: [new CacheUser(scope, 'User', { engine })] });
}

function isOpen(user: ICacheUser | undefined): boolean {
  return user instanceof CacheUser && user.secret === undefined && user._withoutPassword;
}
