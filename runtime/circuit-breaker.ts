/** Failures in a row that open the breaker: with a deadline of 100 ms a call, a frozen cache opens it within 0.3 s. */
const FAILURES_TO_OPEN = 3;

/** How long an open breaker refuses before it lets one probe through, in milliseconds. */
const OPEN_MS = 1_000;

/**
 * Stops asking a cache that does not answer, so that a lost cache costs under a millisecond a call.
 *
 * Closed: calls pass. Open: calls are refused at once. Half open: after one second a single call passes as a probe, and
 * its result closes or re-opens the breaker.
 */
export class CircuitBreaker {
  private failures = 0;
  private openUntil: number | undefined;
  private probing = false;

  constructor(
    private readonly onOpen: () => void = () => {},
    private readonly now: () => number = Date.now,
  ) {}

  get isOpen(): boolean {
    return this.openUntil !== undefined;
  }

  /** Whether a call may pass now. A call that was let through must report `succeeded` or `failed`. */
  admit(): boolean {
    if (this.openUntil === undefined) {
      return true;
    }
    if (this.probing || this.now() < this.openUntil) {
      return false;
    }
    this.probing = true;
    return true;
  }

  /** The cache answered: the breaker closes. Also called when a connection becomes ready again. */
  succeeded(): void {
    this.failures = 0;
    this.openUntil = undefined;
    this.probing = false;
  }

  failed(): void {
    this.failures += 1;
    this.probing = false;
    if (this.failures >= FAILURES_TO_OPEN) {
      this.openUntil = this.now() + OPEN_MS;
      this.onOpen();
    }
  }
}
