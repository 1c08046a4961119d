import type { DrillSample } from '../report/drill-result';

/** A request and what its answer said of itself. */
export interface UserSample extends DrillSample {
  /** The longest that one call of the cache took, in milliseconds, where the service says so. */
  readonly slowestCallMs: number | undefined;
  /** Time spent waiting for what another request asked the database for, in milliseconds. */
  readonly waitMs: number | undefined;
  /** Seconds of `retry-after`, where the answer had one. */
  readonly retryAfter: number | undefined;
}

/** What users hold true after a load: what they were told, against what is there. */
export interface LoadTruth {
  /** Writes that were acknowledged. */
  readonly acknowledged: number;
  /** Acknowledged writes that are not there. */
  readonly lost: number;
  /** Reads that showed something older than what the same user had been told was written. */
  readonly stale: number;
  /** Longest time since such a write, in milliseconds. */
  readonly stalestMs: number;
  /** Users who were signed in. */
  readonly sessions: number;
  /** Of those, the ones that nobody knows any more. */
  readonly dead: number;
  /** What was lost or stale, in a sentence each. */
  readonly remarks: readonly string[];
}

/** People who use a service. */
export interface Users {
  /** Path of a page that everybody asks for. */
  readonly hotPath: string;
  /** Path of a page that takes its time and is in no cache yet, another one at each call; `undefined` where none is known. */
  coldPath(): string | undefined;
  /** Brings them as far as they are before the load: signed in, with what they read in the cache. */
  arrive(): Promise<void>;
  /** The next thing that one of them does. */
  act(number: number): Promise<UserSample>;
  /** Asks for a path, as somebody who is not signed in. */
  ask(path: string): Promise<UserSample>;
  /** Looks at what is there, once everything is back. */
  truth(): Promise<LoadTruth>;
  /** Takes back what they wrote. @returns what could not be taken back, in a sentence each */
  depart(): Promise<readonly string[]>;
}
