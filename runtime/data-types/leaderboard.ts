import type { RedisArgument, RedisCommands } from '../redis/commands';
import { withoutCacheBudget } from '../request-budget';
import { checkFinite, checkText, checkWholeNumber } from './argument-checks';
import { DataKey, type LifeOptions, taggedKey } from './data-key';
import { DEFAULT_KEEP_MS, type Period, PeriodCalendar } from './leaderboard-period';
import { type RebuiltBoard, rebuild } from './leaderboard-rebuild';
import { LEADERBOARD_SCRIPTS, TICKET_BYTES, type Ties } from './leaderboard-scripts';

/** Longest member, in bytes of UTF-8. */
const LONGEST_MEMBER = 512;

/** Most places of one answer: more would hold up everybody else's commands. */
const MOST_PLACES = 10_000;

export interface LeaderboardOptions extends LifeOptions {
  /**
   * Which score is best.
   * @default 'highest'
   */
  readonly order?: 'highest' | 'lowest';
  /**
   * How members with one score are placed. `shared`: they share a place, and the next place counts them all (1, 2, 2,
   * 4); they are listed in the order of their bytes. `first-wins`: who reached the score first stands before (1, 2, 3,
   * 4), in the order in which the engine took the changes; it takes about twice the memory.
   * @default 'shared'
   */
  readonly ties?: Ties;
  /**
   * A table of its own for each day, week (from Monday) or month. Changes and reads are of the current one.
   * @default - one table for ever
   */
  readonly period?: Period;
  /**
   * In whose calendar periods begin and end: a name of the IANA database, for example `Europe/Berlin`.
   * @default 'UTC'
   */
  readonly timeZone?: string;
  /**
   * How long a table is kept after its period's end, in milliseconds; it is gone at most 26 hours later.
   * @default - 35 days for days, 182 days for weeks, 400 days for months
   */
  readonly keepMs?: number;
}

/** One place of a leaderboard. */
export interface Ranking {
  readonly member: string;
  readonly score: number;
  /** 1 is the best. Members with one score share it, unless the board says otherwise (`ties`). */
  readonly rank: number;
}

/** Which part of a leaderboard: the page of this number, or what begins at this position. */
export type LeaderboardPageRequest =
  | {
      /** Number of the page; the first is 1. */
      readonly page: number;
      /** Places on a page, at most 10,000. */
      readonly size: number;
    }
  | {
      /** Position of the first; the best is at 1. With shared places it can differ from the rank. */
      readonly from: number;
      /** Most places, at most 10,000. */
      readonly size: number;
    };

/** A part of a leaderboard, with its size at that moment. */
export interface LeaderboardPage {
  readonly places: Ranking[];
  /** How many members the whole board has. */
  readonly size: number;
}

type Operation = 'set' | 'increment' | 'improve' | 'remove';

/**
 * Members ranked by score, on a sorted set. Changes and look-ups cost as much as the logarithm of the size.
 *
 * Scores are doubles: whole numbers are exact up to 2^53, fractions to about 16 digits, and scores that differ only
 * beyond that are ties. Boards with another `order`, `ties` or `period` are other boards, with keys of their own.
 */
export class Leaderboard {
  private readonly order: 'highest' | 'lowest';
  private readonly ties: Ties;
  private readonly calendar: PeriodCalendar | undefined;
  private readonly keepMs: number;

  /**
   * @param at a moment of the period it is fixed to; default: the current one at each call
   * @throws RangeError for an unknown order, rule for ties, period or time zone
   */
  constructor(
    private readonly commands: RedisCommands,
    private readonly name: string,
    private readonly options: LeaderboardOptions = {},
    private readonly at?: Date,
  ) {
    const { period, timeZone = 'UTC', ttlMs, keepMs } = options;
    this.order = oneOf('order', options.order ?? 'highest', ['highest', 'lowest']);
    this.ties = oneOf('ties', options.ties ?? 'shared', ['shared', 'first-wins']);
    this.calendar = period === undefined ? undefined : new PeriodCalendar(period, timeZone);
    this.keepMs = keepMs ?? (period === undefined ? 0 : DEFAULT_KEEP_MS[period]);
    checkWholeNumber('`keepMs`', this.keepMs, 0);
    if (period === undefined ? keepMs !== undefined || options.timeZone !== undefined : ttlMs !== undefined) {
      throw new TypeError(
        'a leaderboard with `period` has `timeZone` and `keepMs`, one without has `ttlMs`: the options mix them',
      );
    }
    this.calendar?.of(at ?? new Date());
  }

  /** Sets a member's score. Under `first-wins`, the score that it has already keeps its place. */
  async set(member: string, score: number): Promise<void> {
    await this.change('set', member, score);
  }

  /**
   * Adds to a member's score; a member that has none begins at 0.
   *
   * @returns the new score
   * @throws RangeError when it would no longer be finite; it stays what it was
   */
  async increment(member: string, by = 1): Promise<number> {
    const { after } = await this.change('increment', member, by);
    if (after === undefined) {
      throw new RangeError(`the score of \`${member}\` would no longer be a finite number`);
    }
    return after;
  }

  /** Sets a member's score if it is better than the one it has, or has none. @returns whether it was */
  async improve(member: string, score: number): Promise<boolean> {
    const { before, after } = await this.change('improve', member, score);
    return after !== before;
  }

  /** @returns whether it was there */
  async remove(member: string): Promise<boolean> {
    return (await this.change('remove', member, 0)).before !== undefined;
  }

  /** A member's score, `undefined` when it has none. */
  async score(member: string): Promise<number | undefined> {
    checkMember(member);
    const { data, tickets, scripts } = this.board();
    const score = (await data.script(scripts.score, [member], tickets)) as Buffer | null;
    return score === null ? undefined : this.shown(score);
  }

  /** A member's place, `undefined` when it has none. */
  async rank(member: string): Promise<Ranking | undefined> {
    return (await this.around(member, 0))[0];
  }

  /** The best, best first. @param count how many, 1 to 10,000 */
  async top(count: number): Promise<Ranking[]> {
    checkWholeNumber('`count`', count, 1);
    return (await this.page({ from: 1, size: count })).places;
  }

  /** A part of the board, best first; no places beyond its end. */
  async page(request: LeaderboardPageRequest): Promise<LeaderboardPage> {
    checkWholeNumber('the count of places', request.size, 1, MOST_PLACES);
    const first = 'from' in request ? request.from : (request.page - 1) * request.size + 1;
    checkWholeNumber('from' in request ? '`from`' : '`page`', 'from' in request ? first : request.page, 1);
    const { data, tickets, scripts } = this.board();
    return this.read(await data.script(scripts.range, [String(first - 1), String(first + request.size - 2)], tickets));
  }

  /**
   * A member with those just before and after it, best first: twice the radius and one, fewer at the ends of the board,
   * none when the member has no place.
   *
   * @param radius how many on each side, 0 to 5,000
   */
  async around(member: string, radius: number): Promise<Ranking[]> {
    checkMember(member);
    checkWholeNumber('`radius`', radius, 0, MOST_PLACES / 2);
    const { data, tickets, scripts } = this.board();
    const reply = await data.script(scripts.around, [member, String(radius)], tickets);
    return reply === null ? [] : this.read(reply).places;
  }

  /** How many members it has. */
  async size(): Promise<number> {
    return (await this.board().data.run('ZCARD')) as number;
  }

  /** How many members have a score from `least` to `most`, both included; either may be infinite. */
  async countBetween(least: number, most: number): Promise<number> {
    if (!(least <= most)) {
      throw new RangeError(`scores are counted from the lower to the higher, got ${least} and ${most}`);
    }
    const [from, to] = this.order === 'highest' ? [-most, -least] : [least, most];
    return (await this.board().data.run('ZCOUNT', limit(from), limit(to))) as number;
  }

  /**
   * Makes it anew from what the database says, in one step that readers never see half done. Scores are taken in
   * batches of 1,000, so a million are no burden; of a member that comes twice the last score counts. Under
   * `first-wins` ties stand in the order in which they come here.
   *
   * Changes made meanwhile are not lost: they are repeated on top of what comes from here. So read the scores after
   * the call began (in the iterable), in one snapshot. An `increment` that the snapshot already holds, but that came
   * while the rebuild ran, counts twice; `set` and `improve` have no such gap. It is not on the budget of the request that
   * asks for it.
   *
   * @param scores members with their scores, for example rows of a cursor
   * @throws RangeError when a score is not finite; the board is as it was
   * @throws RebuildLostError when scores pause for more than 60 seconds; the board is as it was
   */
  rebuild(scores: Iterable<readonly [string, number]> | AsyncIterable<readonly [string, number]>): Promise<void> {
    return withoutCacheBudget(() => rebuild(this.board(true), this.stored(scores)));
  }

  /** Removes all members. */
  async clear(): Promise<void> {
    await this.rebuild([]);
  }

  /**
   * The table of the period that a moment belongs to: an earlier one to read, or to rebuild.
   *
   * @throws TypeError when the board has no periods
   */
  period(at: Date): Leaderboard {
    if (this.calendar === undefined) {
      throw new TypeError(`leaderboard \`${this.name}\` has no periods: give it \`period\``);
    }
    return new Leaderboard(this.commands, this.name, this.options, at);
  }

  private async change(
    operation: Operation,
    member: string,
    amount: number,
  ): Promise<{ before: number | undefined; after: number | undefined }> {
    checkMember(member);
    checkScore(amount);
    const { data, log, tickets, life, scripts } = this.board(true);
    const args = [...life, operation, this.storedScore(amount), member];
    const [before, after] = (await data.script(scripts.change, args, [log, ...tickets])) as Array<Buffer | null>;
    return { before: this.shown(before), after: this.shown(after) };
  }

  /** @param toChange refuses a period that would be gone at once */
  private board(toChange = false): RebuiltBoard {
    const { period } = this.options;
    let key = `${taggedKey('leaderboard', this.name)}:${this.order}:${this.ties}`;
    let life: readonly [string, string] = ['', ''];
    if (this.calendar !== undefined) {
      const { name, overAt } = this.calendar.of(this.at ?? new Date(this.commands.now()));
      key += `:${period}:${name}`;
      life = ['PEXPIREAT', String(overAt + this.keepMs)];
      if (toChange && overAt + this.keepMs <= this.commands.now()) {
        throw new RangeError(
          `leaderboard \`${this.name}\` keeps no ${period} that is as long over as ${name}: give it a longer \`keepMs\``,
        );
      }
    }
    const data = new DataKey(this.commands, 'leaderboard', this.name, key, this.options);
    return {
      data,
      log: `${key}:changes`,
      tickets: this.ties === 'shared' ? [] : [`${key}:tickets`],
      life: data.life === '' ? life : ['PEXPIRE', data.life],
      scripts: LEADERBOARD_SCRIPTS[this.ties],
    };
  }

  /** The answer of the scripts that return places. */
  private read(reply: unknown): LeaderboardPage {
    const [size, first, firstPlace, entries] = reply as [number, number, number, Buffer[]];
    const places: Ranking[] = [];
    for (let index = 0; index < entries.length; index += 2) {
      const member = (entries[index] as Buffer).toString('utf8', this.ties === 'shared' ? 0 : TICKET_BYTES);
      const score = this.shown(entries[index + 1] as Buffer);
      const before = places.at(-1);
      const rank =
        before === undefined
          ? firstPlace
          : this.ties === 'shared' && before.score === score
            ? before.rank
            : first + places.length + 1;
      places.push({ member, score, rank });
    }
    return { places, size };
  }

  private async *stored(
    scores: Iterable<readonly [string, number]> | AsyncIterable<readonly [string, number]>,
  ): AsyncGenerator<readonly [string, string]> {
    for await (const [member, score] of scores) {
      checkMember(member);
      checkScore(score);
      yield [member, this.storedScore(score)];
    }
  }

  private storedScore(score: number): string {
    return String(this.order === 'highest' ? -score : score);
  }

  private shown(stored: Buffer): number;
  private shown(stored: Buffer | null | undefined): number | undefined;
  private shown(stored: Buffer | null | undefined): number | undefined {
    if (stored === null || stored === undefined) {
      return undefined;
    }
    // Not `-score`, which would make -0 of 0.
    return this.order === 'highest' ? 0 - Number(stored) : Number(stored);
  }
}

function checkMember(member: string): void {
  checkText('a member', member, LONGEST_MEMBER);
}

function checkScore(score: number): void {
  checkFinite('a score', score);
}

function limit(score: number): RedisArgument {
  return Number.isFinite(score) ? String(score) : score > 0 ? '+inf' : '-inf';
}

function oneOf<T extends string>(option: string, value: T, known: readonly T[]): T {
  if (!known.includes(value)) {
    throw new RangeError(
      `\`${option}\` must be ${known.map((one) => `'${one}'`).join(' or ')}, got ${JSON.stringify(value)}`,
    );
  }
  return value;
}
