import type { AlarmState, EnvironmentState } from '../environment/environment-state';
import { groups, nodeCaches, nodesOf } from './caches';
import { becauseOf } from './gaps';
import { type DoctorRule, each, found, type Judge, unknown } from './rule';
import { alarmGuide, cacheGuide } from './sources';
import { counted, DAY, duration, listed, since } from './words';

/** Days that an alarm may be without data: new ones wait for their first. */
const NO_DATA_DAYS = 1;

const SOURCE = alarmGuide('AlarmThatSendsEmail');

/** Who is told, and what. */
export const ALARM_RULES: readonly DoctorRule[] = [
  {
    id: 'alarm-raised',
    severity: 'high',
    disposable: 'medium',
    title: 'An alarm is raised',
    fix: 'its description says what it is about',
    source: SOURCE,
    judge: eachAlarm(({ name, state, reason, since: from }, now) => {
      const when = from === undefined ? '' : `for ${duration(since(from, now))}: `;
      return state === 'ALARM' && found(`alarm ${name}`, `${when}${reason}`);
    }),
  },
  {
    id: 'watched-by-no-alarm',
    severity: 'medium',
    disposable: 'skip',
    local: 'skip',
    title: 'No alarm watches a cache or a database',
    fix: '`addAlarms()` of the cache and of `Database`',
    source: cacheGuide('CacheMetrics.WhichShouldIMonitor'),
    judge: (state) => {
      if (state.alarms === undefined) {
        return [alarmsUnknown(state)];
      }
      const { alarms } = state;
      const watched = new Set(alarms.flatMap(({ watches }) => watches));
      return watchable(state)
        .filter(({ ids }) => !ids.some((id) => watched.has(id)))
        .map(({ subject }) =>
          found(
            subject,
            `${alarms.length === 0 ? 'the stacks have no alarms' : `none of the ${counted(alarms.length, 'alarm')} of the stacks watches it`}`,
          ),
        );
    },
  },
  {
    id: 'alarm-tells-nobody',
    severity: 'medium',
    disposable: 'skip',
    local: 'skip',
    title: 'An alarm does nothing when it is raised',
    fix: '`actions` of `addAlarms()`; EnableAlarmActions where they were switched off',
    source: SOURCE,
    judge: eachAlarm(({ name, actionsEnabled, actions }) => {
      const what = actions === 0 ? 'it has no actions' : `its ${actions} actions are switched off`;
      return (actions === 0 || !actionsEnabled) && found(`alarm ${name}`, what);
    }),
  },
  {
    id: 'alarm-without-data',
    severity: 'low',
    disposable: 'skip',
    local: 'skip',
    title: `An alarm has had no data for more than ${NO_DATA_DAYS === 1 ? 'a day' : `${NO_DATA_DAYS} days`}`,
    fix: 'what it watches may be gone or renamed: deploy, so that it watches what is there',
    source: SOURCE,
    judge: eachAlarm(({ name, state, since: from }, now) => {
      if (state !== 'INSUFFICIENT_DATA') {
        return undefined;
      }
      if (from === undefined) {
        return unknown(`alarm ${name}`, 'CloudWatch does not tell since when it has no data');
      }
      const age = since(from, now);
      return age > NO_DATA_DAYS * DAY && found(`alarm ${name}`, `INSUFFICIENT_DATA for ${duration(age)}`);
    }),
  },
  {
    id: 'log-delivery-failed',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'A log of a cache is not delivered',
    fix: '`slowLog` and `engineLog` of `ReplicationGroup`: the log group must be there, and its policy must let ElastiCache write',
    source: cacheGuide('Log_Delivery'),
    judge: each(groups, ({ id, logDelivery }) => {
      const failed = logDelivery.filter(({ status }) => status === 'error');
      return (
        failed.length > 0 &&
        found(id, listed(failed.map(({ type, message }) => `${type}${message === undefined ? '' : `: ${message}`}`)))
      );
    }),
  },
];

function eachAlarm(judge: (alarm: AlarmState, now: Date) => ReturnType<Parameters<typeof each<AlarmState>>[1]>): Judge {
  return (state, now) =>
    state.alarms === undefined
      ? [alarmsUnknown(state)]
      : each(
          () => state.alarms ?? [],
          (alarm) => judge(alarm, now),
        )(state, now);
}

function alarmsUnknown(state: EnvironmentState) {
  return unknown(state.environment, becauseOf(state, 'cloudwatch:DescribeAlarms', 'its alarms are not known'));
}

/** Nodes of Memcached are numbered alike in every cluster, so that only its own id counts. */
function watchable(
  state: EnvironmentState,
): ReadonlyArray<{ readonly subject: string; readonly ids: readonly string[] }> {
  return [
    ...nodeCaches(state).map((cache) => ({
      subject: cache.id,
      ids: [cache.id, ...(cache.engine === 'memcached' ? [] : nodesOf(cache).map(({ id }) => id))],
    })),
    ...state.serverless.map(({ id }) => ({ subject: id, ids: [id] })),
    ...state.databases.map(({ id }) => ({ subject: `database ${id}`, ids: [id] })),
  ];
}
