import { CacheError } from './errors';
import { LOOK_MS, PUNCTUAL_MS, responsiveClock } from './responsive-clock';

/** Longest that one call to a cache may take, in milliseconds (DESIGN: one budget everywhere). */
export const CALL_BUDGET_MS = 100;

/** A call that did not answer within its deadline. */
export class DeadlineError extends CacheError {
  constructor(deadlineMs: number) {
    super('DEADLINE', `no answer within ${Math.round(deadlineMs)} ms`);
  }
}

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

/**
 * The deadline of one call, for many calls: they end in the order in which they began. The clock looks twenty times in its
 * time, and a call is ended between 80 and 85 per cent of it, so that its caller knows within all of it, in a busy process
 * too: there a look is up to 5 ms late, and so is what follows from it.
 */
export class Deadlines {
  private first: Watched | undefined;
  private last: Watched | undefined;
  private readonly look = () => this.expire();

  /** @param expire called unless `settle` was called before the end */
  watch(expire: (error: DeadlineError) => void): Watched {
    const { last } = this;
    const watched: Watched = {
      endsAt: responsiveClock.lookedMs + CALL_BUDGET_MS - 4 * LOOK_MS,
      expire,
      isSettled: false,
      before: last,
      after: undefined,
    };
    if (last === undefined) {
      this.first = watched;
      responsiveClock.listen(this.look);
    } else {
      last.after = watched;
    }
    this.last = watched;
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

  private expire(): void {
    for (let { first } = this; first !== undefined && first.endsAt <= responsiveClock.lookedMs; { first } = this) {
      this.settle(first);
      first.expire(new DeadlineError(CALL_BUDGET_MS));
    }
    if (this.first === undefined) {
      responsiveClock.ignore(this.look);
    }
  }
}
