import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FilmQuery } from '../films';
import { FilmPage, type RefusedReview } from '../pages/film-page';
import { ListPage } from '../pages/list-page';
import { RankingsPage } from '../pages/rankings-page';
import { type Portal, sendPage, visitorOf } from '../portal';
import { ReviewRefused } from '../reviews';

/** Longest text that is searched for, in characters. */
const LONGEST_SEARCH = 100;

/** Deepest page of a list. */
const LAST_PAGE = 1_000;

/** Places that the rankings show. */
const RANKED = 10;

/** Everything about films: lists, pages, reviews, recommendations, rankings. */
export function registerFilmRoutes(app: FastifyInstance, portal: Portal): void {
  const { films, recommendations, reviews, members, rankings } = portal;

  app.get('/', async (request, reply) => {
    const query = readQuery(request.query as Record<string, unknown>);
    const [result, genres] = await Promise.all([films.search(query, request.trace), films.genres(request.trace)]);
    return sendPage(
      reply,
      <ListPage query={query} result={result} genres={genres} visitor={visitorOf(request, reply, portal)} />,
    );
  });

  app.get<{ Params: { id: string } }>('/films/:id', async (request, reply) => showFilm(request, reply));

  app.get<{ Params: { id: string } }>('/films/:id/recommendations', async (request, reply) => {
    const id = filmId(request);
    if (id === undefined) {
      return reply.callNotFound();
    }
    // What the cache saves can be measured in development by asking for an answer without it.
    const fresh = portal.development && request.headers['cache-control'] === 'no-cache';
    const answer = fresh
      ? await recommendations.fresh(id, request.trace)
      : await recommendations.forFilm(id, request.trace);
    return reply.send(answer);
  });

  app.post<{ Params: { id: string }; Body: Record<string, unknown> }>('/films/:id/reviews', async (request, reply) => {
    const { member } = request.session;
    const id = filmId(request);
    if (member === undefined) {
      return reply.redirect(`/sign-in?then=/films/${id ?? ''}`, 303);
    }
    if (id === undefined || (await films.one(id, request.trace)) === undefined) {
      return reply.callNotFound();
    }
    const rating = text(request.body.rating);
    const body = text(request.body.body).replaceAll('\r\n', '\n');
    try {
      await reviews.write(id, member, Number(rating), body, request.trace);
    } catch (error) {
      if (error instanceof ReviewRefused) {
        reply.code(400);
        return showFilm(request, reply, { problem: error.message, rating, body });
      }
      throw error;
    }
    return reply.redirect(`/films/${id}#reviews`, 303);
  });

  app.post<{ Params: { id: string }; Body: Record<string, unknown> }>(
    '/films/:id/favourite',
    async (request, reply) => {
      const { member } = request.session;
      const id = filmId(request);
      if (member === undefined) {
        return reply.redirect('/sign-in', 303);
      }
      if (id === undefined || (await films.one(id, request.trace)) === undefined) {
        return reply.callNotFound();
      }
      await members.setFavourite(member, id, request.body.favourite === 'yes');
      return reply.redirect(`/films/${id}`, 303);
    },
  );

  app.get('/rankings', async (request, reply) => {
    const visitor = visitorOf(request, reply, portal);
    const places = await Promise.all([rankings.topFilms(RANKED), rankings.topReviewers(RANKED)]).catch(() => undefined);
    if (places === undefined) {
      return sendPage(reply, <RankingsPage rankings={undefined} visitor={visitor} />);
    }
    const [topFilms, reviewers] = places;
    const found = await films.many(
      topFilms.map(({ member }) => Number(member)),
      request.trace,
    );
    const ranked = topFilms.flatMap((ranking) => {
      const film = found.find(({ id }) => id === Number(ranking.member));
      return film === undefined ? [] : [{ film, ranking }];
    });
    return sendPage(reply, <RankingsPage rankings={{ films: ranked, reviewers }} visitor={visitor} />);
  });

  async function showFilm(
    request: FastifyRequest<{ Params: { id: string } }>,
    reply: FastifyReply,
    refused?: RefusedReview,
  ): Promise<FastifyReply> {
    const id = filmId(request);
    const { trace } = request;
    const film = id === undefined ? undefined : await films.one(id, trace);
    if (film === undefined) {
      reply.callNotFound();
      return reply;
    }
    const { member } = request.session;
    const [alike, newest, own, isFavourite] = await Promise.all([
      recommendations.forFilm(film.id, trace),
      reviews.newest(film.id, trace),
      member === undefined ? null : reviews.own(film.id, member, trace),
      member === undefined ? false : members.isFavourite(member, film.id),
      member === undefined ? undefined : members.viewed(member, film.id),
    ]);
    const others = await films.many(
      alike.map((recommendation) => recommendation.id),
      trace,
    );
    return sendPage(
      reply,
      <FilmPage
        film={film}
        reviews={newest}
        own={own}
        isFavourite={isFavourite}
        recommendations={others.flatMap((other) => {
          const recommendation = alike.find(({ id: alikeId }) => alikeId === other.id);
          return recommendation === undefined ? [] : [{ film: other, recommendation }];
        })}
        refused={refused}
        visitor={visitorOf(request, reply, portal)}
      />,
    );
  }
}

/** The id of a path; `undefined` for what cannot be one. */
function filmId(request: FastifyRequest<{ Params: { id: string } }>): number | undefined {
  const { id } = request.params;
  return /^[1-9]\d{0,8}$/.test(id) ? Number(id) : undefined;
}

function readQuery(parameters: Record<string, unknown>): FilmQuery {
  const page = Number(text(parameters.page) || 1);
  return {
    text: text(parameters.q).trim().slice(0, LONGEST_SEARCH),
    genre: text(parameters.genre).slice(0, LONGEST_SEARCH),
    page: Number.isInteger(page) && page >= 1 && page <= LAST_PAGE ? page : 1,
  };
}

/** A field that was sent once; anything else is empty. PostgreSQL takes no NUL in text. */
function text(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll('\0', '') : '';
}
