import { EngineRefusedError } from '../errors';
import { checkNamespace, safeId, sha256, storeKey } from '../key';
import type { RedisArgument, RedisCommands, RedisReply } from '../redis/commands';
import { askOnBudget } from '../request-budget';
import { checkWholeNumber } from './argument-checks';

/** No namespace starts with it, so that entries of a cache and data types never meet under one key. */
const MARK = '@';

/** Longest life in milliseconds, about 100 years. */
const LONGEST_LIFE_MS = 3_155_760_000_000;

export interface LifeOptions {
  /**
   * How long it stays after its last change, in milliseconds.
   * @default - until it is deleted: these are the data themselves, and under `volatile-*` policies the engine evicts
   *   only what has a life
   */
  readonly ttlMs?: number;
}

/** The commands as one data type uses them: on its own key, with its life, and with errors that name it. */
export class DataKey {
  /** How it is called in errors, for example "list `jobs`". */
  readonly label: string;
  private readonly ttlMs: number | undefined;

  constructor(
    private readonly commands: RedisCommands,
    kind: string,
    name: string,
    readonly key: string,
    life: LifeOptions = {},
  ) {
    this.label = `${kind} \`${name}\``;
    this.ttlMs = life.ttlMs;
    if (life.ttlMs !== undefined) {
      checkWholeNumber(`\`ttlMs\` of ${this.label}`, life.ttlMs, 1, LONGEST_LIFE_MS);
    }
  }

  /** Runs a command whose first argument is the key. */
  run(command: string, ...args: RedisArgument[]): Promise<RedisReply> {
    return this.ask(() => this.commands.run(this.key, [command, this.key, ...args]));
  }

  /** As `run`, for a command that changes it: its life begins anew in the same atomic step. */
  change(command: string, ...args: RedisArgument[]): Promise<RedisReply> {
    return this.ttlMs === undefined ? this.run(command, ...args) : this.script(CHANGE, [this.life, command, ...args]);
  }

  /** Runs a script in one atomic step. @param others keys of the same hash tag, `KEYS[2]` and on */
  script(script: string, args: readonly RedisArgument[], others: readonly string[] = []): Promise<RedisReply> {
    return this.ask(() =>
      others.length === 0
        ? this.commands.script(script, this.key, args)
        : this.commands.run(this.key, ['EVAL', script, String(1 + others.length), this.key, ...others, ...args]),
    );
  }

  /** Its life as `RENEW_LIFE` takes it in `ARGV[1]`. */
  get life(): string {
    return this.ttlMs === undefined ? '' : String(this.ttlMs);
  }

  /** Whether another is in the same cache, reached the same way. */
  sharesCacheWith(other: DataKey): boolean {
    return this.commands === other.commands;
  }

  /** Milliseconds since the epoch on the engine's clock. */
  now(): number {
    return this.commands.now();
  }

  private async ask(call: () => Promise<RedisReply>): Promise<RedisReply> {
    try {
      return await askOnBudget(this.commands.name, call);
    } catch (error) {
      throw error instanceof EngineRefusedError && error.message.includes('WRONGTYPE')
        ? new EngineRefusedError(
            this.commands.name,
            `${this.label} cannot be used, its key \`${this.key}\` holds a value of another type`,
            { cause: error },
          )
        : error;
    }
  }
}

/** Lua: begins the life of `KEYS[1]` anew; `ARGV[1]` is the life in milliseconds, or empty. */
export const RENEW_LIFE = "if ARGV[1] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end";

const CHANGE = `
local reply = redis.call(ARGV[2], KEYS[1], unpack(ARGV, 3))
${RENEW_LIFE}
return reply`;

/** The key of a data type that needs one key only. */
export function singleKey(kind: string, name: string): string {
  return MARK + storeKey(kind, name);
}

/** The start of keys that lie in one slot of a cluster, because they share the hash tag of this name. */
export function taggedKey(kind: string, name: string): string {
  // A tag ends at the first closing brace, and one that is empty is none.
  const tag = name.includes('}') || name === '' ? `#${sha256(name)}` : safeId(name);
  return `${MARK}${checkNamespace(kind)}{${tag}}`;
}
