/**
 * - `hit`: the cache had it;
 * - `tier`: this process had it;
 * - `stale`: an entry past its TTL was served, while it is refreshed or because the loader failed;
 * - `wait`: another caller loaded it meanwhile, in this process or in the fleet;
 * - `miss`: the cache did not have it, the loader was asked;
 * - `bypass`: the cache could not be asked, the loader was.
 */
export type Outcome = 'hit' | 'tier' | 'stale' | 'wait' | 'miss' | 'bypass';

/** A read through the cache. */
export interface ReadEvent {
  readonly type: 'read';
  readonly cache: string;
  readonly namespace: string;
  readonly outcome: Outcome;
  /** Time spent waiting for the cache, in milliseconds. */
  readonly cacheMs: number;
  /** Time spent in the loader, in milliseconds. */
  readonly loadMs: number;
  /** Age of what was served, in milliseconds; 0 for what was just loaded. */
  readonly ageMs: number;
  /** Whether the loader failed. */
  readonly failed: boolean;
}

/** A change through the cache. */
export interface WriteEvent {
  readonly type: 'write';
  readonly cache: string;
  readonly namespace: string;
  readonly strategy: 'write-through' | 'write-around' | 'invalidate';
  /** Whether the cache was told; if not, the keys are in quarantine. */
  readonly reached: boolean;
  /** Time of the write to the database, in milliseconds. */
  readonly writeMs: number;
  /** Time that the cache added, in milliseconds. */
  readonly cacheMs: number;
}

/** Something that did not stay in, or come out of, the cache. */
export interface DropEvent {
  readonly type: 'drop';
  readonly cache: string;
  readonly namespace: string;
  /**
   * - `poisoned`: cut short, foreign, of another format, unpacking to too much, or not of the expected type;
   * - `outdated`: of another version of the application;
   * - `oversized`: larger than is cached;
   * - `void`: a fill whose key was written or deleted during the load;
   * - `refused`: the engine did not take it (no memory left), or the codec cannot write it;
   * - `unread`: written through, and replaced or at its end before this process read it.
   */
  readonly reason: 'poisoned' | 'outdated' | 'oversized' | 'void' | 'refused' | 'unread';
}

/** A change of state, for one line in a log. */
export interface StateEvent {
  readonly type: 'state';
  readonly cache: string;
  /** A shard or node, where the cache has several. */
  readonly part?: string | undefined;
  /**
   * - `open`, `closed`: the breaker;
   * - `recycled`: the connection was replaced, because the endpoint leads to another node or did not answer;
   * - `login-failed`: the engine did not accept the user;
   * - `quarantine`, `released`: changes could not reach the cache, and have reached it;
   * - `shedding`, `loading`: loads are refused to protect the database, and taken again.
   */
  readonly state: 'open' | 'closed' | 'recycled' | 'login-failed' | 'quarantine' | 'released' | 'shedding' | 'loading';
  readonly cause?: unknown;
}

export type CacheEvent = ReadEvent | WriteEvent | DropEvent | StateEvent;

/** Sees what the runtime does. It must not throw, and should be quick: reads call it once each. */
export interface CacheObserver {
  observe(event: CacheEvent): void;
}

export type Observe = (event: CacheEvent) => void;

/** An observer's mistake must not become a request's. */
export function observeWith(observer: CacheObserver | undefined): Observe | undefined {
  return observer === undefined
    ? undefined
    : (event) => {
        try {
          observer.observe(event);
        } catch {
          // Its own business.
        }
      };
}

/** Sees nothing. */
export const observeNothing: Observe = () => {};
