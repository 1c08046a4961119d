import { readFileSync } from 'node:fs';
import type { CacheBinding } from '../binding';
import { CALL_BUDGET_MS, DeadlineError } from '../deadline';
import { isLease, leaseEntry } from '../envelope';
import { CacheUnavailableError, EngineRefusedError, EngineUnsupportedError } from '../errors';
import { MemcachedClient, MemcachedError } from '../memcached';
import { BLOCKED_MS, GRACE_MS } from '../memcached/deadline-timer';
import type { Observe } from '../observer';
import { type Found, LONGEST_TTL_MS, type Store } from './store';

/** Answers of a node that was reached: it refused, or the value or key is not one it takes. */
const REFUSALS: ReadonlySet<string> = new Set(['REFUSED', 'TOO_LARGE', 'BAD_KEY']);

/** The budget of a call less what it may get in addition where this process was blocked, in milliseconds. */
const CALL_TIMEOUT_MS = CALL_BUDGET_MS - BLOCKED_MS - GRACE_MS;

/** An item that is only there to tell its node's clock; it ends far enough away for any clock that is off by hours. */
const CLOCK_KEY = 'clock';
const CLOCK_ITEM_S = 10 * 86_400;
const NOTHING = Buffer.alloc(0);

/** Memcached counts whole seconds. */
const CLOCK_PRECISION_MS = 2_500;

/** The store on Memcached. A version is the number that Memcached gives each item (CAS). */
export class MemcachedStore implements Store {
  private readonly client: MemcachedClient;
  private clockOffsetMs = 0;
  private readonly leases = new Map<number, { readonly leaseS: number }>();

  constructor(
    readonly name: string,
    binding: CacheBinding,
    observe: Observe,
    private readonly join = true,
  ) {
    this.client = new MemcachedClient({
      host: binding.host,
      port: binding.port,
      mode: binding.mode === 'discovery' ? 'discovery' : 'node',
      callTimeoutMs: CALL_TIMEOUT_MS,
      ...(binding.tls ? { tls: binding.ca === undefined ? {} : { ca: readFileSync(binding.ca) } } : {}),
      ...(this.join ? {} : { maxBatch: 1 }),
    });
    void this.readClock();
    this.client.onNodeOut((node, cause) => observe({ type: 'state', cache: name, part: node, state: 'open', cause }));
    this.client.onNodeBack((node) => {
      observe({ type: 'state', cache: name, part: node, state: 'closed' });
      void this.readClock();
    });
  }

  get(key: string, leaseMs?: number): Promise<Found | undefined> {
    return this.client.get(key, leaseMs === undefined ? undefined : this.leaseOf(leaseMs));
  }

  assertReplicas(): void {
    throw new EngineUnsupportedError(`cache \`${this.name}\` is a Memcached, which replicates nothing to read from`);
  }

  getFromReplica(key: string): Promise<Found | undefined> {
    return this.client.get(key);
  }

  getVersion(key: string, touchMs?: number): Promise<Found | undefined> {
    return this.told(this.client.get(key, touchMs === undefined ? undefined : { touchS: seconds(touchMs) }));
  }

  async acquire(key: string, leaseMs: number, over?: Found): Promise<Found> {
    if (over !== undefined) {
      const placeholder = leaseEntry(this.now());
      // One after the other on the node's connection, within one call's time.
      const [, held] = await Promise.all([
        this.told(this.client.set(key, placeholder, { ttlS: seconds(leaseMs), cas: over.cas })),
        this.told(this.client.get(key, this.leaseOf(leaseMs))),
      ]);
      return held?.value.equals(placeholder) ? { ...held, lease: 'won' } : foundIn(held as Found);
    }
    return foundIn((await this.told(this.client.get(key, this.leaseOf(leaseMs)))) as Found);
  }

  async set(key: string, entry: Buffer, ttlMs: number): Promise<void> {
    await this.told(this.client.set(key, entry, { ttlS: seconds(ttlMs) }));
  }

  async add(key: string, entry: Buffer, ttlMs: number): Promise<boolean> {
    return (await this.told(this.client.set(key, entry, { ttlS: seconds(ttlMs), mode: 'add' }))) === 'stored';
  }

  async replace(key: string, entry: Buffer, ttlMs: number, version: string): Promise<boolean> {
    return (await this.told(this.client.set(key, entry, { ttlS: seconds(ttlMs), cas: version }))) === 'stored';
  }

  async delete(key: string): Promise<void> {
    await this.told(this.client.delete(key));
  }

  async deleteVersion(key: string, version: string): Promise<void> {
    await this.told(this.client.delete(key, { cas: version }));
  }

  async touch(key: string, ttlMs: number): Promise<void> {
    await this.told(this.client.touch(key, seconds(ttlMs)));
  }

  versionOf(found: Found): string {
    return found.cas;
  }

  /** By what is left of the item's life, which the node counts down: no clock of ours is in it. Whole seconds. */
  ageMs(found: Found, writtenAtMs: number, lifeMs: number): number {
    return Math.max(0, found.ttlS >= 0 ? lifeMs - found.ttlS * 1_000 : this.now() - writtenAtMs);
  }

  now(): number {
    return Date.now() + this.clockOffsetMs;
  }

  /**
   * How far this instance's clock is off, so that sessions end when they should: an item that ends at a point in time
   * says how long that is from now on its node's clock.
   */
  private async readClock(): Promise<void> {
    const endsAtS = Math.floor(Date.now() / 1_000) + CLOCK_ITEM_S;
    try {
      await this.client.set(CLOCK_KEY, NOTHING, { ttlS: CLOCK_ITEM_S, expiresAtS: endsAtS });
      const item = await this.client.get(CLOCK_KEY);
      const offsetMs = item === undefined ? 0 : (endsAtS - item.ttlS) * 1_000 - Date.now();
      this.clockOffsetMs = Math.abs(offsetMs) < CLOCK_PRECISION_MS ? 0 : offsetMs;
    } catch {
      // Read again when a node is back.
    }
  }

  isUnavailable(error: unknown): boolean {
    return error instanceof MemcachedError
      ? !REFUSALS.has(error.code)
      : error instanceof CacheUnavailableError || error instanceof DeadlineError;
  }

  onRecovered(listener: () => void): void {
    this.client.onNodeBack(listener);
  }

  isAway(key: string): boolean {
    return this.client.isAway(key);
  }

  async ready(timeoutMs: number): Promise<void> {
    try {
      await this.client.ready(timeoutMs);
    } catch (cause) {
      throw new Error(`cache \`${this.name}\` ${(cause as Error).message}`, { cause });
    }
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private leaseOf(leaseMs: number): { readonly leaseS: number } {
    let lease = this.leases.get(leaseMs);
    if (lease === undefined) {
      lease = { leaseS: seconds(leaseMs) };
      this.leases.set(leaseMs, lease);
    }
    return lease;
  }

  private async told<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw this.isUnavailable(error)
        ? new CacheUnavailableError(this.name, { cause: error })
        : new EngineRefusedError(this.name, (error as Error).message, { cause: error });
    }
  }
}

function foundIn(item: Found): Found {
  return item.lease === 'none' && isLease(item.value) ? { ...item, lease: 'held' } : item;
}

function seconds(ttlMs: number): number {
  return Math.max(1, Math.ceil(Math.min(ttlMs, LONGEST_TTL_MS) / 1_000));
}
