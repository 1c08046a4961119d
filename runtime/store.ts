import type { Found } from './envelope';

/**
 * What the strategies need of an engine, and no more. One implementation an engine.
 *
 * Every method rejects with `CacheUnavailableError` when the cache could not be asked in time.
 */
export interface Store {
  /** What is found under each key, in the keys' order. */
  getMany(keys: readonly string[]): Promise<Found[]>;

  /**
   * Stores what a load returned, unless the key was written or deleted since its lease was read.
   *
   * @returns whether it was stored
   */
  fill(key: string, value: unknown, ttlMs: number, lease: string): Promise<boolean>;

  /** Stores a value whatever the key held. */
  set(key: string, value: unknown, ttlMs: number): Promise<void>;

  /**
   * Stores a value unless the key was deleted a moment ago, so that a request that began before a deletion cannot
   * revive what was deleted.
   *
   * @returns whether it was stored
   */
  setUnlessDeleted(key: string, value: unknown, ttlMs: number): Promise<boolean>;

  /** Deletes, and leaves a mark for a few seconds that voids the fills in flight. */
  delete(key: string): Promise<void>;

  /** Extends the life of a value that is there. */
  touch(key: string, ttlMs: number): Promise<void>;

  /** Calls back each time the cache can be asked again after it could not. */
  onRecovered(listener: () => void): void;

  /** Resolves once the cache answers, or rejects after `timeoutMs`. */
  ready(timeoutMs: number): Promise<void>;

  close(): Promise<void>;
}

/** How long a deletion's mark stays, in milliseconds: the longest load that is protected against. */
export const TOMBSTONE_MS = 10_000;
