import { jsonCodec, parseJson } from '../codec';
import { isCompressed, isValue, jsonTextOf, valueEntry } from '../envelope';

/** A session as it is stored. */
export interface SessionRecord {
  /** When it began, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly user?: string;
  readonly session: Readonly<Record<string, unknown>>;
}

/** @returns `undefined` for what is no session: cut short, foreign, or of another shape */
export function readRecord(entry: Buffer): SessionRecord | undefined {
  const record = readJson(entry) as Partial<SessionRecord> | undefined;
  const isSession =
    typeof record?.startedAt === 'number' &&
    typeof record.session === 'object' &&
    record.session !== null &&
    (record.user === undefined || typeof record.user === 'string');
  return isSession ? (record as SessionRecord) : undefined;
}

/** The JSON in an entry, `undefined` where there is none. */
export function readJson(entry: Buffer): unknown {
  if (!isValue(entry) || isCompressed(entry)) {
    return undefined;
  }
  try {
    const text = jsonTextOf(entry);
    return text === undefined ? undefined : parseJson(text);
  } catch {
    return undefined;
  }
}

/** An entry that holds JSON, with its size in bytes. */
export function jsonEntry(value: unknown, nowMs: number, ttlMs: number): { entry: Buffer; bytes: number } {
  const content = jsonCodec.encode(value);
  const lifeMs = Math.max(1, Math.min(0xffff_ffff, Math.ceil(ttlMs)));
  const facts = { writtenAtMs: nowMs, freshMs: lifeMs, lifeMs, schema: 0, generations: [] };
  return { entry: valueEntry(content, jsonCodec, false, facts), bytes: content.length };
}
