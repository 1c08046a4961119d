import { decode, encode, type Found, tombstone } from '../envelope';
import { type Store, TOMBSTONE_MS } from '../store';
import type { RedisConnection } from './connection';

/** KEYS: the key. ARGV: the lease, the new content, its life in milliseconds. */
const FILL = `
local held = redis.call('GET', KEYS[1]) or ''
if held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

/** KEYS: the key. ARGV: the new content, its life in milliseconds. A tombstone begins with 0. */
const SET_UNLESS_DELETED = `
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, 1) == '0' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** The store on Valkey or Redis OSS. */
export class RedisStore implements Store {
  constructor(private readonly connection: RedisConnection) {}

  async getMany(keys: readonly string[]): Promise<Found[]> {
    const [only] = keys;
    const stored =
      keys.length === 1 && only !== undefined
        ? [await this.connection.run((client) => client.get(only))]
        : await this.connection.run((client) => client.mGet([...keys]));
    return stored.map(decode);
  }

  async fill(key: string, value: unknown, ttlMs: number, lease: string): Promise<boolean> {
    const stored = await this.connection.run((client) =>
      client.eval(FILL, { keys: [key], arguments: [lease, encode(value), String(ttlMs)] }),
    );
    return stored === 1;
  }

  async set(key: string, value: unknown, ttlMs: number): Promise<void> {
    await this.connection.run((client) => client.set(key, encode(value), { PX: ttlMs }));
  }

  async setUnlessDeleted(key: string, value: unknown, ttlMs: number): Promise<boolean> {
    const stored = await this.connection.run((client) =>
      client.eval(SET_UNLESS_DELETED, { keys: [key], arguments: [encode(value), String(ttlMs)] }),
    );
    return stored === 1;
  }

  async delete(key: string): Promise<void> {
    await this.connection.run((client) => client.set(key, tombstone(), { PX: TOMBSTONE_MS }));
  }

  async touch(key: string, ttlMs: number): Promise<void> {
    await this.connection.run((client) => client.pExpire(key, ttlMs));
  }

  onRecovered(listener: () => void): void {
    this.connection.onRecovered(listener);
  }

  ready(timeoutMs: number): Promise<void> {
    return this.connection.ready(timeoutMs);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
