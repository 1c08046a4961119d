import type { RedisClientOptions } from '@redis/client';
import { byHand, type TextStore } from './by-hand';
import { HOST, type Open } from './client';

/** As fast as it goes: its default time-out makes a signal for each command, 4 to 5 times slower. */
export const FASTEST: RedisClientOptions = { commandOptions: { timeout: undefined } };

export async function connected(port: number, options: RedisClientOptions = {}) {
  const { createClient } = await import('@redis/client');
  const client = createClient({ socket: { host: HOST, port }, ...options });
  client.on('error', () => {});
  await client.connect();
  return client;
}

export async function textStore(port: number, options: RedisClientOptions = {}): Promise<TextStore> {
  const client = await connected(port, options);
  return {
    get: (key) => client.get(key) as Promise<string | null>,
    set: (key, text, ttlMs) => client.set(key, text, { expiration: { type: 'PX', value: ttlMs } }),
    delete: (key) => client.del(key),
    close: async () => client.destroy(),
  };
}

/** As it comes. */
export const nodeRedis: Open = async (port, load) => byHand(await textStore(port), load, 'node-redis');

/** The reference: what remains when nothing is done but a get and `JSON.parse`. */
export const raw: Open = async (port, load) => byHand(await textStore(port, FASTEST), load, 'raw');
