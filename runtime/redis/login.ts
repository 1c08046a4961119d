import type { RedisClientOptions } from '@redis/client';
import type { CacheBinding } from '../binding';
import { cacheToken } from '../iam-token';
import { secretLogin } from '../secret';

/** ElastiCache ends a connection 12 hours after it signed in with a token (dg/auth-iam.html): an hour is kept back. */
const REAUTHENTICATE_MS = 11 * 3_600_000;

/** The pause is shortened by up to this share at random, so that a fleet does not re-authenticate in step. */
const REAUTHENTICATE_JITTER = 0.1;

export type CredentialsProvider = NonNullable<RedisClientOptions['credentialsProvider']>;

export interface Login {
  readonly username?: string;
  readonly password: string;
}

/**
 * The login for a new connection, asked for at every connect, so that a token is never older than its connection
 * attempt and a rotated password is picked up by the next one. `undefined` where no login is needed.
 */
export function loginOf(binding: CacheBinding): (() => Promise<Login>) | undefined {
  const { auth } = binding;
  switch (auth.type) {
    case 'none':
      return undefined;
    case 'password':
      return async () => ({ ...(auth.user && { username: auth.user }), password: auth.password });
    case 'secret':
      return () => secretLogin(auth);
    case 'iam':
      return async () => ({ username: auth.user, password: await cacheToken(auth) });
  }
}

/** How long until a live connection signs in again, in milliseconds; `undefined` where that is never needed. */
export function reauthenticateAfterMs(binding: CacheBinding, random: () => number = Math.random): number | undefined {
  return binding.auth.type === 'iam' ? REAUTHENTICATE_MS * (1 - REAUTHENTICATE_JITTER * random()) : undefined;
}

/**
 * Asked at every connect. Where a login ends with time, a live connection is signed in again before that.
 *
 * @param afterMs how long until a live connection signs in again; `undefined` where that is never needed
 */
export function renewingCredentials(
  login: () => Promise<Login>,
  afterMs: number | undefined,
  onRefused: (error: Error) => void,
): CredentialsProvider {
  return {
    type: 'streaming-credentials-provider',
    onReAuthenticationError: onRefused,
    subscribe: async ({ onNext, onError }) => {
      const first = await login();
      const timer =
        afterMs === undefined ? undefined : setInterval(() => void login().then(onNext, onError), afterMs).unref();
      return [first, { dispose: () => clearInterval(timer) }];
    },
  };
}

/** Says what may be wrong, where the engine only says "wrong password". The password is never part of it. */
export function explainRefusedLogin(binding: CacheBinding, answer: string, now: Date = new Date()): string {
  const { auth } = binding;
  if (auth.type !== 'iam') {
    return answer;
  }
  return (
    `${answer} (a token for user \`${auth.user}\` of \`${auth.cacheName}\`, signed at ${now.toISOString()} by this ` +
    "instance's clock: ElastiCache refuses tokens whose time is off, and users that are not in the cache's user group)"
  );
}
