import type { RedisOptions } from 'ioredis';
import { type CacheAside, type Load, type Open, TTL_MS } from './client';
import { AUTO_PIPELINED, connected } from './ioredis';

export const asyncCacheDedupe: Open = (port, load) => open(port, load);

export const asyncCacheDedupePipelined: Open = (port, load) => open(port, load, AUTO_PIPELINED);

/** It has no way to write a value: a write forgets the entry. */
async function open<T>(port: number, load: Load<T>, options: RedisOptions = {}): Promise<CacheAside<T>> {
  const { createCache } = await import('async-cache-dedupe');
  const client = await connected(port, options);
  const cache = createCache({ ttl: TTL_MS / 1_000, storage: { type: 'redis', options: { client } } }).define(
    'film',
    (id: string) => load(id),
  );
  return {
    get: (id) => cache.film(id),
    write: (id) => cache.clear('film', id),
    remove: (id) => cache.clear('film', id),
    close: async () => client.disconnect(),
  };
}
