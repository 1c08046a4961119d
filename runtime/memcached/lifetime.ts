/**
 * The longest relative lifetime, in seconds: 30 days. Memcached reads a larger number as a time of day in 1970, and the
 * item is gone at once.
 */
export const LONGEST_LIFETIME_S = 2_592_000;

/**
 * A lifetime as Memcached takes it: whole seconds, at most 30 days (`Infinity` becomes 30 days).
 *
 * @throws RangeError below 1 second: 0 would mean forever
 */
export function lifetimeS(property: string, seconds: number): number {
  if (!(seconds >= 1)) {
    throw new RangeError(`\`${property}\` must be at least 1 second, got ${seconds}`);
  }
  return seconds > LONGEST_LIFETIME_S ? LONGEST_LIFETIME_S : Math.floor(seconds);
}
