export type {
  MemcachedClientLimits,
  MemcachedClientOptions,
  MemcachedEndpoint,
  MemcachedNodes,
} from './client-options';
export { type GetOptions, MemcachedClient, type SetOptions } from './memcached-client';
export { MemcachedError, type MemcachedErrorCode } from './memcached-error';
export type { MemcachedItem } from './memcached-item';
export type { StoreResult } from './meta-request';
export type { TlsOptions } from './open-socket';
