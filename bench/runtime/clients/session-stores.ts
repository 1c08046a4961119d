/** Stores for express-session. */
import type { Store } from 'express-session';
import * as ours from '../ours';
import { connected } from './node-redis';

export const SESSION_STORES = {
  ours: (port: number): Promise<Store> => ours.sessionStore('valkey', port),
  'ours, Memcached': (port: number): Promise<Store> => ours.sessionStore('memcached', port),
  'connect-redis': async (port: number): Promise<Store> => {
    const { RedisStore } = await import('connect-redis');
    return new RedisStore({ client: await connected(port) });
  },
};

export type SessionStoreName = keyof typeof SESSION_STORES;
