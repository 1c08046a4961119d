import { AsyncLocalStorage } from 'node:async_hooks';
import { CALL_BUDGET_MS, DeadlineError, withDeadline } from './deadline';
import { CacheUnavailableError } from './errors';
import { responsiveClock } from './responsive-clock';

/** Longest that all cache calls of one request may take together, in milliseconds. */
export const REQUEST_BUDGET_MS = 250;

/** What a request has waited for caches so far, in milliseconds in which this process was responsive. */
export interface CacheTime {
  /** All its calls together; what was asked at the same time counts once. */
  readonly totalMs: number;
  /** The longest that one call took. */
  readonly longestCallMs: number;
}

/** Time that one request may still spend waiting for caches. */
class RequestBudget implements CacheTime {
  longestCallMs = 0;
  private spentMs = 0;
  private waiting = 0;
  private waitingSince = 0;
  /** Keeps the clock going while something is waited for. */
  private readonly listener = () => {};

  constructor(private readonly budgetMs: number) {}

  get totalMs(): number {
    return this.spentMs + (this.waiting > 0 ? responsiveClock.now() - this.waitingSince : 0);
  }

  async wait<T>(call: () => Promise<T>): Promise<T> {
    const remainingMs = this.budgetMs - this.totalMs;
    if (remainingMs <= 0) {
      throw new DeadlineError(this.budgetMs);
    }
    if (this.waiting === 0) {
      responsiveClock.listen(this.listener);
      this.waitingSince = responsiveClock.now();
    }
    const startedAt = responsiveClock.now();
    this.waiting += 1;
    try {
      const answer = call();
      // Each call has a deadline of its own; a timer is only needed where less than that is left.
      return await (remainingMs < CALL_BUDGET_MS ? withDeadline(answer, remainingMs) : answer);
    } finally {
      const endedAt = responsiveClock.now();
      this.longestCallMs = Math.max(this.longestCallMs, endedAt - startedAt);
      this.waiting -= 1;
      if (this.waiting === 0) {
        this.spentMs += endedAt - this.waitingSince;
        responsiveClock.ignore(this.listener);
      }
    }
  }
}

const current = new AsyncLocalStorage<RequestBudget | undefined>();

/**
 * Runs a request with one budget of time to spend waiting for caches: entries, sessions and data types. Calls made beyond it
 * fail at once, so that a frozen cache costs a request 250 ms at most, however many calls it makes.
 *
 * @param request is given what it has waited for so far, which goes on as it does
 * @param budgetMs default: 250 ms
 */
export function withCacheBudget<T>(request: (time: CacheTime) => T, budgetMs: number = REQUEST_BUDGET_MS): T {
  const budget = new RequestBudget(budgetMs);
  return current.run(budget, () => request(budget));
}

/** Runs a job that takes as long as it takes, whoever asks for it. */
export function withoutCacheBudget<T>(job: () => T): T {
  return current.run(undefined, job);
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

/**
 * As `onBudget`, where there is nothing to fall back to.
 *
 * @throws CacheUnavailableError when the budget is spent, too
 */
export async function askOnBudget<T>(cache: string, call: () => Promise<T>): Promise<T> {
  try {
    return await onBudget(call);
  } catch (error) {
    throw error instanceof DeadlineError ? new CacheUnavailableError(cache, { cause: error }) : error;
  }
}
