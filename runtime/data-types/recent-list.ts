import type { RedisCommands } from '../redis/commands';
import { checkText, checkWholeNumber } from './argument-checks';
import { DataKey, type LifeOptions, RENEW_LIFE, singleKey } from './data-key';

export interface RecentListOptions extends LifeOptions {
  /** Most entries that are kept. */
  readonly limit: number;
  /**
   * Whether an entry that is added again moves to the front instead of standing there twice.
   * @default true
   */
  readonly unique?: boolean;
}

const ADD = `
if ARGV[3] == '1' then redis.call('LREM', KEYS[1], 0, ARGV[4]) end
redis.call('LPUSH', KEYS[1], ARGV[4])
redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
${RENEW_LIFE}`;

/**
 * Text, newest first, bounded: for example what a user viewed.
 *
 * Adding costs as much as the list is long when entries are unique, so it is made for tens to hundreds of entries.
 */
export class RecentList {
  private readonly data: DataKey;

  /** @throws RangeError when the list has no room */
  constructor(
    commands: RedisCommands,
    name: string,
    private readonly options: RecentListOptions,
  ) {
    this.data = new DataKey(commands, 'recent list', name, singleKey('recent', name), options);
    checkWholeNumber('`limit`', options.limit, 1);
  }

  async add(entry: string): Promise<void> {
    checkText('an entry', entry);
    const { limit, unique = true } = this.options;
    await this.data.script(ADD, [this.data.life, String(limit), unique ? '1' : '0', entry]);
  }

  /** All entries, or the newest of them. */
  async entries(count: number = this.options.limit): Promise<string[]> {
    checkWholeNumber('`count`', count, 1);
    return ((await this.data.run('LRANGE', '0', String(count - 1))) as Buffer[]).map(String);
  }

  /** @returns whether it was there */
  async remove(entry: string): Promise<boolean> {
    checkText('an entry', entry);
    return (await this.data.change('LREM', '0', entry)) !== 0;
  }

  async clear(): Promise<void> {
    await this.data.run('UNLINK');
  }
}
