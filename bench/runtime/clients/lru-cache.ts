/** The ceiling of an in-process tier: a map behind an async function, which nobody keeps coherent. */
import { type CacheAside, type Load, TTL_MS } from './client';

export async function lruCache<T>(_port: number, load: Load<T>): Promise<CacheAside<T>> {
  const { LRUCache } = await import('lru-cache');
  const entries = new LRUCache<string, any>({ max: 20_000, ttl: TTL_MS });
  return {
    get: async (id) => {
      const found = entries.get(id);
      if (found !== undefined) {
        return found;
      }
      const value = await load(id);
      entries.set(id, value);
      return value;
    },
    write: async (id, value) => entries.set(id, value),
    remove: async (id) => entries.delete(id),
    close: async () => {},
  };
}
