import { Annotations, type SecretValue } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { enforce } from '../limits';
import type { CacheEngine } from './engine';
import { compareVersions } from './engine-version';
import { RotatedPassword } from './rotated-password';
import { plainText } from './user';
import type { GeneratedPasswordOptions } from './user-authentication';

/** Shortest and longest token (ElastiCache API, CreateReplicationGroup.AuthToken). */
const LENGTH = { least: 16, most: 128 };

/** What happens to the old AUTH token when a new one is set. */
export enum AuthTokenUpdateStrategy {
  /** The old token stays valid beside the new one, until the next change: connected clients lose nothing. */
  ROTATE = 'ROTATE',
  /** The old token is refused from then on: for a token that has leaked. */
  SET = 'SET',
}

/** How a generated AUTH token is kept and changed. */
export interface GeneratedAuthTokenOptions extends GeneratedPasswordOptions {
  /**
   * What happens to the old token at each change. ROTATE is only ever used on a group that was made with a token: on one
   * without, AWS would let clients in without any token until the next change.
   *
   * @default AuthTokenUpdateStrategy.ROTATE
   */
  readonly updateStrategy?: AuthTokenUpdateStrategy;
}

/**
 * One password for a whole cache: what Redis OSS had before 6.0 gave it users. To add one to a group that exists, or to
 * go from one to users, replaces the group.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
 */
export class AuthToken {
  /** A token of 64 letters and digits in a new secret with the keys `username` (`default`) and `password`. */
  static generated(options: GeneratedAuthTokenOptions = {}): AuthToken {
    enforce([
      {
        broken: options.updateStrategy !== undefined && options.rotateAfter === undefined,
        message: '`updateStrategy` is of no use without `rotateAfter`: the token never changes',
      },
    ]);
    return new AuthToken({ generated: options });
  }

  /** The token of a secret that exists already, under the key `password`, beside a `username` of `default`. */
  static secret(secret: secretsmanager.ISecret): AuthToken {
    return new AuthToken({ secret });
  }

  /** A token by its value. As plain text it stands in the template, of which a warning is given. */
  static value(value: SecretValue): AuthToken {
    return new AuthToken({ value });
  }

  private constructor(
    private readonly source: {
      readonly generated?: GeneratedAuthTokenOptions;
      readonly secret?: secretsmanager.ISecret;
      readonly value?: SecretValue;
    },
  ) {}

  /**
   * Makes what the token needs, and checks it.
   *
   * @internal
   */
  _bind(scope: Construct, engine: CacheEngine): BoundAuthToken {
    const { generated, value } = this.source;
    enforce([
      {
        // ElastiCache API, ModifyReplicationGroup.AuthTokenUpdateStrategy.
        broken:
          generated?.rotateAfter !== undefined &&
          engine.name === 'redis' &&
          compareVersions(engine.version, '5.0.6') < 0,
        message: `\`rotateAfter\` needs redis 5.0.6 or later, got ${engine}, whose AUTH token cannot change`,
      },
    ]);
    if (value !== undefined) {
      this.checkPlainText(scope, plainText(scope, value));
      return { token: value.unsafeUnwrap(), rotate: () => {} };
    }
    const rotated =
      generated === undefined
        ? undefined
        : new RotatedPassword(scope, 'AuthToken', { ...generated, userName: 'default' });
    const secret = rotated?.secret ?? (this.source.secret as secretsmanager.ISecret);
    return {
      token: secret.secretValueFromJson('password').unsafeUnwrap(),
      secret,
      rotate: (id, arn) =>
        rotated?._rotateAuthToken(id, arn, generated?.updateStrategy ?? AuthTokenUpdateStrategy.ROTATE),
    };
  }

  private checkPlainText(scope: Construct, text: string | undefined): void {
    if (text === undefined) {
      return;
    }
    enforce([
      {
        broken: text.length < LENGTH.least || text.length > LENGTH.most,
        message: `\`authToken\` must be between ${LENGTH.least} and ${LENGTH.most} characters long, got ${text.length} (AWS: "Invalid AuthToken provided")`,
      },
      {
        broken: !/^[A-Za-z0-9!&#$^<>-]*$/.test(text),
        message:
          '`authToken` must hold letters, digits and ! & # $ ^ < > - only, got others (AWS: "Invalid AuthToken provided")',
      },
    ]);
    Annotations.of(scope).addWarningV2(
      'cdk-elasticache:auth-token-in-template',
      'the AUTH token stands in the template as plain text, for everybody who may read the stack: use `AuthToken.generated()`',
    );
  }
}

/** A token as a group uses it. */
export interface BoundAuthToken {
  readonly token: string;
  readonly secret?: secretsmanager.ISecret;
  readonly rotate: (replicationGroupId: string, replicationGroupArn: string) => void;
}
