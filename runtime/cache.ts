import { AbandonedLeases } from './abandoned-leases';
import { DataTypes } from './data-types/data-types';
import { EngineUnsupportedError } from './errors';
import { type LoadLimit, LoadLimiter } from './load-limiter';
import { Namespace, type NamespaceParts } from './namespace';
import type { NamespaceOptions, NamespaceSettings } from './namespace-options';
import { type Observe, observeNothing } from './observer';
import { Quarantine } from './quarantine';
import type { RedisCommands } from './redis/commands';
import type { InvalidationFeed } from './redis/invalidation-feed';
import { SessionStore, type SessionStoreOptions } from './sessions/session-store';
import type { Store } from './stores/store';
import { Tags } from './tags';
import { Tier, UNWATCHED } from './tier';

export interface CacheOptions {
  /** How many loads may reach the database at once, and how many wait. @default - 16 at once, 1,000 waiting, each for a second */
  readonly limit?: LoadLimit;
  /** Whether the gets of one tick share a round trip. @default true */
  readonly join?: boolean;
}

interface CacheParts {
  readonly store: Store;
  readonly observe: Observe | undefined;
  /** What data types work over; not on Memcached. */
  readonly commands?: RedisCommands;
  /** News of changed keys, where the engine pushes them. */
  readonly openFeed?: () => InvalidationFeed;
  readonly options: CacheOptions;
}

/** Longest that an entry is served from this process, in milliseconds. */
const TIER_AGE_MS = { pushed: 10_000, unwatched: 1_000 };

/** One cache: entries in namespaces, data types, sessions. */
export class Cache {
  private readonly quarantine: Quarantine;
  private readonly abandoned: AbandonedLeases;
  private readonly limiter: LoadLimiter;
  private readonly tags: Tags;
  private readonly taggedNamespaces = new Set<{ tagInvalidated(): void }>();
  private feed: InvalidationFeed | undefined;

  /** @internal */
  constructor(private readonly parts: CacheParts) {
    const observe = parts.observe ?? observeNothing;
    this.quarantine = new Quarantine(parts.store, observe);
    this.abandoned = new AbandonedLeases(parts.store);
    this.limiter = new LoadLimiter(parts.store.name, parts.options.limit, observe);
    this.tags = new Tags(parts.store);
  }

  /**
   * Entries of one kind, with their own life.
   *
   * @param name 1 to 40 characters of a-z, 0-9 and -
   * @throws RangeError when an option is out of its bounds
   */
  namespace<T>(name: string, options: NamespaceOptions): Namespace<T> {
    const parts: NamespaceParts = {
      store: this.parts.store,
      quarantine: this.quarantine,
      abandoned: this.abandoned,
      limiter: this.limiter,
      tags: this.tags,
      observe: this.parts.observe,
      tierFor: (prefix, settings) => this.tierFor(prefix, settings),
    };
    const namespace = new Namespace<T>(name, options, parts);
    if (options.tags !== undefined) {
      this.taggedNamespaces.add(namespace);
    }
    return namespace;
  }

  /**
   * Makes every entry with one of the tags a miss, in all namespaces of this cache, on every instance, without a scan.
   *
   * @returns whether the cache was told; if not, the bound for other processes is the TTL
   */
  async invalidateTag(...tags: readonly string[]): Promise<{ readonly reached: boolean }> {
    const tell = () => {
      for (const namespace of this.taggedNamespaces) {
        namespace.tagInvalidated();
      }
    };
    tell();
    const reached = await Promise.all(tags.map((tag) => this.quarantine.delete(this.tags.keyOf(tag))));
    tell();
    return { reached: reached.every(Boolean) };
  }

  /**
   * Leaderboards, lists, sets, hashes, counters and rate limiters.
   *
   * @throws EngineUnsupportedError when the cache is a Memcached
   */
  dataTypes(): DataTypes {
    const { commands, store } = this.parts;
    if (commands === undefined) {
      throw new EngineUnsupportedError(
        `cache \`${store.name}\` is a Memcached, which has no lists, sets, hashes or sorted sets: ` +
          'use a Valkey or Redis OSS cache for leaderboards and the other data types',
      );
    }
    return new DataTypes(commands);
  }

  /** A store for `express-session` or `@fastify/session`. It always reads from the primary. */
  sessionStore(options?: SessionStoreOptions): SessionStore {
    return new SessionStore(this.parts.store, options, this.parts.observe ?? observeNothing);
  }

  /** Keys whose change has not reached the cache yet; this process does not read them. */
  get quarantined(): number {
    return this.quarantine.size;
  }

  /** Resolves once the cache answers. @throws Error that names its endpoint after `timeoutMs` */
  ready(timeoutMs: number): Promise<void> {
    return this.parts.store.ready(timeoutMs);
  }

  async close(): Promise<void> {
    this.quarantine.close();
    this.abandoned.close();
    this.feed?.close();
    await this.parts.store.close();
  }

  private tierFor(prefix: string, settings: NamespaceSettings): Tier | undefined {
    const { tier } = settings;
    if (tier === undefined) {
      return undefined;
    }
    if (this.parts.openFeed === undefined) {
      return new Tier(tier.entries, tier.maxAgeMs ?? TIER_AGE_MS.unwatched, UNWATCHED);
    }
    this.feed ??= this.parts.openFeed();
    const made = new Tier(tier.entries, tier.maxAgeMs ?? TIER_AGE_MS.pushed, this.feed);
    this.feed.listen({ prefix, changed: (key) => made.drop(key), lost: () => made.clear() });
    if (settings.tags !== undefined || settings.clearable) {
      this.feed.listen({ prefix: 'tag:', changed: () => made.clear(), lost: () => made.clear() });
    }
    return made;
  }
}
