import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { CacheIamAuth } from './binding';

/** Life of a token, in seconds: 15 minutes, the most that ElastiCache takes (dg/auth-iam.html). */
const TOKEN_LIFE_S = 900;

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Signs the token with which an IAM user signs in to a cache: a presigned `connect` request without its scheme. Nothing
 * is sent anywhere.
 *
 * @param credentials default: the instance's own, found by the AWS SDK's provider chain
 */
export async function cacheToken(
  auth: CacheIamAuth,
  credentials?: AwsCredentials,
  signingDate: Date = new Date(),
): Promise<string> {
  const signer = new SignatureV4({
    service: 'elasticache',
    region: auth.region,
    credentials: credentials ?? (await instanceCredentials()),
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
    { expiresIn: TOKEN_LIFE_S, signingDate },
  );
  const query = Object.entries(signed.query ?? {})
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&');
  return `${auth.cacheName}/?${query}`;
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
