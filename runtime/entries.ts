import { compress, decompress, jsonCodec, parseJson } from './codec';
import {
  codecNumber,
  contentOf,
  freshMs,
  hasGenerations,
  isCompressed,
  isLease,
  isTombstone,
  isValue,
  jsonTextOf,
  lifeMs,
  schemaOf,
  valueEntry,
  writtenAtMs,
} from './envelope';
import type { NamespaceSettings } from './namespace-options';
import type { DropEvent } from './observer';
import { type Found, LONGEST_TTL_MS, type Store } from './stores/store';

/**
 * What a key holds, as far as a namespace can use it:
 * - `fresh`, `stale` (served while it is refreshed) and `old` (served only if the loader fails) hold a value;
 * - `won` and `held`: the placeholder of a load, this caller's or another's;
 * - `absent`: nothing that can be used; `over` is what may be replaced, and `why` it cannot be used.
 */
export type Reading =
  | {
      readonly state: 'fresh' | 'stale' | 'old';
      readonly value: unknown;
      readonly ageMs: number;
      readonly found: Found;
    }
  | { readonly state: 'won' | 'held'; readonly found: Found }
  | { readonly state: 'absent'; readonly over?: Found; readonly why?: DropEvent['reason'] };

const ABSENT: Reading = { state: 'absent' };

/** What compressed content may unpack to, in multiples of the largest entry. */
const MOST_EXPANSION = 16;

/** An entry ready to be stored. */
export interface Packed {
  readonly entry: Buffer;
  readonly lifeMs: number;
}

/** Turns values into entries and back, by the settings of a namespace. */
export class Entries {
  constructor(
    private readonly store: Store,
    private readonly settings: NamespaceSettings,
    private readonly random: () => number,
  ) {}

  /** Never throws: what cannot be read is absent. Only compressed content takes a turn of the event loop. */
  read(found: Found | undefined, generations: readonly number[]): Reading | Promise<Reading> {
    if (found === undefined) {
      return ABSENT;
    }
    const { value: entry } = found;
    if (found.lease !== 'none') {
      return { state: found.lease, found };
    }
    if (!isValue(entry)) {
      return isLease(entry)
        ? { state: 'held', found }
        : { state: 'absent', over: found, ...(isTombstone(entry) ? {} : { why: 'poisoned' }) };
    }
    if (schemaOf(entry) !== this.settings.version) {
      return { state: 'absent', over: found, why: 'outdated' };
    }
    if (!hasGenerations(entry, generations)) {
      return { state: 'absent', over: found };
    }
    if (isCompressed(entry)) {
      return this.unpack(found).catch(() => poisoned(found));
    }
    try {
      return this.reading(found, this.decode(entry));
    } catch {
      return poisoned(found);
    }
  }

  /**
   * @returns `undefined` when it is not cached: larger than the limit, or a negative answer that is not kept
   * @throws TypeError when the codec cannot write the value
   */
  async write(value: unknown, generations: readonly number[]): Promise<Packed | 'oversized' | undefined> {
    const { settings } = this;
    const missing = value === undefined || value === null;
    const ttlMs = missing ? settings.negativeTtlMs : settings.ttlMs;
    if (ttlMs === 0) {
      return undefined;
    }
    const freshFor = Math.round(ttlMs * (1 + settings.jitter * (2 * this.random() - 1)));
    const life = Math.min(LONGEST_TTL_MS, freshFor + settings.staleWhileRevalidateMs + settings.staleIfErrorMs);
    let content = value === undefined ? undefined : settings.codec.encode(value);
    const compressed = content !== undefined && content.length >= settings.compressFromBytes;
    if (content !== undefined && compressed) {
      content = await compress(content);
    }
    const entry = valueEntry(content, settings.codec, compressed, {
      writtenAtMs: this.store.now(),
      freshMs: Math.min(freshFor, life),
      lifeMs: life,
      schema: settings.version,
      generations,
    });
    return entry.length > settings.maxBytes ? 'oversized' : { entry, lifeMs: life };
  }

  /** The value in an entry that this process made or read a moment ago. */
  async copyOf(entry: Buffer): Promise<unknown> {
    if (!isCompressed(entry)) {
      return this.decode(entry);
    }
    const content = await decompress(contentOf(entry) as Buffer, Number.MAX_SAFE_INTEGER);
    return this.codecOf(entry).decode(content);
  }

  private async unpack(found: Found): Promise<Reading> {
    const content = contentOf(found.value) as Buffer;
    const unpacked = await decompress(content, this.settings.maxBytes * MOST_EXPANSION);
    return this.reading(found, this.codecOf(found.value).decode(unpacked));
  }

  private decode(entry: Buffer): unknown {
    if (codecNumber(entry) === jsonCodec.number) {
      const text = jsonTextOf(entry);
      return text === undefined ? undefined : parseJson(text);
    }
    const content = contentOf(entry);
    return content === undefined ? undefined : this.codecOf(entry).decode(content);
  }

  private codecOf(entry: Buffer) {
    const number = codecNumber(entry);
    if (number === this.settings.codec.number) {
      return this.settings.codec;
    }
    if (number === jsonCodec.number) {
      return jsonCodec;
    }
    throw new Error(`no codec ${number} here`);
  }

  private reading(found: Found, value: unknown): Reading {
    const { accept, staleWhileRevalidateMs, staleIfErrorMs } = this.settings;
    if (accept !== undefined && value !== undefined && value !== null && !accept(value)) {
      return poisoned(found);
    }
    const entry = found.value;
    const ageMs = this.store.ageMs(found, writtenAtMs(entry), lifeMs(entry));
    const overdueMs = ageMs - freshMs(entry);
    // Without a stale window the engine's own expiry decides, and no clock is compared.
    const state =
      overdueMs <= 0 || (staleWhileRevalidateMs === 0 && staleIfErrorMs === 0)
        ? 'fresh'
        : overdueMs <= staleWhileRevalidateMs
          ? 'stale'
          : 'old';
    return { state, value, ageMs, found };
  }
}

function poisoned(found: Found): Reading {
  return { state: 'absent', over: found, why: 'poisoned' };
}
