import type { Measurement } from '../measurement';

export const MINUTE_MS = 60_000;

/** How long what was measured is kept, in milliseconds: an hour, and what a rounded start takes more. */
export const RETENTION_MS = 90 * MINUTE_MS;

interface Minute {
  /** A level, how many there were, or seconds that it was busy. */
  readonly value: number;
  /** How much of the minute was measured, in milliseconds: where it is a share of that. */
  readonly measuredMs: number;
}

interface Previous {
  readonly at: number;
  readonly value: number;
  readonly life: string;
}

export interface Datapoint {
  /** Begin of its minute or period, in milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

/** What was measured of one number, by the minute, as AWS's services tell it to CloudWatch. */
export class Minutes {
  private readonly minutes = new Map<number, Minute>();
  private previous: Previous | undefined;

  constructor(readonly first: Measurement) {}

  add({ kind, life, value }: Measurement, at: number): void {
    const { previous } = this;
    const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    const before = this.minutes.get(minute);
    this.previous = { at, value, life };
    this.forget(at - RETENTION_MS);
    if (kind === 'level') {
      this.minutes.set(minute, { value, measuredMs: 0 });
      return;
    }
    const goesOn = previous?.life === life && value >= previous.value;
    if (kind === 'busy') {
      // What a process did before it was first seen was not done within this time.
      if (goesOn) {
        this.minutes.set(minute, {
          value: (before?.value ?? 0) + value - previous.value,
          measuredMs: (before?.measuredMs ?? 0) + at - previous.at,
        });
      }
      return;
    }
    const there = goesOn ? value - previous.value : value;
    if (kind === 'count' || there > 0) {
      this.minutes.set(minute, { value: (before?.value ?? 0) + there, measuredMs: 0 });
    }
  }

  /** Of minutes that begin at the start or later, and before the end; the oldest first. */
  between(start: number, end: number): Datapoint[] {
    const isShare = this.first.kind === 'busy';
    return [...this.minutes]
      .filter(([at]) => at >= start && at < end)
      .map(([at, { value, measuredMs }]) => ({
        at,
        value: isShare ? (measuredMs > 0 ? (value * 1_000 * 100) / measuredMs : 0) : value,
      }));
  }

  /** Whether nothing of it is kept any more. */
  get isEmpty(): boolean {
    return this.minutes.size === 0 && this.previous === undefined;
  }

  forget(before: number): void {
    for (const at of this.minutes.keys()) {
      if (at < before) {
        this.minutes.delete(at);
      }
    }
    if (this.previous !== undefined && this.previous.at < before) {
      this.previous = undefined;
    }
  }
}
