import { safeId } from '../key';
import type { RedisCommands } from '../redis/commands';
import { checkText, checkWholeNumber } from './argument-checks';
import { DataKey, type LifeOptions, singleKey, taggedKey } from './data-key';

/** Most members that one call adds or removes: more would hold up everybody else's commands. */
const MOST_PER_CALL = 1_000;

export interface MemberSetOptions extends LifeOptions {
  /**
   * Sets of one group can be compared with each other. In cluster mode all of a group lies on one shard, so a group is
   * best small: one user's sets, not all users'. A set of a group is another one than the set of that name without.
   * @default - none: the set stands alone
   */
  readonly group?: string;
}

/** Text without order, each once. */
export class MemberSet {
  private readonly data: DataKey;

  constructor(
    commands: RedisCommands,
    name: string,
    private readonly options: MemberSetOptions = {},
  ) {
    const { group } = options;
    const key = group === undefined ? singleKey('set', name) : `${taggedKey('set', group)}:${safeId(name)}`;
    this.data = new DataKey(commands, 'set', name, key, options);
  }

  /** @returns whether it was new */
  async add(member: string): Promise<boolean> {
    return (await this.addAll([member])) === 1;
  }

  /** @returns how many were new */
  addAll(members: readonly string[]): Promise<number> {
    return this.changeAll('SADD', members);
  }

  /** @returns whether it was there */
  async remove(member: string): Promise<boolean> {
    return (await this.removeAll([member])) === 1;
  }

  /** @returns how many were there */
  removeAll(members: readonly string[]): Promise<number> {
    return this.changeAll('SREM', members);
  }

  async has(member: string): Promise<boolean> {
    checkText('a member', member);
    return (await this.data.run('SISMEMBER', member)) === 1;
  }

  /** All members, in any order. Costs as much as there are: use it on sets of up to tens of thousands. */
  async members(): Promise<string[]> {
    return texts(await this.data.run('SMEMBERS'));
  }

  async size(): Promise<number> {
    return (await this.data.run('SCARD')) as number;
  }

  /** Different members at random; all of them when there are no more than `count`. */
  async random(count: number): Promise<string[]> {
    checkWholeNumber('`count`', count, 1);
    return texts(await this.data.run('SRANDMEMBER', String(count)));
  }

  async clear(): Promise<void> {
    await this.data.run('UNLINK');
  }

  /** What all the sets have. @throws TypeError when they are not of one group and cache */
  intersect(...others: readonly MemberSet[]): Promise<string[]> {
    return this.combined('intersect', 'SINTER', others);
  }

  /** What any of the sets has. @throws TypeError when they are not of one group and cache */
  union(...others: readonly MemberSet[]): Promise<string[]> {
    return this.combined('union', 'SUNION', others);
  }

  /** What this set has and none of the others. @throws TypeError when they are not of one group and cache */
  difference(...others: readonly MemberSet[]): Promise<string[]> {
    return this.combined('difference', 'SDIFF', others);
  }

  private async changeAll(command: 'SADD' | 'SREM', members: readonly string[]): Promise<number> {
    if (members.length === 0) {
      return 0;
    }
    checkWholeNumber('the count of members', members.length, 1, MOST_PER_CALL);
    for (const member of members) {
      checkText('a member', member);
    }
    return (await this.data.change(command, ...members)) as number;
  }

  private async combined(method: string, command: string, others: readonly MemberSet[]): Promise<string[]> {
    const { group } = this.options;
    for (const other of others) {
      if (group === undefined || other.options.group !== group || !this.data.sharesCacheWith(other.data)) {
        throw new TypeError(
          `\`${method}\` of ${this.data.label} and ${other.data.label} needs both in one cache and with one ` +
            `\`group\`, so that one shard of a cluster has both, got ${named(this)} and ${named(other)}`,
        );
      }
    }
    return texts(await this.data.run(command, ...others.map(({ data }) => data.key)));

    function named({ options }: MemberSet): string {
      return options.group === undefined ? 'no group' : `\`${options.group}\``;
    }
  }
}

function texts(reply: unknown): string[] {
  return (reply as Buffer[]).map(String);
}
