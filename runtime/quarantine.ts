import type { Observe } from './observer';
import { onBudget } from './request-budget';
import type { Store } from './stores/store';

/** Pause between two tries to repeat the deletions, in milliseconds. */
const RETRY_MS = 500;

/** Keys that are deleted side by side when the cache is back. */
const AT_ONCE = 64;

/** Most keys that are remembered, about 200 bytes each. Beyond, the process reads nothing from the cache until it is back. */
const MOST_KEYS = 100_000;

/**
 * Keys whose write or deletion could not reach the cache. This process does not read them from the cache until their
 * deletion has been repeated. For other processes the bound is the entry's TTL.
 */
export class Quarantine {
  /** Each key with a number that changes when it is added again, so that a repeated deletion does not free a newer one. */
  private readonly keys = new Map<string, number>();
  private added = 0;
  private overflowed = false;
  private releasing = false;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly store: Store,
    private readonly observe: Observe,
  ) {
    store.onRecovered(() => void this.release());
  }

  /** Whether no key is held back. */
  get isEmpty(): boolean {
    return this.keys.size === 0;
  }

  /** How many keys are held back. */
  get size(): number {
    return this.keys.size;
  }

  has(key: string): boolean {
    return this.overflowed || this.keys.has(key);
  }

  /**
   * Deletes a key, and holds it back when that did not reach the node that keeps it. Never rejects.
   *
   * @param keepThere what the key holds where it can be reached is right, and only the node that is away has to be told
   * @returns whether the cache was told
   */
  async delete(key: string, keepThere = false): Promise<boolean> {
    const away = this.store.isAway(key);
    const mark = this.markOf(key);
    try {
      if (!keepThere) {
        await onBudget(() => this.store.delete(key));
      }
      if (!away) {
        this.forget(key, mark);
        return true;
      }
    } catch {
      // Repeated until it succeeds.
    }
    this.add(key);
    return false;
  }

  add(key: string): void {
    if (this.keys.size === 0) {
      this.observe({ type: 'state', cache: this.store.name, state: 'quarantine' });
    }
    this.added += 1;
    if (this.keys.size < MOST_KEYS || this.keys.has(key)) {
      this.keys.set(key, this.added);
    } else {
      // What was not remembered can never be repeated: only the TTL ends it, as for other processes.
      this.overflowed = true;
    }
    this.retryLater();
  }

  /** What a key is held back for now; it changes when another change of the key could not reach the cache. */
  markOf(key: string): number | undefined {
    return this.keys.get(key);
  }

  /**
   * A write or deletion of the key has reached the cache, so there is nothing left to repeat.
   *
   * @param mark what the key was held back for when that change began: what failed since then was not made good by it
   */
  forget(key: string, mark: number | undefined): void {
    if (mark !== undefined && this.keys.get(key) === mark) {
      this.keys.delete(key);
      this.emptied();
    }
  }

  /** Repeats the deletions; a key stays until its own has succeeded. */
  async release(): Promise<void> {
    if (this.releasing || this.closed || this.keys.size === 0) {
      return;
    }
    this.releasing = true;
    try {
      const reachable = [...this.keys].filter(([key]) => !this.store.isAway(key));
      for (let start = 0; start < reachable.length; start += AT_ONCE) {
        await Promise.all(reachable.slice(start, start + AT_ONCE).map(([key, number]) => this.repeat(key, number)));
      }
      this.emptied();
    } catch {
      // Tried again below.
    } finally {
      this.releasing = false;
      if (this.keys.size > 0) {
        this.retryLater();
      }
    }
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async repeat(key: string, number: number): Promise<void> {
    await this.store.delete(key);
    if (this.keys.get(key) === number) {
      this.keys.delete(key);
    }
  }

  private emptied(): void {
    if (this.keys.size === 0) {
      this.overflowed = false;
      this.observe({ type: 'state', cache: this.store.name, state: 'released' });
    }
  }

  /** The store tells of a recovery only after a loss, and a single lost write is none. */
  private retryLater(): void {
    clearTimeout(this.timer);
    if (!this.closed) {
      this.timer = setTimeout(() => void this.release(), RETRY_MS).unref();
    }
  }
}
