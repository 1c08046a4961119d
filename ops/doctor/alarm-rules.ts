import type { AlarmState, EnvironmentState } from '../environment/environment-state';
import { groups, nodeCaches, nodesOf } from './caches';
import { becauseOf } from './gaps';
import { type DoctorRule, each, found, type Judge, unknown } from './rule';
import { alarmGuide, cacheGuide } from './sources';
import { counted, DAY, duration, listed, since } from './words';

/** Days that an alarm may be without data: new ones wait for their first. */
const NO_DATA_DAYS = 1;

/**
 * Metrics that are there as long as what they are of: others, such as failures of a load balancer, come only where there
 * is something to count, and so does the lag of a node that is no replica.
 */
const ALWAYS_MEASURED = /^AWS\/(ElastiCache|RDS) (?!ReplicationLag$|ReplicaLag$|ThrottledCmds$)/;

/** Metrics of how much a cache is of use, and of who may not use it. */
const OF_USE = new Set(
  ['CacheHitRate', 'CacheHits', 'CacheMisses', 'GetHits', 'GetMisses', 'IsMaster', 'AuthenticationFailures'].map(
    (metric) => `AWS/ElastiCache ${metric}`,
  ),
);

/** Calls that tell which nodes there are. */
const NODES_TOLD_BY = new Set(['elasticache:DescribeReplicationGroups', 'elasticache:DescribeCacheClusters']);

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
    judge: eachAlarm(({ name, state, reason, description, since: from, ...alarm }, now) => {
      if (state !== 'ALARM' || alarm.isForScaling || isToldOf(alarm)) {
        return undefined;
      }
      const when = from === undefined ? '' : `for ${duration(since(from, now))}: `;
      const what = description === undefined ? '' : ` (${description})`;
      return found(`alarm ${name}`, `${when}${reason}${what}`, isOfUse(alarm) ? { severity: 'medium' } : {});
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
      const searched = new Set(alarms.flatMap(({ searches }) => searches));
      return watchable(state)
        .filter(({ ids, namespace }) => !searched.has(namespace) && !ids.some((id) => watched.has(id)))
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
    judge: eachAlarm(({ name, actionsEnabled, actions, ...alarm }) => {
      if (isToldOf(alarm)) {
        return undefined;
      }
      const what = actions === 0 ? 'it has no actions' : `its ${actions} actions are switched off`;
      return (actions === 0 || !actionsEnabled) && found(`alarm ${name}`, what);
    }),
  },
  {
    id: 'alarm-without-data',
    severity: 'low',
    disposable: 'skip',
    local: 'skip',
    title: `An alarm has had no data for more than ${NO_DATA_DAYS === 1 ? 'a day' : `${NO_DATA_DAYS} days`}, of what always has some`,
    fix: 'what it watches may be gone or renamed: deploy, so that it watches what is there',
    source: SOURCE,
    judge: eachAlarm(({ name, state, measures, since: from }, now) => {
      if (state !== 'INSUFFICIENT_DATA' || !measures.some((metric) => ALWAYS_MEASURED.test(metric))) {
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
    id: 'alarm-watches-what-is-gone',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'An alarm watches a node that is not there',
    fix: 'deploy, so that it watches the nodes that are there; nodes that auto scaling adds and removes are not watched',
    source: SOURCE,
    judge: eachAlarm(({ name, watchesNodes }, _now, state) => {
      const there = new Set(nodeCaches(state).flatMap((cache) => [cache.id, ...nodesOf(cache).map(({ id }) => id)]));
      // A node of another cache is another environment's, which is not looked at; one that is being made has none yet.
      const gone = watchesNodes.filter(
        (id) =>
          !there.has(id) && state.groups.some((group) => group.status === 'available' && id.startsWith(`${group.id}-`)),
      );
      const gap = state.gaps.find(({ action }) => NODES_TOLD_BY.has(action));
      if (gone.length === 0) {
        return undefined;
      }
      return gap === undefined
        ? found(`alarm ${name}`, `${listed(gone)} ${gone.length === 1 ? 'is' : 'are'} not there`)
        : unknown(`alarm ${name}`, becauseOf(state, gap.action, 'which nodes are there is not known'));
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

/** Whether a composite alarm tells of it. */
function isToldOf({ partOf }: Pick<AlarmState, 'partOf'>): boolean {
  return partOf.length > 0;
}

/** Whether it is about how much a cache is of use, or who may not use it, and not about what breaks. */
function isOfUse({ measures }: Pick<AlarmState, 'measures'>): boolean {
  return measures.length > 0 && measures.every((metric) => OF_USE.has(metric));
}

function eachAlarm(
  judge: (alarm: AlarmState, now: Date, state: EnvironmentState) => ReturnType<Parameters<typeof each<AlarmState>>[1]>,
): Judge {
  return (state, now) =>
    state.alarms === undefined
      ? [alarmsUnknown(state)]
      : each(
          () => state.alarms ?? [],
          (alarm) => judge(alarm, now, state),
        )(state, now);
}

function alarmsUnknown(state: EnvironmentState) {
  return unknown(state.environment, becauseOf(state, 'cloudwatch:DescribeAlarms', 'its alarms are not known'));
}

interface Watchable {
  readonly subject: string;
  readonly namespace: string;
  readonly ids: readonly string[];
}

/**
 * Nodes of Memcached are numbered alike in every cluster, so that only its own id counts. A read replica of a database
 * has no alarms of its own.
 */
function watchable(state: EnvironmentState): readonly Watchable[] {
  // Alarms name nodes, and a cache that is being made has none yet.
  const withNodes = nodeCaches(state).filter((cache) => nodesOf(cache).length > 0);
  return [
    ...withNodes.map((cache) => ({
      subject: cache.id,
      namespace: 'AWS/ElastiCache',
      ids: [cache.id, ...(cache.engine === 'memcached' ? [] : nodesOf(cache).map(({ id }) => id))],
    })),
    ...state.serverless.map(({ id }) => ({ subject: id, namespace: 'AWS/ElastiCache', ids: [id] })),
    ...state.databases
      .filter(({ readReplicaOf }) => readReplicaOf === undefined)
      .map(({ id }) => ({ subject: `database ${id}`, namespace: 'AWS/RDS', ids: [id] })),
  ];
}
