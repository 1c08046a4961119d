import { readFileSync } from 'node:fs';
import { Problem } from '../../../assembly/problem';
import type { StatefulChange } from './changes';

/** A change that is let through until a date. */
export interface ReplacementException {
  /** Path of the stack, for example `prod/data`. */
  readonly stack: string;
  /** Logical id. */
  readonly resource: string;
  readonly change: 'replace' | 'delete';
  /** The only properties that may replace it; else any. */
  readonly properties?: readonly string[];
  /** The last day, in UTC: `YYYY-MM-DD`. */
  readonly until: string;
  readonly reason: string;
}

const KEYS = ['stack', 'resource', 'change', 'properties', 'until', 'reason'];

/** The exceptions that a file holds, a JSON array. @throws Problem that names the entry and what is wrong with it */
export function exceptionsIn(file: string): readonly ReplacementException[] {
  const entries = contentOf(file);
  if (!Array.isArray(entries)) {
    throw new Problem(`\`exceptions\` ${file} must hold a JSON array`);
  }
  return entries.map((entry: unknown, index) => {
    const wrong = problemWith(entry);
    if (wrong !== undefined) {
      throw new Problem(`\`exceptions\` ${file}, entry ${index + 1}: ${wrong}`);
    }
    return entry as ReplacementException;
  });
}

/** Whether an exception is about a change, whatever its date. */
export function isAbout(
  exception: ReplacementException,
  { stack, logicalId, effect, properties }: StatefulChange,
): boolean {
  const { properties: allowed } = exception;
  return (
    exception.stack === stack.path &&
    exception.resource === logicalId &&
    effect.endsWith(exception.change) &&
    (allowed === undefined || properties.every(({ name }) => allowed.includes(name)))
  );
}

/** Whether an exception counts today. */
export function isCurrent({ until }: ReplacementException): boolean {
  return until >= new Date(Date.now()).toISOString().slice(0, 10);
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Problem(`\`exceptions\` ${file} cannot be read: ${(error as Error).message}`);
  }
}

function problemWith(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return `must be an object, got ${JSON.stringify(entry)}`;
  }
  const { stack, resource, change, properties, until, reason } = entry as Record<string, unknown>;
  const unknown = Object.keys(entry).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    return `\`${unknown}\` is unknown: ${KEYS.join(', ')} are known`;
  }
  for (const [name, value] of Object.entries({ stack, resource, reason })) {
    if (typeof value !== 'string' || value.trim() === '') {
      return `\`${name}\` must be a text that is not empty, got ${JSON.stringify(value)}`;
    }
  }
  if (change !== 'replace' && change !== 'delete') {
    return `\`change\` must be "replace" or "delete", got ${JSON.stringify(change)}`;
  }
  if (properties !== undefined && !(change === 'replace' && isListOfNames(properties))) {
    return '`properties` must be a list of names that is not empty, and is for "replace" alone';
  }
  return typeof until === 'string' && isDay(until)
    ? undefined
    : `\`until\` must be a day as YYYY-MM-DD, got ${JSON.stringify(until)}`;
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string' && name !== '');
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
