import type { Datapoint } from './minutes';

export const STATISTICS = ['Average', 'Maximum', 'Minimum', 'SampleCount', 'Sum'] as const;

export type Statistic = (typeof STATISTICS)[number];

/** Makes one datapoint of those of each period that has any; the oldest first. Periods begin at multiples of theirs. */
export function byPeriod(datapoints: readonly Datapoint[], periodMs: number, statistic: Statistic): Datapoint[] {
  const periods = new Map<number, number[]>();
  for (const { at, value } of datapoints) {
    const period = Math.floor(at / periodMs) * periodMs;
    periods.set(period, [...(periods.get(period) ?? []), value]);
  }
  return [...periods]
    .sort(([one], [other]) => one - other)
    .map(([at, values]) => ({ at, value: statisticOf(values, statistic) }));
}

function statisticOf(values: readonly number[], statistic: Statistic): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case 'Average':
      return sum / values.length;
    case 'Maximum':
      return Math.max(...values);
    case 'Minimum':
      return Math.min(...values);
    case 'SampleCount':
      return values.length;
    case 'Sum':
      return sum;
  }
}
