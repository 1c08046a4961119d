import type { FilmPage, FilmQuery } from '../films';
import { FilmCard } from './film-card';
import { Layout, type Visitor } from './layout';

interface ListPageProps {
  readonly query: FilmQuery;
  readonly result: FilmPage;
  readonly genres: readonly string[];
  readonly visitor: Visitor;
}

/** The films that a search found. */
export function ListPage({ query, result, genres, visitor }: ListPageProps) {
  const heading = query.text === '' ? (query.genre === '' ? 'Films' : query.genre) : `“${query.text}”`;
  return (
    <Layout title={heading} visitor={visitor} search={query.text}>
      <h1>{heading}</h1>
      <p class="quiet">
        {result.total.toLocaleString('en-US')} {result.total === 1 ? 'film' : 'films'}, the most voted for first
      </p>
      <nav class="genres" aria-label="Genres">
        <a href={href({ ...query, genre: '', page: 1 })} aria-current={query.genre === '' ? 'true' : undefined}>
          All
        </a>
        {genres.map((genre) => (
          <a
            key={genre}
            href={href({ ...query, genre, page: 1 })}
            aria-current={query.genre === genre ? 'true' : undefined}
          >
            {genre}
          </a>
        ))}
      </nav>
      {result.films.length === 0 ? (
        <p>No film’s title has that. Try a shorter word.</p>
      ) : (
        <ul class="cards">
          {result.films.map((film) => (
            <FilmCard key={film.id} film={film} />
          ))}
        </ul>
      )}
      {result.pages > 1 && (
        <nav class="pages" aria-label="Pages">
          {query.page > 1 && <a href={href({ ...query, page: query.page - 1 })}>← Previous</a>}
          <span>
            Page {query.page} of {result.pages}
          </span>
          {query.page < result.pages && <a href={href({ ...query, page: query.page + 1 })}>Next →</a>}
        </nav>
      )}
    </Layout>
  );
}

function href({ text, genre, page }: FilmQuery): string {
  const parameters = new URLSearchParams({
    ...(text !== '' && { q: text }),
    ...(genre !== '' && { genre }),
    ...(page > 1 && { page: String(page) }),
  }).toString();
  return parameters === '' ? '/' : `/?${parameters}`;
}
