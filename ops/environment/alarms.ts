import { type CompositeAlarm, type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { AwsSession } from '../aws/aws-session';
import type { AlarmState, StackState } from './environment-state';
import type { Gaps } from './gaps';
import { known, madeBy } from './made';
import { chunks, everyOne, isoTime, withoutUndefined } from './plain';

/** The most names that DescribeAlarms takes. */
const MOST_NAMES = 100;

/** Of an alarm that watches metrics, or other alarms. */
type Described = MetricAlarm & Pick<CompositeAlarm, 'AlarmRule'>;

/** The alarms that stacks have made; `undefined` when CloudWatch did not tell. */
export async function alarmStates(
  session: AwsSession,
  stacks: readonly StackState[],
  gaps: Gaps,
): Promise<AlarmState[] | undefined> {
  const made = [...madeBy(stacks, 'AWS::CloudWatch::Alarm'), ...madeBy(stacks, 'AWS::CloudWatch::CompositeAlarm')];
  const described = await gaps.ask('alarms', 'cloudwatch:DescribeAlarms', async () => {
    const names = chunks(
      made.map(({ physicalId }) => physicalId),
      MOST_NAMES,
    );
    const lists = await Promise.all(
      names.map((AlarmNames) =>
        everyOne(
          paginateDescribeAlarms(
            { client: session.cloudWatch, pageSize: 100 },
            { AlarmNames, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
            { abortSignal: session.signal },
          ),
          ({ MetricAlarms = [], CompositeAlarms = [] }): Described[] => [...MetricAlarms, ...CompositeAlarms],
        ),
      ),
    );
    return lists.flat();
  });
  if (described === undefined) {
    return undefined;
  }
  const composites = described.map(({ AlarmName = '', AlarmRule = '' }) => ({
    name: AlarmName,
    children: namedIn(AlarmRule),
  }));
  return known(made, described, ({ AlarmName }) => AlarmName).map(({ described: alarm, stack }) => {
    const { AlarmName: name = '', AlarmActions: actions = [] } = alarm;
    return withoutUndefined({
      name,
      stack,
      state: (alarm.StateValue ?? 'INSUFFICIENT_DATA') as AlarmState['state'],
      reason: alarm.StateReason ?? '',
      description: alarm.AlarmDescription || undefined,
      since: isoTime(alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp),
      actionsEnabled: alarm.ActionsEnabled === true,
      actions: actions.length,
      isForScaling: actions.length > 0 && actions.every(isScalingPolicy),
      partOf: composites.filter(({ children }) => children.has(name)).map((composite) => composite.name),
      ...watchedBy(alarm),
    });
  });
}

/** `arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:…`, of EC2 Auto Scaling and of Application Auto Scaling. */
function isScalingPolicy(arn: string): boolean {
  return /^arn:[^:]+:autoscaling:[^:]*:[^:]*:scalingPolicy:/.test(arn);
}

/** Names in a rule such as `ALARM("one") OR ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:other)`. */
function namedIn(rule: string): ReadonlySet<string> {
  const named = [...rule.matchAll(/\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*"?([^")]+?)"?\s*\)/g)];
  return new Set(named.map(([, name = '']) => name.replace(/^arn:[^:]+:cloudwatch:[^:]*:[^:]*:alarm:/, '')));
}

function watchedBy({ Namespace, MetricName, Dimensions = [], Metrics = [] }: MetricAlarm) {
  const metrics = [
    { Namespace, MetricName, Dimensions },
    ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []),
  ].filter((metric) => metric.MetricName !== undefined);
  const dimensions = metrics.flatMap((metric) => metric.Dimensions ?? []);
  const values = (of: typeof dimensions) => inOrder(of.flatMap(({ Value }) => Value ?? []));
  return {
    watches: values(dimensions),
    watchesNodes: values(dimensions.filter(({ Name }) => Name === 'CacheClusterId')),
    measures: inOrder(metrics.map((metric) => `${metric.Namespace} ${metric.MetricName}`)),
    searches: inOrder(Metrics.flatMap(({ Expression = '' }) => searchedBy(Expression))),
  };
}

/** Namespaces of `SEARCH('{AWS/ElastiCache,CacheClusterId} …')` and of `SELECT … FROM SCHEMA("AWS/ElastiCache", …)`. */
function searchedBy(expression: string): string[] {
  return /\b(SEARCH|SELECT)\b/i.test(expression) ? (expression.match(/\bAWS\/\w+/g) ?? []) : [];
}

function inOrder(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
