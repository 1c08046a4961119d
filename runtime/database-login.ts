import { readFileSync } from 'node:fs';
import type { DatabaseBinding, DatabaseEngineName } from './binding';
import { CacheError } from './errors';
import { secretLogin } from './secret';

/**
 * Connection settings in the shape that `pg`'s `Pool` and `Client` take. For MySQL `mysqlLogin` brings them into the
 * shape of `mysql2`.
 */
export interface DatabaseLogin {
  readonly engine: DatabaseEngineName;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Asked at every connect: with IAM authentication a fresh token each time (valid 15 minutes). */
  readonly password: () => Promise<string>;
  /** Whether `password` gives IAM tokens. */
  readonly isToken: boolean;
  readonly ssl: false | { readonly ca?: string; readonly rejectUnauthorized: true };
}

/**
 * How to sign in to a database of the binding.
 *
 * @throws CacheError with code `DATABASE_TLS_REQUIRED` when a token would be sent without TLS
 */
export function databaseLogin(binding: DatabaseBinding): DatabaseLogin {
  const isToken = binding.auth.type === 'iam';
  if (isToken && !binding.tls) {
    throw new CacheError(
      'DATABASE_TLS_REQUIRED',
      `the database ${binding.name} at ${binding.host}:${binding.port} is signed in to with IAM tokens, ` +
        'which travel in clear text: `tls` must be true',
    );
  }
  return {
    engine: binding.engine,
    host: binding.host,
    port: binding.port,
    database: binding.name,
    user: binding.user,
    password: () => password(binding),
    isToken,
    ssl: binding.tls
      ? { rejectUnauthorized: true, ...(binding.ca === undefined ? {} : { ca: readFileSync(binding.ca, 'utf8') }) }
      : false,
  };
}

async function password(binding: DatabaseBinding): Promise<string> {
  const { auth } = binding;
  switch (auth.type) {
    case 'password':
      return auth.password;
    case 'secret':
      return (await secretLogin(auth)).password;
    case 'iam': {
      const { Signer } = await import('@aws-sdk/rds-signer');
      return new Signer({
        hostname: binding.host,
        port: binding.port,
        username: binding.user,
        region: auth.region,
      }).getAuthToken();
    }
  }
}
