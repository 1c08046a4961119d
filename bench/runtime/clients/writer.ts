/** Writes that go on through a failover: each says whether it was acknowledged, and fails when the caller must know. */

import * as ours from '../ours';
import { TTL_MS } from './client';
import { connected as ioredisConnected } from './ioredis';
import { redisKeyv } from './keyv';
import { connected } from './node-redis';

export interface Writer {
  /** Adds one to a member of a sorted set. */
  increment(member: string): Promise<boolean>;
  /** Stores an entry. */
  writeThrough(id: string): Promise<boolean>;
  close(): Promise<unknown>;
}

type OpenWriter = (port: number) => Promise<Writer>;

const BOARD = 'votes';

const ioredis =
  (options: { reconnectOnError?: () => 2 }): OpenWriter =>
  async (port) => {
    const client = await ioredisConnected(port, options);
    return {
      increment: async (member) => Number(await client.zincrby(BOARD, 1, member)) > 0,
      writeThrough: async (id) => (await client.set(`film:${id}`, id, 'PX', TTL_MS)) === 'OK',
      close: async () => client.disconnect(),
    };
  };

const nodeRedis: OpenWriter = async (port) => {
  const client = await connected(port);
  return {
    increment: async (member) => Number(await client.zIncrBy(BOARD, 1, member)) > 0,
    writeThrough: async (id) =>
      (await client.set(`film:${id}`, id, { expiration: { type: 'PX', value: TTL_MS } })) === 'OK',
    close: async () => client.destroy(),
  };
};

/** Keyv has entries only: each write is one. */
const keyv: OpenWriter = async (port) => {
  const store = await redisKeyv(port);
  return {
    increment: (member) => store.set(`film:${member}`, member, TTL_MS),
    writeThrough: (id) => store.set(`film:${id}`, id, TTL_MS),
    close: () => store.disconnect(),
  };
};

export const WRITERS = {
  ours: ours.writer,
  'ioredis as it comes': ioredis({}),
  'ioredis, reconnectOnError 2': ioredis({ reconnectOnError: () => 2 }),
  'node-redis as it comes': nodeRedis,
  '@keyv/redis': keyv,
} satisfies Record<string, OpenWriter>;

export type WriterName = keyof typeof WRITERS;
