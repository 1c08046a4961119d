import type { FastifyInstance } from 'fastify';
import { MemberPage, SignInPage } from '../pages/member-pages';
import { type Portal, sendPage, visitorOf } from '../portal';

/** Letters of any script, digits, spaces and a few marks, starting with a letter or digit. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} .'’-]{0,39}$/u;

/** Signing in and out, and a member's own page. */
export function registerMemberRoutes(app: FastifyInstance, portal: Portal): void {
  const { films, members, reviews } = portal;

  app.get<{ Querystring: Record<string, unknown> }>('/sign-in', async (request, reply) => {
    const visitor = { ...visitorOf(request, reply, portal), csrfToken: reply.generateCsrf() };
    return sendPage(reply, <SignInPage then={localPath(request.query.then)} visitor={visitor} />);
  });

  app.post<{ Body: Record<string, unknown> }>('/sign-in', async (request, reply) => {
    const name = typeof request.body.name === 'string' ? request.body.name.normalize('NFC').trim() : '';
    const then = localPath(request.body.then);
    if (!NAME.test(name)) {
      const visitor = { ...visitorOf(request, reply, portal), csrfToken: reply.generateCsrf() };
      const problem = "A name has 1 to 40 letters, digits, spaces and the marks . ' -";
      return sendPage(reply.code(400), <SignInPage then={then} problem={problem} name={name} visitor={visitor} />);
    }
    // A new id at sign-in: an id that somebody planted before is worth nothing.
    await request.session.regenerate();
    request.session.member = name;
    await members.signedIn(name);
    return reply.redirect(then, 303);
  });

  app.post('/sign-out', async (request, reply) => {
    await request.session.destroy();
    reply.clearCookie(...sessionCookie(portal));
    return reply.redirect('/', 303);
  });

  app.post('/me/forget', async (request, reply) => {
    const { member } = request.session;
    if (member === undefined) {
      return reply.redirect('/sign-in?then=/me', 303);
    }
    await reviews.forget(member);
    await members.forget(member);
    await request.session.destroy();
    reply.clearCookie(...sessionCookie(portal));
    await portal.sessions.endAllOf(member);
    return reply.redirect('/', 303);
  });

  app.get('/me', async (request, reply) => {
    const { member } = request.session;
    if (member === undefined) {
      return reply.redirect('/sign-in?then=/me', 303);
    }
    const [profile, recent, favourites] = await Promise.all([
      members.profile(member),
      members.recentlyViewed(member),
      members.favourites(member),
    ]);
    return sendPage(
      reply,
      <MemberPage
        profile={profile}
        recent={await films.many(recent, request.trace)}
        favourites={await films.many(favourites, request.trace)}
        visitor={visitorOf(request, reply, portal)}
      />,
    );
  });
}

function sessionCookie({ development }: Portal) {
  return [development ? 'sid' : '__Host-sid', { path: '/', secure: !development }] as const;
}

/** A path of this site, so that signing in never leads elsewhere. */
function localPath(value: unknown): string {
  return typeof value === 'string' && /^\/(?![/\\])[\x21-\x7e]{0,200}$/.test(value) ? value : '/';
}
