import type { RedisCommands } from '../redis/commands';
import { Counter, type CounterOptions } from './counter';
import type { LifeOptions } from './data-key';
import { FieldHash, type Fields } from './field-hash';
import { Leaderboard, type LeaderboardOptions } from './leaderboard';
import { List, type ListOptions } from './list';
import { MemberSet, type MemberSetOptions } from './member-set';
import { RateLimiter, type RateLimiterOptions } from './rate-limiter';
import { RecentList, type RecentListOptions } from './recent-list';

/**
 * What Valkey and Redis OSS have beyond a cache of objects. Unlike cached data these are the data themselves: they stay
 * until they are deleted unless given a life, and a cache that cannot be asked is an error (`CacheUnavailableError`),
 * never an empty answer. Every call is one atomic step.
 *
 * A name may be any text. What is made here holds no connection and no state of its own: make it wherever it is used,
 * with the same options everywhere.
 */
export class DataTypes {
  constructor(private readonly commands: RedisCommands) {}

  /** Members ranked by score. */
  leaderboard(name: string, options?: LeaderboardOptions): Leaderboard {
    return new Leaderboard(this.commands, name, options);
  }

  /** Values in an order: a queue, a stack, a bounded log. */
  list<T>(name: string, options?: ListOptions): List<T> {
    return new List<T>(this.commands, name, options);
  }

  /** Newest first, bounded, without repeats: for example what a user viewed. */
  recent(name: string, options: RecentListOptions): RecentList {
    return new RecentList(this.commands, name, options);
  }

  /** Members without order, each once. */
  set(name: string, options?: MemberSetOptions): MemberSet {
    return new MemberSet(this.commands, name, options);
  }

  /** Named fields of one thing. */
  hash<T extends Fields<T> = Record<string, any>>(name: string, options?: LifeOptions): FieldHash<T> {
    return new FieldHash<T>(this.commands, name, options);
  }

  /** A whole number that is counted up and down, for ever or per window. */
  counter(name: string, options?: CounterOptions): Counter {
    return new Counter(this.commands, name, options);
  }

  /** How much somebody may do in a time. */
  rateLimiter(name: string, options: RateLimiterOptions): RateLimiter {
    return new RateLimiter(this.commands, name, options);
  }
}
