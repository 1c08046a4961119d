import type { RedisConnection } from './connection';

/** One place of a leaderboard. */
export interface Ranking {
  readonly member: string;
  readonly score: number;
  /** 1 is the highest score. */
  readonly rank: number;
}

/** Members ranked by score, highest first, on a sorted set. */
export class Leaderboard {
  constructor(
    private readonly connection: RedisConnection,
    private readonly key: string,
  ) {}

  /** Sets a member's score. @throws RangeError when it is not a finite number */
  async set(member: string, score: number): Promise<void> {
    checkScore(score);
    await this.connection.run((client) => client.zAdd(this.key, { value: member, score }));
  }

  /** Adds to a member's score. @returns the new score */
  async increment(member: string, by = 1): Promise<number> {
    checkScore(by);
    return this.connection.run((client) => client.zIncrBy(this.key, by, member));
  }

  /** The highest scores, best first. @param count how many places, at least 1 */
  async top(count: number): Promise<Ranking[]> {
    if (!Number.isInteger(count) || count < 1) {
      throw new RangeError(`\`count\` must be a whole number of at least 1, got ${count}`);
    }
    const places = await this.connection.run((client) =>
      client.zRangeWithScores(this.key, 0, count - 1, { REV: true }),
    );
    return places.map(({ value, score }, index) => ({ member: value, score, rank: index + 1 }));
  }

  /** A member's place, `undefined` when it has none. */
  async rank(member: string): Promise<Ranking | undefined> {
    const [place, score] = await this.connection.run((client) =>
      Promise.all([client.zRevRank(this.key, member), client.zScore(this.key, member)]),
    );
    return place === null || score === null ? undefined : { member, score, rank: place + 1 };
  }

  /** How many members it has. */
  async size(): Promise<number> {
    return this.connection.run((client) => client.zCard(this.key));
  }

  /** Makes it anew from what the database says, in one step that readers never see half done. */
  async rebuild(scores: ReadonlyMap<string, number>): Promise<void> {
    for (const score of scores.values()) {
      checkScore(score);
    }
    await this.connection.run((client) => {
      const steps = client.multi().del(this.key);
      if (scores.size > 0) {
        steps.zAdd(
          this.key,
          [...scores].map(([value, score]) => ({ value, score })),
        );
      }
      return steps.exec();
    });
  }
}

function checkScore(score: number): void {
  if (!Number.isFinite(score)) {
    throw new RangeError(`a score must be a finite number, got ${score}`);
  }
}
