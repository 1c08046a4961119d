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
