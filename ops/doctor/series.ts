import { duration } from './words';

/** Seconds between two values of a metric: `METRIC_WINDOWS.doctor.period`. */
export const QUARTER_SECONDS = 15 * 60;

/**
 * How many quarters of an hour of the day a limit must have been reached in: one deployment, one snapshot and one
 * failover are not what an environment suffers from.
 */
const REPEATED = 4;

export function last(values: readonly number[]): number {
  return values.at(-1) ?? 0;
}

export function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

/** How many values are so, where there are enough of them to count. */
export function repeated(
  values: readonly number[],
  isSo: (value: number, index: number) => boolean,
): number | undefined {
  const times = values.filter(isSo).length;
  return times >= REPEATED ? times : undefined;
}

/** The most values in a row that are so. */
export function inARow(values: readonly number[], isSo: (value: number) => boolean): number {
  let [longest, current] = [0, 0];
  for (const value of values) {
    current = isSo(value) ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}

/** What values of a metric cover, in words. */
export function span(values: readonly number[]): string {
  return `the last ${duration(values.length * QUARTER_SECONDS * 1_000)}`;
}
