/**
 * What the strategies need of an engine, and no more. One implementation an engine.
 *
 * Every method ends within its budget. It rejects when the cache could not be asked or refused; `unavailable` tells
 * which.
 */
export interface Store {
  /** Name of the cache in the binding. */
  readonly name: string;

  /**
   * What a key holds; `undefined` when it holds nothing. Gets of one tick share a round trip.
   *
   * @param leaseMs engines that can take the lease of a key that holds nothing within the same round trip do so
   */
  get(key: string, leaseMs?: number): Promise<Found | undefined>;

  /** @throws EngineUnsupportedError when there are no replicas to read from */
  assertReplicas(): void;

  /** As `get`, from a replica. */
  getFromReplica(key: string): Promise<Found | undefined>;

  /** What a key holds, with a `version` to compare when it is written, and its life extended in the same step. */
  getVersion(key: string, touchMs?: number): Promise<Found | undefined>;

  /**
   * Takes the lease of a key: puts a placeholder there that only its holder can replace by a value.
   *
   * @param over what was found there and may be replaced: something that cannot be used, or a lease that was held for
   * too long
   * @returns with `lease` `won`, or what stands there instead
   */
  acquire(key: string, leaseMs: number, over?: Found): Promise<Found>;

  /** Stores an entry whatever the key held. */
  set(key: string, entry: Buffer, ttlMs: number): Promise<void>;

  /** Stores an entry where the key holds nothing. @returns whether it was stored */
  add(key: string, entry: Buffer, ttlMs: number): Promise<boolean>;

  /** Stores an entry if the key still holds that version. @returns whether it was stored */
  replace(key: string, entry: Buffer, ttlMs: number, version: string): Promise<boolean>;

  /** Removes a key, and so voids every lease and version of it. */
  delete(key: string): Promise<void>;

  /** Removes a key if it still holds that version. */
  deleteVersion(key: string, version: string): Promise<void>;

  /** Extends the life of what is there. */
  touch(key: string, ttlMs: number): Promise<void>;

  /** The version of what was found, to be compared by `replace`. */
  versionOf(found: Found): string;

  /** Milliseconds since an entry was written, on the engine's clock and not on this instance's. */
  ageMs(found: Found, writtenAtMs: number, lifeMs: number): number;

  /** Milliseconds since the epoch, on the engine's clock where it tells. */
  now(): number;

  /** Whether an error says that the cache could not be asked, and not that it refused. */
  isUnavailable(error: unknown): boolean;

  /** Calls back each time keys that could not be reached may be reached again. */
  onRecovered(listener: () => void): void;

  /** Whether a change to the key does not reach the node that keeps it, though it succeeds (Memcached's gutter). */
  isAway(key: string): boolean;

  /** Resolves once the cache answers. @throws Error that names the endpoint after `timeoutMs` */
  ready(timeoutMs: number): Promise<void>;

  close(): Promise<void>;
}

/** What stands under a key. The shape is the Memcached client's, so that a hit is handed on without a copy. */
export interface Found {
  readonly value: Buffer;
  /**
   * - `none`: an entry;
   * - `won`: a placeholder that this very call has put there;
   * - `held`: the placeholder of somebody else.
   */
  readonly lease: 'none' | 'won' | 'held';
  /** Version on engines that number their items. */
  readonly cas: string;
  /** What is left of its life, in seconds, on engines that tell; -1 where it is not known or has no end. */
  readonly ttlS: number;
}

/** Longest life of an entry, in milliseconds: 30 days, above which Memcached takes an expiry for a point in time. */
export const LONGEST_TTL_MS = 2_592_000_000;
