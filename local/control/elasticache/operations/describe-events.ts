import { invalidParameterCombination, invalidParameterValue } from '../../faults';
import { pageOf, pageRequest } from '../../pages';
import { AnswerList } from '../../query/answers';
import { type LoggedEvent, RETENTION_MS } from '../event-log';
import type { Operation } from './operation';

const SOURCE_TYPES = [
  'cache-cluster',
  'cache-parameter-group',
  'cache-security-group',
  'cache-subnet-group',
  'replication-group',
  'serverless-cache',
  'serverless-cache-snapshot',
  'user',
  'user-group',
] as const;

const MINUTE_MS = 60_000;
const DEFAULT_MINUTES = 60;

export const describeEvents: Operation = (request) => {
  const source = request.identifier('SourceIdentifier');
  const type = request.choice('SourceType', SOURCE_TYPES);
  const start = request.timestamp('StartTime');
  const end = request.timestamp('EndTime');
  const minutes = request.integer('Duration') ?? DEFAULT_MINUTES;
  const page = pageRequest(request);
  if (minutes < 1 || minutes > RETENTION_MS / MINUTE_MS) {
    throw invalidParameterValue(`The parameter Duration must be between 1 and ${RETENTION_MS / MINUTE_MS} minutes.`);
  }
  if (start !== undefined && end !== undefined && start > end) {
    throw invalidParameterCombination('The StartTime must not be after the EndTime.');
  }
  return (plane) => {
    const until = end ?? plane.clock();
    // A duration is of use only where neither end of the interval is given.
    const length = start === undefined && end === undefined ? minutes : DEFAULT_MINUTES;
    const since = start ?? new Date(until.getTime() - length * MINUTE_MS);
    const events = plane.events
      .between(since, until)
      .filter(
        (event) => (source === undefined || event.source === source) && (type ?? event.sourceType) === event.sourceType,
      );
    const { records, marker } = pageOf(events, page, keyOf, ({ sequence }, key) => sequence < Number(key));
    return {
      Marker: marker,
      Events: new AnswerList(
        'Event',
        records.map((event) => ({
          SourceIdentifier: event.source,
          SourceType: event.sourceType,
          Message: event.message,
          Date: event.date,
        })),
      ),
    };
  };
};

function keyOf({ sequence }: LoggedEvent): string {
  return String(sequence);
}
