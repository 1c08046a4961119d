import type { AwsSession } from '../aws/aws-session';
import { alarmStates } from './alarms';
import { cacheDetails, NO_DETAILS } from './cache-details';
import { cacheStates } from './cache-states';
import { findCaches } from './caches';
import { databaseStates } from './databases';
import type { EnvironmentState } from './environment-state';
import { fleetStates } from './fleets';
import { Gaps } from './gaps';
import type { Detail } from './metric-plan';
import { MetricReader } from './metrics';
import { withoutUndefined } from './plain';
import { secretStates } from './secrets';
import { chosenStacks, type StackChoice } from './stacks';

export interface ReadOptions extends StackChoice {
  readonly detail: Detail;
}

/**
 * Asks AWS what is there. What it does not give is among the state's gaps.
 *
 * @throws AskedWronglyError when there is no such environment
 * @throws RefusedError when AWS does not even tell which stacks there are
 * @throws TimedOutError when the session's time is over before everything was asked: nothing is half known
 */
export async function readEnvironment(session: AwsSession, options: ReadOptions): Promise<EnvironmentState> {
  const { detail, isLocal } = options;
  const gaps = new Gaps(session.region);
  const { environment, isDisposable, stacks } = await chosenStacks(session, options, detail, gaps);
  // By AWS's clock, which its first answer has told.
  const now = session.now();
  const metrics = new MetricReader(session, detail, now);
  const isJudged = detail === 'doctor';
  const [caches, databases, fleets, alarms, secrets] = await Promise.all([
    findCaches(session, stacks, gaps).then(async (found) => {
      const details = isJudged ? await cacheDetails(session, found, gaps) : NO_DETAILS;
      return { take: cacheStates(found, details, metrics), reservations: details.reservations };
    }),
    databaseStates(session, stacks, metrics, gaps),
    fleetStates(session, stacks, detail, metrics, gaps),
    alarmStates(session, stacks, gaps),
    isJudged ? secretStates(session, stacks, gaps) : undefined,
  ]);
  await metrics.readAll(gaps);
  session.throwIfOver();
  return withoutUndefined({
    environment,
    region: session.region,
    isLocal,
    takenAt: now.toISOString(),
    isDisposable,
    address: stacks.map((stack) => stack.address).find((address) => address !== undefined),
    stacks,
    ...caches.take(),
    databases: databases(),
    fleets: fleets(),
    alarms,
    reservations: caches.reservations,
    secrets,
    gaps: gaps.list,
  });
}
