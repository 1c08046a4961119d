import type { Store } from './stores/store';

/** Pause before the cache is asked what became of them, in milliseconds. */
const LOOK_MS = 500;

/** Keys that are asked for side by side. */
const AT_ONCE = 64;

/** Most keys that are remembered. What is not remembered is waited for by the next reader, for `leaseWaitMs`. */
const MOST_KEYS = 10_000;

/**
 * Leases that were asked for and whose answer did not come. A frozen engine carries such calls out when it thaws, and
 * leaves placeholders that nobody will fill: they are given up, so that the next reader does not wait for them.
 */
export class AbandonedLeases {
  private readonly keys = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly store: Store) {
    store.onRecovered(() => void this.giveUp());
  }

  add(key: string): void {
    if (this.keys.size < MOST_KEYS) {
      this.keys.add(key);
      this.lookLater();
    }
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async giveUp(): Promise<void> {
    const keys = [...this.keys];
    this.keys.clear();
    for (let start = 0; start < keys.length; start += AT_ONCE) {
      await Promise.all(keys.slice(start, start + AT_ONCE).map((key) => this.release(key)));
    }
  }

  private async release(key: string): Promise<void> {
    try {
      const found = await this.store.get(key);
      if (found?.lease === 'held') {
        // It may be somebody else's by now, whose fill is then void: one more load, and nothing else.
        await this.store.deleteVersion(key, this.store.versionOf(found));
      }
    } catch {
      this.add(key);
    }
  }

  private lookLater(): void {
    if (this.timer === undefined && !this.closed) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        void this.giveUp();
      }, LOOK_MS).unref();
    }
  }
}
