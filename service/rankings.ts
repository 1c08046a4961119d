import { sql } from 'kysely';
import { CacheError, type DataTypes, type Leaderboard, type Ranking } from '../runtime';
import type { Database } from './database/connection';

/**
 * A film's score: the mean of its ratings and of five imagined ones of 6, so that one enthusiast does not lift a film
 * above one that many like.
 */
const FILM_SCORE = sql<number>`round((sum(rating) + 30.0) / (count(*) + 5), 2)`;

const REVIEW_COUNT = sql<number>`count(*)`;

/** An empty ranking is not asked of the database again for this long, in milliseconds. */
const REBUILD_PAUSE_MS = 1_000;

/** Who writes most, and which films readers like best: sorted sets that follow the database. */
export class Rankings {
  private readonly reviewers: Leaderboard;
  private readonly films: Leaderboard;
  private rebuilding: Promise<void> | undefined;

  constructor(
    types: DataTypes,
    private readonly database: Database,
  ) {
    this.reviewers = types.leaderboard('reviewers');
    this.films = types.leaderboard('films');
  }

  topReviewers(count: number): Promise<Ranking[]> {
    return this.top(this.reviewers, count);
  }

  topFilms(count: number): Promise<Ranking[]> {
    return this.top(this.films, count);
  }

  /**
   * Takes the new scores of a film and a member from the database. A store that cannot take them now has the old ones
   * until the next review: the review itself is safe, and its writer must not be told otherwise.
   */
  async reviewed(filmId: number, member: string): Promise<void> {
    const [film, reviewer] = await Promise.all([
      this.database
        .selectFrom('review')
        .select(FILM_SCORE.as('score'))
        .where('film_id', '=', filmId)
        .executeTakeFirstOrThrow(),
      this.database
        .selectFrom('review')
        .select(REVIEW_COUNT.as('score'))
        .where('member', '=', member)
        .executeTakeFirstOrThrow(),
    ]);
    await ignoringTheStore(
      Promise.all([this.films.set(String(filmId), film.score), this.reviewers.set(member, reviewer.score)]),
    );
  }

  /** Takes a member out, and the reviews that films had of them. Without the store the next review does it. */
  async forgotten(filmIds: readonly number[], member: string): Promise<void> {
    const scores =
      filmIds.length === 0
        ? []
        : await this.database
            .selectFrom('review')
            .select(['film_id', FILM_SCORE.as('score')])
            .where('film_id', 'in', filmIds)
            .groupBy('film_id')
            .execute();
    const scoreOf = new Map(scores.map(({ film_id, score }) => [film_id, score]));
    await ignoringTheStore(
      Promise.all([
        this.reviewers.remove(member),
        ...filmIds.map((id) => {
          const score = scoreOf.get(id);
          return score === undefined ? this.films.remove(String(id)) : this.films.set(String(id), score);
        }),
      ]),
    );
  }

  /** An empty ranking is made anew: nobody wrote a review yet, or the cache was replaced. */
  private async top(board: Leaderboard, count: number): Promise<Ranking[]> {
    const places = await board.top(count);
    if (places.length > 0) {
      return places;
    }
    this.rebuilding ??= this.rebuild().finally(() => {
      setTimeout(() => {
        this.rebuilding = undefined;
      }, REBUILD_PAUSE_MS).unref();
    });
    await this.rebuilding;
    return board.top(count);
  }

  private async rebuild(): Promise<void> {
    const [films, reviewers] = await Promise.all([
      this.database
        .selectFrom('review')
        .select(['film_id', FILM_SCORE.as('score')])
        .groupBy('film_id')
        .execute(),
      this.database
        .selectFrom('review')
        .select(['member', REVIEW_COUNT.as('score')])
        .groupBy('member')
        .execute(),
    ]);
    await this.films.rebuild(new Map(films.map(({ film_id, score }) => [String(film_id), score])));
    await this.reviewers.rebuild(new Map(reviewers.map(({ member, score }) => [member, score])));
  }
}

async function ignoringTheStore(scored: Promise<unknown>): Promise<void> {
  try {
    await scored;
  } catch (error) {
    if (!(error instanceof CacheError)) {
      throw error;
    }
  }
}
