/** Every client under test, by the name it has in the tables. */
import * as ours from '../ours';
import { asyncCacheDedupe, asyncCacheDedupePipelined } from './async-cache-dedupe';
import {
  bentocache,
  bentocachePipelined,
  bentocacheTier,
  bentocacheTierOfObjects,
  bentocacheTuned,
} from './bentocache';
import { cacheManager } from './cache-manager';
import { cacheable, cacheableNonBlocking, cacheableTwoLevel } from './cacheable';
import { cachified } from './cachified';
import type { Open } from './client';
import { ioredis, ioredisPipelined } from './ioredis';
import { joined } from './joined';
import { keyv } from './keyv';
import { lruCache } from './lru-cache';
import { keyvOverMemjs, memjs } from './memjs';
import { nodeRedis, raw } from './node-redis';

export const CLIENTS = {
  ours: ours.onValkey,
  'ours, joining off': ours.withoutJoining,
  'ours, tier': ours.withTier,
  'ours, unlimited loads': ours.unlimited,
  'ours, Memcached, unlimited loads': ours.onMemcachedUnlimited,
  'ours, Memcached': ours.onMemcached,
  'raw client + JSON': raw,
  'joined raw gets + JSON': joined,
  'joined raw gets + JSON, Memcached': ours.rawMemcached,
  'node-redis as it comes + JSON': nodeRedis,
  'ioredis + JSON': ioredis,
  'ioredis auto-pipelined + JSON': ioredisPipelined,
  'async-cache-dedupe': asyncCacheDedupe,
  'async-cache-dedupe, auto-pipelined': asyncCacheDedupePipelined,
  keyv,
  cacheable,
  'cacheable, two levels': cacheableTwoLevel,
  'cacheable, non-blocking': cacheableNonBlocking,
  'cache-manager': cacheManager,
  cachified,
  bentocache,
  'bentocache, auto-pipelined': bentocachePipelined,
  'bentocache, tuned': bentocacheTuned,
  'bentocache, tier': bentocacheTier,
  'bentocache, tier of objects': bentocacheTierOfObjects,
  'memjs + JSON': memjs,
  'keyv over memjs': keyvOverMemjs,
  'lru-cache': lruCache,
} satisfies Record<string, Open>;

export type ClientName = keyof typeof CLIENTS;
