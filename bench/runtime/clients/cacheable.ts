import { type CacheAside, HOST, type Load, type Open, TTL_MS } from './client';
import { redisKeyv } from './keyv';

/** Its types for modules, which are not those that a type import finds here. */
type CacheableOptions = ConstructorParameters<
  typeof import('cacheable', { with: { 'resolution-mode': 'import' }})['Cacheable']
>[0];

/** Entries of the in-process tier. */
const ENTRIES = 20_000;

/** Redis as its only store. */
export const cacheable: Open = async (port, load) => over({ primary: await redisKeyv(port) }, load);

/** As its documentation has it: memory first, Redis second. */
export const cacheableTwoLevel: Open = async (port, load) => {
  const { createKeyv } = await import('cacheable');
  return over({ primary: createKeyv({ lruSize: ENTRIES, useClone: false }), secondary: await redisKeyv(port) }, load);
};

/** The setting it has for a cache that may be lost. */
export const cacheableNonBlocking: Open = async (port, load) => {
  const { createKeyvNonBlocking } = await import('@keyv/redis');
  const secondary = createKeyvNonBlocking(`redis://${HOST}:${port}`);
  secondary.on('error', () => {});
  return over({ secondary, nonBlocking: true }, load);
};

async function over<T>(options: CacheableOptions, load: Load<T>): Promise<CacheAside<T>> {
  const { Cacheable } = await import('cacheable');
  const cache = new Cacheable(options);
  cache.on('error', () => {});
  const key = (id: string) => `cacheable:${id}`;
  return {
    get: (id) => cache.getOrSet(key(id), () => load(id), { ttl: TTL_MS, throwErrors: true }) as Promise<any>,
    write: (id, value) => cache.set(key(id), value, TTL_MS),
    remove: (id) => cache.delete(key(id)),
    close: () => cache.disconnect(),
  };
}
