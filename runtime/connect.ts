import { readFileSync } from 'node:fs';
import {
  BINDINGS_FILE_VARIABLE,
  BINDINGS_VARIABLE,
  type Binding,
  BindingError,
  type CacheBinding,
  type CacheEngineName,
  parseBinding,
} from './binding';
import { type DatabaseLogin, databaseLogin } from './database-login';
import { EngineUnsupportedError, UnknownBindingError } from './errors';
import { MemcachedStore } from './memcached/store';
import { Namespace, type NamespaceOptions } from './namespace';
import { Quarantine } from './quarantine';
import { RedisConnection } from './redis/connection';
import { DataTypes } from './redis/data-types';
import { RedisStore } from './redis/store';
import { SessionStore, type SessionStoreOptions } from './session-store';
import type { Store } from './store';

/** The engine of each cache, by name: given to `connect`, it makes a wrong use a type error. */
export type CacheEngines = Record<string, CacheEngineName>;

type WithDataTypes<E extends CacheEngines> = { [N in keyof E]: E[N] extends 'memcached' ? never : N }[keyof E] & string;

interface OpenCache {
  readonly store: Store;
  readonly quarantine: Quarantine;
  readonly connection?: RedisConnection;
}

/** A cache of the binding, to keep namespaces of entries in. */
export class Cache {
  constructor(private readonly opened: OpenCache) {}

  /**
   * Entries of one kind, with their own life.
   *
   * @param name 1 to 40 characters of a-z, 0-9 and -
   */
  namespace<T>(name: string, options: NamespaceOptions): Namespace<T> {
    return new Namespace<T>(this.opened.store, this.opened.quarantine, name, options);
  }
}

/** Every cache and database that this process was given. Connections open at the first use of each. */
export class Caches<E extends CacheEngines = Record<string, any>> {
  private readonly opened = new Map<string, OpenCache>();

  constructor(private readonly binding: Binding) {}

  /** @throws UnknownBindingError when the binding holds no such cache */
  cache(name: keyof E & string): Cache {
    return new Cache(this.open(name));
  }

  /**
   * Leaderboards, lists, sets and hashes.
   *
   * @throws EngineUnsupportedError when the cache is a Memcached
   */
  dataTypes<N extends WithDataTypes<E>>(name: N): DataTypes {
    const { connection } = this.open(name);
    if (connection === undefined) {
      throw new EngineUnsupportedError(
        `cache \`${name}\` is a Memcached, which has no lists, sets, hashes or sorted sets: ` +
          'use a Valkey or Redis OSS cache for leaderboards and the other data types',
      );
    }
    return new DataTypes(connection);
  }

  /** A store for `express-session` or `@fastify/session`. */
  sessionStore(name: keyof E & string, options?: SessionStoreOptions): SessionStore {
    return new SessionStore(this.open(name).store, options);
  }

  /** How to sign in to a database, in the shape `pg` takes. @throws UnknownBindingError */
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
    const results = await Promise.allSettled([...this.opened.values()].map(({ store }) => store.ready(timeoutMs)));
    const late = results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as Error).message] : []));
    if (late.length > 0) {
      throw new Error(late.join('; '));
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.opened.values()].map(({ store, quarantine }) => {
        quarantine.close();
        return store.close();
      }),
    );
    this.opened.clear();
  }

  private open(name: string): OpenCache {
    let opened = this.opened.get(name);
    if (opened === undefined) {
      opened = this.openNew(name);
      this.opened.set(name, opened);
    }
    return opened;
  }

  private openNew(name: string): OpenCache {
    const binding = this.binding.caches[name];
    if (binding === undefined) {
      throw new UnknownBindingError('cache', name, Object.keys(this.binding.caches));
    }
    refuseUnsupported(name, binding);
    if (binding.engine === 'memcached') {
      const store = new MemcachedStore(name, binding);
      return { store, quarantine: new Quarantine(store) };
    }
    const connection = new RedisConnection(name, binding);
    const store = new RedisStore(connection);
    return { store, quarantine: new Quarantine(store), connection };
  }
}

/** What this release cannot speak is said at once, and not when the first command hangs. */
function refuseUnsupported(name: string, binding: CacheBinding): void {
  if (binding.engine === 'memcached' && binding.tls) {
    throw new EngineUnsupportedError(`cache \`${name}\`: TLS to Memcached is not supported by this release`);
  }
  if (binding.mode === 'cluster') {
    throw new EngineUnsupportedError(`cache \`${name}\`: cluster mode is not supported by this release`);
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
): Caches<E> {
  return new Caches<E>(loadBinding(environment));
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
