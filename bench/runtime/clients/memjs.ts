import { byHand, type TextStore } from './by-hand';
import { HOST, type Open, TTL_MS } from './client';

async function textStore(port: number): Promise<TextStore> {
  const { Client } = await import('memjs');
  const client = Client.create(`${HOST}:${port}`, { logger: { log: () => {} } });
  return {
    get: async (key) => (await client.get(key)).value?.toString(),
    set: (key, text, ttlMs) => client.set(key, text, { expires: ttlMs / 1_000 }),
    delete: (key) => client.delete(key),
    close: async () => client.close(),
  };
}

export const memjs: Open = async (port, load) => byHand(await textStore(port), load, 'memjs');

/** Keyv keeps what it serializes in any store with these methods. */
export const keyvOverMemjs: Open = async (port, load) => {
  const { Keyv } = await import('keyv');
  const store = await textStore(port);
  const keyv = new Keyv({
    useKeyPrefix: false,
    store: {
      get: (key: string) => store.get(key),
      set: (key: string, text: string, ttlMs?: number) => store.set(key, text, ttlMs ?? TTL_MS),
      delete: async (key: string) => Boolean(await store.delete(key)),
      clear: async () => {},
    },
  });
  const key = (id: string) => `keyv:${id}`;
  return {
    get: async (id) => {
      const found = await keyv.get(key(id));
      if (found !== undefined) {
        return found;
      }
      const value = await load(id);
      await keyv.set(key(id), value, TTL_MS);
      return value;
    },
    write: (id, value) => keyv.set(key(id), value, TTL_MS),
    remove: (id) => keyv.delete(key(id)),
    close: () => store.close(),
  };
};
