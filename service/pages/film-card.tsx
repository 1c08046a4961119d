import type { Film } from '../films';

/** What stands where the data set has nothing. */
const UNKNOWN = 'unknown';

/** A film in a list. */
export function FilmCard({ film, note }: { film: Film; note?: string | undefined }) {
  return (
    <li class="card" data-genre={film.major_genre ?? UNKNOWN}>
      <a href={`/films/${film.id}`}>
        <span class="card-genre">{film.major_genre ?? 'Genre unknown'}</span>
        <span class="card-title">{titleOf(film)}</span>
        <span class="card-facts">
          {yearOf(film)} · {film.director ?? 'director unknown'}
        </span>
        <span class="card-ratings">
          <span title="IMDB rating">★ {film.imdb_rating ?? UNKNOWN}</span>
          <span title="Readers of this portal">{readersOf(film)}</span>
        </span>
        {note !== undefined && <span class="card-note">{note}</span>}
      </a>
    </li>
  );
}

export function titleOf(film: Film): string {
  return film.title ?? 'Untitled';
}

export function yearOf(film: Film): string {
  return film.release_date?.slice(0, 4) ?? 'year unknown';
}

export function readersOf(film: Film): string {
  const { count, average } = film.readers;
  return count === 0 ? 'no reviews' : `${average} from ${count} ${count === 1 ? 'reader' : 'readers'}`;
}

/** A number of dollars, or what stands for none. */
export function money(amount: number | null): string {
  return amount === null ? UNKNOWN : `$${amount.toLocaleString('en-US')}`;
}

/** A fact, or what stands for none. */
export function fact(value: string | number | null): string {
  return value === null ? UNKNOWN : String(value);
}
