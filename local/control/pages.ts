import { invalidParameterValue } from './faults';
import type { QueryRequest } from './query-request';

/** How many records a page may hold. */
interface PageLimits {
  readonly default: number;
  readonly max: number;
  /** What is said of a size beyond them. */
  readonly message: string;
}

const MIN_RECORDS = 20;

const LIMITS: PageLimits = {
  default: 100,
  max: 100,
  message: 'Invalid value for max records. Must be between 20 and 100',
};

export const SNAPSHOT_LIMITS: PageLimits = {
  default: 50,
  max: 50,
  message: 'Cannot return more than 50 records per page.',
};

export const SERVERLESS_LIMITS: PageLimits = { ...LIMITS, default: 50 };

/** Which part of the records is asked for. */
export interface PageRequest {
  readonly size: number;
  /** Key of the last record of the page before. */
  readonly after: string | undefined;
}

export interface Page<T> {
  readonly records: readonly T[];
  /** Asks for the page that follows. */
  readonly marker: string | undefined;
}

/** Reads `MaxRecords` and `Marker`, or what the operation calls them. */
export function pageRequest(
  request: QueryRequest,
  limits: PageLimits = LIMITS,
  names: { readonly size: string; readonly marker: string } = { size: 'MaxRecords', marker: 'Marker' },
): PageRequest {
  const size = request.integer(names.size) ?? limits.default;
  if (size < MIN_RECORDS || size > limits.max) {
    throw invalidParameterValue(size > limits.max ? limits.message : LIMITS.message);
  }
  const marker = request.string(names.marker);
  return { size, after: marker ? keyIn(marker, names.marker) : undefined };
}

/**
 * Takes a page out of records that are in the order of their keys. A marker holds the last key that was answered, so
 * that records which come or go meanwhile neither hide another one nor show it twice.
 */
export function pageOf<T>(
  records: readonly T[],
  { size, after }: PageRequest,
  keyOf: (record: T) => string,
  isAfter: (record: T, key: string) => boolean = (record, key) => keyOf(record) > key,
): Page<T> {
  const rest = after === undefined ? records : records.filter((record) => isAfter(record, after));
  const page = rest.slice(0, size);
  const last = page.at(-1);
  return {
    records: page,
    marker: rest.length > size && last !== undefined ? Buffer.from(keyOf(last)).toString('base64url') : undefined,
  };
}

/** In the order of their keys. */
export function sortedBy<T>(records: Iterable<T>, keyOf: (record: T) => string): T[] {
  return [...records].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyIn(marker: string, name: string): string {
  const bytes = Buffer.from(marker, 'base64url');
  if (bytes.toString('base64url') !== marker) {
    throw invalidParameterValue(`The parameter ${name} is not one that was answered.`);
  }
  return bytes.toString();
}
