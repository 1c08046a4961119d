import type { Found } from './envelope';
import { CacheUnavailableError } from './errors';
import { storeKey } from './key';
import type { Quarantine } from './quarantine';
import { SingleFlight } from './single-flight';
import type { Store } from './store';

export interface NamespaceOptions {
  /** Life of an entry, in milliseconds. */
  readonly ttlMs: number;
  /**
   * Share by which each entry's life is varied at random, so that entries filled together do not expire together.
   * @default 0.1 (plus or minus ten per cent)
   */
  readonly jitter?: number;
}

/**
 * - `hit`: the cache had it;
 * - `miss`: the cache did not have it, the loader was asked;
 * - `bypass`: the cache could not be asked, the loader was.
 */
export type Outcome = 'hit' | 'miss' | 'bypass';

/** A value with how it was found and what that cost. */
export interface Lookup<T> {
  readonly value: T;
  readonly outcome: Outcome;
  /** Time spent waiting for the cache, in milliseconds. */
  readonly cacheMs: number;
  /** Time spent in the loader, in milliseconds; 0 for a hit. */
  readonly loadMs: number;
}

/** What a write through the cache cost. */
export interface WriteCost {
  /** Whether the cache holds the new value; if not, the key is quarantined and will be deleted. */
  readonly cached: boolean;
  /** Time of the write to the database, in milliseconds. */
  readonly writeMs: number;
  /** Time the cache added, in milliseconds. */
  readonly cacheMs: number;
}

/**
 * Entries of one kind in a cache, with the strategies that keep them: lazy loading, write-through and invalidation.
 *
 * A cache that cannot be asked is never an error here: it costs at most 100 ms a call, then under 1 ms.
 */
export class Namespace<T> {
  private readonly flights = new SingleFlight();
  private readonly jitter: number;

  constructor(
    private readonly store: Store,
    private readonly quarantine: Quarantine,
    private readonly name: string,
    private readonly options: NamespaceOptions,
    private readonly random: () => number = Math.random,
  ) {
    storeKey(name, '');
    this.jitter = options.jitter ?? 0.1;
    if (!(options.ttlMs >= 1_000)) {
      throw new RangeError(`\`ttlMs\` of namespace \`${name}\` must be at least 1000, got ${options.ttlMs}`);
    }
    if (!(this.jitter >= 0 && this.jitter < 1)) {
      throw new RangeError(`\`jitter\` of namespace \`${name}\` must be from 0 to below 1, got ${this.jitter}`);
    }
  }

  /**
   * Lazy loading: what the cache has, or what the loader returns, which is then cached. Concurrent misses of one id in
   * this process share one call of the loader, its failure included.
   */
  async getOrLoad(id: string | number, load: () => Promise<T>): Promise<T> {
    return (await this.lookup(id, load)).value;
  }

  /** As `getOrLoad`, and says how the value was found and what that cost. */
  async lookup(id: string | number, load: () => Promise<T>): Promise<Lookup<T>> {
    const key = storeKey(this.name, String(id));
    const read = await this.read([key]);
    const found = read.found[0];
    if (found?.state === 'value') {
      return { value: found.value as T, outcome: 'hit', cacheMs: read.cacheMs, loadMs: 0 };
    }
    const flight = await this.flights.run(key, async () => {
      const startedAt = performance.now();
      const value = await load();
      const loadMs = performance.now() - startedAt;
      const fillMs = found === undefined ? 0 : await this.fill(key, value, found.lease);
      return { value, loadMs, fillMs };
    });
    return {
      value: flight.value,
      outcome: found === undefined ? 'bypass' : 'miss',
      cacheMs: read.cacheMs + flight.fillMs,
      loadMs: flight.loadMs,
    };
  }

  /**
   * Lazy loading of many: one batched read, and one call of the loader for all that was missing.
   *
   * @param load returns the values it has by id; an id that it leaves out is left out of the result
   */
  async lookupMany<Id extends string | number>(
    ids: readonly Id[],
    load: (missing: readonly Id[]) => Promise<ReadonlyMap<Id, T>>,
  ): Promise<Lookup<Map<Id, T>>> {
    if (ids.length === 0) {
      return { value: new Map(), outcome: 'hit', cacheMs: 0, loadMs: 0 };
    }
    const keys = ids.map((id) => storeKey(this.name, String(id)));
    const read = await this.read(keys);
    const values = new Map<Id, T>();
    const missing: Array<{ id: Id; key: string; lease: string | undefined }> = [];
    ids.forEach((id, index) => {
      const found = read.found[index];
      if (found?.state === 'value') {
        values.set(id, found.value as T);
      } else {
        missing.push({ id, key: keys[index] as string, lease: found?.lease });
      }
    });
    if (missing.length === 0) {
      return { value: values, outcome: 'hit', cacheMs: read.cacheMs, loadMs: 0 };
    }

    const startedAt = performance.now();
    const loaded = await load(missing.map(({ id }) => id));
    const loadMs = performance.now() - startedAt;

    const fills = missing.map(async ({ id, key, lease }) => {
      const value = loaded.get(id);
      if (value === undefined) {
        return 0;
      }
      values.set(id, value);
      return lease === undefined ? 0 : this.fill(key, value, lease);
    });
    const fillMs = Math.max(...(await Promise.all(fills)));
    return {
      value: values,
      outcome: missing.some(({ lease }) => lease === undefined) ? 'bypass' : 'miss',
      cacheMs: read.cacheMs + fillMs,
      loadMs,
    };
  }

  /**
   * Write-through: the database first, then the cache. When the write fails nothing is cached and its error is thrown.
   *
   * @param value what readers see from now on
   * @param write writes it to the database
   */
  async writeThrough(id: string | number, value: T, write: () => Promise<unknown>): Promise<WriteCost> {
    const key = storeKey(this.name, String(id));
    const startedAt = performance.now();
    await write();
    const writtenAt = performance.now();
    this.flights.forget(key);
    const cached = await this.attempt(key, () => this.store.set(key, value, this.ttlMs()));
    return { cached, writeMs: writtenAt - startedAt, cacheMs: performance.now() - writtenAt };
  }

  /** Forgets an entry; call it after the database's commit. Loads that began before it are not cached. */
  async invalidate(id: string | number): Promise<void> {
    const key = storeKey(this.name, String(id));
    this.flights.forget(key);
    await this.attempt(key, () => this.store.delete(key));
  }

  /** `undefined` for a key that could not be asked. */
  private async read(keys: readonly string[]): Promise<{ found: Array<Found | undefined>; cacheMs: number }> {
    const startedAt = performance.now();
    try {
      const found = await this.store.getMany(keys);
      return {
        found: found.map((entry, index) => (this.quarantine.has(keys[index] as string) ? undefined : entry)),
        cacheMs: performance.now() - startedAt,
      };
    } catch {
      return { found: keys.map(() => undefined), cacheMs: performance.now() - startedAt };
    }
  }

  /** @returns what the fill cost, in milliseconds; a fill that fails costs the next reader a miss and nothing else */
  private async fill(key: string, value: T, lease: string): Promise<number> {
    const startedAt = performance.now();
    try {
      await this.store.fill(key, value, this.ttlMs(), lease);
    } catch {
      // Not cached: refused for its size, or the cache was lost meanwhile.
    }
    return performance.now() - startedAt;
  }

  /** A change that must not be missed: when the cache cannot be told, or refuses, the key is quarantined. */
  private async attempt(key: string, change: () => Promise<void>): Promise<boolean> {
    try {
      await change();
      this.quarantine.forget(key);
      return true;
    } catch (error) {
      this.quarantine.add(key);
      if (!(error instanceof CacheUnavailableError)) {
        // The cache answered and refused, for example a value over its size: what it held before can go now.
        await this.quarantine.release();
      }
      return false;
    }
  }

  private ttlMs(): number {
    return Math.round(this.options.ttlMs * (1 + this.jitter * (2 * this.random() - 1)));
  }
}
