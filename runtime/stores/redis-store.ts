import { isLease, leaseEntry, VERSION_LENGTH, versionOf } from '../envelope';
import { CacheUnavailableError, EngineRefusedError } from '../errors';
import type { RedisCommands, RedisReply } from '../redis/commands';
import { GetBatch } from './get-batch';
import { type Found, LONGEST_TTL_MS, type Store } from './store';

/*
 * A version is the start of what is stored: it holds the time and a random number of its write. Comparing and writing
 * is one step, because a script is.
 */

/** ARGV: the placeholder, its life in milliseconds, and the version that may be replaced, if any may. */
const ACQUIRE = `
local held = redis.call('GET', KEYS[1])
if held and (not ARGV[3] or string.sub(held, 1, ${VERSION_LENGTH}) ~= ARGV[3]) then return held end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false`;

/**
 * ARGV: the version, the entry, its life in milliseconds, and when it ends on the engine's clock, where that is known:
 * a fill that is carried out late, by an engine that was frozen, does not live longer for it.
 */
const REPLACE = `
local held = redis.call('GETRANGE', KEYS[1], 0, ${VERSION_LENGTH - 1})
if held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if ARGV[4] then redis.call('PEXPIREAT', KEYS[1], ARGV[4]) end
return 1`;

/** ARGV: the new life in milliseconds. */
const GET_AND_TOUCH = `
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.call('GET', KEYS[1])`;

/** ARGV: the version. */
const DELETE_VERSION = `
if redis.call('GETRANGE', KEYS[1], 0, ${VERSION_LENGTH - 1}) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** The store on Valkey or Redis OSS. */
export class RedisStore implements Store {
  readonly name: string;
  private readonly primary: GetBatch<Found | undefined>;
  private readonly replicas: GetBatch<Found | undefined>;

  constructor(
    readonly commands: RedisCommands,
    private readonly join = true,
  ) {
    this.name = commands.name;
    const batch = (from: 'primary' | 'replica') =>
      new GetBatch<Found | undefined>({
        send: (keys) => commands.getMany(keys, from),
        partOf: (key) => commands.partOf(key),
        read: foundIn,
      });
    this.primary = batch('primary');
    this.replicas = batch('replica');
  }

  get(key: string): Promise<Found | undefined> {
    return this.join
      ? this.primary.get(key)
      : this.commands.run(key, ['GET', key]).then((value) => foundIn(value as Buffer | null));
  }

  assertReplicas(): void {
    this.commands.assertReplicas();
  }

  getFromReplica(key: string): Promise<Found | undefined> {
    return this.replicas.get(key);
  }

  async getVersion(key: string, touchMs?: number): Promise<Found | undefined> {
    const value =
      touchMs === undefined
        ? await this.commands.run(key, ['GET', key])
        : await this.commands.script(GET_AND_TOUCH, key, [milliseconds(touchMs)]);
    return foundIn(value as Buffer | null);
  }

  async acquire(key: string, leaseMs: number, over?: Found): Promise<Found> {
    const placeholder = leaseEntry(this.now());
    const version = over === undefined ? [] : [Buffer.from(this.versionOf(over), 'latin1')];
    const held = await this.commands.script(ACQUIRE, key, [placeholder, milliseconds(leaseMs), ...version]);
    return held === null ? { value: placeholder, lease: 'won', cas: '', ttlS: -1 } : (foundIn(held as Buffer) as Found);
  }

  async set(key: string, entry: Buffer, ttlMs: number): Promise<void> {
    await this.commands.run(key, ['SET', key, entry, 'PX', milliseconds(ttlMs)]);
  }

  async add(key: string, entry: Buffer, ttlMs: number): Promise<boolean> {
    return (await this.commands.run(key, ['SET', key, entry, 'PX', milliseconds(ttlMs), 'NX'])) !== null;
  }

  async replace(key: string, entry: Buffer, ttlMs: number, version: string): Promise<boolean> {
    const endsAt = this.commands.knowsClock ? [String(Math.floor(this.now() + ttlMs))] : [];
    const args = [Buffer.from(version, 'latin1'), entry, milliseconds(ttlMs), ...endsAt];
    return isOne(await this.commands.script(REPLACE, key, args));
  }

  async delete(key: string): Promise<void> {
    await this.commands.run(key, ['DEL', key]);
  }

  async deleteVersion(key: string, version: string): Promise<void> {
    await this.commands.script(DELETE_VERSION, key, [Buffer.from(version, 'latin1')]);
  }

  async touch(key: string, ttlMs: number): Promise<void> {
    await this.commands.run(key, ['PEXPIRE', key, milliseconds(ttlMs)]);
  }

  versionOf(found: Found): string {
    return versionOf(found.value);
  }

  ageMs(_found: Found, writtenAtMs: number): number {
    return Math.max(0, this.now() - writtenAtMs);
  }

  now(): number {
    return this.commands.now();
  }

  isUnavailable(error: unknown): boolean {
    return error instanceof CacheUnavailableError || !(error instanceof EngineRefusedError);
  }

  onRecovered(listener: () => void): void {
    this.commands.onRecovered(listener);
  }

  isAway(): boolean {
    return false;
  }

  ready(timeoutMs: number): Promise<void> {
    return this.commands.ready(timeoutMs);
  }

  close(): Promise<void> {
    return this.commands.close();
  }
}

function foundIn(value: Buffer | null): Found | undefined {
  return value === null ? undefined : { value, lease: isLease(value) ? 'held' : 'none', cas: '', ttlS: -1 };
}

function isOne(reply: RedisReply): boolean {
  return reply === 1;
}

function milliseconds(ms: number): string {
  return String(Math.max(1, Math.min(LONGEST_TTL_MS, Math.ceil(ms))));
}
