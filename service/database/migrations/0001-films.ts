import { type Kysely, sql } from 'kysely';
// The package exports code that fetches its data; the data themselves lie beside it.
import movies from '../../../node_modules/vega-datasets/data/movies.json';
import type { Schema } from '../schema';

/** Rows of one insert: 17 columns each, and PostgreSQL takes 65,535 parameters. */
const BATCH = 500;

/** The films of `vega-datasets` (NOTICE says whose they are). A film's id is its row number, because titles repeat. */
export async function up(database: Kysely<Schema>): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(database);
  await sql`
    create table film (
      id integer primary key,
      title text,
      release_date date,
      major_genre text,
      creative_type text,
      source text,
      director text,
      distributor text,
      mpaa_rating text,
      running_time_min integer,
      production_budget bigint,
      us_gross bigint,
      worldwide_gross bigint,
      us_dvd_sales bigint,
      rotten_tomatoes_rating integer,
      imdb_rating numeric(3, 1),
      imdb_votes integer
    )`.execute(database);
  // Search looks for text anywhere in a title, in any case.
  await sql`create index film_title_trigrams on film using gin (lower(title) gin_trgm_ops)`.execute(database);
  await sql`create index film_genre on film (major_genre)`.execute(database);
  await sql`create index film_most_voted on film (imdb_votes desc nulls last, id)`.execute(database);

  const films = movies.map((movie, index) => ({
    id: index + 1,
    // Some titles are numbers in the data set (“300”), and one is null.
    title: movie.Title === null ? null : String(movie.Title),
    release_date: isoDate(movie['Release Date']),
    major_genre: movie['Major Genre'],
    creative_type: movie['Creative Type'],
    source: movie.Source,
    director: movie.Director,
    distributor: movie.Distributor,
    mpaa_rating: movie['MPAA Rating'],
    running_time_min: movie['Running Time min'],
    production_budget: movie['Production Budget'],
    us_gross: movie['US Gross'],
    worldwide_gross: movie['Worldwide Gross'],
    us_dvd_sales: movie['US DVD Sales'],
    rotten_tomatoes_rating: movie['Rotten Tomatoes Rating'],
    imdb_rating: movie['IMDB Rating'],
    imdb_votes: movie['IMDB Votes'],
  }));
  for (let start = 0; start < films.length; start += BATCH) {
    await database
      .insertInto('film')
      .values(films.slice(start, start + BATCH))
      .execute();
  }
}

/** `Jun 12 1998` as `1998-06-12`; `null` for what is no date. */
function isoDate(text: string): string | null {
  const date = new Date(`${text} UTC`);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10);
}
