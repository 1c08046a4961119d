import { readFileSync } from 'node:fs';
import { createClient, ErrorReply, type RedisClientOptions, type RedisClientType } from '@redis/client';
import type { CacheBinding } from '../binding';
import { Guard } from '../guard';
import { cacheToken } from '../iam-token';
import { secretLogin } from '../secret';

/** Longest pause before a reconnect, in milliseconds. */
const LONGEST_RECONNECT_PAUSE_MS = 1_000;

/** A connection that is not ready after this long is given up and begun anew, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000;

/** @internal: declarations that leave the package name no foreign type. */
export type RedisClient = RedisClientType;

type CredentialsProvider = NonNullable<RedisClientOptions['credentialsProvider']>;

/**
 * One connection to a Valkey or Redis OSS primary that is replaced when it does not answer.
 *
 * The client's own time-outs are switched off (`commandOptions.timeout` costs four fifths of its throughput and does
 * not bound a frozen server; `socketTimeout` alone never reconnects): the guard bounds each call, and this class
 * recycles the client when the breaker opens or when the endpoint turns out to be a replica.
 */
export class RedisConnection {
  private readonly guard: Guard;
  private client: RedisClient;
  private startedAt = 0;
  private closed = false;

  constructor(
    private readonly name: string,
    private readonly binding: CacheBinding,
  ) {
    this.guard = new Guard(name, { isAnswer, onOpen: () => this.recycle() });
    this.client = this.open();
  }

  /**
   * Runs a command within the call budget.
   *
   * @throws CacheUnavailableError when the cache cannot be asked
   * @throws ErrorReply when the engine refuses the command
   * @internal
   */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    return this.guard.call(async () => {
      try {
        return await command(this.client);
      } catch (error) {
        if (isDemotion(error)) {
          this.recycle();
          throw new Error('the endpoint leads to a node that cannot take this command now', { cause: error });
        }
        throw error;
      }
    });
  }

  onRecovered(listener: () => void): void {
    this.guard.onRecovered(listener);
  }

  async ready(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.client.isReady) {
      if (Date.now() > deadline) {
        throw new Error(
          `cache \`${this.name}\` at ${this.binding.host}:${this.binding.port} did not answer within ${timeoutMs} ms`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    this.client.destroy();
  }

  private open(): RedisClient {
    this.startedAt = Date.now();
    const { binding } = this;
    const client = createClient({
      socket: {
        host: binding.host,
        port: binding.port,
        ...(binding.tls
          ? { tls: true as const, ...(binding.ca === undefined ? {} : { ca: readFileSync(binding.ca) }) }
          : {}),
        connectTimeout: CONNECT_TIMEOUT_MS,
        reconnectStrategy: (retries) =>
          Math.min(LONGEST_RECONNECT_PAUSE_MS, 50 * 2 ** Math.min(retries, 10)) * (0.5 + Math.random() / 2),
      },
      ...credentials(binding),
      disableOfflineQueue: true,
      maintNotifications: 'disabled',
      commandOptions: { timeout: undefined },
    }) as RedisClient;
    client.on('error', () => {});
    client.on('ready', () => {
      if (client === this.client) {
        this.guard.recovered();
      }
    });
    client.connect().catch(() => {});
    return client;
  }

  private recycle(): void {
    const stillConnecting = !this.client.isReady && Date.now() - this.startedAt < CONNECT_TIMEOUT_MS;
    if (this.closed || stillConnecting) {
      return;
    }
    const old = this.client;
    this.client = this.open();
    old.destroy();
  }
}

/** An answer says that the cache works and the command was refused; a demoted or loading node is as good as lost. */
function isAnswer(error: unknown): boolean {
  return error instanceof ErrorReply && !isDemotion(error);
}

function isDemotion(error: unknown): boolean {
  return error instanceof ErrorReply && /^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|NOREPLICAS)/.test(error.message);
}

function credentials(binding: CacheBinding): { credentialsProvider?: CredentialsProvider } {
  const { auth } = binding;
  switch (auth.type) {
    case 'none':
      return {};
    case 'password':
      return provider(async () => ({ ...(auth.user && { username: auth.user }), password: auth.password }));
    case 'secret':
      return provider(() => secretLogin(auth));
    case 'iam':
      return provider(async () => ({ username: auth.user, password: await cacheToken(auth) }));
  }
}

/** Asked at every connect, so a token is never older than its connection attempt. */
function provider(login: () => Promise<{ username?: string; password: string }>): {
  credentialsProvider: CredentialsProvider;
} {
  return { credentialsProvider: { type: 'async-credentials-provider', credentials: login } };
}
