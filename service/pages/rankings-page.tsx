import type { Ranking } from '../../runtime';
import type { Film } from '../films';
import { titleOf } from './film-card';
import { Layout, type Visitor } from './layout';

/** A film's place with the film. */
export interface RankedFilm {
  readonly film: Film;
  readonly ranking: Ranking;
}

interface RankingsPageProps {
  /** `undefined` when the rankings cannot be read now. */
  readonly rankings: { readonly films: readonly RankedFilm[]; readonly reviewers: readonly Ranking[] } | undefined;
  readonly visitor: Visitor;
}

/** The best films and the most diligent reviewers. */
export function RankingsPage({ rankings, visitor }: RankingsPageProps) {
  return (
    <Layout title="Rankings" visitor={visitor}>
      <h1>Rankings</h1>
      {rankings === undefined ? (
        <p>The rankings are not available right now. They come back by themselves.</p>
      ) : (
        <div class="columns">
          <section>
            <h2>Top films</h2>
            <FilmRanking films={rankings.films} />
          </section>
          <section>
            <h2>Top reviewers</h2>
            <ReviewerRanking reviewers={rankings.reviewers} />
          </section>
        </div>
      )}
    </Layout>
  );
}

/** Films by score. */
export function FilmRanking({ films }: { films: readonly RankedFilm[] }) {
  return films.length === 0 ? (
    <p class="quiet">No film has a review yet.</p>
  ) : (
    <ol class="ranking">
      {films.map(({ film, ranking }) => (
        <li key={film.id}>
          <a href={`/films/${film.id}`}>{titleOf(film)}</a> <span class="rating">{ranking.score}</span>
        </li>
      ))}
    </ol>
  );
}

/** Members by number of reviews. */
export function ReviewerRanking({ reviewers }: { reviewers: readonly Ranking[] }) {
  return reviewers.length === 0 ? (
    <p class="quiet">Nobody has written a review yet.</p>
  ) : (
    <ol class="ranking">
      {reviewers.map(({ member, score }) => (
        <li key={member}>
          {member} <span class="rating">{score}</span>
        </li>
      ))}
    </ol>
  );
}
