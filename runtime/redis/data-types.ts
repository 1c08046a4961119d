import { storeKey } from '../key';
import type { RedisConnection } from './connection';
import { Leaderboard } from './leaderboard';

/**
 * What Valkey and Redis OSS have beyond a cache of objects. Unlike cached data these are the data themselves, so a
 * cache that cannot be asked is an error here (`CacheUnavailableError`), never an empty answer.
 */
export class DataTypes {
  constructor(private readonly connection: RedisConnection) {}

  /** Members ranked by score, on a sorted set. */
  leaderboard(name: string): Leaderboard {
    return new Leaderboard(this.connection, storeKey('leaderboard', name));
  }

  /** Newest first, bounded, without repeats: for example what a user viewed. */
  recent(name: string, options: RecentListOptions): RecentList {
    return new RecentList(this.connection, storeKey('recent', name), options);
  }

  /** Members without order, each once. */
  set(name: string): MemberSet {
    return new MemberSet(this.connection, storeKey('set', name));
  }

  /** Named fields of one thing. */
  hash(name: string): FieldHash {
    return new FieldHash(this.connection, storeKey('hash', name));
  }
}

export interface RecentListOptions {
  /** Most entries that are kept. */
  readonly limit: number;
  /**
   * Whether an entry that is added again moves to the front instead of standing there twice.
   * @default true
   */
  readonly unique?: boolean;
}

/** A bounded list, newest first. */
export class RecentList {
  constructor(
    private readonly connection: RedisConnection,
    private readonly key: string,
    private readonly options: RecentListOptions,
  ) {
    if (!Number.isInteger(options.limit) || options.limit < 1) {
      throw new RangeError(`\`limit\` must be a whole number of at least 1, got ${options.limit}`);
    }
  }

  async add(entry: string): Promise<void> {
    await this.connection.run((client) => {
      const steps = client.multi();
      if (this.options.unique ?? true) {
        steps.lRem(this.key, 0, entry);
      }
      return steps
        .lPush(this.key, entry)
        .lTrim(this.key, 0, this.options.limit - 1)
        .exec();
    });
  }

  async entries(): Promise<string[]> {
    return this.connection.run((client) => client.lRange(this.key, 0, -1));
  }
}

/** Members without order, each once. */
export class MemberSet {
  constructor(
    private readonly connection: RedisConnection,
    private readonly key: string,
  ) {}

  /** @returns whether it was new */
  async add(member: string): Promise<boolean> {
    return (await this.connection.run((client) => client.sAdd(this.key, member))) === 1;
  }

  /** @returns whether it was there */
  async remove(member: string): Promise<boolean> {
    return (await this.connection.run((client) => client.sRem(this.key, member))) === 1;
  }

  async has(member: string): Promise<boolean> {
    return (await this.connection.run((client) => client.sIsMember(this.key, member))) === 1;
  }

  async members(): Promise<string[]> {
    return this.connection.run((client) => client.sMembers(this.key));
  }
}

/** Named fields of one thing, all text. */
export class FieldHash {
  constructor(
    private readonly connection: RedisConnection,
    private readonly key: string,
  ) {}

  async set(fields: Readonly<Record<string, string>>): Promise<void> {
    await this.connection.run((client) => client.hSet(this.key, { ...fields }));
  }

  /** Adds to a number in one field. @returns the new number */
  async increment(field: string, by = 1): Promise<number> {
    return this.connection.run((client) => client.hIncrBy(this.key, field, by));
  }

  /** All fields; empty when there are none. */
  async all(): Promise<Record<string, string>> {
    return { ...(await this.connection.run((client) => client.hGetAll(this.key))) };
  }
}
