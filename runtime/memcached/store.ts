import { Client } from 'memjs';
import type { CacheBinding } from '../binding';
import { CALL_BUDGET_MS } from '../deadline';
import { decode, EMPTY_LEASE, encode, type Found, isTombstone, tombstone } from '../envelope';
import { Guard } from '../guard';
import { type Store, TOMBSTONE_MS } from '../store';
import { discoverNodes, type MemcachedNode } from './discovery';

/** How often the configuration endpoint is asked for nodes that came or went, in milliseconds. */
const DISCOVERY_INTERVAL_MS = 60_000;

/** Expiries above 30 days are read as points in time by Memcached, and the item would be gone at once. */
const LONGEST_EXPIRY_S = 2_592_000;

/**
 * The store on Memcached, over `memjs`: one connection a node, the binary protocol, so that no key or value can break
 * the framing. Fills use `add`, so a fill is void while the mark of a deletion stands.
 */
export class MemcachedStore implements Store {
  private readonly guard: Guard;
  private client: Client | undefined;
  private addresses = '';
  private discovering: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly name: string,
    private readonly binding: CacheBinding,
  ) {
    this.guard = new Guard(name, { isAnswer, onOpen: () => this.recycle() });
    if (binding.mode === 'discovery') {
      this.timer = setInterval(() => void this.discover(), DISCOVERY_INTERVAL_MS).unref();
    }
    void this.discover();
  }

  async getMany(keys: readonly string[]): Promise<Found[]> {
    return this.run((client) =>
      Promise.all(keys.map(async (key) => decode((await client.get(key)).value?.toString('utf8')))),
    );
  }

  async fill(key: string, value: unknown, ttlMs: number, lease: string): Promise<boolean> {
    if (lease !== EMPTY_LEASE && isTombstone(lease)) {
      return false;
    }
    if (lease !== EMPTY_LEASE) {
      await this.set(key, value, ttlMs);
      return true;
    }
    return this.run((client) => client.add(key, encode(value), { expires: seconds(ttlMs) }));
  }

  async set(key: string, value: unknown, ttlMs: number): Promise<void> {
    await this.run((client) => client.set(key, encode(value), { expires: seconds(ttlMs) }));
  }

  async setUnlessDeleted(key: string, value: unknown, ttlMs: number): Promise<boolean> {
    // Two calls, because memjs has no compare-and-set: a deletion between them is overwritten.
    const held = (await this.run((client) => client.get(key))).value?.toString('utf8');
    if (held !== undefined && isTombstone(held)) {
      return false;
    }
    await this.set(key, value, ttlMs);
    return true;
  }

  async delete(key: string): Promise<void> {
    await this.run((client) => client.set(key, tombstone(), { expires: seconds(TOMBSTONE_MS) }));
  }

  async touch(key: string, ttlMs: number): Promise<void> {
    await this.run((client) => client.touch(key, seconds(ttlMs)));
  }

  onRecovered(listener: () => void): void {
    this.guard.onRecovered(listener);
  }

  async ready(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      try {
        await this.run((client) => client.get('ready'));
        return;
      } catch (cause) {
        if (Date.now() > deadline) {
          const { host, port } = this.binding;
          throw new Error(`cache \`${this.name}\` at ${host}:${port} did not answer within ${timeoutMs} ms`, { cause });
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.client?.close();
  }

  private run<T>(command: (client: Client) => Promise<T>): Promise<T> {
    return this.guard.call(async () => {
      if (this.client === undefined) {
        await this.discover();
      }
      if (this.client === undefined) {
        throw new Error('the configuration endpoint does not answer');
      }
      return command(this.client);
    });
  }

  /** Finds the nodes and connects to them where they have changed; never rejects. */
  private discover(): Promise<void> {
    this.discovering ??= this.findNodes()
      .then((nodes) => this.use(nodes))
      .catch(() => {})
      .finally(() => {
        this.discovering = undefined;
      });
    return this.discovering;
  }

  private async findNodes(): Promise<MemcachedNode[]> {
    const { mode, host, port } = this.binding;
    return mode === 'discovery' ? discoverNodes(host, port) : [{ host, port }];
  }

  /** New connections: the old ones do not answer, and the client keeps what they half received. */
  private recycle(): void {
    this.addresses = '';
    void this.discover();
  }

  private use(nodes: readonly MemcachedNode[]): void {
    // Sorted, so that all instances spread the keys in the same way.
    const addresses = nodes
      .map(({ host, port }) => `${host}:${port}`)
      .sort()
      .join(',');
    if (addresses === this.addresses || addresses === '') {
      return;
    }
    const old = this.client;
    this.addresses = addresses;
    this.client = Client.create(addresses, {
      timeout: CALL_BUDGET_MS / 1_000,
      conntimeout: CALL_BUDGET_MS / 1_000,
      retries: 1,
      keepAlive: true,
      logger: { log: () => {} },
    });
    old?.close();
  }
}

/** memjs gives an engine's refusal this prefix, and network failures another. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && /^MemJS (GET|SET|ADD|TOUCH):/.test(error.message);
}

function seconds(ttlMs: number): number {
  return Math.min(LONGEST_EXPIRY_S, Math.max(1, Math.ceil(ttlMs / 1_000)));
}
