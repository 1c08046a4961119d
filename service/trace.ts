import type { CacheTime, Lookup, Outcome, WriteCost } from '../runtime';

/** Who answered a read: the cache, the database because the cache had nothing, or the database without the cache. */
export type Answer = 'hit' | 'miss' | 'bypass';

const ANSWERS: Readonly<Record<Outcome, Answer>> = {
  hit: 'hit',
  tier: 'hit',
  stale: 'hit',
  // Another request was asking the database already.
  wait: 'miss',
  miss: 'miss',
  bypass: 'bypass',
};

/** What one request asked of the cache and the database, for its headers and the panel. */
export class Trace {
  databaseMs = 0;
  /** Time spent waiting for what another request asked the database for. */
  waitMs = 0;
  write: { readonly databaseMs: number; readonly cacheMs: number } | undefined;
  private readonly answers = new Set<Answer>();

  /** @param cacheTime what the request has waited for its caches so far, sessions and data types included */
  constructor(readonly cacheTime: CacheTime) {}

  /** Notes a read through the cache, and gives its value. */
  read<T>(lookup: Lookup<T>): T {
    this.answers.add(ANSWERS[lookup.outcome]);
    if (lookup.outcome === 'wait') {
      this.waitMs += lookup.loadMs;
    } else {
      this.databaseMs += lookup.loadMs;
    }
    return lookup.value;
  }

  /** Notes a write through the cache. */
  wrote(cost: WriteCost): void {
    this.write = { databaseMs: cost.writeMs, cacheMs: cost.cacheMs };
    this.databaseMs += cost.writeMs;
  }

  /** Notes a query that went by the cache on purpose. */
  async query<T>(run: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await run();
    } finally {
      this.databaseMs += performance.now() - startedAt;
    }
  }

  /** Notes a read that was told not to use the cache. */
  bypassed(): void {
    this.answers.add('bypass');
  }

  /**
   * How the response came about: `bypass` when the cache could not be asked for a part of it, `miss` when a part had
   * to be loaded, `hit` when all of it came from the cache.
   */
  get answer(): Answer | undefined {
    return (['bypass', 'miss', 'hit'] as const).find((answer) => this.answers.has(answer));
  }
}
