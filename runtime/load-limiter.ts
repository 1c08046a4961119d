import { DeadlineError, withDeadline } from './deadline';
import { LoadShedError } from './errors';
import type { Observe } from './observer';

export interface LoadLimit {
  /**
   * Most loads of this process at the same time. With as many instances as the fleet has at most, their product should
   * stay below what the database takes.
   * @default 16
   */
  readonly concurrent?: number;
  /** Most loads of this process a second, in bursts of a tenth of it. @default - no limit */
  readonly perSecond?: number;
  /** Most loads that wait for their turn; what comes then is refused at once. @default 1000 */
  readonly waiting?: number;
  /** Longest wait for a turn, in milliseconds. @default 1000 */
  readonly waitMs?: number;
  /**
   * Longest that a load may take, in milliseconds. Who waits for it gets an error then, and its place is free again:
   * a load that never ends must not take the others' places for ever.
   * @default 30,000
   */
  readonly loadMs?: number;
}

const DEFAULTS = { concurrent: 16, perSecond: Number.POSITIVE_INFINITY, waiting: 1_000, waitMs: 1_000, loadMs: 30_000 };

/**
 * Stands between the cache and the database: after a total or partial loss of the cache every key is a miss at once,
 * and without a limit the database is overwhelmed, answers time out, nothing is filled, and the outage keeps itself up.
 */
export class LoadLimiter {
  private readonly limit: Required<LoadLimit>;
  private readonly queue: Array<{ readonly start: () => void }> = [];
  private running = 0;
  private allowance: number;
  private refilledAt: number;
  private timer: NodeJS.Timeout | undefined;
  private shedding = false;

  constructor(
    private readonly cache: string,
    limit: LoadLimit = {},
    private readonly observe: Observe,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.limit = { ...DEFAULTS, ...limit };
    for (const [name, value] of Object.entries(this.limit)) {
      if (!(value > 0)) {
        throw new RangeError(`\`limit.${name}\` of cache \`${cache}\` must be above 0, got ${value}`);
      }
    }
    this.allowance = this.burst();
    this.refilledAt = this.now();
  }

  /** Loads that run now. */
  get active(): number {
    return this.running;
  }

  /**
   * Runs a load when its turn has come.
   *
   * @throws LoadShedError when too many wait already, or the wait or the load was too long
   */
  async run<T>(load: () => Promise<T>): Promise<T> {
    await this.turn();
    try {
      return await withDeadline(load(), this.limit.loadMs);
    } catch (error) {
      throw error instanceof DeadlineError
        ? new LoadShedError(this.cache, `it did not end within ${this.limit.loadMs} ms`, this.limit.waitMs)
        : error;
    } finally {
      this.running -= 1;
      this.next();
    }
  }

  /** Resolves once a place is taken for the caller. */
  private turn(): Promise<void> {
    if (this.queue.length === 0 && this.mayStart()) {
      this.take();
      return Promise.resolve();
    }
    if (this.queue.length >= this.limit.waiting) {
      return Promise.reject(this.shed(`${this.limit.waiting} others wait for the database already`));
    }
    return new Promise((resolve, reject) => {
      const waiter = {
        start: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.queue.splice(this.queue.indexOf(waiter), 1);
        reject(this.shed(`its turn did not come within ${this.limit.waitMs} ms`));
      }, this.limit.waitMs);
      this.queue.push(waiter);
      this.next();
    });
  }

  private next(): void {
    while (this.queue.length > 0 && this.mayStart()) {
      this.take();
      this.queue.shift()?.start();
    }
    if (this.queue.length === 0) {
      this.recovered();
    } else if (this.timer === undefined && this.running < this.limit.concurrent) {
      const untilNextMs = ((1 - this.allowance) / this.limit.perSecond) * 1_000;
      this.timer = setTimeout(
        () => {
          this.timer = undefined;
          this.next();
        },
        Math.max(1, Math.ceil(untilNextMs)),
      );
    }
  }

  private take(): void {
    this.running += 1;
    this.allowance -= 1;
  }

  private mayStart(): boolean {
    this.refill();
    return this.running < this.limit.concurrent && this.allowance >= 1;
  }

  private refill(): void {
    const now = this.now();
    if (this.limit.perSecond === Number.POSITIVE_INFINITY) {
      this.allowance = Number.POSITIVE_INFINITY;
    } else {
      const earned = ((now - this.refilledAt) / 1_000) * this.limit.perSecond;
      this.allowance = Math.min(this.burst(), this.allowance + earned);
    }
    this.refilledAt = now;
  }

  private burst(): number {
    return Math.max(1, this.limit.perSecond / 10);
  }

  private shed(reason: string): LoadShedError {
    if (!this.shedding) {
      this.shedding = true;
      this.observe({ type: 'state', cache: this.cache, state: 'shedding', cause: new Error(reason) });
    }
    return new LoadShedError(this.cache, reason, this.limit.waitMs);
  }

  private recovered(): void {
    if (this.shedding) {
      this.shedding = false;
      this.observe({ type: 'state', cache: this.cache, state: 'loading' });
    }
  }
}
