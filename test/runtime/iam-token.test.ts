import { cacheToken } from '../../runtime/iam-token';

/*
 * Recorded from botocore 1.43.11, whose signer AWS's own example uses (dg/auth-iam.html), with the same keys and the
 * same time. No local engine can verify a token.
 */
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const AT = new Date('2026-01-02T03:04:05Z');
const AUTH = { type: 'iam', user: 'web', cacheName: 'my-cache', region: 'us-east-1', serverless: false } as const;

function parts(token: string) {
  const url = new URL(`http://${token}`);
  return { host: url.host, path: url.pathname, query: Object.fromEntries(url.searchParams) };
}

test('signs the token that botocore signs for a replication group', async () => {
  const token = await cacheToken(AUTH, KEYS, AT);

  expect(token).not.toContain('://');
  expect(parts(token)).toEqual({
    host: 'my-cache',
    path: '/',
    query: {
      Action: 'connect',
      User: 'web',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20260102/us-east-1/elasticache/aws4_request',
      'X-Amz-Date': '20260102T030405Z',
      'X-Amz-Expires': '900',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': 'a7b6778667dd51671e463bcd2934b0ced2374fa18f3ab5e31b0375a514dcced4',
    },
  });
});

test('signs the token that botocore signs for a serverless cache with a session token', async () => {
  const token = await cacheToken(
    { ...AUTH, serverless: true },
    { ...KEYS, sessionToken: 'session-token/with+marks=' },
    AT,
  );

  expect(parts(token).query).toMatchObject({
    ResourceType: 'ServerlessCache',
    'X-Amz-Security-Token': 'session-token/with+marks=',
    'X-Amz-Signature': 'dd7666be2a50e95553d19c67eb3f5accffe868dd3264f3187c7a4f8a87dec933',
  });
});
