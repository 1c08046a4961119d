/**
 * One call for all who ask for the same key at the same time. Success and failure are shared alike, so a failing origin
 * is asked once for all waiters, not once for each.
 */
export class SingleFlight<T> {
  private readonly flights = new Map<string, Promise<T>>();

  /** The flight that others may join, if there is one. */
  flying(key: string): Promise<T> | undefined {
    return this.flights.get(key);
  }

  /** Starts a flight, in place of one that is in the air. */
  start(key: string, call: () => Promise<T>): Promise<T> {
    const flight: Promise<T> = call().finally(() => {
      if (this.flights.get(key) === flight) {
        this.flights.delete(key);
      }
    });
    this.flights.set(key, flight);
    return flight;
  }

  /** Lets the next caller start a call of its own: what is in flight began before a write and may be old. */
  forget(key: string): void {
    this.flights.delete(key);
  }

  /** Lets the next callers of all keys start calls of their own. */
  forgetAll(): void {
    this.flights.clear();
  }
}
