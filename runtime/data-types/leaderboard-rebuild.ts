import { randomBytes } from 'node:crypto';
import { CacheError, CacheUnavailableError } from '../errors';
import type { RedisReply } from '../redis/commands';
import type { DataKey } from './data-key';
import { BEGIN_REBUILD, END_REBUILD, type LeaderboardScripts } from './leaderboard-scripts';

/** Members that one script adds, or changes that it replays: a few milliseconds of the engine. */
const BATCH = 1_000;

/** Longest between two batches, in milliseconds: what a rebuild that died left behind is gone after it. */
const LEASE_MS = 60_000;

/** Pauses before a step is tried again that found the cache unavailable, in milliseconds. */
const RETRY_PAUSES_MS = [100, 200, 400, 800, 1_600];

/**
 * Changes in a log above which a new rebuild begins another one. Reached only where a rebuild died and others followed
 * without a pause.
 */
const MOST_LOGGED = 1_000_000;

/** A rebuild was cut off; the board is what it was. */
export class RebuildLostError extends CacheError {
  constructor(board: string) {
    super(
      'REBUILD_LOST',
      `the rebuild of ${board} was given up: its scores paused for more than ${LEASE_MS / 1_000} s, or the engine ` +
        'lost what was staged. The board is as it was before',
    );
  }
}

export interface RebuiltBoard {
  readonly data: DataKey;
  readonly log: string;
  /** Empty where ties share a place. */
  readonly tickets: readonly string[];
  /** Command and argument that give it its life, or two empty ones. */
  readonly life: readonly [string, string];
  readonly scripts: LeaderboardScripts;
}

/**
 * Fills a board aside and puts it into place in one atomic step. Changes made meanwhile go to the live board and to a
 * log, and are replayed on the new one before it takes its place, in their order. Several rebuilds may run side by
 * side; each is right by itself, and the last to end stays.
 *
 * @param scores as the sorted set stores them
 */
export async function rebuild(board: RebuiltBoard, scores: AsyncIterable<readonly [string, string]>): Promise<void> {
  const { data, log, scripts } = board;
  const id = randomBytes(8).toString('hex');
  const staging = `${data.key}:${id}`;
  const stagedTickets = board.tickets.map(() => `${staging}:tickets`);
  const others = [log, staging, ...board.tickets, ...stagedTickets];
  let steps = 0;
  let staged = '0';

  try {
    const begun = await data.script(BEGIN_REBUILD, [id, String(LEASE_MS), String(MOST_LOGGED)], [log]);
    const [generation, length] = begun as [Buffer, number];
    const step = async (script: string, args: readonly string[]) => {
      steps += 1;
      const about = [generation, id, String(LEASE_MS), String(steps), staged];
      const answer = await persistently(() => data.script(script, [...about, ...args], others));
      if (answer === null) {
        throw new RebuildLostError(data.label);
      }
      return answer;
    };

    for await (const batch of batches(scores)) {
      await step(
        scripts.fill,
        [...batch].flatMap(([member, score]) => [score, member]),
      );
      staged = '1';
    }
    for (let position = length, done = 0; done === 0; ) {
      const answer = await step(scripts.finish, [String(position), String(BATCH), ...board.life]);
      let any: number;
      [done, position, any] = answer as [number, number, number];
      staged = String(any);
    }
  } finally {
    // When this fails too, the lease ends what is left.
    await data.script(END_REBUILD, [id], [log, staging, ...stagedTickets]).catch(() => {});
  }
}

/** A step may be sent again: the engine knows the steps that it has done. */
async function persistently(step: () => Promise<RedisReply>): Promise<RedisReply> {
  for (const pauseMs of RETRY_PAUSES_MS) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return step();
}

/** Members with their scores; of a member that comes twice in a batch the later counts, at its later place. */
async function* batches(scores: AsyncIterable<readonly [string, string]>): AsyncGenerator<ReadonlyMap<string, string>> {
  let batch = new Map<string, string>();
  for await (const [member, score] of scores) {
    batch.delete(member);
    batch.set(member, score);
    if (batch.size === BATCH) {
      yield batch;
      batch = new Map();
    }
  }
  if (batch.size > 0) {
    yield batch;
  }
}
