import type { CostCounter } from './costs';
import type { Entries } from './entries';
import { isTombstone, isValue } from './envelope';
import type { NamespaceSettings } from './namespace-options';
import type { DropEvent } from './observer';
import type { Quarantine } from './quarantine';
import { onBudget } from './request-budget';
import type { Found, Store } from './stores/store';

/** What a write through the cache cost. */
export interface WriteCost {
  /** Whether the cache holds the new value. */
  readonly cached: boolean;
  /** Whether the cache was told at all; if not, the key is quarantined and will be deleted. */
  readonly reached: boolean;
  /** Time of the write to the database, in milliseconds. */
  readonly writeMs: number;
  /** Time the cache added, in milliseconds. */
  readonly cacheMs: number;
}

interface Parts {
  readonly store: Store;
  readonly settings: NamespaceSettings;
  readonly entries: Entries;
  readonly quarantine: Quarantine;
  readonly costs: CostCounter;
  readonly drop: (reason: DropEvent['reason']) => void;
}

/** Changes: the database first, then the cache, and never a lost one. */
export class Writing {
  constructor(private readonly parts: Parts) {}

  /**
   * Notes the version that the key has before the write, and replaces just that version after it. If another write,
   * fill or deletion came between, the order in which the database took the two is not known, so the key is deleted. It is
   * as well when the write failed: it may have happened all the same, as when its answer did not come.
   *
   * @param generations of the entry's tags, `undefined` when they are not known: then nothing is cached
   */
  async through(
    key: string,
    value: unknown,
    write: () => Promise<unknown>,
    generations: readonly number[] | undefined,
  ): Promise<WriteCost> {
    const { store, entries, costs, drop } = this.parts;
    const { quarantine } = this.parts;
    const mark = quarantine.markOf(key);
    const startedAt = performance.now();
    const before = generations === undefined ? undefined : await this.before(key);
    const packed =
      generations === undefined ? undefined : await entries.write(value, generations).catch(() => 'refused' as const);
    const preparedAt = performance.now();
    try {
      await write();
    } catch (error) {
      await quarantine.delete(key);
      throw error;
    }
    const writtenAt = performance.now();

    let cached = false;
    let reached = true;
    if (packed === 'oversized' || packed === 'refused') {
      drop(packed);
    }
    if (before !== undefined && packed !== undefined && typeof packed === 'object') {
      try {
        cached = await onBudget(() => store.replace(key, packed.entry, packed.lifeMs, store.versionOf(before)));
      } catch (error) {
        if (!store.isUnavailable(error)) {
          drop('refused');
        }
      }
    }
    // A change that failed while this one was under way may be the later one: then nobody knows what is right.
    const overtaken = quarantine.markOf(key) !== mark;
    if (cached && !overtaken && !store.isAway(key)) {
      quarantine.forget(key, mark);
    } else {
      reached = await quarantine.delete(key, cached && !overtaken);
      cached = cached && !overtaken;
    }
    if (cached && typeof packed === 'object' && costs.writtenThrough(key, packed.lifeMs)) {
      drop('unread');
    }
    return {
      cached,
      reached,
      writeMs: writtenAt - preparedAt,
      cacheMs: preparedAt - startedAt + performance.now() - writtenAt,
    };
  }

  /** The database first, then the keys are deleted, also where the write failed. */
  async around(keys: readonly string[], write: () => Promise<unknown>): Promise<WriteCost> {
    const remove = () => Promise.all(keys.map((key) => this.parts.quarantine.delete(key)));
    const startedAt = performance.now();
    try {
      await write();
    } catch (error) {
      await remove();
      throw error;
    }
    const writtenAt = performance.now();
    const reached = await remove();
    return {
      cached: false,
      reached: reached.every(Boolean),
      writeMs: writtenAt - startedAt,
      cacheMs: performance.now() - writtenAt,
    };
  }

  /**
   * What may be replaced after the write: the value that is there, or a placeholder of our own where there is none. So
   * that others who write or delete meanwhile are noticed in every case.
   */
  private async before(key: string): Promise<Found | undefined> {
    const { store, settings } = this.parts;
    try {
      const found = await onBudget(() => store.acquire(key, settings.leaseMs));
      const usable = found.lease !== 'none' || isValue(found.value) || isTombstone(found.value);
      return usable ? found : await onBudget(() => store.acquire(key, settings.leaseMs, found));
    } catch {
      return undefined;
    }
  }
}
