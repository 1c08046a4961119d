import type { DropEvent, Outcome } from './observer';

/** What a namespace saved and cost in this process since it was made. Times are in milliseconds. */
export interface Costs {
  readonly reads: Readonly<Record<Outcome, number>>;
  /** Reads that the database was spared, of all reads; 0 when there were none. */
  readonly hitRatio: number;
  /** Calls of the loader. */
  readonly loads: number;
  /** Loads that failed. */
  readonly failedLoads: number;
  /** Reads that did not reach the database. */
  readonly loadsSaved: number;
  /** What a miss costs beyond its load: the look-up before and the fill after, in the mean. */
  readonly missPenaltyMs: number;
  /** Mean time of a load. */
  readonly loadMs: number;
  /** Writes through, around, and invalidations. */
  readonly writes: number;
  /** What the cache added to a write, in the mean. */
  readonly writePenaltyMs: number;
  /** Writes that could not reach the cache. */
  readonly lostWrites: number;
  /**
   * Entries written through that were replaced, or came to their end, before this process read them: work for nobody.
   * Of the latest 1,000 keys written; reads by other processes are not seen.
   */
  readonly writtenUnread: number;
  /** Age of what was served from the cache. */
  readonly age: { readonly meanMs: number; readonly maxMs: number };
  readonly drops: Readonly<Partial<Record<DropEvent['reason'], number>>>;
}

/** Most written keys that are watched for a first read. */
const WATCHED_KEYS = 1_000;

/** Counts for one namespace. Fields are plain numbers, because every read touches them. */
export class CostCounter {
  hit = 0;
  tier = 0;
  stale = 0;
  wait = 0;
  miss = 0;
  bypass = 0;
  private loads = 0;
  private failedLoads = 0;
  private loadMs = 0;
  private penaltyMs = 0;
  private writes = 0;
  private lostWrites = 0;
  private writePenaltyMs = 0;
  private ageSumMs = 0;
  private aged = 0;
  private ageMaxMs = 0;
  private readonly drops: Partial<Record<DropEvent['reason'], number>> = {};
  /** When each written key ends, until it is read. */
  private readonly unread = new Map<string, number>();

  constructor(private readonly now: () => number = Date.now) {}

  served(key: string, ageMs: number): void {
    this.ageSumMs += ageMs;
    this.aged += 1;
    if (ageMs > this.ageMaxMs) {
      this.ageMaxMs = ageMs;
    }
    if (this.unread.size > 0) {
      this.unread.delete(key);
    }
  }

  loaded(loadMs: number, penaltyMs: number, failed: boolean): void {
    this.loads += 1;
    this.loadMs += loadMs;
    this.penaltyMs += penaltyMs;
    this.failedLoads += failed ? 1 : 0;
  }

  wrote(penaltyMs: number, reached: boolean): void {
    this.writes += 1;
    this.writePenaltyMs += penaltyMs;
    this.lostWrites += reached ? 0 : 1;
  }

  /** @returns whether the key's last write was never read */
  writtenThrough(key: string, lifeMs: number): boolean {
    const unread = this.unread.delete(key);
    if (this.unread.size >= WATCHED_KEYS) {
      const [oldest] = this.unread.keys();
      this.unread.delete(oldest as string);
    }
    this.unread.set(key, this.now() + lifeMs);
    return unread;
  }

  dropped(reason: DropEvent['reason']): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + 1;
  }

  snapshot(): Costs {
    for (const [key, endsAt] of this.unread) {
      if (endsAt <= this.now()) {
        this.unread.delete(key);
        this.dropped('unread');
      }
    }
    const { hit, tier, stale, wait, miss, bypass } = this;
    const reads = hit + tier + stale + wait + miss + bypass;
    const loadsSaved = hit + tier + stale + wait;
    const mean = (sum: number, count: number) => (count === 0 ? 0 : sum / count);
    return {
      reads: { hit, tier, stale, wait, miss, bypass },
      hitRatio: mean(loadsSaved, reads),
      loads: this.loads,
      failedLoads: this.failedLoads,
      loadsSaved,
      missPenaltyMs: mean(this.penaltyMs, this.loads),
      loadMs: mean(this.loadMs, this.loads),
      writes: this.writes,
      writePenaltyMs: mean(this.writePenaltyMs, this.writes),
      lostWrites: this.lostWrites,
      writtenUnread: this.drops.unread ?? 0,
      age: { meanMs: mean(this.ageSumMs, this.aged), maxMs: this.ageMaxMs },
      drops: { ...this.drops },
    };
  }
}
