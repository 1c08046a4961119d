import { CacheError } from '../errors';
import type { RedisCommands } from '../redis/commands';
import { checkFinite, checkText } from './argument-checks';
import { DataKey, type LifeOptions, RENEW_LIFE, singleKey } from './data-key';
import { decodeValue, encodeValue } from './json-value';

/** What a field can hold: whatever JSON can. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue | undefined };

/** The fields of a type, whether it is an interface or an alias. */
export type Fields<T> = { readonly [F in keyof T]: FieldValue | undefined };

/** The names of the fields that hold a number. */
export type NumberField<T> = { [F in keyof T]-?: NonNullable<T[F]> extends number ? F : never }[keyof T] & string;

const INCREMENT = `
local field = redis.call('HGET', KEYS[1], ARGV[2])
local before = field and tonumber(field) or (not field and 0)
if not before then return 'no number' end
local after = before + ARGV[3]
if after - after ~= 0 then return 'not finite' end
local text = string.format('%.17g', after)
redis.call('HSET', KEYS[1], ARGV[2], text)
${RENEW_LIFE}
return text`;

/**
 * Named fields of one thing. Each field stands as JSON, so that text, numbers, booleans and objects come back as what
 * they were, and every client can read them.
 *
 * What is returned has no prototype: a field may have any name, `__proto__` too.
 */
export class FieldHash<T extends Fields<T> = Record<string, any>> {
  private readonly data: DataKey;

  constructor(commands: RedisCommands, name: string, options: LifeOptions = {}) {
    this.data = new DataKey(commands, 'hash', name, singleKey('hash', name), options);
  }

  /** Sets fields, all in one step. Others stay as they are, and so do those that are `undefined` here. */
  async set(fields: Readonly<Partial<T>>): Promise<void> {
    const args = Object.entries(fields).flatMap(([field, value]) => {
      checkText('a field', field);
      return value === undefined ? [] : [field, encodeValue(`field \`${field}\` of ${this.data.label}`, value)];
    });
    if (args.length > 0) {
      await this.data.change('HSET', ...args);
    }
  }

  /** `undefined` when there is no such field. */
  async get<F extends keyof T & string>(field: F): Promise<T[F] | undefined> {
    checkText('a field', field);
    const value = (await this.data.run('HGET', field)) as Buffer | null;
    return value === null ? undefined : (this.decoded(field, value) as T[F]);
  }

  /** The fields of these that there are, in one step. */
  async getMany<F extends keyof T & string>(fields: readonly F[]): Promise<Partial<Pick<T, F>>> {
    for (const field of fields) {
      checkText('a field', field);
    }
    const values = fields.length === 0 ? [] : ((await this.data.run('HMGET', ...fields)) as Array<Buffer | null>);
    return this.object(fields.map((field, index) => [field, values[index] ?? null]));
  }

  /** All fields; none when there is nothing. Costs as much as there are. */
  async all(): Promise<Partial<T>> {
    const reply = (await this.data.run('HGETALL')) as Buffer[];
    return this.object(
      Array.from({ length: reply.length / 2 }, (_, index) => [String(reply[2 * index]), reply[2 * index + 1] ?? null]),
    );
  }

  async has(field: keyof T & string): Promise<boolean> {
    checkText('a field', field);
    return (await this.data.run('HEXISTS', field)) === 1;
  }

  /** @returns how many of the fields were there */
  async delete(...fields: ReadonlyArray<keyof T & string>): Promise<number> {
    for (const field of fields) {
      checkText('a field', field);
    }
    return fields.length === 0 ? 0 : ((await this.data.change('HDEL', ...fields)) as number);
  }

  /**
   * Adds to a number in one atomic step; a field that is not there counts as 0. Whole numbers are exact up to 2^53.
   *
   * @returns the new number
   * @throws RangeError when `by` or the result is not finite
   * @throws CacheError with the code `NOT_A_NUMBER` when the field holds something else
   */
  async increment(field: NumberField<T>, by = 1): Promise<number> {
    checkText('a field', field);
    checkFinite('`by`', by);
    const reply = String(await this.data.script(INCREMENT, [this.data.life, field, String(by)]));
    if (reply === 'no number') {
      throw new CacheError('NOT_A_NUMBER', `field \`${field}\` of ${this.data.label} holds no number to add to`);
    }
    if (reply === 'not finite') {
      throw new RangeError(`field \`${field}\` of ${this.data.label} would no longer be a finite number`);
    }
    return Number(reply);
  }

  async clear(): Promise<void> {
    await this.data.run('UNLINK');
  }

  private object<F extends keyof T>(entries: ReadonlyArray<[string, Buffer | null]>): Partial<Pick<T, F>> {
    const object = Object.create(null);
    for (const [field, value] of entries) {
      if (value !== null) {
        object[field] = this.decoded(field, value);
      }
    }
    return object;
  }

  private decoded(field: string, value: Buffer): unknown {
    return decodeValue(`field \`${field}\` of ${this.data.label}`, value);
  }
}
