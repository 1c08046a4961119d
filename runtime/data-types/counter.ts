import type { RedisCommands } from '../redis/commands';
import { checkWholeNumber } from './argument-checks';
import { DataKey, type LifeOptions, RENEW_LIFE, singleKey } from './data-key';

export interface CounterOptions extends LifeOptions {
  /**
   * Counts per window of this length, in milliseconds, and begins at 0 in each. Windows are fixed by the engine's clock:
   * with 3,600,000 every hour of UTC. To limit what somebody may do, use a `RateLimiter`: a fixed window lets twice as
   * much through around its end.
   * @default - counts for ever
   */
  readonly perMs?: number;
}

const ADD = `
local value = redis.call('INCRBY', KEYS[1], ARGV[2])
if value > 9007199254740991 or value < -9007199254740991 then
  redis.call('DECRBY', KEYS[1], ARGV[2])
  return false
end
local window = tonumber(ARGV[3])
if window then
  if redis.call('PTTL', KEYS[1]) < 0 then
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    redis.call('PEXPIREAT', KEYS[1], now - now % window + window)
  end
else
  ${RENEW_LIFE}
end
return string.format('%.0f', value)`;

/** A whole number that many processes count up and down, for ever or per window. */
export class Counter {
  private readonly data: DataKey;

  /** @throws TypeError when both `perMs` and `ttlMs` are given: a window has its own end */
  constructor(
    commands: RedisCommands,
    name: string,
    private readonly options: CounterOptions = {},
  ) {
    this.data = new DataKey(commands, 'counter', name, singleKey('counter', name), options);
    if (options.perMs !== undefined) {
      checkWholeNumber('`perMs`', options.perMs, 1);
      if (options.ttlMs !== undefined) {
        throw new TypeError('a counter with `perMs` ends with its window, so it has no `ttlMs`');
      }
    }
  }

  /**
   * @param by a whole number, below 0 to count down
   * @returns the new count
   * @throws RangeError when the count would pass 2^53 - 1, in either direction
   */
  async increment(by = 1): Promise<number> {
    checkWholeNumber('`by`', by, Number.MIN_SAFE_INTEGER);
    const { perMs } = this.options;
    const value = (await this.data.script(ADD, [
      this.data.life,
      String(by),
      perMs === undefined ? '' : String(perMs),
    ])) as Buffer | null;
    if (value === null) {
      throw new RangeError(`${this.data.label} counts from ${Number.MIN_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`);
    }
    return Number(value);
  }

  /** @returns the new count, which may be below 0 */
  decrement(by = 1): Promise<number> {
    return this.increment(-by);
  }

  /** The count; 0 when nothing was counted. */
  async get(): Promise<number> {
    return Number((await this.data.run('GET')) ?? 0);
  }

  /** Begins at 0 again. */
  async reset(): Promise<void> {
    await this.data.run('UNLINK');
  }
}
