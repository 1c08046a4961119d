import type { Film } from '../films';
import type { Recommendation } from '../recommendations';
import { LONGEST_REVIEW, type Review } from '../reviews';
import { FilmCard, fact, money, readersOf, titleOf, yearOf } from './film-card';
import { CsrfField, Layout, type Visitor } from './layout';

/** What a member typed and cannot be taken as it is. */
export interface RefusedReview {
  readonly problem: string;
  readonly rating: string;
  readonly body: string;
}

interface FilmPageProps {
  readonly film: Film;
  readonly reviews: readonly Review[];
  readonly own: Review | null;
  readonly isFavourite: boolean;
  readonly recommendations: ReadonlyArray<{ readonly film: Film; readonly recommendation: Recommendation }>;
  readonly refused?: RefusedReview | undefined;
  readonly visitor: Visitor;
}

/** A film, what readers say of it, and what is like it. */
export function FilmPage({ film, reviews, own, isFavourite, recommendations, refused, visitor }: FilmPageProps) {
  return (
    <Layout title={titleOf(film)} visitor={visitor}>
      <article>
        <p class="eyebrow">
          {film.major_genre ?? 'Genre unknown'} · {yearOf(film)}
        </p>
        <h1>{titleOf(film)}</h1>
        <p class="lead">Directed by {film.director ?? 'unknown'}</p>
        <p class="scores">
          <span>
            <b>{fact(film.imdb_rating)}</b> IMDB
          </span>
          <span>
            <b>{film.rotten_tomatoes_rating === null ? 'unknown' : `${film.rotten_tomatoes_rating} %`}</b> Rotten
            Tomatoes
          </span>
          <span id="readers">
            <b>{readersOf(film)}</b>
          </span>
        </p>
        {visitor.member !== undefined && (
          <form action={`/films/${film.id}/favourite`} method="post">
            <CsrfField visitor={visitor} />
            <input type="hidden" name="favourite" value={isFavourite ? 'no' : 'yes'} />
            <button type="submit" aria-pressed={isFavourite}>
              {isFavourite ? '♥ In your favourites' : '♡ Add to favourites'}
            </button>
          </form>
        )}
        <Facts film={film} />
        <section aria-labelledby="like">
          <h2 id="like">More like this</h2>
          <ul class="cards small">
            {recommendations.map(({ film: other, recommendation }) => (
              <FilmCard
                key={other.id}
                film={other}
                note={recommendation.shared.length === 0 ? undefined : `Same ${recommendation.shared.join(', ')}`}
              />
            ))}
          </ul>
        </section>
        <section aria-labelledby="reviews">
          <h2 id="reviews">Reviews</h2>
          {visitor.member === undefined ? (
            <p>
              <a href={`/sign-in?then=/films/${film.id}`}>Sign in</a> to write one.
            </p>
          ) : (
            <ReviewForm film={film} own={own} refused={refused} visitor={visitor} />
          )}
          {reviews.length === 0 && <p class="quiet">No reviews yet.</p>}
          <ul class="reviews">
            {reviews.map((review) => (
              <li key={review.member}>
                <p class="review-head">
                  <b>{review.member}</b> <span class="rating">{review.rating}/10</span>{' '}
                  <time dateTime={review.written_at}>{review.written_at.slice(0, 10)}</time>
                </p>
                <p>{review.body}</p>
              </li>
            ))}
          </ul>
        </section>
      </article>
    </Layout>
  );
}

function Facts({ film }: { film: Film }) {
  const facts: ReadonlyArray<readonly [string, string]> = [
    ['Released', fact(film.release_date)],
    ['Running time', film.running_time_min === null ? 'unknown' : `${film.running_time_min} min`],
    ['Rated', fact(film.mpaa_rating)],
    ['Type', fact(film.creative_type)],
    ['Source', fact(film.source)],
    ['Distributor', fact(film.distributor)],
    ['Budget', money(film.production_budget)],
    ['Gross, worldwide', money(film.worldwide_gross)],
    ['Gross, US', money(film.us_gross)],
    ['DVD sales, US', money(film.us_dvd_sales)],
    ['IMDB votes', film.imdb_votes === null ? 'unknown' : film.imdb_votes.toLocaleString('en-US')],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={value === 'unknown' ? 'quiet' : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface ReviewFormProps {
  readonly film: Film;
  readonly own: Review | null;
  readonly refused: RefusedReview | undefined;
  readonly visitor: Visitor;
}

function ReviewForm({ film, own, refused, visitor }: ReviewFormProps) {
  const rating = refused?.rating ?? String(own?.rating ?? 7);
  return (
    <form class="review-form" action={`/films/${film.id}/reviews`} method="post">
      <CsrfField visitor={visitor} />
      {refused !== undefined && (
        <p class="problem" role="alert">
          {refused.problem}
        </p>
      )}
      <label>
        Rating
        <select name="rating">
          {Array.from({ length: 10 }, (_, index) => String(10 - index)).map((choice) => (
            <option key={choice} value={choice} selected={choice === rating}>
              {choice}
            </option>
          ))}
        </select>
      </label>
      <label>
        Your review
        <textarea name="body" rows={3} required maxLength={LONGEST_REVIEW}>
          {refused?.body ?? own?.body ?? ''}
        </textarea>
      </label>
      <button type="submit">{own === null ? 'Publish' : 'Change your review'}</button>
    </form>
  );
}
