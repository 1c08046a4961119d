import type { AbandonedLeases } from './abandoned-leases';
import type { Entries, Reading } from './entries';
import { freshMs } from './envelope';
import { EngineRefusedError } from './errors';
import type { NamespaceSettings } from './namespace-options';
import type { Quarantine } from './quarantine';
import { onBudget } from './request-budget';
import type { Found, Store } from './stores/store';
import type { Tags } from './tags';
import type { Tier } from './tier';

/** Of an entry without tags. */
export const NO_GENERATIONS: readonly number[] = [];

/** The tag that every entry of a clearable namespace has. The space keeps it apart from the application's own. */
export function clearTag(namespace: string): string {
  return `namespace ${namespace}`;
}

/** What a key holds, and the generations of its tags at that moment. */
export interface Read {
  /** `undefined` for a key that could not be asked, or must not be. */
  readonly reading: Reading | undefined;
  readonly generations: readonly number[];
}

interface Parts {
  readonly store: Store;
  readonly settings: NamespaceSettings;
  readonly entries: Entries;
  readonly quarantine: Quarantine;
  readonly abandoned: AbandonedLeases;
  readonly tags: Tags;
  readonly tier: Tier | undefined;
}

/** Reads the entries of a namespace out of the cache, as far as they may be believed. */
export class EntryReader {
  /** Whether entries have tags, whose generations are read along. */
  readonly isTagged: boolean;

  constructor(
    private readonly namespace: string,
    private readonly parts: Parts,
  ) {
    this.isTagged = parts.settings.tags !== undefined || parts.settings.clearable;
  }

  /** On the request's budget. Never rejects. */
  async read(key: string, id: string): Promise<Read> {
    const { tier, quarantine, entries } = this.parts;
    const ticket = tier?.takeTicket() ?? 0;
    if (quarantine.has(key)) {
      return { reading: undefined, generations: NO_GENERATIONS };
    }
    try {
      // Both in one tick, so that they share a round trip.
      const [found, generations] = await onBudget(() =>
        this.isTagged
          ? Promise.all([this.fetch(key), this.generationsOf(id)])
          : this.fetch(key).then((found) => [found, NO_GENERATIONS] as const),
      );
      if (generations === undefined) {
        return { reading: undefined, generations: NO_GENERATIONS };
      }
      const reading = await entries.read(found, generations);
      this.keep(key, reading, ticket);
      return { reading, generations };
    } catch (error) {
      return { reading: await this.unread(key, error), generations: NO_GENERATIONS };
    }
  }

  /** The same for an entry without tags, of a request without a budget: what a hit costs without measuring it. */
  async readUntagged(key: string): Promise<Reading | undefined> {
    const { tier, quarantine, entries } = this.parts;
    const ticket = tier?.takeTicket() ?? 0;
    if (!quarantine.isEmpty && quarantine.has(key)) {
      return undefined;
    }
    let reading: Reading | Promise<Reading>;
    try {
      reading = entries.read(await this.fetch(key), NO_GENERATIONS);
      if (reading instanceof Promise) {
        reading = await reading;
      }
    } catch (error) {
      return this.unread(key, error);
    }
    this.keep(key, reading, ticket);
    return reading;
  }

  /** `undefined` when a tag's invalidation has not reached the cache, so that what it says now cannot be trusted. */
  async generationsOf(id: string): Promise<readonly number[] | undefined> {
    if (!this.isTagged) {
      return NO_GENERATIONS;
    }
    const { tags, settings, quarantine } = this.parts;
    const names = settings.tags?.(id) ?? [];
    const keys = (settings.clearable ? [...names, clearTag(this.namespace)] : names).map((tag) => tags.keyOf(tag));
    if (keys.some((key) => quarantine.has(key))) {
      return undefined;
    }
    return tags.current(keys);
  }

  private fetch(key: string): Promise<Found | undefined> {
    const { store, settings } = this.parts;
    return settings.readFrom === 'replica' ? store.getFromReplica(key) : store.get(key, settings.leaseMs);
  }

  /** What a failed read says: nothing, or that something stands there that is no entry. */
  private async unread(key: string, error: unknown): Promise<Reading | undefined> {
    if (this.parts.store.isUnavailable(error)) {
      // The read may have asked for the lease, and be carried out later.
      this.parts.abandoned.add(key);
    } else if (error instanceof EngineRefusedError && error.isWrongType && !this.isTagged) {
      await this.parts.quarantine.delete(key);
      return { state: 'absent', why: 'poisoned' };
    }
    return undefined;
  }

  private keep(key: string, reading: Reading, ticket: number): void {
    const { tier } = this.parts;
    if (tier !== undefined && reading.state === 'fresh') {
      const { value, ageMs, found } = reading;
      tier.put(key, value, ageMs, freshMs(found.value) - ageMs, ticket);
    }
  }
}
