import type { Cache, CacheEntry } from '@epic-web/cachified';
import { type Open, TTL_MS } from './client';
import { FASTEST, textStore } from './node-redis';

/** Over node-redis, as `cachified-redis-adapter` does it. */
export const cachified: Open = async (port, load) => {
  const { cachified: cached, createCacheEntry } = await import('@epic-web/cachified');
  const store = await textStore(port, FASTEST);
  const cache: Cache = {
    get: async (key) => {
      const text = await store.get(key);
      return text === null || text === undefined ? null : (JSON.parse(text) as CacheEntry);
    },
    set: (key, entry) => store.set(key, JSON.stringify(entry), TTL_MS),
    delete: (key) => store.delete(key),
  };
  const key = (id: string) => `cachified:${id}`;
  return {
    get: (id) => cached({ key: key(id), cache, ttl: TTL_MS, getFreshValue: () => load(id) }),
    write: async (id, value) => cache.set(key(id), createCacheEntry(value, { ttl: TTL_MS })),
    remove: async (id) => cache.delete(key(id)),
    close: () => store.close(),
  };
};
