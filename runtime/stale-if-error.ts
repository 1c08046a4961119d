import type { Reading } from './entries';

/** An entry past its TTL that may still be served when the loader fails. */
export type LastResort = Extract<Reading, { state: 'stale' | 'old' | 'fresh' }>;

/**
 * What to answer when the load failed: the old value where there is one, the error where there is none. A database that
 * is down, or protected by the load limiter, costs freshness for as long as `staleIfErrorMs` says, and then an error.
 */
export function lastResort(reading: Reading | undefined): LastResort | undefined {
  return reading?.state === 'old' || reading?.state === 'stale' ? reading : undefined;
}
