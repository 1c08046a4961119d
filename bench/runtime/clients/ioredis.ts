import type { RedisOptions } from 'ioredis';
import { byHand } from './by-hand';
import { HOST, type Load, type Open } from './client';

/** All commands of one tick in one write: faster with many callers, slower with one. */
export const AUTO_PIPELINED: RedisOptions = { enableAutoPipelining: true };

export async function connected(port: number, options: RedisOptions = {}) {
  const { Redis } = await import('ioredis');
  const client = new Redis({ host: HOST, port, ...options });
  client.on('error', () => {});
  await new Promise((resolve) => client.once('ready', resolve));
  return client;
}

export const ioredis: Open = (port, load) => open(port, load);

export const ioredisPipelined: Open = (port, load) => open(port, load, AUTO_PIPELINED);

async function open<T>(port: number, load: Load<T>, options: RedisOptions = {}) {
  const client = await connected(port, options);
  return byHand(
    {
      get: (key) => client.get(key),
      set: (key, text, ttlMs) => client.set(key, text, 'PX', ttlMs),
      delete: (key) => client.del(key),
      close: async () => client.disconnect(),
    },
    load,
    'ioredis',
  );
}
