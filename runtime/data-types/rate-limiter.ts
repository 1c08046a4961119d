import { CacheUnavailableError, EngineRefusedError } from '../errors';
import type { RedisCommands } from '../redis/commands';
import { checkText, checkWholeNumber } from './argument-checks';
import { DataKey, singleKey } from './data-key';

/** Most parts that a window is kept in, which bounds what an id costs: about 4 KB. */
const PARTS = 100;

/** When to try again where the cache cannot be asked, in milliseconds: its breaker probes it more often than that. */
const UNAVAILABLE_RETRY_MS = 1_000;

const LONGEST_WINDOW_MS = 366 * 86_400_000;

export interface RateLimiterOptions {
  /** Most that is let through in any window. */
  readonly limit: number;
  /** Length of the window, in milliseconds, at most 366 days. */
  readonly perMs: number;
  /**
   * What `take` does when the cache cannot be asked, or has no memory left: lets through, refuses, or throws the
   * `CacheUnavailableError`. A limit that protects something scarce refuses; one that is for fairness allows.
   * @default 'throw'
   */
  readonly whenUnavailable?: 'allow' | 'refuse' | 'throw';
}

/** What a rate limiter says. */
export interface RateLimit {
  readonly allowed: boolean;
  /** What could be taken at once after this. */
  readonly remaining: number;
  /** After how long the same could be allowed, in milliseconds; 0 when it was. */
  readonly retryAfterMs: number;
  /** After how long everything could be taken again, in milliseconds. */
  readonly resetAfterMs: number;
  /** Whether the cache said so. If not, `whenUnavailable` decided, and nothing was counted. */
  readonly counted: boolean;
}

/**
 * A hash holds the sum (`used`) and a queue of what was taken: fields `head` to `tail`, each a moment in microseconds
 * and an amount. What is taken within one part of the window is kept as one, at its last moment: it counts a little
 * longer than it must, never shorter. On a clock that jumps back (another node after a failover) the latest moment that
 * was `seen` lasts.
 */
const TAKE = `
local limit, window, cost, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local part = window / ${PARTS}
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local state = redis.call('HMGET', KEYS[1], 'used', 'head', 'tail', 'seen')
local used, head, tail = tonumber(state[1]) or 0, tonumber(state[2]) or 1, tonumber(state[3]) or 0
local function entry(index)
  local at, amount = string.match(redis.call('HGET', KEYS[1], index), '^(%d+) (%d+)$')
  return tonumber(at), tonumber(amount)
end
local last = head <= tail and entry(tail) or 0
now = math.max(now, tonumber(state[4]) or 0)

while head <= tail do
  local at, amount = entry(head)
  if at + window > now then break end
  redis.call('HDEL', KEYS[1], head)
  used, head = used - amount, head + 1
end

local allowed = used + cost <= limit
if allowed and count then
  local amount = cost
  if head <= tail and math.floor(last / part) == math.floor(now / part) then
    local _, before = entry(tail)
    amount = before + cost
  else
    tail = tail + 1
  end
  used, last = used + cost, now
  redis.call('HSET', KEYS[1], tail, string.format('%.0f %.0f', now, amount))
  redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000) + 1)
end
if state[1] or (allowed and count) then
  redis.call('HSET', KEYS[1], 'used', used, 'head', head, 'tail', tail, 'seen', now)
end

local free, index, retry = limit - used, head, 0
while not allowed and free < cost do
  local at, amount = entry(index)
  free, index, retry = free + amount, index + 1, at + window - now
end
local reset = head <= tail and last + window - now or 0
return {allowed and 1 or 0, math.max(0, limit - used), math.ceil(retry / 1000), math.ceil(reset / 1000)}`;

/**
 * A sliding window: never more than `limit` in any `perMs`, wherever it begins. Decided by the engine in one atomic
 * step and on its clock, so all processes share the limit. What is refused is not counted.
 *
 * An id costs constant time and at most 100 amounts of memory, and is gone `perMs` after its last use. What was taken
 * counts for up to a hundredth of the window longer. After a failover the last moments before it may be forgotten, as
 * replication is asynchronous.
 */
export class RateLimiter {
  /** @throws RangeError for a bad option */
  constructor(
    private readonly commands: RedisCommands,
    private readonly name: string,
    private readonly options: RateLimiterOptions,
  ) {
    checkWholeNumber('`limit`', options.limit, 1, 1_000_000_000);
    checkWholeNumber('`perMs`', options.perMs, 1, LONGEST_WINDOW_MS);
    const { whenUnavailable = 'throw' } = options;
    if (!['allow', 'refuse', 'throw'].includes(whenUnavailable)) {
      throw new RangeError(
        `\`whenUnavailable\` must be 'allow', 'refuse' or 'throw', got ${JSON.stringify(whenUnavailable)}`,
      );
    }
  }

  /**
   * Takes from an id's limit, all of the cost or nothing.
   *
   * @param id whom it is for: a user, an address, a key; any text
   * @param cost 1 to `limit`
   */
  take(id: string, cost = 1): Promise<RateLimit> {
    return this.ask(id, cost, true);
  }

  /** What `take` would say, without taking. */
  peek(id: string, cost = 1): Promise<RateLimit> {
    return this.ask(id, cost, false);
  }

  /** Forgets what an id took, for example after it signed in. @throws CacheUnavailableError */
  async reset(id: string): Promise<void> {
    await this.key(id).run('UNLINK');
  }

  private async ask(id: string, cost: number, count: boolean): Promise<RateLimit> {
    checkWholeNumber('`cost`', cost, 1, this.options.limit);
    const { limit, perMs } = this.options;
    const args = [limit, perMs * 1_000, cost, count ? 1 : 0].map(String);
    try {
      const [allowed, remaining, retryAfterMs, resetAfterMs] = (await this.key(id).script(TAKE, args)) as number[];
      return { allowed: allowed === 1, remaining, retryAfterMs, resetAfterMs, counted: true } as RateLimit;
    } catch (error) {
      return this.unasked(error, cost);
    }
  }

  private unasked(error: unknown, cost: number): RateLimit {
    const { limit, perMs, whenUnavailable = 'throw' } = this.options;
    const outOfMemory = error instanceof EngineRefusedError && error.message.includes('OOM ');
    if (whenUnavailable === 'throw' || !(error instanceof CacheUnavailableError || outOfMemory)) {
      throw error;
    }
    return whenUnavailable === 'allow'
      ? { allowed: true, remaining: limit - cost, retryAfterMs: 0, resetAfterMs: perMs, counted: false }
      : {
          allowed: false,
          remaining: 0,
          retryAfterMs: UNAVAILABLE_RETRY_MS,
          resetAfterMs: UNAVAILABLE_RETRY_MS,
          counted: false,
        };
  }

  private key(id: string): DataKey {
    checkText('an id', id);
    // As JSON, so that no name and id together look like another pair.
    return new DataKey(this.commands, 'rate limiter', this.name, singleKey('rate', JSON.stringify([this.name, id])));
  }
}
