import type { Generated } from 'kysely';

/** A row of `film`; everything but the id may be unknown. */
export interface FilmTable {
  id: number;
  title: string | null;
  release_date: string | null;
  major_genre: string | null;
  creative_type: string | null;
  source: string | null;
  director: string | null;
  distributor: string | null;
  mpaa_rating: string | null;
  running_time_min: number | null;
  production_budget: number | null;
  us_gross: number | null;
  worldwide_gross: number | null;
  us_dvd_sales: number | null;
  rotten_tomatoes_rating: number | null;
  imdb_rating: number | null;
  imdb_votes: number | null;
}

/** A row of `review`: one review a member and film. */
export interface ReviewTable {
  film_id: number;
  member: string;
  rating: number;
  body: string;
  written_at: Generated<string>;
}

export interface Schema {
  film: FilmTable;
  review: ReviewTable;
}
