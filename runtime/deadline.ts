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

/** Cache time already spent by one request. */
class Budget {
  private spentMs = 0;

  constructor(private readonly totalMs: number) {}

  /** What is left, in milliseconds. */
  get remainingMs(): number {
    return Math.max(0, this.totalMs - this.spentMs);
  }

  spend(elapsedMs: number): void {
    this.spentMs += elapsedMs;
  }
}

const current = new AsyncLocalStorage<Budget>();

/**
 * Runs a request with one budget of time to spend waiting for caches. Calls made beyond it fail at once, so that a
 * frozen cache costs a request 250 ms at most, however many calls it makes.
 *
 * @param budgetMs default: 250 ms
 */
export function withCacheBudget<T>(request: () => T, budgetMs: number = REQUEST_BUDGET_MS): T {
  return current.run(new Budget(budgetMs), request);
}

/** Whether the request that runs now may still wait for a cache. */
export function hasCacheBudget(): boolean {
  return (current.getStore()?.remainingMs ?? Number.POSITIVE_INFINITY) > 0;
}

/**
 * Waits for a call, but not longer than the deadline and what is left of the request's budget. The call itself is not
 * cancelled: its late answer is dropped.
 *
 * @throws DeadlineError when time is up
 */
export async function withDeadline<T>(call: () => Promise<T>, deadlineMs: number = CALL_BUDGET_MS): Promise<T> {
  const budget = current.getStore();
  const limitMs = budget === undefined ? deadlineMs : Math.min(deadlineMs, budget.remainingMs);
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = call();
    answer.catch(() => {});
    return await Promise.race([
      answer,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new DeadlineError(limitMs)), limitMs);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    budget?.spend(performance.now() - startedAt);
  }
}
