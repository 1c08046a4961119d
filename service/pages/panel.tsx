import type { Ranking } from '../../runtime';
import type { Activity, ServedRequest } from '../activity';
import { ReviewerRanking } from './rankings-page';

interface PanelProps {
  /** `undefined` when the cache that keeps it cannot be asked. */
  readonly activity: Activity | undefined;
  readonly reviewers: readonly Ranking[];
}

/** What the cache did for the last requests, of all instances. Development only. */
export function Panel({ activity, reviewers }: PanelProps) {
  if (activity === undefined) {
    return <p>The panel’s cache cannot be asked right now.</p>;
  }
  const { hit, miss, bypass } = activity.outcomes;
  const all = hit + miss + bypass;
  return (
    <>
      <div class="panel-figures">
        <p>
          <b id="hit-ratio">{all === 0 ? '–' : `${Math.round((100 * hit) / all)} %`}</b> hits of {all} reads
        </p>
        <p>
          <b id="last-write">{activity.lastWrite?.write ? milliseconds(activity.lastWrite.write.cacheMs) : '–'}</b>{' '}
          {activity.lastWrite?.write
            ? `added by the cache to the last write-through (database ${milliseconds(activity.lastWrite.write.databaseMs)})`
            : 'no write-through yet'}
        </p>
      </div>
      <div class="panel-scroll">
        <table>
          <caption>Last requests</caption>
          <thead>
            <tr>
              <th scope="col">Request</th>
              <th scope="col">Answered by</th>
              <th scope="col" title="All waits for the caches, those at the same time added up">
                Cache
              </th>
              <th scope="col" title="All waits for the database, those at the same time added up">
                Database
              </th>
              <th scope="col">All</th>
              <th scope="col">Instance</th>
            </tr>
          </thead>
          <tbody>
            {activity.requests.map((request, index) => (
              <tr key={index}>
                <td>
                  <span class="method">{request.method}</span> {request.path}
                </td>
                <td>
                  <span class={`tier ${request.outcome ?? 'none'}`}>{tierOf(request)}</span>
                </td>
                <td>{milliseconds(request.cacheMs)}</td>
                <td>{request.databaseMs === 0 ? '–' : milliseconds(request.databaseMs)}</td>
                <td>{milliseconds(request.totalMs)}</td>
                <td>{request.instance}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <section class="panel-ranking" aria-labelledby="panel-reviewers">
        <h2 id="panel-reviewers">Top reviewers</h2>
        <ReviewerRanking reviewers={reviewers} />
      </section>
    </>
  );
}

function tierOf({ outcome }: ServedRequest): string {
  switch (outcome) {
    case 'hit':
      return 'cache (hit)';
    case 'miss':
      return 'database (miss)';
    case 'bypass':
      return 'database (bypass)';
    case null:
      return 'neither';
  }
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
