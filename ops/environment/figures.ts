import type { Metrics } from './environment-state';

/** The newest value of a metric. */
export function lastOf(metrics: Metrics, name: string): number | undefined {
  return metrics[name]?.at(-1);
}

/** All values of a metric together; of one that CloudWatch has no data of, nothing. */
export function sumOf(metrics: Metrics, name: string): number | undefined {
  return metrics[name]?.reduce((sum, value) => sum + value, 0);
}

/** How full a node is, from 0 to 1. */
export function memoryShare(metrics: Metrics): number | undefined {
  const percentage = lastOf(metrics, 'DatabaseMemoryUsagePercentage');
  const [used, unused] = [lastOf(metrics, 'BytesUsedForCacheItems'), lastOf(metrics, 'UnusedMemory')];
  if (percentage !== undefined) {
    return percentage / 100;
  }
  return used === undefined || unused === undefined || used + unused === 0 ? undefined : used / (used + unused);
}

/** Share of the lookups of some nodes together that found something; nothing where there were none, or nobody counts them. */
export function hitRatio(nodes: readonly Metrics[]): number | undefined {
  const counted = nodes.filter(({ CacheMisses, GetMisses }) => CacheMisses !== undefined || GetMisses !== undefined);
  const of = (...names: string[]) =>
    counted.reduce((sum, metrics) => sum + names.reduce((all, name) => all + (sumOf(metrics, name) ?? 0), 0), 0);
  const [hits, misses] = [of('CacheHits', 'GetHits'), of('CacheMisses', 'GetMisses')];
  return hits + misses === 0 ? undefined : hits / (hits + misses);
}

/**
 * Metrics with the misses that a serverless cache does not tell, by its hits and their share in percent. Without a hit
 * nobody knows how often was asked.
 */
export function withMisses(metrics: Metrics): Metrics {
  const { CacheHits: hits, CacheHitRate: rates, CacheMisses } = metrics;
  if (CacheMisses !== undefined || hits === undefined || rates === undefined) {
    return metrics;
  }
  const misses = hits.map((count, index) => {
    const rate = rates[index] ?? 0;
    return rate > 0 ? count * (100 / rate - 1) : 0;
  });
  return { ...metrics, CacheMisses: misses };
}
