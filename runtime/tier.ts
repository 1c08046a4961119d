import { LRUCache } from 'lru-cache';

/** Where changes made by others are learned of. */
export interface Coherence {
  /** Until when what this process keeps may be served, on `performance.now()`'s clock, in milliseconds. */
  readonly trustedUntil: number;
}

/** On engines that push nothing, the age of each entry is the only bound. */
export const UNWATCHED: Coherence = { trustedUntil: Number.POSITIVE_INFINITY };

interface Kept {
  readonly value: unknown;
  readonly ageMs: number;
  readonly keptAt: number;
  readonly until: number;
}

/** How long an invalidation is remembered for reads in flight, in milliseconds: far above a call's budget. */
const REMEMBER_MS = 1_000;

/**
 * Entries kept in this process. They are shared between callers, and therefore frozen.
 *
 * A read may be overtaken by the news that its key has changed: what it brings is then not kept. So each read takes a
 * ticket before it asks the cache, and shows it when it puts what it got.
 */
export class Tier {
  private readonly kept: LRUCache<string, Kept>;
  private ticket = 0;
  private recent = new Map<string, number>();
  private earlier = new Map<string, number>();
  /** Tickets up to this one are void for all keys. */
  private voidUpTo = 0;
  private turnedAt = 0;

  constructor(
    entries: number,
    private readonly maxAgeMs: number,
    private readonly coherence: Coherence,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.kept = new LRUCache({ max: entries });
  }

  get(key: string): { readonly value: unknown; readonly ageMs: number } | undefined {
    const kept = this.kept.get(key);
    if (kept === undefined) {
      return undefined;
    }
    const now = this.now();
    if (now >= kept.until || now >= this.coherence.trustedUntil) {
      this.kept.delete(key);
      return undefined;
    }
    return { value: kept.value, ageMs: kept.ageMs + now - kept.keptAt };
  }

  /** To be taken before the cache is asked. */
  takeTicket(): number {
    return this.ticket;
  }

  /**
   * @param ticket taken before the cache was asked
   * @param freshForMs how long the entry is fresh from now on
   */
  put(key: string, value: unknown, ageMs: number, freshForMs: number, ticket: number): void {
    const now = this.now();
    const overtaken =
      ticket < this.voidUpTo || (this.recent.get(key) ?? this.earlier.get(key) ?? Number.NEGATIVE_INFINITY) > ticket;
    if (overtaken || now >= this.coherence.trustedUntil || freshForMs <= 0) {
      return;
    }
    this.kept.set(key, {
      value: freeze(value),
      ageMs,
      keptAt: now,
      until: now + Math.min(this.maxAgeMs, freshForMs),
    });
  }

  /** The key has changed. */
  drop(key: string): void {
    const now = this.now();
    if (now - this.turnedAt > REMEMBER_MS) {
      this.earlier = this.recent;
      this.recent = new Map();
      this.turnedAt = now;
    }
    this.ticket += 1;
    this.recent.set(key, this.ticket);
    this.kept.delete(key);
  }

  /** Anything may have changed. */
  clear(): void {
    this.ticket += 1;
    this.voidUpTo = this.ticket;
    this.kept.clear();
  }

  get size(): number {
    return this.kept.size;
  }
}

/** A shared object that one caller could change would be every caller's. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) {
      freeze(part);
    }
  }
  return value;
}
