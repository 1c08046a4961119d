import { HOST, type Open, TTL_MS } from './client';

export async function redisKeyv(port: number) {
  const { createKeyv } = await import('@keyv/redis');
  const keyv = createKeyv(`redis://${HOST}:${port}`);
  keyv.on('error', () => {});
  return keyv;
}

/** It has no get-or-load: by hand, as its users write it. */
export const keyv: Open = async (port, load) => {
  const store = await redisKeyv(port);
  const key = (id: string) => `keyv:${id}`;
  return {
    get: async (id) => {
      const found = await store.get(key(id));
      if (found !== undefined) {
        return found;
      }
      const value = await load(id);
      await store.set(key(id), value, TTL_MS);
      return value;
    },
    write: (id, value) => store.set(key(id), value, TTL_MS),
    remove: (id) => store.delete(key(id)),
    close: () => store.disconnect(),
  };
};
