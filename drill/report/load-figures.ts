import type { DrillSample } from './drill-result';

/** What some requests show together; `undefined` where none of them can show it. */
export interface LoadFigures {
  readonly requests: number;
  readonly failed: number;
  /** Latency of the requests that were answered well: one that is refused at once is no fast answer. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** The longest that a user waited for a failure. */
  readonly slowestFailureMs: number | undefined;
  readonly hits: number;
  readonly misses: number;
  readonly bypasses: number;
  /** Share of the answered reads that the cache answered, from 0 to 1. */
  readonly hitRatio: number | undefined;
  readonly p99CacheMs: number | undefined;
  readonly p99DatabaseMs: number | undefined;
}

/** The value that this share of the values is not above: the nearest rank, so always one of them. */
export function quantile(values: readonly (number | undefined)[], share: number): number | undefined {
  const sorted = values.filter(isMeasured).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Sums up requests. */
export function figuresOf(samples: readonly DrillSample[]): LoadFigures {
  const answered = samples.filter(({ isOk }) => isOk);
  const failed = samples.filter(({ isOk }) => !isOk);
  const answeredBy = (who: DrillSample['answer']) => answered.filter(({ answer }) => answer === who).length;
  const [hits, misses, bypasses] = [answeredBy('hit'), answeredBy('miss'), answeredBy('bypass')];
  const reads = hits + misses + bypasses;
  const latencies = answered.map(({ ms }) => ms);
  return {
    requests: samples.length,
    failed: failed.length,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    slowestFailureMs: quantile(
      failed.map(({ ms }) => ms),
      1,
    ),
    hits,
    misses,
    bypasses,
    hitRatio: reads === 0 ? undefined : hits / reads,
    p99CacheMs: quantile(
      answered.map(({ cacheMs }) => cacheMs),
      0.99,
    ),
    p99DatabaseMs: quantile(
      answered.map(({ databaseMs }) => databaseMs),
      0.99,
    ),
  };
}

function isMeasured(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}
