/** How often the clock looks, in milliseconds. */
export const LOOK_MS = 5;

/** How late a timer may be before it says that this process itself was held up, in milliseconds. */
export const PUNCTUAL_MS = 5;

/**
 * The time in which this process was responsive: while it is held up (a cold start, a long task, garbage collection, a
 * machine that is busy with others) answers wait in its sockets, and that says nothing about a cache. One timer for all
 * who listen; without them the clock stands still.
 */
class ResponsiveClock {
  private readonly listeners = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;
  private lookedAt = 0;
  private elapsedMs = 0;

  /** What it showed when it looked last. */
  get lookedMs(): number {
    return this.elapsedMs;
  }

  /** What it shows now, in milliseconds. */
  now(): number {
    return this.timer === undefined ? this.elapsedMs : this.elapsedMs + this.sinceLook(performance.now());
  }

  /** Calls back after each look. */
  listen(listener: () => void): void {
    this.listeners.add(listener);
    if (this.timer === undefined) {
      this.lookedAt = performance.now();
      this.timer = setTimeout(() => this.look(), LOOK_MS);
    }
  }

  ignore(listener: () => void): void {
    this.listeners.delete(listener);
  }

  private sinceLook(now: number): number {
    return Math.min(now - this.lookedAt, LOOK_MS + PUNCTUAL_MS);
  }

  private look(): void {
    const now = performance.now();
    this.elapsedMs += this.sinceLook(now);
    this.lookedAt = now;
    // Sockets are read after timers: an answer that has arrived meanwhile comes before the listeners.
    setImmediate(() => {
      for (const listener of this.listeners) {
        listener();
      }
      this.timer = this.listeners.size === 0 ? undefined : setTimeout(() => this.look(), LOOK_MS);
    });
  }
}

export const responsiveClock = new ResponsiveClock();
