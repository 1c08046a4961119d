import { type Codec, jsonCodec } from '../codec';
import { CacheError } from '../errors';

/** How values of a list become bytes. */
export type ValueCodec = Pick<Codec, 'encode' | 'decode'>;

/** @throws TypeError when JSON has no such value */
export function encodeValue(where: string, value: unknown, codec: ValueCodec = jsonCodec): Buffer {
  // `JSON.stringify` makes `undefined` of these, and `null` of numbers that are not finite.
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`a value of ${where} must not be ${value === undefined ? 'undefined' : `a ${typeof value}`}`);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new RangeError(`a number of ${where} must be finite, got ${value}`);
  }
  return codec.encode(value);
}

/** @throws CacheError with the code `VALUE_UNREADABLE` when somebody else wrote it, in another form */
export function decodeValue(where: string, content: Buffer, codec: ValueCodec = jsonCodec): unknown {
  try {
    return codec.decode(content);
  } catch (cause) {
    throw new CacheError('VALUE_UNREADABLE', `a value of ${where} cannot be read: it was written in another form`, {
      cause,
    });
  }
}
