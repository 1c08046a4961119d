/**
 * One call for all who ask for the same key at the same time. Success and failure are shared alike, so a failing origin
 * is asked once for all waiters, not once for each.
 */
export class SingleFlight {
  private readonly flights = new Map<string, Promise<unknown>>();

  run<T>(key: string, call: () => Promise<T>): Promise<T> {
    const flying = this.flights.get(key);
    if (flying !== undefined) {
      return flying as Promise<T>;
    }
    const flight = call().finally(() => {
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
}
