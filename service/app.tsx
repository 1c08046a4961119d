import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import csrf from '@fastify/csrf-protection';
import formBody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import session from '@fastify/session';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import {
  CacheUnavailableError,
  EngineRefusedError,
  LoadShedError,
  SessionTooLargeError,
  withCacheBudget,
} from '../runtime';
import { ActivityLog } from './activity';
import { isDatabaseUnavailable } from './database/connection';
import { Films } from './films';
import { Members } from './members';
import { ProblemPage } from './pages/layout';
import { type AppOptions, type Portal, sendPage, visitorOf } from './portal';
import { Rankings } from './rankings';
import { Recommendations } from './recommendations';
import { Reviews } from './reviews';
import { registerFilmRoutes } from './routes/films';
import { registerMemberRoutes } from './routes/members';
import { registerPanelRoutes } from './routes/panel';
import { Trace } from './trace';

declare module 'fastify' {
  interface FastifyRequest {
    trace: Trace;
  }
  interface Session {
    member?: string;
  }
}

/** A form may be this large, in bytes: a review of the longest kind in three-byte characters, with room to spare. */
const LARGEST_FORM = 32_768;

/**
 * Longer than the load balancer keeps an idle connection, or it would send a request into a closing one. The fleet says
 * how long; the default of a load balancer is 60 seconds.
 */
const KEEP_ALIVE_MS = Number(process.env.KEEP_ALIVE_MS ?? 65_000);

/** Who was refused may try again after this long, and browsers do, spread over so much more, in seconds. */
const RETRY_AFTER_S = 2;
const RETRY_SPREAD_S = 4;

/** Session ids are 192 random bits that only this service issues and that are looked up hashed: signing adds nothing. */
const UNSIGNED = {
  sign: (value: string) => value,
  unsign: (value: string) => ({ valid: true, renew: false, value }),
};

/** Builds the portal. It listens when the caller says so. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { caches, database, development, instance } = options;
  const objects = caches.cache('objects');
  const types = caches.dataTypes('sessions');
  const films = new Films(objects, database);
  const rankings = new Rankings(types, database);
  const portal: Portal = {
    ...options,
    films,
    rankings,
    recommendations: new Recommendations(objects, database),
    reviews: new Reviews(objects, database, films, rankings),
    members: new Members(types),
    activity: new ActivityLog(types),
    sessions: caches.sessionStore('sessions', { userOf: ({ member }) => member as string | undefined }),
  };

  const app = fastify({
    // The load balancer is the only one that can reach an instance.
    trustProxy: true,
    bodyLimit: LARGEST_FORM,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 30_000,
    logController: new LogController({ disableRequestLogging: true }),
    logger: { level: 'warn' },
    routerOptions: { maxParamLength: 200 },
  });
  app.decorateRequest('trace', null as unknown as Trace);
  app.addHook('onRequest', (request, _reply, done) => {
    withCacheBudget((cacheTime) => {
      request.trace = new Trace(cacheTime);
      done();
    });
  });
  app.addHook('onSend', async (request, reply) => describe(request, reply, development ? instance : undefined));
  app.get('/healthz', (_request, reply) => reply.send('alive\n'));
  registerAssets(app, options.assets);

  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'upgrade-insecure-requests': development ? null : [],
      },
    },
    hsts: !development,
    // With helmet's `no-referrer` browsers send `Origin: null` with the site's own forms.
    referrerPolicy: { policy: 'same-origin' },
  });
  await app.register(formBody, { bodyLimit: LARGEST_FORM });
  await app.register(async (pages) => {
    await pages.register(cookie);
    await pages.register(session, {
      secret: UNSIGNED,
      store: portal.sessions,
      // `__Host-` binds a cookie to HTTPS and this host; browsers drop it over plain HTTP.
      cookieName: development ? 'sid' : '__Host-sid',
      cookie: { path: '/', httpOnly: true, sameSite: 'lax', secure: !development },
      saveUninitialized: false,
      rolling: false,
    });
    await pages.register(csrf, { sessionPlugin: '@fastify/session', getToken: (request) => tokenOf(request) });
    pages.addHook('preHandler', (request, reply, done) => {
      if (request.method !== 'POST') {
        done();
      } else if (isCrossSite(request)) {
        reply.code(403);
        sendProblem(request, reply, 'Not sent from here', 'This form came from another site, so it was not taken.');
      } else {
        pages.csrfProtection(request, reply, done);
      }
    });
    if (development) {
      pages.addHook('onResponse', async (request, reply) => note(portal, request, reply));
    }
    pages.setErrorHandler((error, request, reply) => answerError(error as Error, request, reply));
    pages.setNotFoundHandler((request, reply) => {
      reply.code(404);
      return sendProblem(request, reply, 'Not found', 'There is no such page.');
    });
    registerFilmRoutes(pages, portal);
    registerMemberRoutes(pages, portal);
    if (development) {
      registerPanelRoutes(pages, portal);
    }
    pages.get('/readyz', async (_request, reply) => {
      await database.selectNoFrom((e) => e.val(1).as('one')).execute();
      return reply.send('ready\n');
    });
  });
  app.addHook('onClose', async () => {
    await database.destroy();
    await caches.close();
  });
  return app;

  function sendProblem(request: FastifyRequest, reply: FastifyReply, title: string, text: string): FastifyReply {
    return sendPage(reply, <ProblemPage title={title} text={text} visitor={visitorOf(request, reply, portal)} />);
  }

  function answerError(error: Error & { statusCode?: number }, request: FastifyRequest, reply: FastifyReply) {
    const unavailable = isUnavailable(error);
    const status = unavailable ? 503 : error instanceof SessionTooLargeError ? 413 : (error.statusCode ?? 500);
    reply.code(status);
    if (unavailable) {
      reply.header('retry-after', String(RETRY_AFTER_S));
      if (request.method === 'GET') {
        // Nobody has to do by hand what a browser can; not all of them at once.
        reply.header('refresh', String(RETRY_AFTER_S + Math.floor(Math.random() * RETRY_SPREAD_S)));
      }
    }
    if (status >= 500) {
      request.log.error({ err: error, cause: error.cause }, 'request failed');
    }
    const [title, text] = explain(status, error, request.method);
    return sendProblem(request, reply, title, text);
  }
}

/** The token in a form or a header; anything but text is none. */
function tokenOf(request: FastifyRequest): string | undefined {
  const token = (request.body as Record<string, unknown> | undefined)?._csrf ?? request.headers['x-csrf-token'];
  return typeof token === 'string' ? token : undefined;
}

function isCrossSite(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return true;
  }
  const { origin } = request.headers;
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== request.host);
}

/** A cache that holds sessions, or the database, cannot be asked. */
function isUnavailable(error: Error): boolean {
  return (
    error instanceof CacheUnavailableError ||
    error instanceof LoadShedError ||
    // Nothing was lost, and there may be room in a moment.
    (error instanceof EngineRefusedError && error.isOutOfMemory) ||
    isDatabaseUnavailable(error)
  );
}

function explain(status: number, error: Error, method: string): [string, string] {
  if (status === 503) {
    const again =
      method === 'GET' ? 'It is asked for again in a few seconds.' : 'Go back and try again in a few seconds.';
    return [
      'One moment',
      `This page cannot be served right now. ${again} You are still signed in: your session is kept until we can ask for it.`,
    ];
  }
  if (status === 413) {
    return ['Too large', 'The form is larger than is taken here. Go back and shorten it: nothing you typed is lost.'];
  }
  if (status === 403) {
    return [
      'Not taken',
      'The form lacked its token, or the token is of an older page. Load the page again and resend.',
    ];
  }
  return status < 500 ? ['Not understood', error.message] : ['Something broke', 'It has been noted. Try again.'];
}

function describe(request: FastifyRequest, reply: FastifyReply, instance: string | undefined): void {
  const { trace } = request;
  // A response that had no use for the cache went by it.
  reply.header('x-cache', trace.answer ?? 'bypass');
  const durations = {
    cache: trace.cacheTime.totalMs,
    'slowest-call': trace.cacheTime.longestCallMs,
    wait: trace.waitMs,
    database: trace.databaseMs,
    total: reply.elapsedTime,
  };
  reply.header(
    'server-timing',
    Object.entries(durations)
      .map(([name, ms]) => `${name};dur=${ms.toFixed(2)}`)
      .join(', '),
  );
  if (instance !== undefined) {
    reply.header('x-instance', instance);
  }
}

/** Notes a request for the panel. The panel must never harm what it shows, so failures are dropped. */
function note(portal: Portal, request: FastifyRequest, reply: FastifyReply): void {
  const { trace } = request;
  const path = request.url;
  if (path === '/panel' || path === '/readyz') {
    return;
  }
  portal.activity
    .note({
      instance: portal.instance,
      method: request.method,
      path,
      status: reply.statusCode,
      outcome: trace.answer ?? null,
      cacheMs: trace.cacheTime.totalMs,
      databaseMs: trace.databaseMs,
      totalMs: reply.elapsedTime,
      write: trace.write ?? null,
    })
    .catch(() => {});
}

/** The page's few files, read once. */
function registerAssets(app: FastifyInstance, folder: string): void {
  const kinds = { 'style.css': 'text/css', 'panel.js': 'text/javascript', 'icon.svg': 'image/svg+xml' };
  for (const [name, type] of Object.entries(kinds)) {
    const content = readFileSync(join(folder, name));
    app.get(`/assets/${name}`, (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=300').send(content),
    );
  }
}
