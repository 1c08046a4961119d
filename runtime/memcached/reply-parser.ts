import { MemcachedError } from './memcached-error';
import type { MemcachedItem } from './memcached-item';

/** What the first word of an answer says. `ERROR` stands for all three kinds of error line. */
export type ReplyCode = 'VA' | 'HD' | 'EN' | 'NF' | 'NS' | 'EX' | 'MN' | 'VERSION' | 'ERROR';

/** Told each complete answer, in order. */
export interface ReplyReceiver {
  /**
   * @param opaque the number that the request carried, -1 when the answer repeats none
   * @param item with `VA`
   * @param text the whole line, with `ERROR` and `VERSION`
   */
  reply(code: ReplyCode, opaque: number, item: MemcachedItem | undefined, text: string): void;
}

export interface ReplyParserOptions {
  readonly receiver: ReplyReceiver;
  /** A larger value is refused before memory is taken for it, in bytes. */
  readonly mostValueBytes: number;
  /** Digits that are put behind each CAS value. */
  readonly casSuffix: string;
  /** Memory that answers are read into, in bytes; more than a line. @default 65536 */
  readonly pageBytes?: number;
}

/** Memory that answers are read into; the most that a value which is kept can keep alive. */
const PAGE_BYTES = 65_536;

/** With less room than this part of it left, a page is turned. */
const LEAST_ROOM = 1 / 8;

/** Smaller values are copied out of their page, which costs no more than to refer to it. */
const SMALLEST_VIEW_BYTES = 256;

/** Longer than any line that Memcached sends to this client. */
const LONGEST_LINE_BYTES = 1_024;

/** More digits could not be counted exactly. */
const MOST_DIGITS = 15;

/** The digits of 2^64. */
const MOST_CAS_DIGITS = 20;

/** A number of so many digits is a small integer, which turns into text faster than bytes do. */
const MOST_SMALL_DIGITS = 9;

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const MINUS = 0x2d;
const ZERO = 0x30;

const letter = (text: string) => text.charCodeAt(0);
const pair = (text: string) => (text.charCodeAt(0) << 8) | text.charCodeAt(1);
const FLAG_CAS = letter('c');
const FLAG_OPAQUE = letter('O');
const FLAG_TTL = letter('t');
const FLAG_WON = letter('W');
const FLAG_HELD = letter('Z');
const VA = pair('VA');

/** Answers of one line. */
const SHORT_CODES: ReadonlyMap<number, ReplyCode> = new Map(
  (['HD', 'EN', 'NF', 'NS', 'EX', 'MN'] as const).map((code) => [pair(code), code]),
);

const TEXT_LINE = /^(?:(VERSION) [\x20-\x7e]{1,100}|ERROR|(?:CLIENT|SERVER)_ERROR(?: [\x20-\x7e]*)?)$/;

/**
 * Reads answers out of what arrives, however it is cut.
 *
 * It owns the memory that is read into, so that a value needs no copy: `room()` is where the next bytes go, `push` says
 * how many came. Values of less than a page are views on it; a larger value gets memory of its own size, once its size
 * is known. Memory is bounded by a page and one value.
 */
export class ReplyParser {
  private page: Buffer;
  /** What has arrived ends here; what has been read ends at `from`. */
  private filled = 0;
  private from = 0;
  /** Nothing can be read before so much has arrived. */
  private needed = 0;

  private readonly receiver: ReplyReceiver;
  private readonly mostValueBytes: number;
  private readonly casSuffix: string;
  private readonly pageBytes: number;

  // What the flags of the line in hand said.
  private opaque = -1;
  private cas = '';
  private ttlS = -1;
  private lease: MemcachedItem['lease'] = 'none';

  constructor({ receiver, mostValueBytes, casSuffix, pageBytes = PAGE_BYTES }: ReplyParserOptions) {
    this.receiver = receiver;
    this.mostValueBytes = mostValueBytes;
    this.casSuffix = casSuffix;
    this.pageBytes = pageBytes;
    this.page = Buffer.allocUnsafeSlow(pageBytes);
  }

  /** Where the next bytes go: enough for what is needed, if that is known. */
  room(): Buffer {
    const { pageBytes } = this;
    const wantedBytes = this.needed - this.from;
    const missingBytes = Math.max(pageBytes * LEAST_ROOM, this.needed - this.filled);
    if (wantedBytes > pageBytes && this.page.length !== wantedBytes) {
      this.turnPage(wantedBytes);
    } else if (wantedBytes <= pageBytes && this.from > 0 && this.page.length - this.filled < missingBytes) {
      this.turnPage(pageBytes);
    }
    return this.page.subarray(this.filled);
  }

  /**
   * Takes so many bytes that were written to `room()`.
   *
   * @throws MemcachedError PROTOCOL when they cannot be an answer; the parser must not be used any more
   */
  push(bytes: number): void {
    this.filled += bytes;
    while (this.from < this.filled && this.needed <= this.filled && this.takeAnswer()) {
      this.needed = this.from;
    }
  }

  /** Begins a new page with what has not been read. Values that were given away keep the old one. */
  private turnPage(pageBytes: number): void {
    const page = Buffer.allocUnsafeSlow(pageBytes);
    this.page.copy(page, 0, this.from, this.filled);
    this.page = page;
    this.filled -= this.from;
    this.needed -= this.from;
    this.from = 0;
  }

  /** @returns whether an answer was complete */
  private takeAnswer(): boolean {
    const { page, from } = this;
    const lineEnd = this.endOfLine();
    if (lineEnd < 0) {
      return false;
    }
    const code = ((page[from] as number) << 8) | (page[from + 1] as number);
    const isShort = page[from + 2] === SPACE || from + 2 === lineEnd;
    if (code === VA && isShort) {
      return this.takeItem(lineEnd);
    }
    this.from = lineEnd + 2;
    const shortCode = isShort ? SHORT_CODES.get(code) : undefined;
    if (shortCode !== undefined) {
      this.takeFlags(from + 2, lineEnd);
      this.receiver.reply(shortCode, this.opaque, undefined, '');
      return true;
    }
    const text = page.toString('latin1', from, lineEnd);
    const match = TEXT_LINE.exec(text);
    if (match === null) {
      throw unreadable(`an unknown answer ${JSON.stringify(text.slice(0, 40))}`);
    }
    this.receiver.reply(match[1] === undefined ? 'ERROR' : 'VERSION', -1, undefined, text);
    return true;
  }

  /** @returns where the CR of the line in hand is, -1 if its end has not arrived */
  private endOfLine(): number {
    const { page, from } = this;
    const last = Math.min(this.filled, from + LONGEST_LINE_BYTES);
    for (let at = from; at < last; at += 1) {
      if (page[at] === LF) {
        if (at - from < 3 || page[at - 1] !== CR) {
          throw unreadable('a line that is too short or does not end with CR LF');
        }
        return at - 1;
      }
    }
    if (last - from === LONGEST_LINE_BYTES) {
      throw unreadable('a line without an end');
    }
    return -1;
  }

  private takeItem(lineEnd: number): boolean {
    const { page } = this;
    const sizeBegin = this.from + 3;
    let sizeEnd = sizeBegin;
    while (sizeEnd < lineEnd && page[sizeEnd] !== SPACE) {
      sizeEnd += 1;
    }
    const valueBytes = this.numberIn(sizeBegin, sizeEnd);
    if (valueBytes > this.mostValueBytes) {
      throw unreadable(`a value of ${valueBytes} bytes`);
    }
    const begin = lineEnd + 2;
    const end = begin + valueBytes;
    this.needed = end + 2;
    if (this.needed > this.filled) {
      return false;
    }
    if (page[end] !== CR || page[end + 1] !== LF) {
      throw unreadable('a value of another length than it announced');
    }
    this.takeFlags(sizeEnd, lineEnd);
    this.from = end + 2;
    const value = valueBytes < SMALLEST_VIEW_BYTES ? Buffer.from(page.subarray(begin, end)) : page.subarray(begin, end);
    this.receiver.reply('VA', this.opaque, { value, cas: this.cas, ttlS: this.ttlS, lease: this.lease }, '');
    return true;
  }

  /** Reads the flags between two places; each begins with a space. */
  private takeFlags(from: number, to: number): void {
    const { page } = this;
    this.opaque = -1;
    this.cas = '';
    this.ttlS = -1;
    this.lease = 'none';
    let at = from;
    while (at < to) {
      if (page[at] !== SPACE) {
        throw unreadable('flags that are not separated');
      }
      const begin = at + 2;
      const flag = page[at + 1];
      at = begin;
      while (at < to && page[at] !== SPACE) {
        at += 1;
      }
      if (flag === FLAG_OPAQUE) {
        this.opaque = this.numberIn(begin, at);
      } else if (flag === FLAG_CAS) {
        this.cas = this.casIn(begin, at);
      } else if (flag === FLAG_TTL) {
        this.ttlS = page[begin] === MINUS ? -this.numberIn(begin + 1, at) : this.numberIn(begin, at);
      } else if (flag === FLAG_WON) {
        this.lease = 'won';
      } else if (flag === FLAG_HELD) {
        this.lease = 'held';
      }
      // Other flags are not asked for. A later version may add one, and it would not change what these mean.
    }
  }

  private casIn(from: number, to: number): string {
    if (to - from <= MOST_SMALL_DIGITS) {
      return this.numberIn(from, to) + this.casSuffix;
    }
    const digits = this.page.toString('latin1', from, to);
    if (digits.length > MOST_CAS_DIGITS || !/^\d+$/.test(digits)) {
      throw unreadable('a CAS value that is not a number');
    }
    return digits + this.casSuffix;
  }

  private numberIn(from: number, to: number): number {
    if (to <= from || to - from > MOST_DIGITS) {
      throw unreadable('something that is not a number');
    }
    let number = 0;
    for (let at = from; at < to; at += 1) {
      const digit = (this.page[at] as number) - ZERO;
      if (digit < 0 || digit > 9) {
        throw unreadable('something that is not a number');
      }
      number = number * 10 + digit;
    }
    return number;
  }
}

function unreadable(what: string): MemcachedError {
  return new MemcachedError('PROTOCOL', `sent ${what}`);
}
