import { invalidParameterValue } from './faults';

/** How many records a page may hold. */
export interface PageLimits {
  readonly min: number;
  readonly max: number;
  readonly default: number;
  /** What is said of a size beyond the most, where it is not what is said of one below the least. */
  readonly tooMany?: string;
}

/** Those of most operations of ElastiCache and RDS. */
const LIMITS: PageLimits = { min: 20, max: 100, default: 100 };

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

/** What pages are asked for in. */
interface PagedRequest {
  integer(name: string): number | undefined;
  string(name: string): string | undefined;
}

/** Reads `MaxRecords` and `Marker`, or what the operation calls them. */
export function pageRequest(
  request: PagedRequest,
  limits: PageLimits = LIMITS,
  names: { readonly size: string; readonly marker: string } = { size: 'MaxRecords', marker: 'Marker' },
): PageRequest {
  const size = request.integer(names.size) ?? limits.default;
  if (size < limits.min || size > limits.max) {
    const within = `Invalid value for max records. Must be between ${limits.min} and ${limits.max}`;
    throw invalidParameterValue(size > limits.max ? (limits.tooMany ?? within) : within);
  }
  return { size, after: pageAfter(request, names.marker) };
}

/** Key of the last record of the page before: of operations whose pages have a size that cannot be chosen. */
export function pageAfter(request: PagedRequest, name: string): string | undefined {
  const marker = request.string(name);
  return marker ? keyIn(marker, name) : undefined;
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
