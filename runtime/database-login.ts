import { readFileSync } from 'node:fs';
import type { DatabaseBinding } from './binding';
import { secretLogin } from './secret';

/** Connection settings in the shape that `pg`'s `Pool` and `Client` take. */
export interface DatabaseLogin {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Asked at every connect: with IAM authentication a fresh token each time (valid 15 minutes). */
  readonly password: () => Promise<string>;
  readonly ssl: false | { readonly ca?: string; readonly rejectUnauthorized: true };
}

/** How to sign in to a database of the binding. */
export function databaseLogin(binding: DatabaseBinding): DatabaseLogin {
  return {
    host: binding.host,
    port: binding.port,
    database: binding.name,
    user: binding.user,
    password: () => password(binding),
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
