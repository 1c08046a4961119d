import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Caches, SessionStore } from '../runtime';
import type { ActivityLog } from './activity';
import type { Database } from './database/connection';
import type { Films } from './films';
import type { Members } from './members';
import type { Visitor } from './pages/layout';
import type { Rankings } from './rankings';
import type { Recommendations } from './recommendations';
import type { Reviews } from './reviews';

/** Engines of the caches that the portal is given, by name. */
export type PortalCaches = Caches<{ objects: 'memcached'; sessions: 'valkey' }>;

export interface AppOptions {
  readonly caches: PortalCaches;
  readonly database: Database;
  /** Name of this instance. */
  readonly instance: string;
  /** Shows the panel and the instance's name, and takes sessions over plain HTTP. */
  readonly development: boolean;
  /** Folder of the page's files. */
  readonly assets: string;
}

/** What the routes work with. */
export interface Portal extends AppOptions {
  readonly films: Films;
  readonly recommendations: Recommendations;
  readonly reviews: Reviews;
  readonly rankings: Rankings;
  readonly members: Members;
  readonly activity: ActivityLog;
  readonly sessions: SessionStore;
}

/** Sends a page. */
export function sendPage(reply: FastifyReply, page: VNode): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(`<!doctype html>${renderToString(page)}`);
}

/** What a page knows of who asked. A token is made for members only, so that no visitor gets a session unasked. */
export function visitorOf(request: FastifyRequest, reply: FastifyReply, portal: Portal): Visitor {
  // None yet where the session could not be read, none any more after signing out.
  const member = request.session?.member;
  return {
    member,
    csrfToken: member === undefined ? undefined : reply.generateCsrf(),
    instance: portal.development ? portal.instance : undefined,
  };
}
