import { sql } from 'kysely';
import type { Cache, Namespace } from '../runtime';
import type { Database } from './database/connection';
import type { FilmTable } from './database/schema';
import type { Trace } from './trace';

/** A film with what the portal's readers think of it. */
export interface Film extends FilmTable {
  readonly readers: { readonly count: number; readonly average: number | null };
}

export interface FilmQuery {
  /** Text anywhere in the title; empty for all films. */
  readonly text: string;
  /** Exact genre; empty for all genres. */
  readonly genre: string;
  /** From 1. */
  readonly page: number;
}

export interface FilmPage {
  readonly films: readonly Film[];
  readonly total: number;
  readonly pages: number;
}

/** Films on one page of a list. */
export const PAGE_SIZE = 24;

/**
 * Films out of the database through the cache.
 *
 * A list is cached as the ids it shows, and each film by its own id, so that a review changes one entry and every list
 * that shows the film is current at once.
 */
export class Films {
  private readonly byId: Namespace<Film>;
  private readonly lists: Namespace<{ ids: number[]; total: number }>;
  private readonly facets: Namespace<string[]>;

  constructor(
    cache: Cache,
    private readonly database: Database,
  ) {
    this.byId = cache.namespace('film', { ttlMs: 10 * 60_000 });
    this.lists = cache.namespace('film-list', { ttlMs: 10 * 60_000 });
    this.facets = cache.namespace('film-facet', { ttlMs: 60 * 60_000 });
  }

  /** A film, `undefined` when there is none with that id. */
  async one(id: number, trace: Trace): Promise<Film | undefined> {
    return (await this.many([id], trace))[0];
  }

  /** Films in the order of their ids; unknown ids are left out. */
  async many(ids: readonly number[], trace: Trace): Promise<Film[]> {
    if (ids.length === 0) {
      return [];
    }
    const films = trace.read(await this.byId.lookupMany(ids, (missing) => this.load(missing)));
    return ids.flatMap((id) => films.get(id) ?? []);
  }

  /** One page of the films that a query finds, the most voted for first. */
  async search(query: FilmQuery, trace: Trace): Promise<FilmPage> {
    const list = trace.read(
      await this.lists.lookup(JSON.stringify([query.text.toLowerCase(), query.genre, query.page]), () =>
        this.find(query),
      ),
    );
    return {
      films: await this.many(list.ids, trace),
      total: list.total,
      pages: Math.max(1, Math.ceil(list.total / PAGE_SIZE)),
    };
  }

  /** All genres. */
  async genres(trace: Trace): Promise<string[]> {
    return trace.read(
      await this.facets.lookup('genres', async () => {
        const rows = await this.database
          .selectFrom('film')
          .select('major_genre')
          .distinct()
          .where('major_genre', 'is not', null)
          .orderBy('major_genre')
          .execute();
        return rows.map(({ major_genre }) => major_genre as string);
      }),
    );
  }

  /** Forgets films whose readers' rating has changed. */
  async changed(...ids: readonly number[]): Promise<void> {
    await this.byId.invalidate(...ids);
  }

  private async load(ids: readonly number[]): Promise<Map<number, Film>> {
    const rows = await this.database
      .selectFrom('film')
      .selectAll('film')
      .select((film) => [
        film.selectFrom('review').whereRef('film_id', '=', 'film.id').select(sql<number>`count(*)`.as('n')).as('count'),
        film
          .selectFrom('review')
          .whereRef('film_id', '=', 'film.id')
          .select(sql<number>`round(avg(rating), 1)`.as('a'))
          .as('average'),
      ])
      .where('id', 'in', [...ids])
      .execute();
    return new Map(
      rows.map(({ count, average, ...film }) => [film.id, { ...film, readers: { count: count ?? 0, average } }]),
    );
  }

  private async find({ text, genre, page }: FilmQuery): Promise<{ ids: number[]; total: number }> {
    let films = this.database.selectFrom('film');
    if (text !== '') {
      const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
      films = films.where(sql<boolean>`lower(title) like ${pattern}`);
    }
    if (genre !== '') {
      films = films.where('major_genre', '=', genre);
    }
    const [rows, count] = await Promise.all([
      films
        .select('id')
        .orderBy(sql`imdb_votes desc nulls last`)
        .orderBy('id')
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
        .execute(),
      films.select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow(),
    ]);
    return { ids: rows.map(({ id }) => id), total: count.total };
  }
}
