import type { Cache, Namespace } from '../runtime';
import type { Database } from './database/connection';
import type { Films } from './films';
import type { Rankings } from './rankings';
import type { Trace } from './trace';

export interface Review {
  readonly film_id: number;
  readonly member: string;
  readonly rating: number;
  readonly body: string;
  readonly written_at: string;
}

/** Longest review, in characters. */
export const LONGEST_REVIEW = 2_000;

/** Reviews that a film's page shows. */
const SHOWN = 20;

/** A review that cannot be taken, and why, in the reader's words. */
export class ReviewRefused extends Error {}

/**
 * Reviews. A review is written through the cache under its film and member, whom nobody else writes for; what it
 * touches (the film's rating, the film's reviews, and so every list that shows the film) is invalidated.
 */
export class Reviews {
  private readonly ofFilm: Namespace<Review[]>;
  private readonly ofMember: Namespace<Review | null>;

  constructor(
    cache: Cache,
    private readonly database: Database,
    private readonly films: Films,
    private readonly rankings: Rankings,
  ) {
    this.ofFilm = cache.namespace('reviews', { ttlMs: 10 * 60_000 });
    this.ofMember = cache.namespace('review', { ttlMs: 10 * 60_000 });
  }

  /** The newest reviews of a film. */
  async newest(filmId: number, trace: Trace): Promise<Review[]> {
    return trace.read(
      await this.ofFilm.lookup(filmId, () =>
        this.database
          .selectFrom('review')
          .selectAll()
          .where('film_id', '=', filmId)
          .orderBy('written_at', 'desc')
          .limit(SHOWN)
          .execute(),
      ),
    );
  }

  /** A member's own review of a film. */
  async own(filmId: number, member: string, trace: Trace): Promise<Review | null> {
    return trace.read(
      await this.ofMember.lookup(ownId(filmId, member), async () => {
        const review = await this.database
          .selectFrom('review')
          .selectAll()
          .where('film_id', '=', filmId)
          .where('member', '=', member)
          .executeTakeFirst();
        return review ?? null;
      }),
    );
  }

  /**
   * Writes a member's review of a film, in place of an earlier one.
   *
   * @throws ReviewRefused when the rating or the text is out of bounds
   */
  async write(filmId: number, member: string, rating: number, body: string, trace: Trace): Promise<void> {
    if (!Number.isInteger(rating) || rating < 1 || rating > 10) {
      throw new ReviewRefused('Choose a rating from 1 to 10.');
    }
    if (body.trim() === '') {
      throw new ReviewRefused('Write at least a word about the film.');
    }
    if (body.length > LONGEST_REVIEW) {
      throw new ReviewRefused(`A review may have ${LONGEST_REVIEW} characters, this one has ${body.length}.`);
    }
    const review: Review = { film_id: filmId, member, rating, body, written_at: new Date().toISOString() };
    try {
      trace.wrote(await this.ofMember.writeThrough(ownId(filmId, member), review, () => this.store(review)));
    } finally {
      // Also where the write failed: the database may have taken it all the same.
      await Promise.all([this.ofFilm.invalidate(filmId), this.films.changed(filmId)]);
    }
    await this.rankings.reviewed(filmId, member);
  }

  /** Takes back everything that a member wrote. */
  async forget(member: string): Promise<void> {
    const written = await this.database
      .deleteFrom('review')
      .where('member', '=', member)
      .returning('film_id')
      .execute();
    const filmIds = written.map(({ film_id }) => film_id);
    if (filmIds.length > 0) {
      await Promise.all([
        this.ofMember.invalidate(...filmIds.map((filmId) => ownId(filmId, member))),
        this.ofFilm.invalidate(...filmIds),
        this.films.changed(...filmIds),
      ]);
    }
    await this.rankings.forgotten(filmIds, member);
  }

  private async store(review: Review): Promise<void> {
    const { rating, body, written_at } = review;
    await this.database
      .insertInto('review')
      .values(review)
      .onConflict((conflict) => conflict.columns(['film_id', 'member']).doUpdateSet({ rating, body, written_at }))
      .execute();
  }
}

function ownId(filmId: number, member: string): string {
  return `${filmId}/${member}`;
}
