/** Failures in a row that open the breaker where each might be an accident of its own. */
const FAILURES_TO_OPEN = 3;

/** Pause between two probes of an open breaker, in milliseconds; varied by half, so that a fleet does not probe in step. */
const PROBE_PAUSE_MS = 250;

export interface CircuitBreakerHooks {
  /** Called when it opens, to replace a connection that does not answer. */
  readonly onOpen: (cause: unknown) => void;
  /** Called when it closes. */
  readonly onClose: () => void;
  /** Asks the cache in the background, on no request's time. Resolves when it answered. */
  readonly probe: () => Promise<unknown>;
}

/**
 * Stops asking a cache that does not answer, so that a lost cache costs under a millisecond a call.
 *
 * Closed: calls pass. Open: calls are refused at once, and the cache is probed in the background until it answers. No
 * request ever pays for a probe.
 */
export class CircuitBreaker {
  private failures = 0;
  private openCause: { readonly cause: unknown } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly hooks: CircuitBreakerHooks,
    private readonly random: () => number = Math.random,
  ) {}

  get isOpen(): boolean {
    return this.openCause !== undefined;
  }

  /** Why it is open. */
  get cause(): unknown {
    return this.openCause?.cause;
  }

  /** The cache answered. Also called when a connection becomes ready again. */
  succeeded(): void {
    this.failures = 0;
    if (this.openCause !== undefined) {
      this.openCause = undefined;
      clearTimeout(this.timer);
      this.hooks.onClose();
    }
  }

  /** @param atOnce whether this failure leaves no doubt: the cache gave no sign of life for a whole deadline */
  failed(cause: unknown, atOnce: boolean): void {
    this.failures += 1;
    if ((atOnce || this.failures >= FAILURES_TO_OPEN) && this.openCause === undefined) {
      this.openCause = { cause };
      this.hooks.onOpen(cause);
      this.probeLater();
    }
  }

  /** Ends the probing. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private probeLater(): void {
    clearTimeout(this.timer);
    if (this.closed) {
      return;
    }
    this.timer = setTimeout(() => void this.probe(), PROBE_PAUSE_MS * (0.5 + this.random())).unref();
  }

  private async probe(): Promise<void> {
    try {
      await this.hooks.probe();
      this.succeeded();
    } catch {
      if (this.openCause !== undefined) {
        this.probeLater();
      }
    }
  }
}
