/** The runtime of this package, in the shapes that the benchmarks ask of every client. */
import { type CacheOptions, type Caches, connect } from '../../runtime';
import { BINDING_VERSION, BINDINGS_VARIABLE, type Binding } from '../../runtime/binding';
import { MemcachedClient } from '../../runtime/memcached';
import { byHand } from './clients/by-hand';
import { type CacheAside, HOST, type Load, type Open, TTL_MS } from './clients/client';
import type { Writer } from './clients/writer';

type Engine = 'valkey' | 'memcached';

/** What nothing here is meant to wait for. */
const READY_MS = 5_000;

const TIER_ENTRIES = 20_000;

export const onValkey: Open = (port, load) => open('valkey', port, load);

export const onMemcached: Open = (port, load) => open('memcached', port, load);

/** Each get in a round trip of its own. */
export const withoutJoining: Open = (port, load) => open('valkey', port, load, { join: false });

/** As many loads at once as there are callers, to see what each of them holds. */
const UNLIMITED = { concurrent: 1_000_000, waiting: 1_000_000 };

export const unlimited: Open = (port, load) => open('valkey', port, load, { limit: UNLIMITED });

export const onMemcachedUnlimited: Open = (port, load) => open('memcached', port, load, { limit: UNLIMITED });

/** With an in-process tier, kept coherent by the engine. */
export const withTier: Open = (port, load) => open('valkey', port, load, { tier: TIER_ENTRIES });

/** The client of Memcached alone, which joins the gets of one tick: the reference of what a cache-aside adds. */
export const rawMemcached: Open = async (port, load) => {
  const client = new MemcachedClient({ host: HOST, port, mode: 'node', callTimeoutMs: READY_MS });
  return byHand(
    {
      get: async (key) => (await client.get(key))?.value.toString(),
      set: (key, text) => client.set(key, Buffer.from(text), { ttlS: TTL_MS / 1_000 }),
      delete: (key) => client.delete(key),
      close: async () => client.close(),
    },
    load,
    'joined',
  );
};

/** The two kinds of writes that a failover must not lose. */
export async function writer(port: number): Promise<Writer> {
  const caches = await connected('valkey', port);
  const entries = caches.cache('valkey').namespace<{ value: string }>('film', { ttlMs: TTL_MS });
  const board = caches.dataTypes('valkey').leaderboard('votes');
  return {
    increment: async (member) => {
      await board.increment(member, 1);
      return true;
    },
    writeThrough: async (id) => (await entries.writeThrough(id, { value: id }, async () => {})).cached,
    close: () => caches.close(),
  };
}

/** A store for express-session. */
export async function sessionStore(engine: Engine, port: number) {
  return (await connected(engine, port)).sessionStore(engine);
}

async function open<T>(
  engine: Engine,
  port: number,
  load: Load<T>,
  { tier, ...options }: CacheOptions & { tier?: number } = {},
): Promise<CacheAside<T>> {
  const caches = await connected(engine, port, options);
  const entries = caches
    .cache(engine)
    .namespace<T>('film', { ttlMs: TTL_MS, ...(tier === undefined ? {} : { tier: { entries: tier } }) });
  return {
    get: (id) => entries.getOrLoad(id, () => load(id)),
    write: (id, value) => entries.writeThrough(id, value, async () => {}),
    remove: (id) => entries.invalidate(id),
    close: () => caches.close(),
  };
}

async function connected(engine: Engine, port: number, options: CacheOptions = {}): Promise<Caches> {
  const binding: Binding = {
    version: BINDING_VERSION,
    caches: {
      [engine]: {
        engine,
        mode: engine === 'valkey' ? 'primary' : 'node',
        host: HOST,
        port,
        tls: false,
        auth: { type: 'none' },
      },
    },
    databases: {},
    metricsNamespace: 'bench',
  };
  const caches = connect({ [BINDINGS_VARIABLE]: JSON.stringify(binding) });
  // A cache that is not asked for is not opened, and not waited for.
  caches.cache(engine, options);
  await caches.ready(READY_MS);
  return caches;
}
