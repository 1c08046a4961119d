/** How often expiry is put off while answers keep coming out of the socket. */
const MOST_LATE_READS = 16;

/** A timer that is so late says that the event loop was blocked, and not the node, in milliseconds. */
export const BLOCKED_MS = 10;

/** What the node is given then for what it could not send, because nobody read, in milliseconds. */
export const GRACE_MS = 25;

export interface DeadlineTimerOptions {
  /** When the next deadline passes, on the clock of `performance.now()`; Infinity without one. */
  readonly nextAtMs: () => number;
  /** How often the socket was read so far. */
  readonly reads: () => number;
  /** Deadlines have passed, and no answer that meets one waits in the socket. */
  readonly expire: () => void;
}

/**
 * One timer for all deadlines of a connection, which lets answers win that arrived in time.
 *
 * When the event loop was blocked, timers run before the socket is read. So before anything expires the socket is read,
 * as long as there is something in it.
 */
export class DeadlineTimer {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly options: DeadlineTimerOptions) {}

  /** Makes sure that the next deadline is watched. */
  arm(): void {
    if (this.timer === undefined && !this.isStopped) {
      const nextAtMs = this.options.nextAtMs();
      if (nextAtMs !== Number.POSITIVE_INFINITY) {
        this.timer = setTimeout(this.check, Math.max(1, Math.ceil(nextAtMs - performance.now())));
      }
    }
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private readonly check = (): void => {
    this.timer = undefined;
    const nowMs = performance.now();
    const lateMs = nowMs - this.options.nextAtMs();
    if (lateMs < 0) {
      this.arm();
    } else {
      this.expireUnlessRead(nowMs + (lateMs > BLOCKED_MS ? GRACE_MS : 0), MOST_LATE_READS);
    }
  };

  /** The socket is read before the next immediate runs. */
  private expireUnlessRead(graceEndsAtMs: number, lateReads: number): void {
    const reads = this.options.reads();
    setImmediate(() => {
      if (this.isStopped) {
        return;
      }
      if (this.options.reads() !== reads && lateReads > 0) {
        this.expireUnlessRead(graceEndsAtMs, lateReads - 1);
      } else if (performance.now() < graceEndsAtMs) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.expireUnlessRead(graceEndsAtMs, lateReads), 1);
      } else {
        clearTimeout(this.timer);
        this.timer = undefined;
        this.options.expire();
        this.arm();
      }
    });
  }
}
