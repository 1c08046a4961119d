import type { Store } from './store';

/**
 * Keys whose write or deletion could not reach the cache. This process does not read them from the cache until their
 * deletion has been repeated. For other processes the bound is the entry's TTL.
 */
export class Quarantine {
  private readonly keys = new Set<string>();
  private releasing = false;

  constructor(private readonly store: Store) {
    store.onRecovered(() => void this.release());
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  add(key: string): void {
    this.keys.add(key);
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
      // Lost again: what is left stays quarantined until the next recovery.
    } finally {
      this.releasing = false;
    }
  }
}
