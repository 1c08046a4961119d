import { type Open, TTL_MS } from './client';
import { redisKeyv } from './keyv';

export const cacheManager: Open = async (port, load) => {
  const { createCache } = await import('cache-manager');
  const cache = createCache({ stores: [await redisKeyv(port)], ttl: TTL_MS });
  const key = (id: string) => `cache-manager:${id}`;
  return {
    get: (id) => cache.wrap(key(id), () => load(id)),
    write: (id, value) => cache.set(key(id), value),
    remove: (id) => cache.del(key(id)),
    close: () => cache.disconnect(),
  };
};
