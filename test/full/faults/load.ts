/** One call of an open-loop load. */
export interface Call<T> {
  readonly startedAt: number;
  readonly ms: number;
  readonly result: T | undefined;
  readonly error: unknown;
}

/** Calls at a fixed rate, whether the ones before have been answered or not. */
export class OpenLoad<T> {
  readonly calls: Array<Call<T>> = [];
  private readonly pending = new Set<Promise<void>>();
  private readonly startedAt = performance.now();
  private readonly timer: NodeJS.Timeout;
  private made = 0;

  constructor(
    perSecond: number,
    private readonly call: (number: number) => Promise<T>,
  ) {
    this.timer = setInterval(() => {
      const due = ((performance.now() - this.startedAt) / 1_000) * perSecond;
      while (this.made < due) {
        this.start(this.made);
        this.made += 1;
      }
    }, 5);
  }

  /** Most calls that were not answered at one time. */
  mostPending = 0;

  async stop(): Promise<ReadonlyArray<Call<T>>> {
    clearInterval(this.timer);
    await Promise.all(this.pending);
    return this.calls;
  }

  private start(number: number): void {
    const startedAt = performance.now();
    const note = (result: T | undefined, error: unknown) =>
      void this.calls.push({ startedAt, ms: performance.now() - startedAt, result, error });
    const pending: Promise<void> = this.call(number)
      .then(
        (result) => note(result, undefined),
        (error) => note(undefined, error),
      )
      .finally(() => this.pending.delete(pending));
    this.pending.add(pending);
    this.mostPending = Math.max(this.mostPending, this.pending.size);
  }
}

/** The value below which this share of the numbers is. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The most points in time that lie within one window. */
export function mostWithin(times: readonly number[], windowMs: number): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted.reduce((most, from, index) => {
    const to = sorted.findIndex((time) => time >= from + windowMs);
    return Math.max(most, (to < 0 ? sorted.length : to) - index);
  }, 0);
}
