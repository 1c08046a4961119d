const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Milliseconds of a day. */
export const DAY = 24 * HOUR;

/** Most things that one line of evidence names. */
const MOST_NAMED = 5;

/** With thousands set off, and one digit behind the point below ten: `1,234` and `1.5`. */
export function figure(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0 });
}

export function percent(value: number): string {
  return `${figure(value)} %`;
}

/** Decimal units, as CloudWatch shows them. */
export function size(bytes: number): string {
  return bytes >= 1e9 ? `${figure(bytes / 1e9)} GB` : `${figure(bytes / 1e6)} MB`;
}

export function counted(count: number, thing: string): string {
  return `${figure(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/** The day of an ISO 8601 time. */
export function day(time: string): string {
  return time.slice(0, 10);
}

export function duration(milliseconds: number): string {
  if (milliseconds >= 2 * DAY) {
    return `${Math.floor(milliseconds / DAY)} days`;
  }
  return milliseconds >= 2 * HOUR
    ? `${Math.floor(milliseconds / HOUR)} hours`
    : counted(Math.floor(milliseconds / MINUTE), 'minute');
}

/** Milliseconds since an ISO 8601 time; negative where it is still to come. */
export function since(time: string, now: Date): number {
  return now.getTime() - new Date(time).getTime();
}

/** Parts of an evidence, in an order of their own, so that the order of what AWS answers does not matter. */
export function listed(parts: readonly string[]): string {
  return named([...parts].sort());
}

/** Parts of an evidence, the first of them in full. */
export function named(parts: readonly string[]): string {
  const more = parts.length - MOST_NAMED;
  return more > 0 ? `${parts.slice(0, MOST_NAMED).join('; ')}; and ${more} more` : parts.join('; ');
}
