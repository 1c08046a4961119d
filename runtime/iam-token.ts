import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { CacheIamAuth } from './binding';
import { CacheError } from './errors';

/** Life of a token, in seconds: 15 minutes, the most that ElastiCache takes (dg/auth-iam.html). */
const TOKEN_LIFE_S = 900;

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** End of the STS session; a token that it signs ends with it. */
  readonly expiration?: Date;
}

/**
 * Signs the token with which an IAM user signs in to a cache: a presigned `connect` request without its scheme. Nothing
 * is sent anywhere. It never promises more life than the session that signs it has left.
 *
 * @param credentials default: the instance's own, found by the AWS SDK's provider chain
 * @throws CacheError with code `CREDENTIALS_EXPIRED` when the session has ended
 */
export async function cacheToken(
  auth: CacheIamAuth,
  credentials?: AwsCredentials,
  signingDate: Date = new Date(),
): Promise<string> {
  const signedBy = credentials ?? (await instanceCredentials());
  const signer = new SignatureV4({
    service: 'elasticache',
    region: auth.region,
    credentials: signedBy,
    sha256: Sha256,
  });
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: 'http:',
      hostname: auth.cacheName,
      path: '/',
      query: {
        Action: 'connect',
        User: auth.user,
        ...(auth.serverless ? { ResourceType: 'ServerlessCache' } : {}),
      },
      headers: { host: auth.cacheName },
    },
    { expiresIn: lifeS(signedBy.expiration, signingDate), signingDate },
  );
  const query = Object.entries(signed.query ?? {})
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&');
  return `${auth.cacheName}/?${query}`;
}

function lifeS(expiration: Date | undefined, now: Date): number {
  if (expiration === undefined) {
    return TOKEN_LIFE_S;
  }
  const leftS = Math.floor((expiration.getTime() - now.getTime()) / 1_000);
  if (leftS < 1) {
    throw new CacheError(
      'CREDENTIALS_EXPIRED',
      `the AWS credentials ended at ${expiration.toISOString()}, and it is ${now.toISOString()} by this instance's clock`,
    );
  }
  return Math.min(TOKEN_LIFE_S, leftS);
}

let provider: (() => Promise<AwsCredentials>) | undefined;

/** The SDK's provider caches the credentials and renews them before they end. */
async function instanceCredentials(): Promise<AwsCredentials> {
  if (provider === undefined) {
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
    provider = fromNodeProviderChain();
  }
  return provider();
}
