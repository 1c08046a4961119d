import { readFileSync } from 'node:fs';
import {
  BINDINGS_FILE_VARIABLE,
  BINDINGS_VARIABLE,
  type Binding,
  BindingError,
  type CacheEngineName,
  parseBinding,
} from './binding';
import { Cache, type CacheOptions } from './cache';
import type { DataTypes } from './data-types/data-types';
import { type DatabaseLogin, databaseLogin } from './database-login';
import { UnknownBindingError } from './errors';
import { type CacheObserver, type Observe, observeNothing, observeWith } from './observer';
import { RedisCluster } from './redis/cluster';
import { RedisConnection } from './redis/connection';
import { InvalidationFeed } from './redis/invalidation-feed';
import type { SessionStore, SessionStoreOptions } from './sessions/session-store';
import { MemcachedStore } from './stores/memcached-store';
import { RedisStore } from './stores/redis-store';

/** The engine of each cache, by name: given to `connect`, it makes a wrong use a type error. */
export type CacheEngines = Record<string, CacheEngineName>;

type WithDataTypes<E extends CacheEngines> = { [N in keyof E]: E[N] extends 'memcached' ? never : N }[keyof E] & string;

export interface ConnectOptions {
  /** Sees every read, write and change of state: see `OpenTelemetryObserver` and `PrometheusObserver`. */
  readonly observer?: CacheObserver;
}

/** Every cache and database that this process was given. Connections open at the first use of each. */
export class Caches<E extends CacheEngines = Record<string, any>> {
  private readonly opened = new Map<string, { readonly cache: Cache; readonly options: CacheOptions }>();
  private readonly observe: Observe | undefined;

  /** @internal */
  constructor(
    private readonly binding: Binding,
    options: ConnectOptions = {},
  ) {
    this.observe = observeWith(options.observer);
  }

  /**
   * A cache of the binding.
   *
   * @param options count at the first use of the cache
   * @throws UnknownBindingError when the binding holds no such cache
   * @throws TypeError when the cache was opened with other options before
   */
  cache(name: keyof E & string, options?: CacheOptions): Cache {
    return this.open(name, options);
  }

  /**
   * Leaderboards, lists, sets, hashes, counters and rate limiters.
   *
   * @throws EngineUnsupportedError when the cache is a Memcached
   */
  dataTypes<N extends WithDataTypes<E>>(name: N): DataTypes {
    return this.open(name).dataTypes();
  }

  /** A store for `express-session` or `@fastify/session`. */
  sessionStore(name: keyof E & string, options?: SessionStoreOptions): SessionStore {
    return this.open(name).sessionStore(options);
  }

  /**
   * How to sign in to a database, in the shape `pg` takes; `mysqlLogin` brings it into the shape of `mysql2`.
   *
   * @throws UnknownBindingError
   */
  database(name: string): DatabaseLogin {
    const database = this.binding.databases[name];
    if (database === undefined) {
      throw new UnknownBindingError('database', name, Object.keys(this.binding.databases));
    }
    return databaseLogin(database);
  }

  /**
   * Waits until every cache opened so far answers.
   *
   * @param timeoutMs default: 2 seconds
   * @throws Error that names the caches that did not
   */
  async ready(timeoutMs = 2_000): Promise<void> {
    const results = await Promise.allSettled([...this.opened.values()].map(({ cache }) => cache.ready(timeoutMs)));
    const late = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
    if (late.length > 0) {
      throw new Error(late.map(({ message }) => message).join('; '), { cause: late[0]?.cause });
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.opened.values()].map(({ cache }) => cache.close()));
    this.opened.clear();
  }

  private open(name: string, options?: CacheOptions): Cache {
    const opened = this.opened.get(name);
    if (opened === undefined) {
      const cache = this.openNew(name, options ?? {});
      this.opened.set(name, { cache, options: options ?? {} });
      return cache;
    }
    if (options !== undefined && JSON.stringify(options) !== JSON.stringify(opened.options)) {
      throw new TypeError(
        `cache \`${name}\` was opened with the options ${JSON.stringify(opened.options)} before, ` +
          `got ${JSON.stringify(options)}: give them at its first use`,
      );
    }
    return opened.cache;
  }

  private openNew(name: string, options: CacheOptions): Cache {
    const binding = this.binding.caches[name];
    if (binding === undefined) {
      throw new UnknownBindingError('cache', name, Object.keys(this.binding.caches));
    }
    const { observe } = this;
    const tell = observe ?? observeNothing;
    if (binding.engine === 'memcached') {
      return new Cache({ store: new MemcachedStore(name, binding, tell, options.join), observe, options });
    }
    const isCluster = binding.mode === 'cluster';
    const commands = isCluster
      ? new RedisCluster({ name, binding, observe: tell })
      : new RedisConnection({ name, binding, observe: tell });
    return new Cache({
      store: new RedisStore(commands, options.join),
      commands,
      observe,
      options,
      // In cluster mode each shard would push its own; there the age of what is kept is the bound.
      ...(isCluster ? {} : { openFeed: () => new InvalidationFeed(binding) }),
    });
  }
}

/**
 * Reads the binding and gives access to what it names.
 *
 * @param environment default: the process's own variables
 * @throws BindingError when the binding is missing, unreadable, of another version or lacks a field
 */
export function connect<E extends CacheEngines = Record<string, any>>(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  options?: ConnectOptions,
): Caches<E> {
  return new Caches<E>(loadBinding(environment), options);
}

function loadBinding(environment: Readonly<Record<string, string | undefined>>): Binding {
  const inline = environment[BINDINGS_VARIABLE];
  if (inline !== undefined) {
    return parseBinding(inline, `$${BINDINGS_VARIABLE}`);
  }
  const file = environment[BINDINGS_FILE_VARIABLE];
  if (file === undefined) {
    throw new BindingError(
      `$${BINDINGS_FILE_VARIABLE}`,
      `is not set: set it to the binding's file, or ${BINDINGS_VARIABLE} to the document itself`,
    );
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BindingError(file, `cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
  return parseBinding(text, file);
}
