/** The value below which this share of the numbers is. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The most points in time that lie within one window. */
export function mostWithin(times: readonly number[], windowMs: number): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted.reduce((most, from, index) => {
    const to = sorted.findIndex((time) => time >= from + windowMs);
    return Math.max(most, (to < 0 ? sorted.length : to) - index);
  }, 0);
}
