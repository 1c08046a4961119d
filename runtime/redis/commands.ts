export type RedisArgument = string | Buffer;

/** An answer in RESP 2: status lines are text, everything else that is text is a `Buffer`. */
export type RedisReply = number | string | Buffer | null | RedisReply[];

/**
 * One Valkey or Redis OSS, whatever client speaks to it: a replication group's endpoint, a cluster, or an `ioredis` that
 * the application brought. Everything above knows only this.
 *
 * Every call ends within its budget and rejects with
 * - `CacheUnavailableError` when the engine could not be asked (refused, frozen, failing over, breaker open);
 * - `EngineRefusedError` when the engine answered with an error (wrong type, out of memory, no permission).
 */
export interface RedisCommands {
  /** Name of the cache in the binding, for errors. */
  readonly name: string;

  /**
   * Runs one command on the primary of the shard that holds `key`. Several keys in one command must share a hash tag
   * (`{…}`) to work in cluster mode.
   */
  run(key: string, command: readonly RedisArgument[]): Promise<RedisReply>;

  /** Runs a script that touches the one key, in one atomic step; in it the key is `KEYS[1]`. */
  script(script: string, key: string, args: readonly RedisArgument[]): Promise<RedisReply>;

  /** The shard that a key belongs to, as far as it is known; the same for all where there is one. */
  partOf(key: string): string;

  /** What keys of one shard hold, in their order, in one round trip. */
  getMany(keys: readonly string[], from: ReadFrom): Promise<Array<Buffer | null>>;

  /** @throws EngineUnsupportedError when there are no replicas to read from */
  assertReplicas(): void;

  /** Whether the engine has told its clock. */
  readonly knowsClock: boolean;

  /** Milliseconds since the epoch on the engine's clock, so that instances with skewed clocks agree on ages. */
  now(): number;

  /** Calls back each time the engine can be asked again after it could not. */
  onRecovered(listener: () => void): void;

  /** Resolves once the engine answers. @throws Error that names the endpoint after `timeoutMs` */
  ready(timeoutMs: number): Promise<void>;

  close(): Promise<void>;
}

/** Replicas may be behind: by choice, for values that may be as old as the replication's lag. */
export type ReadFrom = 'primary' | 'replica';
