import type { Duration, SecretValue } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/** How a generated password is kept. */
export interface GeneratedPasswordOptions {
  /**
   * How often the password is changed. At each change the old one stays valid until the next, so that connected
   * applications lose nothing.
   *
   * @default - never
   */
  readonly rotateAfter?: Duration;

  /**
   * Key that encrypts the secret.
   *
   * @default - the account's key for Secrets Manager
   */
  readonly encryptionKey?: kms.IKey;
}

/** Kinds of authentication, as CloudFormation's `AuthenticationMode.Type` has them. */
export type AuthenticationType = 'iam' | 'password' | 'no-password-required';

/**
 * How a user proves who it is. Exactly one way, so that a user with a password and without one at once cannot be written.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
 */
export class UserAuthentication {
  /**
   * Tokens that IAM signs, good for 15 minutes: nothing is stored. Needs Valkey 7.2 or Redis OSS 7.0 or later.
   *
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
   */
  static iam(): UserAuthentication {
    return new UserAuthentication('iam');
  }

  /** A password of 64 characters in a new secret with the keys `username` and `password`. */
  static generatedPassword(options: GeneratedPasswordOptions = {}): UserAuthentication {
    return new UserAuthentication('password', { generated: options });
  }

  /** The password of a secret that exists already, with the keys `username` and `password`. */
  static secret(secret: secretsmanager.ISecret): UserAuthentication {
    return new UserAuthentication('password', { secret });
  }

  /**
   * One or two passwords, 16 to 128 characters each. Two are for a change without downtime. Written as plain text they
   * stand in the template, of which a warning is given.
   */
  static passwords(...passwords: SecretValue[]): UserAuthentication {
    return new UserAuthentication('password', { passwords });
  }

  /** None at all: who reaches the port signs in. For Redis OSS only, a Valkey user group refuses such users. */
  static noPassword(): UserAuthentication {
    return new UserAuthentication('no-password-required');
  }

  private constructor(
    /** @internal */
    readonly _type: AuthenticationType,
    /** @internal */
    readonly _source: {
      readonly generated?: GeneratedPasswordOptions;
      readonly secret?: secretsmanager.ISecret;
      readonly passwords?: SecretValue[];
    } = {},
  ) {}
}
