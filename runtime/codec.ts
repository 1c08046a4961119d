import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { Packr } from 'msgpackr';
import { parse as parseSafely } from 'secure-json-parse';

/** How values become bytes. A codec's number stands in every entry, so namespaces can change theirs while running. */
export interface Codec {
  /** 0 to 3; 0 and 1 are taken. */
  readonly number: number;
  encode(value: unknown): Buffer;
  /** @throws Error when the bytes are not of this codec */
  decode(content: Buffer): unknown;
}

/** JSON, which every tool can read. */
export const jsonCodec: Codec = {
  number: 0,
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (content) => parseJson(content.toString('utf8')),
};

/** MessagePack, by `msgpackr`: smaller than JSON, and keeps dates and binary data. */
export const compactCodec: Codec = {
  number: 1,
  encode: (value) => packr().pack(value),
  decode: (content) => packr().unpack(content),
};

let packer: Packr | undefined;

/** Without records, whose structures would be known to one process only. */
function packr(): Packr {
  packer ??= new Packr({ useRecords: false, moreTypes: false });
  return packer;
}

/** Text that could hold the key `__proto__`, plain or escaped. JSON that this project writes has no such escape. */
export function parseJson(text: string): unknown {
  return text.includes('__proto__') || text.includes('\\u005')
    ? // Throws where it is a key, so that nobody copies it onto a prototype.
      parseSafely(text, null, { protoAction: 'error', constructorAction: 'ignore' })
    : JSON.parse(text);
}

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Off the main thread; level 1, because a cache is read in less time than higher levels take. */
export function compress(content: Buffer): Promise<Buffer> {
  return deflate(content, { level: 1 });
}

/**
 * @param mostBytes what it may grow to: a small entry that unpacks to gigabytes is refused
 * @throws Error when it is larger, or not compressed data
 */
export function decompress(content: Buffer, mostBytes: number): Promise<Buffer> {
  return inflate(content, { maxOutputLength: mostBytes });
}
