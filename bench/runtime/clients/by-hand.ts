/** The cache-aside that everybody writes: JSON over a client that keeps text. */
import { type CacheAside, type Load, TTL_MS } from './client';

export interface TextStore {
  get(key: string): Promise<string | null | undefined>;
  set(key: string, text: string, ttlMs: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  close(): Promise<unknown>;
}

export function byHand<T>(store: TextStore, load: Load<T>, prefix: string): CacheAside<T> {
  return {
    get: async (id) => {
      const text = await store.get(`${prefix}:${id}`);
      if (text !== null && text !== undefined) {
        return JSON.parse(text);
      }
      const value = await load(id);
      await store.set(`${prefix}:${id}`, JSON.stringify(value), TTL_MS);
      return value;
    },
    write: (id, value) => store.set(`${prefix}:${id}`, JSON.stringify(value), TTL_MS),
    remove: (id) => store.delete(`${prefix}:${id}`),
    close: () => store.close(),
  };
}
