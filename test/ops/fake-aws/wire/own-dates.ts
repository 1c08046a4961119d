import { types } from 'node:util';

/**
 * The same with dates of this realm, which are all that the SDK's serializer knows: under jest, `structuredClone` makes
 * those of another.
 */
export function ownDates<T>(value: T): T {
  if (types.isDate(value)) {
    return new Date(value) as T;
  }
  if (Array.isArray(value)) {
    return value.map(ownDates) as T;
  }
  return typeof value === 'object' && value !== null
    ? (Object.fromEntries(Object.entries(value).map(([name, each]) => [name, ownDates(each)])) as T)
    : value;
}
