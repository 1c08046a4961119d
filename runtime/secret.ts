import type { SecretAuth } from './binding';
import { CacheError } from './errors';

export interface SecretLogin {
  readonly username: string;
  readonly password: string;
}

/**
 * Fetches a login from Secrets Manager.
 *
 * @throws CacheError with code `SECRET_INVALID` when it does not hold `username` and `password`; its content is never
 * part of the message
 */
export async function secretLogin(auth: SecretAuth): Promise<SecretLogin> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({ region: auth.region });
  try {
    const secret = await client.send(new GetSecretValueCommand({ SecretId: auth.arn }));
    return readLogin(secret.SecretString, auth.arn);
  } finally {
    client.destroy();
  }
}

function readLogin(text: string | undefined, arn: string): SecretLogin {
  try {
    const { username, password } = JSON.parse(text ?? '') as Partial<SecretLogin>;
    if (typeof username === 'string' && typeof password === 'string') {
      return { username, password };
    }
  } catch {
    // The parser's message would quote the secret.
  }
  throw new CacheError('SECRET_INVALID', `secret ${arn} must be a JSON object with \`username\` and \`password\``);
}
