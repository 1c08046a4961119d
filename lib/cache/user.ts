import { Annotations, ArnFormat, type IResource, Resource, type SecretValue, Stack, Token } from 'aws-cdk-lib';
import { CfnUser } from 'aws-cdk-lib/aws-elasticache';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { enforce, type Limit } from '../limits';
import { injected } from '../property-injection';
import { AccessRules } from './access-rules';
import { CacheCapability, type CacheEngine, engineLimit } from './engine';
import { compareVersions } from './engine-version';
import { idFromPath, idLimit } from './physical-name';
import { RotatedPassword } from './rotated-password';
import { UserAuthentication } from './user-authentication';

/** Shortest and longest password (dg/Clusters.RBAC; AWS: "Passwords length must be between 16-128 characters."). */
const PASSWORD_LENGTH = { least: 16, most: 128 };

/** Passwords that one user may have (AWS: "Maximum number of passwords allowed in this service is 2."). */
const MOST_PASSWORDS = 2;

/** A user of caches. */
export interface ICacheUser extends IResource {
  /** Id of the user. */
  readonly userId: string;
  /** Name that the user signs in with. */
  readonly userName: string;
  /** ARN of the user. */
  readonly userArn: string;
  /** Engine of the user, `valkey` or `redis`. */
  readonly engineName: string;
  /** Whether the user signs in with IAM tokens. */
  readonly usesIam: boolean;
  /** The secret that holds the user's password, with the keys `username` and `password`. */
  readonly secret?: secretsmanager.ISecret;
}

/** Properties of a `CacheUser`. */
export interface CacheUserProps {
  /** Engine of the caches that the user signs in to. */
  readonly engine: CacheEngine;

  /**
   * How the user proves who it is.
   *
   * @default - IAM tokens. Redis OSS before 7.0 does not know them and needs this, so that an upgrade of the engine changes
   * nothing about who signs in
   */
  readonly authentication?: UserAuthentication;

  /**
   * What the user may do.
   *
   * @default AccessRules.readWrite()
   */
  readonly access?: AccessRules;

  /**
   * Id of the user: 1 to 40 lower-case letters, digits and single hyphens, beginning with a letter. A change replaces the
   * user.
   *
   * @default - from the construct's path and the engine
   */
  readonly userId?: string;

  /**
   * Name that the user signs in with. With IAM it must be the id. A change replaces the user, which fails as long as the
   * id is taken: it needs another id too.
   *
   * @default - the id
   */
  readonly userName?: string;
}

/** What is known of a user that exists already. */
export interface CacheUserAttributes {
  /** Id of the user. */
  readonly userId: string;

  /** Engine of the user, `valkey` or `redis`. */
  readonly engineName: string;

  /**
   * Name that the user signs in with.
   *
   * @default - the id
   */
  readonly userName?: string;

  /**
   * The secret that holds the user's password, with the keys `username` and `password`.
   *
   * @default - none: the user signs in with IAM tokens
   */
  readonly secret?: secretsmanager.ISecret;
}

/**
 * A user of a cache: a name, a proof of who it is, and rules of what it may do.
 *
 * It signs in to every cache whose user group it is in.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
 */
export class CacheUser extends Resource implements ICacheUser {
  /** Identifies the construct to property injectors. */
  static readonly PROPERTY_INJECTION_ID = 'cdk-elasticache.CacheUser';

  /** A user that exists already. */
  static fromUserAttributes(scope: Construct, id: string, attributes: CacheUserAttributes): ICacheUser {
    const userArn = Stack.of(scope).formatArn({
      service: 'elasticache',
      resource: 'user',
      resourceName: attributes.userId,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    class Imported extends Resource implements ICacheUser {
      readonly userId = attributes.userId;
      readonly userName = attributes.userName ?? attributes.userId;
      readonly userArn = userArn;
      readonly engineName = attributes.engineName;
      readonly usesIam = attributes.secret === undefined;
      readonly secret = attributes.secret;
    }
    return new Imported(scope, id);
  }

  public readonly userId: string;
  public readonly userName: string;
  public readonly userArn: string;
  public readonly engineName: string;
  public readonly usesIam: boolean;
  public readonly secret?: secretsmanager.ISecret;
  /** What the user may do. */
  public readonly access: AccessRules;
  /** The underlying resource. */
  public readonly resource: CfnUser;
  /** @internal */
  public readonly _withoutPassword: boolean;

  /** @throws if the engine has no users, or the name, the password or the access rules are not what ElastiCache takes */
  constructor(scope: Construct, id: string, props: CacheUserProps) {
    super(scope, id);
    props = injected(scope, id, CacheUser.PROPERTY_INJECTION_ID, props);

    enforce([
      engineLimit(props.engine, CacheCapability.USERS, 'engine'),
      {
        broken: props.authentication === undefined && !props.engine.supports(CacheCapability.IAM),
        message:
          `\`authentication\` must be given for ${props.engine}, which has no IAM tokens: for example ` +
          '`UserAuthentication.generatedPassword()`',
      },
    ]);
    const authentication = props.authentication ?? UserAuthentication.iam();
    const plainPasswords = (authentication._source.passwords ?? []).map((password) => plainText(this, password));
    this.usesIam = authentication._type === 'iam';
    this._withoutPassword = authentication._type === 'no-password-required';
    const channels = props.engine.name !== 'redis' || compareVersions(props.engine.version, '6.2') >= 0;
    this.access = props.access ?? (channels ? AccessRules.readWrite() : AccessRules.readWrite().onChannels());
    this.engineName = props.engine.usersEngineName;
    this.userId = props.userId ?? idFromPath(this, props.engine.usersEngineName);
    this.userName = props.userName ?? this.userId;
    enforce([
      ...(this.usesIam ? [engineLimit(props.engine, CacheCapability.IAM, 'authentication')] : []),
      idLimit('userId', this.userId),
      {
        broken: this.userName === '' || /\s/.test(this.userName),
        message: `\`userName\` must not be empty or hold spaces, got ${JSON.stringify(this.userName)}`,
      },
      {
        broken:
          this.usesIam &&
          this.userName !== this.userId &&
          !Token.isUnresolved(this.userName) &&
          !Token.isUnresolved(this.userId),
        message: `\`userName\` must be the same as \`userId\` for a user with IAM authentication (${this.userId}), got ${this.userName}`,
      },
      {
        broken:
          authentication._source.passwords !== undefined &&
          (plainPasswords.length === 0 || plainPasswords.length > MOST_PASSWORDS),
        message: `\`authentication\` must have 1 to ${MOST_PASSWORDS} passwords, got ${plainPasswords.length}`,
      },
      ...plainPasswords.flatMap((password) => (password === undefined ? [] : passwordLimits(password))),
      {
        broken: this.userId === 'default',
        message: '`userId` must not be default, which is the id of the user that every account has',
      },
      {
        broken: !channels && this.access.hasChannels,
        message: `\`access\` has rules of channels, which need redis 6.2 or later, got ${props.engine}: ${this.access}`,
      },
      {
        broken: this.access.needsRedis7 && props.engine.name === 'redis' && Number(props.engine.majorVersion) < 7,
        message: `\`access\` has rules that need redis 7.0 or later, got ${props.engine}: ${this.access}`,
      },
      {
        broken: this._withoutPassword && this.engineName === 'valkey',
        message:
          '`authentication` without a password is not for valkey: AWS refuses such a user in every user group ("No password user ' +
          'cannot be added to user group with engine Valkey")',
      },
    ]);
    this.warnOfWeakness(plainPasswords);

    const passwords = this.passwordsOf(authentication);
    this.secret = passwords.secret;
    this.resource = new CfnUser(this, 'Resource', {
      engine: this.engineName,
      userId: this.userId,
      userName: this.userName,
      accessString: this.access.toString(),
      authenticationMode: {
        Type: authentication._type,
        ...(passwords.values === undefined ? {} : { Passwords: passwords.values }),
      },
    });
    this.userArn = this.resource.attrArn;
    passwords.rotated?._rotateUser(this.userId, this.userArn);
  }

  private passwordsOf({ _source }: UserAuthentication): {
    values?: string[];
    secret?: secretsmanager.ISecret;
    rotated?: RotatedPassword;
  } {
    if (_source.passwords !== undefined) {
      return { values: _source.passwords.map((password) => password.unsafeUnwrap()) };
    }
    const rotated =
      _source.generated === undefined
        ? undefined
        : new RotatedPassword(this, 'Password', { ..._source.generated, userName: this.userName });
    const secret = _source.secret ?? rotated?.secret;
    return secret === undefined
      ? {}
      : { values: [secret.secretValueFromJson('password').unsafeUnwrap()], secret, rotated };
  }

  private warnOfWeakness(plainPasswords: Array<string | undefined>): void {
    if (plainPasswords.some((password) => password !== undefined)) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:password-in-template',
        'a password stands in the template as plain text, for everybody who may read the stack: give a secret instead',
      );
    }
    if (this._withoutPassword && this.access.isOn) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:no-password',
        `user ${this.userName} signs in without a password: who reaches the port may do what it may`,
      );
    }
  }
}

/** Switches off the user named `default`, which a user group of Redis OSS must hold. */
export function disabledDefaultUser(scope: Construct, id: string, engine: CacheEngine): CacheUser {
  return new CacheUser(scope, id, {
    engine,
    userName: 'default',
    access: AccessRules.off(),
    authentication: UserAuthentication.noPassword(),
  });
}

/** Text of a secret that stands in the template as it is, or undefined where it is a reference. */
export function plainText(scope: Construct, secret: SecretValue): string | undefined {
  const resolved = Stack.of(scope).resolve(secret.unsafeUnwrap());
  return typeof resolved === 'string' && !resolved.includes('{{resolve:') ? resolved : undefined;
}

/** A password is never part of a message. */
function passwordLimits(password: string): Limit[] {
  return [
    {
      broken: password.length < PASSWORD_LENGTH.least || password.length > PASSWORD_LENGTH.most,
      message: `a password must be between ${PASSWORD_LENGTH.least} and ${PASSWORD_LENGTH.most} characters long, got one of ${password.length}`,
    },
    {
      broken: /[,"/@\s]|[^\x20-\x7e]/.test(password),
      message: 'a password must be printable and hold no space, comma, quotation mark, slash or @ (dg/Clusters.RBAC)',
    },
  ];
}
