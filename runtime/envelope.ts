import { randomUUID } from 'node:crypto';

/*
 * What stands in the cache under a key: a first character that says what it is and which format it has, then the
 * content. Formats are numbered so that a rolling deploy can run two releases over one cache: a release treats a format
 * that it does not know as a miss.
 */
const VALUE = '1';
const TOMBSTONE = '0';

/** What was found under a key. */
export type Found =
  | { readonly state: 'value'; readonly value: unknown }
  /** Nothing that can be used; `lease` is what a fill must find unchanged. */
  | { readonly state: 'none'; readonly lease: string };

/** The lease of a key that holds nothing. */
export const EMPTY_LEASE = '';

/** @param value anything JSON can hold; `undefined` is kept apart from `null` */
export function encode(value: unknown): string {
  return value === undefined ? VALUE : VALUE + JSON.stringify(value);
}

/** A unique mark that a key was deleted, so that a fill that began earlier is void. */
export function tombstone(): string {
  return TOMBSTONE + randomUUID();
}

/** Whether a stored text marks a deletion. */
export function isTombstone(stored: string): boolean {
  return stored.startsWith(TOMBSTONE);
}

/** Truncated, foreign or older content is a miss, and may be replaced by the fill that follows. */
export function decode(stored: string | null | undefined): Found {
  if (stored === null || stored === undefined) {
    return { state: 'none', lease: EMPTY_LEASE };
  }
  if (!stored.startsWith(VALUE)) {
    return { state: 'none', lease: stored };
  }
  if (stored.length === VALUE.length) {
    return { state: 'value', value: undefined };
  }
  try {
    return { state: 'value', value: JSON.parse(stored.slice(VALUE.length)) };
  } catch {
    return { state: 'none', lease: stored };
  }
}
