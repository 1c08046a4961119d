import type { DataTypes } from '../runtime';
import type { Answer } from './trace';

/** Requests that the panel shows. */
const SHOWN = 12;

/** One request as the panel shows it. */
export interface ServedRequest {
  readonly instance: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly outcome: Answer | null;
  readonly cacheMs: number;
  readonly databaseMs: number;
  readonly totalMs: number;
  readonly write: { readonly databaseMs: number; readonly cacheMs: number } | null;
}

export interface Activity {
  readonly requests: readonly ServedRequest[];
  /** Answers by outcome, of all instances since the cache was started. */
  readonly outcomes: Readonly<Record<Answer, number>>;
  readonly lastWrite: ServedRequest | undefined;
}

/** What all instances served lately, kept in the cache so that every instance's panel shows the whole fleet. */
export class ActivityLog {
  constructor(private readonly types: DataTypes) {}

  async note(request: ServedRequest): Promise<void> {
    const entry = JSON.stringify(request);
    await Promise.all([
      this.requests().add(entry),
      ...(request.outcome === null ? [] : [this.outcomes().increment(request.outcome)]),
      ...(request.write === null ? [] : [this.lastWrite().add(entry)]),
    ]);
  }

  async read(): Promise<Activity> {
    const [requests, outcomes, lastWrite] = await Promise.all([
      this.requests().entries(),
      this.outcomes().all(),
      this.lastWrite().entries(),
    ]);
    return {
      requests: requests.map((entry) => JSON.parse(entry)),
      outcomes: {
        hit: Number(outcomes.hit ?? 0),
        miss: Number(outcomes.miss ?? 0),
        bypass: Number(outcomes.bypass ?? 0),
      },
      lastWrite: lastWrite[0] === undefined ? undefined : JSON.parse(lastWrite[0]),
    };
  }

  private requests() {
    return this.types.recent('requests', { limit: SHOWN, unique: false });
  }

  private lastWrite() {
    return this.types.recent('last-write', { limit: 1, unique: false });
  }

  private outcomes() {
    return this.types.hash('outcomes');
  }
}
