import { type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { AwsSession } from '../aws/aws-session';
import type { AlarmState, StackState } from './environment-state';
import type { Gaps } from './gaps';
import { known, madeBy } from './made';
import { chunks, everyOne, isoTime, withoutUndefined } from './plain';

/** The most names that DescribeAlarms takes. */
const MOST_NAMES = 100;

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
          ({ MetricAlarms = [], CompositeAlarms = [] }): MetricAlarm[] => [...MetricAlarms, ...CompositeAlarms],
        ),
      ),
    );
    return lists.flat();
  });
  return (
    described &&
    known(made, described, ({ AlarmName }) => AlarmName).map(({ described: alarm, stack }) =>
      withoutUndefined({
        name: alarm.AlarmName ?? '',
        stack,
        state: (alarm.StateValue ?? 'INSUFFICIENT_DATA') as AlarmState['state'],
        reason: alarm.StateReason ?? '',
        since: isoTime(alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp),
        actionsEnabled: alarm.ActionsEnabled === true,
        actions: alarm.AlarmActions?.length ?? 0,
        watches: watchedBy(alarm),
      }),
    )
  );
}

function watchedBy({ Dimensions = [], Metrics = [] }: MetricAlarm): string[] {
  const dimensions = [...Dimensions, ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric?.Dimensions ?? [])];
  return [...new Set(dimensions.flatMap(({ Value }) => Value ?? []))].sort();
}
