import { type RawBuilder, sql } from 'kysely';
import type { Cache, Namespace } from '../runtime';
import type { Database } from './database/connection';
import type { Trace } from './trace';

export interface Recommendation {
  readonly id: number;
  /** How alike, higher is closer. */
  readonly score: number;
  /** What the two films share. */
  readonly shared: readonly string[];
}

/** How many films are recommended for one. */
const COUNT = 8;

/** Films like a film, out of the whole catalogue. */
export class Recommendations {
  private readonly byFilm: Namespace<Recommendation[]>;

  constructor(
    cache: Cache,
    private readonly database: Database,
  ) {
    this.byFilm = cache.namespace('recommendations', { ttlMs: 60 * 60_000 });
  }

  async forFilm(id: number, trace: Trace): Promise<Recommendation[]> {
    return trace.read(await this.byFilm.lookup(id, () => this.compute(id)));
  }

  /** The same without the cache, to compare. */
  async fresh(id: number, trace: Trace): Promise<Recommendation[]> {
    trace.bypassed();
    return trace.query(() => this.compute(id));
  }

  private async compute(id: number): Promise<Recommendation[]> {
    const { rows } = await recommendationsQuery(id).execute(this.database);
    return rows;
  }
}

/**
 * Compares a film with every other one.
 *
 * - A shared genre, director, type, source or distributor counts by how rare it is: ln(films / films that share it).
 * - Era, rating, votes, gross and budget are compared by rank among all films, so that one blockbuster does not stretch
 *   the scale. An unknown number counts as half way apart.
 * - Titles that are alike (sequels) and readers who liked both add to it.
 */
export function recommendationsQuery(id: number): RawBuilder<Recommendation> {
  return sql<Recommendation>`
    with ranked as materialized (
      select
        id, title, director, major_genre, creative_type, source, distributor,
        case when release_date is not null then percent_rank() over (order by release_date nulls first) end as era,
        case when imdb_rating is not null then percent_rank() over (order by imdb_rating nulls first) end as rating,
        case when imdb_votes is not null then percent_rank() over (order by imdb_votes nulls first) end as votes,
        case when worldwide_gross is not null then percent_rank() over (order by worldwide_gross nulls first) end as gross,
        case when production_budget is not null then percent_rank() over (order by production_budget nulls first) end as budget,
        ln(count(*) over ()::float / count(*) over (partition by director)) as director_weight,
        ln(count(*) over ()::float / count(*) over (partition by major_genre)) as genre_weight,
        ln(count(*) over ()::float / count(*) over (partition by creative_type)) as type_weight,
        ln(count(*) over ()::float / count(*) over (partition by source)) as source_weight,
        ln(count(*) over ()::float / count(*) over (partition by distributor)) as distributor_weight
      from film
    ),
    subject as (select * from ranked where id = ${id}),
    admirers as (
      select other.film_id, count(*) as readers
      from review mine
      join review other on other.member = mine.member and other.film_id <> mine.film_id
      where mine.film_id = ${id} and mine.rating >= 7 and other.rating >= 7
      group by other.film_id
    ),
    scored as (
      select
        other.id,
        (other.director = subject.director) is true as same_director,
        (other.major_genre = subject.major_genre) is true as same_genre,
        (other.creative_type = subject.creative_type) is true as same_type,
        (other.source = subject.source) is true as same_source,
        coalesce(admirers.readers, 0) as readers,
        case when other.director = subject.director then 1.5 * other.director_weight else 0 end
          + case when other.major_genre = subject.major_genre then 2.0 * other.genre_weight else 0 end
          + case when other.creative_type = subject.creative_type then other.type_weight else 0 end
          + case when other.source = subject.source then 0.5 * other.source_weight else 0 end
          + case when other.distributor = subject.distributor then 0.3 * other.distributor_weight else 0 end
          + 2.0 * ln(1 + coalesce(admirers.readers, 0))
          + 4.0 * coalesce(similarity(other.title, subject.title), 0)
          - 3.0 * coalesce(abs(other.era - subject.era), 0.5)
          - 3.0 * coalesce(abs(other.rating - subject.rating), 0.5)
          - 2.0 * coalesce(abs(other.votes - subject.votes), 0.5)
          - 1.0 * coalesce(abs(other.gross - subject.gross), 0.5)
          - 1.0 * coalesce(abs(other.budget - subject.budget), 0.5) as score
      from ranked other
      cross join subject
      left join admirers on admirers.film_id = other.id
      where other.id <> subject.id
    )
    select
      id,
      round(score::numeric, 2)::float as score,
      array_remove(array[
        case when same_director then 'director' end,
        case when same_genre then 'genre' end,
        case when same_type then 'type' end,
        case when same_source then 'source' end,
        case when readers > 0 then 'readers' end
      ], null) as shared
    from scored
    order by scored.score desc, id
    limit ${COUNT}`;
}
