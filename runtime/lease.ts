import type { Found, Store } from './stores/store';

/** The right to load a value for the whole fleet. A fill is void once the key was written or deleted meanwhile. */
export interface Lease {
  /** Version that the key holds as long as nobody writes or deletes it. */
  readonly over: string;
  /** Stores what was loaded. @returns whether it was stored */
  fill(entry: Buffer, ttlMs: number): Promise<boolean>;
  /** Gives the lease up, so that the next in the fleet need not wait for its end. */
  release(): Promise<void>;
}

/** The lease of a key that holds nothing: a placeholder in its place. Whoever writes or deletes the key voids it. */
export class PlaceholderLease implements Lease {
  constructor(
    private readonly store: Store,
    private readonly key: string,
    readonly over: string,
  ) {}

  fill(entry: Buffer, ttlMs: number): Promise<boolean> {
    return this.store.replace(this.key, entry, ttlMs, this.over);
  }

  release(): Promise<void> {
    return this.store.deleteVersion(this.key, this.over);
  }
}

/**
 * The lease of a key whose old value is kept, to be served meanwhile or in case the load fails: a mark under a key of
 * its own, and the version of the old value as the proof that nobody wrote or deleted it.
 */
export class RefreshLease implements Lease {
  constructor(
    private readonly store: Store,
    private readonly key: string,
    readonly over: string,
    private readonly mark: { readonly key: string; readonly version: string },
  ) {}

  async fill(entry: Buffer, ttlMs: number): Promise<boolean> {
    const stored = await this.store.replace(this.key, entry, ttlMs, this.over);
    await this.release();
    return stored;
  }

  release(): Promise<void> {
    return this.store.deleteVersion(this.mark.key, this.mark.version);
  }
}

/** Taken, or what stands in the way. */
export type LeaseAttempt = { readonly lease: Lease } | { readonly found: Found | undefined };

/** Tries to take the lease of a key that holds nothing that can be used. */
export async function takePlaceholder(store: Store, key: string, leaseMs: number, over?: Found): Promise<LeaseAttempt> {
  const found = await store.acquire(key, leaseMs, over);
  return found.lease === 'won' ? { lease: new PlaceholderLease(store, key, store.versionOf(found)) } : { found };
}

/** Tries to take the lease of a key whose old value stays. */
export async function takeRefresh(store: Store, key: string, leaseMs: number, old: Found): Promise<LeaseAttempt> {
  const markKey = `refresh:${key}`;
  const found = await store.acquire(markKey, leaseMs);
  return found.lease === 'won'
    ? {
        lease: new RefreshLease(store, key, store.versionOf(old), { key: markKey, version: store.versionOf(found) }),
      }
    : { found: old };
}
