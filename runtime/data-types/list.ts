import { CacheError } from '../errors';
import type { RedisCommands } from '../redis/commands';
import { checkWholeNumber } from './argument-checks';
import { DataKey, type LifeOptions, RENEW_LIFE, singleKey } from './data-key';
import { decodeValue, encodeValue, type ValueCodec } from './json-value';

/** Most values that one call adds: more would hold up everybody else's commands. */
const MOST_PER_PUSH = 1_000;

export interface ListOptions extends LifeOptions {
  /**
   * Most values that are kept.
   * @default - as many as there is memory for
   */
  readonly limit?: number;
  /**
   * What a push to a full list does: values at the other end make room (`drop`), or nothing is added and a
   * `ListFullError` is thrown (`refuse`).
   * @default 'drop'
   */
  readonly whenFull?: 'drop' | 'refuse';
  /**
   * How values become bytes.
   * @default - JSON
   */
  readonly codec?: ValueCodec;
}

/** A list with `whenFull: 'refuse'` has no room for all the values of a push; none was added. */
export class ListFullError extends CacheError {
  constructor(list: string, limit: number) {
    super('LIST_FULL', `${list} has no room: it keeps at most ${limit} values`);
  }
}

const PUSH = `
local limit = tonumber(ARGV[3])
if limit and ARGV[4] == 'refuse' and redis.call('LLEN', KEYS[1]) + #ARGV - 4 > limit then return -1 end
local length = redis.call(ARGV[2], KEYS[1], unpack(ARGV, 5))
if limit and length > limit then
  if ARGV[2] == 'LPUSH' then
    redis.call('LTRIM', KEYS[1], 0, limit - 1)
  else
    redis.call('LTRIM', KEYS[1], -limit, -1)
  end
  length = limit
end
${RENEW_LIFE}
return length`;

/**
 * Values in an order: a queue (`pushLast`, `popFirst`), a stack (`pushLast`, `popLast`) or a bounded log.
 *
 * A value that was popped is gone: if its process dies, so does the value. Work that must not be lost belongs into a
 * queue that waits for an acknowledgement, for example Amazon SQS.
 */
export class List<T> {
  private readonly data: DataKey;

  /** @throws RangeError when `limit` leaves no room */
  constructor(
    commands: RedisCommands,
    name: string,
    private readonly options: ListOptions = {},
  ) {
    this.data = new DataKey(commands, 'list', name, singleKey('list', name), options);
    if (options.limit !== undefined) {
      checkWholeNumber('`limit`', options.limit, 1);
    }
  }

  /**
   * Puts values before all others, in the order given (as `Array.unshift`), all of them or none.
   *
   * @returns how many it holds now
   * @throws ListFullError
   */
  pushFirst(...values: readonly T[]): Promise<number> {
    return this.push('LPUSH', [...values].reverse());
  }

  /**
   * Puts values after all others, all of them or none.
   *
   * @returns how many it holds now
   * @throws ListFullError
   */
  pushLast(...values: readonly T[]): Promise<number> {
    return this.push('RPUSH', values);
  }

  /** Takes the first value out; `undefined` when there is none. */
  popFirst(): Promise<T | undefined> {
    return this.pop('LPOP');
  }

  /** Takes the last value out; `undefined` when there is none. */
  popLast(): Promise<T | undefined> {
    return this.pop('RPOP');
  }

  /**
   * Values from `start` to before `end`, both counted as `Array.slice` does: from the end when negative.
   *
   * @param start default: the first
   * @param end default: after the last
   */
  async range(start = 0, end?: number): Promise<T[]> {
    const values = (await this.data.run('LRANGE', ...inclusive(start, end))) as Buffer[];
    return values.map((value) => this.decoded(value));
  }

  /** Keeps what `range` would return, and drops the rest. */
  async trim(start: number, end?: number): Promise<void> {
    await this.data.change('LTRIM', ...inclusive(start, end));
  }

  async length(): Promise<number> {
    return (await this.data.run('LLEN')) as number;
  }

  async clear(): Promise<void> {
    await this.data.run('UNLINK');
  }

  private async push(command: 'LPUSH' | 'RPUSH', values: readonly T[]): Promise<number> {
    if (values.length === 0) {
      return this.length();
    }
    checkWholeNumber('the count of values', values.length, 1, MOST_PER_PUSH);
    const { limit, whenFull = 'drop', codec } = this.options;
    const contents = values.map((value) => encodeValue(this.data.label, value, codec));
    const args = [this.data.life, command, limit === undefined ? '' : String(limit), whenFull];
    const length = (await this.data.script(PUSH, [...args, ...contents])) as number;
    if (length === -1) {
      throw new ListFullError(this.data.label, limit as number);
    }
    return length;
  }

  private async pop(command: 'LPOP' | 'RPOP'): Promise<T | undefined> {
    const value = (await this.data.change(command)) as Buffer | null;
    return value === null ? undefined : this.decoded(value);
  }

  private decoded(value: Buffer): T {
    return decodeValue(this.data.label, value, this.options.codec) as T;
  }
}

/** The engine counts to the last value itself, not to the one after it. */
function inclusive(start: number, end: number | undefined): [string, string] {
  checkWholeNumber('`start`', start, Number.MIN_SAFE_INTEGER);
  if (end === undefined) {
    return [String(start), '-1'];
  }
  checkWholeNumber('`end`', end, Number.MIN_SAFE_INTEGER + 1);
  return end === 0 ? ['1', '0'] : [String(start), String(end - 1)];
}
