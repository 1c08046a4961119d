import { AsyncLocalStorage } from 'node:async_hooks';
import { CacheError } from './errors';

/** Longest that one call to a cache may take, in milliseconds (DESIGN: one budget everywhere). */
export const CALL_BUDGET_MS = 100;

/** Longest that all cache calls of one request may take together, in milliseconds. */
export const REQUEST_BUDGET_MS = 250;

/** A call that did not answer within its deadline. */
export class DeadlineError extends CacheError {
  constructor(deadlineMs: number) {
    super('DEADLINE', `no answer within ${Math.round(deadlineMs)} ms`);
  }
}

/** How late a timer may be before it says that this process itself was held up, in milliseconds. */
const PUNCTUAL_MS = 5;

/**
 * Waits for an answer, but not longer than the deadline. The call itself is not cancelled: its late answer is dropped.
 *
 * @throws DeadlineError when time is up
 */
export function withDeadline<T>(answer: Promise<T>, deadlineMs: number = CALL_BUDGET_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const endsAt = performance.now() + deadlineMs;
    let timer = setTimeout(check, deadlineMs);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );

    function check(): void {
      const lateMs = performance.now() - endsAt;
      const expire = () => reject(new DeadlineError(deadlineMs));
      if (lateMs > PUNCTUAL_MS) {
        // This process was held up (a long task, garbage collection): the answer gets back what that took.
        timer = setTimeout(() => setImmediate(expire), Math.min(lateMs, deadlineMs));
      } else {
        // Sockets are read after timers: an answer that has arrived meanwhile wins.
        setImmediate(expire);
      }
    }
  });
}

/** A call that is watched, in a list by the order of their ends. */
interface Watched {
  readonly endsAt: number;
  readonly expire: (error: DeadlineError) => void;
  isSettled: boolean;
  before: Watched | undefined;
  after: Watched | undefined;
}

/** Looks in the time of one deadline. */
const LOOKS = 20;

/**
 * The same deadline for many calls, with one timer for all of them: calls end in the order in which they began. Looking
 * twenty times in its time, a call is ended between 90 and 95 per cent of it, so that its caller knows within all of it.
 *
 * The time is that of a responsive process: while this process is held up (a cold start, a long task, garbage
 * collection) answers wait in its sockets, and that says nothing about the cache.
 */
export class Deadlines {
  private first: Watched | undefined;
  private last: Watched | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lookedAt = 0;
  /** Milliseconds in which this process was responsive. */
  private clockMs = 0;
  private readonly intervalMs: number;

  constructor(private readonly deadlineMs: number = CALL_BUDGET_MS) {
    this.intervalMs = deadlineMs / LOOKS;
  }

  /** @param expire called unless `settle` was called before the end */
  watch(expire: (error: DeadlineError) => void): Watched {
    const { last } = this;
    const watched: Watched = {
      endsAt: this.clockMs + this.deadlineMs - 2 * this.intervalMs,
      expire,
      isSettled: false,
      before: last,
      after: undefined,
    };
    if (last === undefined) {
      this.first = watched;
    } else {
      last.after = watched;
    }
    this.last = watched;
    if (this.timer === undefined) {
      this.lookedAt = performance.now();
      this.timer = setTimeout(() => this.look(), this.intervalMs);
    }
    return watched;
  }

  /**
   * The call has ended. It is let go of at once: kept until its deadline, it would outlive the young garbage.
   *
   * @returns whether it had not ended before
   */
  settle(watched: Watched): boolean {
    if (watched.isSettled) {
      return false;
    }
    watched.isSettled = true;
    const { before, after } = watched;
    if (before === undefined) {
      this.first = after;
    } else {
      before.after = after;
    }
    if (after === undefined) {
      this.last = before;
    } else {
      after.before = before;
    }
    return true;
  }

  private look(): void {
    const now = performance.now();
    this.clockMs += Math.min(now - this.lookedAt, this.intervalMs + PUNCTUAL_MS);
    this.lookedAt = now;
    // Sockets are read after timers: an answer that has arrived meanwhile wins.
    setImmediate(() => this.expire());
  }

  private expire(): void {
    for (let { first } = this; first !== undefined && first.endsAt <= this.clockMs; { first } = this) {
      this.settle(first);
      first.expire(new DeadlineError(this.deadlineMs));
    }
    this.timer = this.first === undefined ? undefined : setTimeout(() => this.look(), this.intervalMs);
  }
}

/** Time that one request may still spend waiting for caches. Calls that wait side by side are counted once. */
class RequestBudget {
  private spentMs = 0;
  private waiting = 0;
  private waitingSince = 0;

  constructor(private readonly totalMs: number) {}

  async wait<T>(call: () => Promise<T>): Promise<T> {
    const remainingMs = this.remainingMs();
    if (remainingMs <= 0) {
      throw new DeadlineError(this.totalMs);
    }
    if (this.waiting === 0) {
      this.waitingSince = performance.now();
    }
    this.waiting += 1;
    try {
      const answer = call();
      // Each call has a deadline of its own; a timer is only needed where less than that is left.
      return await (remainingMs < CALL_BUDGET_MS ? withDeadline(answer, remainingMs) : answer);
    } finally {
      this.waiting -= 1;
      if (this.waiting === 0) {
        this.spentMs += performance.now() - this.waitingSince;
      }
    }
  }

  private remainingMs(): number {
    const waitedMs = this.waiting > 0 ? performance.now() - this.waitingSince : 0;
    return this.totalMs - this.spentMs - waitedMs;
  }
}

const current = new AsyncLocalStorage<RequestBudget>();

/**
 * Runs a request with one budget of time to spend waiting for caches. Calls made beyond it fail at once, so that a
 * frozen cache costs a request 250 ms at most, however many calls it makes.
 *
 * @param budgetMs default: 250 ms
 */
export function withCacheBudget<T>(request: () => T, budgetMs: number = REQUEST_BUDGET_MS): T {
  return current.run(new RequestBudget(budgetMs), request);
}

/** Whether the code that runs now belongs to a request with a budget. */
export function hasBudget(): boolean {
  return current.getStore() !== undefined;
}

/**
 * Makes a call to a cache on the budget of the request that runs now, if it has one.
 *
 * @throws DeadlineError when the budget is spent
 */
export function onBudget<T>(call: () => Promise<T>): Promise<T> {
  const budget = current.getStore();
  return budget === undefined ? call() : budget.wait(call);
}
