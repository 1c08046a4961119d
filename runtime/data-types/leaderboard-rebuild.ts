import { randomBytes } from 'node:crypto';
import { CacheError } from '../errors';
import type { RedisReply } from '../redis/commands';
import type { DataKey } from './data-key';
import { BEGIN_REBUILD, END_REBUILD, type LeaderboardScripts } from './leaderboard-scripts';

/** Members that one script adds, or changes that it replays: a few milliseconds of the engine. */
const BATCH = 1_000;

/** Longest between two batches, in milliseconds: what a rebuild that died left behind is gone after it. */
const LEASE_MS = 60_000;

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
  const { data, log } = board;
  const id = randomBytes(8).toString('hex');
  const staging = `${data.key}:${id}`;
  const stagedTickets = board.tickets.map(() => `${staging}:tickets`);
  const others = [log, staging, ...board.tickets, ...stagedTickets];
  const lease = String(LEASE_MS);

  const [generation, length] = (await data.script(BEGIN_REBUILD, [id, lease, String(MOST_LOGGED)], [log])) as [
    Buffer,
    number,
  ];
  try {
    let staged = '0';
    for await (const batch of batches(scores)) {
      const args = [generation, lease, staged, ...batch.flatMap(([member, score]) => [score, member])];
      check(await data.script(board.scripts.fill, args, others));
      staged = '1';
    }
    for (let position = length, done = false; !done; ) {
      const args = [generation, lease, staged, String(position), String(BATCH), ...board.life];
      const answer = check(await data.script(board.scripts.finish, args, others)) as [number, number, number];
      done = answer[0] === 1;
      position = answer[1];
      staged = String(answer[2]);
    }
  } finally {
    // When this fails too, the lease ends what is left.
    await data.script(END_REBUILD, [id], [log, staging, ...stagedTickets]).catch(() => {});
  }

  function check(answer: RedisReply): RedisReply {
    if (answer === 0 || answer === null) {
      throw new RebuildLostError(data.label);
    }
    return answer;
  }
}

async function* batches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}
