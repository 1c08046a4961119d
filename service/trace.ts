import type { Lookup, Outcome, WriteCost } from '../runtime';

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
  /** The longest that one call of the cache took. */
  slowestCallMs = 0;
  databaseMs = 0;
  /** Time spent waiting for what another request asked the database for. */
  waitMs = 0;
  write: { readonly databaseMs: number; readonly cacheMs: number } | undefined;
  private readonly answers = new Set<Answer>();
  /** Times at which caches were waited for, on `performance.now()`'s clock. */
  private readonly waits: Array<readonly [from: number, to: number]> = [];

  /** How long caches were waited for: what was asked at the same time counts once. */
  get cacheMs(): number {
    let [total, until] = [0, 0];
    for (const [from, to] of [...this.waits].sort(([one], [other]) => one - other)) {
      total += Math.max(0, to - Math.max(from, until));
      until = Math.max(until, to);
    }
    return total;
  }

  /** Notes a read through the cache, and gives its value. */
  read<T>(lookup: Lookup<T>): T {
    this.answers.add(ANSWERS[lookup.outcome]);
    this.waited(lookup.cacheMs, lookup.loadMs);
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
    this.waited(cost.cacheMs, 0);
  }

  /** A read asks the cache first, and then the database. */
  private waited(ms: number, loadMs: number): void {
    const to = performance.now() - loadMs;
    this.waits.push([to - ms, to]);
    this.slowestCallMs = Math.max(this.slowestCallMs, ms);
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
