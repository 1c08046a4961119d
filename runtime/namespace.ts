import type { AbandonedLeases } from './abandoned-leases';
import { CostCounter, type Costs } from './costs';
import { DeferredLoad } from './deferred-load';
import { Entries, type Reading } from './entries';
import { clearTag, EntryReader, NO_GENERATIONS } from './entry-reader';
import { EngineUnsupportedError } from './errors';
import { checkNamespace, safeId } from './key';
import type { LoadLimiter } from './load-limiter';
import { type Loader, Loading } from './loading';
import { type NamespaceOptions, type NamespaceSettings, settingsOf } from './namespace-options';
import type { DropEvent, Observe, Outcome } from './observer';
import type { Quarantine } from './quarantine';
import { hasBudget } from './request-budget';
import type { Store } from './stores/store';
import type { Tags } from './tags';
import type { Tier } from './tier';
import { type WriteCost, Writing } from './writing';

/** A value with how it was found and what that cost. */
export interface Lookup<T> {
  readonly value: T;
  readonly outcome: Outcome;
  /** Time spent waiting for the cache, in milliseconds. */
  readonly cacheMs: number;
  /** Time spent in the loader, in milliseconds; 0 for a hit. */
  readonly loadMs: number;
  /** Age of the value, in milliseconds; 0 for what was just loaded. */
  readonly ageMs: number;
}

/** What namespaces of one cache share. */
export interface NamespaceParts {
  readonly store: Store;
  readonly quarantine: Quarantine;
  readonly abandoned: AbandonedLeases;
  readonly limiter: LoadLimiter;
  readonly tags: Tags;
  readonly observe: Observe | undefined;
  /** Makes the in-process tier of a namespace whose keys start with the prefix. */
  readonly tierFor: (prefix: string, settings: NamespaceSettings) => Tier | undefined;
  readonly random?: () => number;
}

/**
 * Entries of one kind in a cache, with the strategies that keep them: lazy loading, write-through, write-around,
 * invalidation, refresh-ahead and negative caching.
 *
 * A cache that cannot be asked is never an error here: it costs at most 100 ms a call, then under 1 ms.
 */
export class Namespace<T> {
  private readonly prefix: string;
  private readonly settings: NamespaceSettings;
  private readonly store: Store;
  private readonly loading: Loading;
  private readonly writing: Writing;
  private readonly counter = new CostCounter();
  private readonly tier: Tier | undefined;
  private readonly reader: EntryReader;

  constructor(
    private readonly name: string,
    options: NamespaceOptions,
    private readonly parts: NamespaceParts,
  ) {
    const { store, quarantine, abandoned, limiter, random = Math.random } = parts;
    this.prefix = checkNamespace(name);
    this.settings = settingsOf(name, options);
    if (this.settings.readFrom === 'replica') {
      store.assertReplicas();
    }
    this.store = store;
    this.tier = parts.tierFor(this.prefix, this.settings);
    const drop = (reason: DropEvent['reason']) => this.drop(reason);
    const { settings, counter: costs, tier } = this;
    const entries = new Entries(store, settings, random);
    this.reader = new EntryReader(name, { store, settings, entries, quarantine, abandoned, tags: parts.tags, tier });
    this.loading = new Loading({ store, settings, entries, limiter, quarantine, abandoned, costs, drop, random });
    this.writing = new Writing({ store, settings, entries, quarantine, costs, drop });
  }

  /**
   * Lazy loading: what the cache has, or what the loader returns, which is then cached. Concurrent misses of one id
   * share one call of the loader, in this process and in the fleet, its failure included. Every caller gets an object
   * of its own (from the in-process tier: a frozen one).
   *
   * @param load asks the database; what it throws reaches every caller that waited for it
   * @throws LoadShedError when the database is protected and no older value can be served
   */
  async getOrLoad(id: string | number, load: () => Promise<T>): Promise<T> {
    // The same as `lookup`, without measuring a hit: a third of its cost.
    if (this.parts.observe !== undefined || this.reader.isTagged || hasBudget()) {
      return (await this.lookup(id, load)).value;
    }
    const key = this.keyOf(id);
    const kept = this.tier?.get(key);
    if (kept !== undefined) {
      this.counter.tier += 1;
      this.counter.served(key, kept.ageMs);
      return kept.value as T;
    }
    const reading = await this.reader.readUntagged(key);
    if (reading !== undefined && reading.state === 'fresh') {
      this.counter.hit += 1;
      this.counter.served(key, reading.ageMs);
      return reading.value as T;
    }
    return (await this.conclude(key, reading, NO_GENERATIONS, { load, limited: true }, 0)).value;
  }

  /** As `getOrLoad`, and says how the value was found and what that cost. */
  async lookup(id: string | number, load: () => Promise<T>): Promise<Lookup<T>> {
    const key = this.keyOf(id);
    const kept = this.tier?.get(key);
    if (kept !== undefined) {
      return this.report(key, { value: kept.value as T, outcome: 'tier', cacheMs: 0, loadMs: 0, ageMs: kept.ageMs });
    }
    const startedAt = performance.now();
    const { reading, generations } = await this.reader.read(key, String(id));
    return this.conclude(key, reading, generations, { load, limited: true }, performance.now() - startedAt);
  }

  /**
   * Lazy loading of many: one batched read, and one call of the loader for all that was missing. What another process
   * loads at that time is waited for, and only loaded here (in a second call) when it does not come.
   *
   * @param load returns the values it has by id; an id that it leaves out is cached as not there
   * @returns the values by id, without those that are not there
   */
  async getOrLoadMany<Id extends string | number>(
    ids: readonly Id[],
    load: (missing: readonly Id[]) => Promise<ReadonlyMap<Id, T>>,
  ): Promise<Map<Id, T>> {
    return (await this.lookupMany(ids, load)).value;
  }

  /** As `getOrLoadMany`, and says how the worst of the values was found and what all cost. */
  async lookupMany<Id extends string | number>(
    ids: readonly Id[],
    load: (missing: readonly Id[]) => Promise<ReadonlyMap<Id, T>>,
  ): Promise<Lookup<Map<Id, T>>> {
    const unique = [...new Set(ids)];
    const batch = new DeferredLoad<Id, T>(unique, (missing) => this.parts.limiter.run(() => load(missing)));
    const lookups = await settleAll(unique.map((id) => this.lookupInBatch(id, batch)));
    const value = new Map<Id, T>();
    lookups.forEach((lookup, index) => {
      if (lookup.value !== undefined) {
        value.set(unique[index] as Id, lookup.value);
      }
    });
    const most = (of: (lookup: Lookup<T | undefined>) => number) => lookups.reduce((max, l) => Math.max(max, of(l)), 0);
    return {
      value,
      outcome: worstOf(lookups.map(({ outcome }) => outcome)),
      cacheMs: most((lookup) => lookup.cacheMs),
      loadMs: most((lookup) => lookup.loadMs),
      ageMs: most((lookup) => lookup.ageMs),
    };
  }

  /**
   * Write-through: the database first, then the cache. When the write fails its error is thrown and the entry is
   * forgotten, because the database may have taken it all the same. Let the database give a statement up before its client
   * does (PostgreSQL: `statement_timeout` below `query_timeout`): what it takes later nobody here hears of.
   * When two write one key at once, whoever comes second at the cache removes the key instead, because nobody can tell
   * whose write the database took last.
   *
   * @param value what readers see from now on
   * @param write writes it to the database
   * @throws EngineUnsupportedError when the namespace reads from replicas, which would show the old value
   */
  async writeThrough(id: string | number, value: T, write: () => Promise<unknown>): Promise<WriteCost> {
    if (this.settings.readFrom === 'replica') {
      throw new EngineUnsupportedError(
        `namespace \`${this.name}\` reads from replicas, which may be behind a write-through: ` +
          'leave `readFrom` out, or use `writeAround`',
      );
    }
    const key = this.keyOf(id);
    const generations = await this.reader.generationsOf(String(id)).catch(() => undefined);
    return this.written('write-through', key, () => this.writing.through(key, value, write, generations));
  }

  /**
   * Write-around: the database first, then the entry is forgotten, so that only what is read again is cached. It is
   * forgotten also when the write fails, whose error is thrown.
   */
  async writeAround(id: string | number, write: () => Promise<unknown>): Promise<WriteCost> {
    const key = this.keyOf(id);
    return this.written('write-around', key, () => this.writing.around([key], write));
  }

  /**
   * Forgets entries; call it after the database's commit, never before: what is read between the two would be cached
   * as it was. Loads that began before it are not cached.
   */
  async invalidate(...ids: ReadonlyArray<string | number>): Promise<WriteCost> {
    const keys = ids.map((id) => this.keyOf(id));
    return this.written('invalidate', keys[0] ?? '', () => this.writing.around(keys, async () => {}), keys);
  }

  /**
   * Forgets every entry, without a scan.
   *
   * @throws EngineUnsupportedError when the namespace was not made `clearable`
   */
  async clear(): Promise<WriteCost> {
    if (!this.settings.clearable) {
      throw new EngineUnsupportedError(
        `namespace \`${this.name}\` cannot be cleared: make it with \`clearable: true\`, which costs one more key a round trip`,
      );
    }
    const key = this.parts.tags.keyOf(clearTag(this.name));
    this.tagInvalidated();
    const cost = await this.written('invalidate', key, () => this.writing.around([key], async () => {}));
    this.tagInvalidated();
    return cost;
  }

  /** A tag of this cache was invalidated: nobody joins a load that began before, and nothing kept here is served. @internal */
  tagInvalidated(): void {
    this.loading.forgetAll();
    this.tier?.clear();
  }

  /** What the namespace saved and cost in this process. */
  costs(): Costs {
    return this.counter.snapshot();
  }

  private keyOf(id: string | number): string {
    return this.prefix + (typeof id === 'number' ? id : safeId(id));
  }

  private async lookupInBatch<Id extends string | number>(
    id: Id,
    batch: DeferredLoad<Id, T>,
  ): Promise<Lookup<T | undefined>> {
    const key = this.keyOf(id);
    const loader: Loader = { load: () => batch.load(id), limited: false, onWait: () => batch.decided(id) };
    try {
      const kept = this.tier?.get(key);
      if (kept !== undefined) {
        return this.report(key, { value: kept.value as T, outcome: 'tier', cacheMs: 0, loadMs: 0, ageMs: kept.ageMs });
      }
      const startedAt = performance.now();
      const { reading, generations } = await this.reader.read(key, String(id));
      return await this.conclude(key, reading, generations, loader, performance.now() - startedAt);
    } finally {
      batch.decided(id);
    }
  }

  private async conclude(
    key: string,
    reading: Reading | undefined,
    generations: readonly number[],
    loader: Loader,
    readMs: number,
  ): Promise<Lookup<T>> {
    if (reading?.state === 'fresh') {
      return this.report(key, {
        value: reading.value as T,
        outcome: 'hit',
        cacheMs: readMs,
        loadMs: 0,
        ageMs: reading.ageMs,
      });
    }
    if (reading?.state === 'stale') {
      this.loading.refresh(key, reading, generations, loader);
      return this.report(key, {
        value: reading.value as T,
        outcome: 'stale',
        cacheMs: readMs,
        loadMs: 0,
        ageMs: reading.ageMs,
      });
    }
    if (reading?.state === 'absent' && reading.why !== undefined) {
      this.drop(reading.why);
    }
    try {
      const loaded = await this.loading.load(key, reading, generations, loader);
      const { value, outcome, loadMs, ageMs } = loaded;
      return this.report(key, { value: value as T, outcome, loadMs, ageMs, cacheMs: readMs + loaded.cacheMs });
    } catch (error) {
      this.counter[reading === undefined ? 'bypass' : 'miss'] += 1;
      this.parts.observe?.({
        type: 'read',
        cache: this.store.name,
        namespace: this.name,
        outcome: reading === undefined ? 'bypass' : 'miss',
        cacheMs: readMs,
        loadMs: 0,
        ageMs: 0,
        failed: true,
      });
      throw error;
    }
  }

  private report(key: string, lookup: Lookup<T>): Lookup<T> {
    const { outcome, cacheMs, loadMs, ageMs } = lookup;
    this.counter[outcome] += 1;
    if (outcome !== 'miss' && outcome !== 'bypass') {
      this.counter.served(key, ageMs);
    }
    this.parts.observe?.({
      type: 'read',
      cache: this.store.name,
      namespace: this.name,
      outcome,
      cacheMs,
      loadMs,
      ageMs,
      failed: false,
    });
    return lookup;
  }

  private async written(
    strategy: 'write-through' | 'write-around' | 'invalidate',
    key: string,
    change: () => Promise<WriteCost>,
    keys: readonly string[] = [key],
  ): Promise<WriteCost> {
    const forget = () => {
      for (const each of keys) {
        this.loading.forget(each);
        this.tier?.drop(each);
      }
    };
    forget();
    try {
      const cost = await change();
      this.counter.wrote(cost.cacheMs, cost.reached);
      this.parts.observe?.({
        type: 'write',
        cache: this.store.name,
        namespace: this.name,
        strategy,
        reached: cost.reached,
        writeMs: cost.writeMs,
        cacheMs: cost.cacheMs,
      });
      return cost;
    } finally {
      // Again, for who began to load while the database was being written.
      forget();
    }
  }

  private drop(reason: DropEvent['reason']): void {
    this.counter.dropped(reason);
    this.parts.observe?.({ type: 'drop', cache: this.store.name, namespace: this.name, reason });
  }
}

const WORST_FIRST: readonly Outcome[] = ['bypass', 'miss', 'wait', 'stale', 'hit', 'tier'];

function worstOf(outcomes: readonly Outcome[]): Outcome {
  return WORST_FIRST.find((outcome) => outcomes.includes(outcome)) ?? 'hit';
}

/** Waits for all, then throws the first failure: nothing is left running that nobody waits for. */
async function settleAll<T>(promises: ReadonlyArray<Promise<T>>): Promise<T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === 'rejected') {
      throw result.reason;
    }
    return result.value;
  });
}
