import { CacheUnavailableError } from '../errors';

/** Tries to change an entry that others change too. */
const MOST_TRIES = 50;

/** Longest pause after a lost race, in milliseconds; grows with each, up to this. */
const LONGEST_PAUSE_MS = 20;

/**
 * Repeats a compare-and-set until nobody came between.
 *
 * @param attempt reads, changes and writes; says whether the write was taken
 * @throws CacheUnavailableError when others came first too many times in a row
 */
export async function untilStored(cache: string, what: string, attempt: () => Promise<boolean>): Promise<void> {
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    if (await attempt()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(LONGEST_PAUSE_MS, tries)));
  }
  throw new CacheUnavailableError(cache, {
    cause: new Error(`${what} was changed by others ${MOST_TRIES} times in a row`),
  });
}
