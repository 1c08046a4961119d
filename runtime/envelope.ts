import type { Codec } from './codec';

/*
 * What stands in the cache under a key: a header of fixed size, the generations of its tags, and the content. The
 * format is numbered so that a rolling deploy can run two releases over one cache: each treats a format that it does
 * not know as a miss.
 *
 *   0      format
 *   1      kind (2 bits), flags, codec (2 bits)
 *   2-7    when it was written, milliseconds since the epoch on the engine's clock
 *   8-13   random: with the time it names this very write, and serves as its version
 *   14-17  how long it counts as fresh, in milliseconds
 *   18-21  how long it lives, in milliseconds
 *   22-23  the application's own version of the content
 *   24     how many generations follow
 *   25-28  length of the content, so that a truncated one is noticed (`123` cut to `12` is JSON)
 *   29-    generations, 6 bytes each, then the content
 */
const FORMAT = 2;
const HEADER_BYTES = 29;
const VERSION_BYTES = 14;
const GENERATION_BYTES = 6;

const KIND_MASK = 0b11;
const LEASE = 0;
const VALUE = 1;
const TOMBSTONE = 2;

const UNDEFINED = 0b100;
const COMPRESSED = 0b1000;
const CODEC_SHIFT = 4;
const CODEC_MASK = 0b11;

/** Most tags of an entry. */
export const MOST_TAGS = 32;

/** What an entry says of itself. */
export interface EntryFacts {
  readonly writtenAtMs: number;
  readonly freshMs: number;
  readonly lifeMs: number;
  readonly schema: number;
  readonly generations: readonly number[];
}

/** Whether the content may be read as a value: leases, tombstones, and whatever is foreign, older or cut short may not. */
export function isValue(entry: Buffer): boolean {
  return (
    entry.length >= HEADER_BYTES &&
    entry[0] === FORMAT &&
    ((entry[1] as number) & KIND_MASK) === VALUE &&
    entry.readUInt32BE(25) === entry.length - contentStart(entry)
  );
}

/** Whether it is the placeholder of a load or write under way. */
export function isLease(entry: Buffer): boolean {
  return entry.length === VERSION_BYTES && entry[0] === FORMAT && entry[1] === LEASE;
}

/** Whether it marks a deletion that must not be undone by a write that began before. */
export function isTombstone(entry: Buffer): boolean {
  return entry.length === VERSION_BYTES && entry[0] === FORMAT && entry[1] === TOMBSTONE;
}

/** A unique placeholder. */
export function leaseEntry(nowMs: number): Buffer {
  return mark(LEASE, nowMs);
}

/** A unique mark of a deletion. */
export function tombstoneEntry(nowMs: number): Buffer {
  return mark(TOMBSTONE, nowMs);
}

function mark(kind: number, nowMs: number): Buffer {
  const entry = Buffer.allocUnsafe(VERSION_BYTES);
  entry[0] = FORMAT;
  entry[1] = kind;
  writeStamp(entry, nowMs);
  return entry;
}

function writeStamp(entry: Buffer, nowMs: number): void {
  entry.writeUIntBE(Math.max(0, Math.floor(nowMs)), 2, 6);
  entry.writeUIntBE(Math.floor(Math.random() * 2 ** 48), 8, 6);
}

/** Names this very write: the start of the entry, as latin1 text. Of foreign content it is the start all the same. */
export function versionOf(entry: Buffer): string {
  return entry.toString('latin1', 0, VERSION_BYTES);
}

/** How many bytes of what is stored make a version. */
export const VERSION_LENGTH = VERSION_BYTES;

/** When an entry was written, in milliseconds since the epoch. */
export function writtenAtMs(entry: Buffer): number {
  return entry.readUIntBE(2, 6);
}

/** How long an entry counts as fresh, in milliseconds since it was written. */
export function freshMs(entry: Buffer): number {
  return entry.readUInt32BE(14);
}

/** How long an entry lives, in milliseconds since it was written. */
export function lifeMs(entry: Buffer): number {
  return entry.readUInt32BE(18);
}

/** The application's own version of the content. */
export function schemaOf(entry: Buffer): number {
  return entry.readUInt16BE(22);
}

/** The number that makes an entry's write unique, which is what a tag's entry is stored for. */
export function generationOf(entry: Buffer): number {
  return entry.readUIntBE(8, 6);
}

/** Whether the entry was written under just these generations. */
export function hasGenerations(entry: Buffer, generations: readonly number[]): boolean {
  if (entry[24] !== generations.length) {
    return false;
  }
  for (let index = 0; index < generations.length; index += 1) {
    if (entry.readUIntBE(HEADER_BYTES + index * GENERATION_BYTES, GENERATION_BYTES) !== generations[index]) {
      return false;
    }
  }
  return true;
}

function contentStart(entry: Buffer): number {
  return HEADER_BYTES + (entry[24] as number) * GENERATION_BYTES;
}

/** Whether the content has to be decompressed first, which takes a turn of the event loop. */
export function isCompressed(entry: Buffer): boolean {
  return ((entry[1] as number) & COMPRESSED) !== 0;
}

/** The number of the codec that wrote the content. */
export function codecNumber(entry: Buffer): number {
  return ((entry[1] as number) >> CODEC_SHIFT) & CODEC_MASK;
}

/** The content, or `undefined` where the value itself is `undefined`. */
export function contentOf(entry: Buffer): Buffer | undefined {
  return ((entry[1] as number) & UNDEFINED) !== 0 ? undefined : entry.subarray(contentStart(entry));
}

/** Reads JSON text straight out of an entry; the caller knows that it is JSON and not compressed. */
export function jsonTextOf(entry: Buffer): string | undefined {
  return ((entry[1] as number) & UNDEFINED) !== 0 ? undefined : entry.toString('utf8', contentStart(entry));
}

/** Builds an entry around a content; `undefined` stores the value `undefined`. */
export function valueEntry(
  content: Buffer | undefined,
  codec: Pick<Codec, 'number'>,
  compressed: boolean,
  facts: EntryFacts,
): Buffer {
  const { generations } = facts;
  const start = HEADER_BYTES + generations.length * GENERATION_BYTES;
  const length = content?.length ?? 0;
  const entry = Buffer.allocUnsafe(start + length);
  entry[0] = FORMAT;
  entry[1] =
    VALUE |
    (content === undefined ? UNDEFINED : 0) |
    (compressed ? COMPRESSED : 0) |
    ((codec.number & CODEC_MASK) << CODEC_SHIFT);
  writeStamp(entry, facts.writtenAtMs);
  entry.writeUInt32BE(facts.freshMs, 14);
  entry.writeUInt32BE(facts.lifeMs, 18);
  entry.writeUInt16BE(facts.schema, 22);
  entry[24] = generations.length;
  entry.writeUInt32BE(length, 25);
  generations.forEach((generation, index) => {
    entry.writeUIntBE(generation, HEADER_BYTES + index * GENERATION_BYTES, GENERATION_BYTES);
  });
  content?.copy(entry, start);
  return entry;
}
