import type { Store } from './store';

/** Pause between two tries to repeat the deletions, in milliseconds. */
const RETRY_MS = 500;

/**
 * Keys whose write or deletion could not reach the cache. This process does not read them from the cache until their
 * deletion has been repeated. For other processes the bound is the entry's TTL.
 */
export class Quarantine {
  private readonly keys = new Set<string>();
  private releasing = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly store: Store) {
    store.onRecovered(() => void this.release());
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  add(key: string): void {
    this.keys.add(key);
    this.retryLater();
  }

  /** A newer write or deletion of the key has reached the cache, so there is nothing left to repeat. */
  forget(key: string): void {
    this.keys.delete(key);
  }

  /** Repeats the deletions; a key stays until its own has succeeded. */
  async release(): Promise<void> {
    if (this.releasing) {
      return;
    }
    this.releasing = true;
    try {
      for (const key of [...this.keys]) {
        await this.store.delete(key);
        this.keys.delete(key);
      }
    } catch {
      this.retryLater();
    } finally {
      this.releasing = false;
    }
  }

  close(): void {
    clearTimeout(this.timer);
  }

  /** The breaker tells of a recovery only when it had opened, and a single lost write does not open it. */
  private retryLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.release(), RETRY_MS).unref();
  }
}
