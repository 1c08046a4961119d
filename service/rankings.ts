import { sql } from 'kysely';
import type { DataTypes, Leaderboard, Ranking } from '../runtime';
import type { Database } from './database/connection';

/**
 * A film's score: the mean of its ratings and of five imagined ones of 6, so that one enthusiast does not lift a film
 * above one that many like.
 */
const FILM_SCORE = sql<number>`round((sum(rating) + 30.0) / (count(*) + 5), 2)`;

const REVIEW_COUNT = sql<number>`count(*)`;

/** Who writes most, and which films readers like best: sorted sets that follow the database. */
export class Rankings {
  private readonly reviewers: Leaderboard;
  private readonly films: Leaderboard;

  constructor(
    types: DataTypes,
    private readonly database: Database,
  ) {
    this.reviewers = types.leaderboard('reviewers');
    this.films = types.leaderboard('films');
  }

  topReviewers(count: number): Promise<Ranking[]> {
    return this.reviewers.top(count);
  }

  topFilms(count: number): Promise<Ranking[]> {
    return this.films.top(count);
  }

  /** Takes the new scores of a film and a member from the database. */
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
    await Promise.all([this.films.set(String(filmId), film.score), this.reviewers.set(member, reviewer.score)]);
  }

  /** Makes both rankings anew where the cache holds none, for example after it was replaced. */
  async rebuildIfEmpty(): Promise<void> {
    if ((await this.reviewers.size()) > 0) {
      return;
    }
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
