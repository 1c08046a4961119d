import { median } from '../report';

/** The median of each figure by itself. */
export function medianOf<T extends object>(results: readonly T[]): T {
  const first = results[0] as T;
  return Object.fromEntries(
    Object.keys(first).map((key) => [key, median(results.map((result) => (result as any)[key]))]),
  ) as T;
}
