import type { RedisOptions } from 'ioredis';
import { type CacheAside, HOST, type Load, type Open, TTL_MS } from './client';
import { AUTO_PIPELINED, connected } from './ioredis';

/** Entries of the in-process tier. */
const ENTRIES = 20_000;

interface Settings {
  readonly connection?: RedisOptions;
  readonly circuitBreakerMs?: number;
  readonly tier?: { readonly serialize: boolean };
}

/** Redis only. */
export const bentocache: Open = (port, load) => open(port, load, {});

export const bentocachePipelined: Open = (port, load) => open(port, load, { connection: AUTO_PIPELINED });

/** With the breaker it has, and the limits of ioredis that its documentation asks for. */
export const bentocacheTuned: Open = (port, load) =>
  open(port, load, {
    circuitBreakerMs: 10_000,
    connection: { maxRetriesPerRequest: 0, enableOfflineQueue: false, commandTimeout: 200 },
  });

/** Memory first, Redis second, kept coherent by its bus. */
export const bentocacheTier: Open = (port, load) => open(port, load, { tier: { serialize: true } });

/** The same, and every caller of a process gets the same object. */
export const bentocacheTierOfObjects: Open = (port, load) => open(port, load, { tier: { serialize: false } });

async function open<T>(port: number, load: Load<T>, settings: Settings): Promise<CacheAside<T>> {
  const { BentoCache, bentostore } = await import('bentocache');
  const { redisBusDriver, redisDriver } = await import('bentocache/drivers/redis');
  const { memoryDriver } = await import('bentocache/drivers/memory');
  const connection = await connected(port, settings.connection);
  // An entry of another process cannot be read with `serialize: false` (it throws): each kind has its own.
  const prefix = `bento-${settings.tier?.serialize}`;
  const store = bentostore({
    ...(settings.circuitBreakerMs === undefined ? {} : { l2CircuitBreakerDuration: settings.circuitBreakerMs }),
  }).useL2Layer(redisDriver({ connection, prefix }));
  if (settings.tier !== undefined) {
    store
      .useL1Layer(memoryDriver({ maxItems: ENTRIES, serialize: settings.tier.serialize }))
      .useBus(redisBusDriver({ connection: { host: HOST, port } }));
  }
  const cache = new BentoCache({ default: 'films', stores: { films: store }, ttl: TTL_MS });
  return {
    get: (id) => cache.getOrSet({ key: id, factory: () => load(id) }) as Promise<any>,
    write: (id, value) => cache.set({ key: id, value }),
    remove: (id) => cache.delete({ key: id }),
    close: async () => {
      await cache.disconnectAll();
      connection.disconnect();
    },
  };
}
