import type { FastifyInstance } from 'fastify';
import { renderToString } from 'preact-render-to-string';
import { Panel } from '../pages/panel';
import type { Portal } from '../portal';

/** Places of the panel's ranking. */
const RANKED = 8;

/** The panel, as the piece of a page that its script puts in place. */
export function registerPanelRoutes(app: FastifyInstance, portal: Portal): void {
  app.get('/panel', async (_request, reply) => {
    const state = await Promise.all([portal.activity.read(), portal.rankings.topReviewers(RANKED)]).catch(
      () => undefined,
    );
    const [activity, reviewers] = state ?? [undefined, []];
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(renderToString(<Panel activity={activity} reviewers={reviewers} />));
  });
}
