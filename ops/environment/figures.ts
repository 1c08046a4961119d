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

/** Share of the lookups of some nodes together that found something; nothing where there were none. */
export function hitRatio(nodes: readonly Metrics[]): number | undefined {
  const of = (...names: string[]) =>
    nodes.reduce((sum, metrics) => sum + names.reduce((all, name) => all + (sumOf(metrics, name) ?? 0), 0), 0);
  const [hits, misses] = [of('CacheHits', 'GetHits'), of('CacheMisses', 'GetMisses')];
  return hits + misses === 0 ? undefined : hits / (hits + misses);
}
