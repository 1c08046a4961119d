import { Cache, type CacheOptions } from './cache';
import { type CacheObserver, observeNothing, observeWith } from './observer';
import { type IoredisClient, IoredisCommands } from './redis/ioredis';
import { RedisStore } from './stores/redis-store';

export interface IoredisCacheOptions extends CacheOptions {
  /** Name of the cache in errors and metrics. @default ioredis */
  readonly name?: string;
  readonly observer?: CacheObserver;
}

/**
 * A cache over an `ioredis` client that the application brings, 5 or later, a `Redis` or a `Cluster`. The client stays
 * the application's: closing the cache does not close it.
 *
 * `ioredis` cannot sign a live connection in again, so IAM logins end after 12 hours; use `connect` for those. The
 * in-process tier has no news of changes here and is bounded by its entries' age.
 */
export function cacheOverIoredis(client: IoredisClient, options: IoredisCacheOptions = {}): Cache {
  const observe = observeWith(options.observer);
  const commands = new IoredisCommands(options.name ?? 'ioredis', client, observe ?? observeNothing);
  return new Cache({ store: new RedisStore(commands, options.join), commands, observe, options });
}
