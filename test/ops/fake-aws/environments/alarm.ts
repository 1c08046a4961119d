import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Part } from './part';
import { ago, arnOf, DAY_MS, hexOf, type Place } from './place';

/** What an alarm watches, by the things that have the metric. */
export interface Watch {
  /** Logical id of the alarm in its stack. */
  readonly logicalId: string;
  readonly namespace: string;
  readonly metric: string;
  readonly statistic: 'Average' | 'Sum' | 'Minimum' | 'Maximum';
  /** Of each thing. More than one are watched together, by an expression. */
  readonly dimensions: ReadonlyArray<Readonly<Record<string, string>>>;
  readonly threshold: number;
  /** Whether it tells of what is below the threshold. @default above */
  readonly isBelow?: boolean;
}

const PERIOD_SECONDS = 300;

/** An alarm that is quiet, and tells a topic when it is not. */
export function alarm(place: Place, watch: Watch): Part {
  const name = `cdk-elasticache-${place.environment}-${watch.logicalId}-${hexOf(watch.logicalId, 12)}`;
  const topic = topicOf(place);
  const measured = measures(watch);
  return {
    resources: {
      [watch.logicalId]: {
        type: 'AWS::CloudWatch::Alarm',
        physicalId: name,
        properties: { ...measured, Threshold: watch.threshold, AlarmActions: [topic] },
      },
    },
    state: { alarms: [{ ...quietAlarm(name, watch, place.now), ...measured, AlarmActions: [topic] }] },
  };
}

export function alarmTopic(place: Place): Part {
  return {
    resources: { Alarms: { type: 'AWS::SNS::Topic', physicalId: topicOf(place), properties: {} } },
    state: {},
  };
}

function topicOf({ environment }: Place): string {
  return arnOf('sns', `cdk-elasticache-${environment}-alarms`);
}

function quietAlarm(name: string, { metric, threshold, isBelow = false }: Watch, now: Date): MetricAlarm {
  const compared = isBelow ? 'below' : 'above';
  return {
    AlarmName: name,
    AlarmArn: arnOf('cloudwatch', `alarm:${name}`),
    AlarmDescription: `${metric} is ${compared} ${threshold}`,
    AlarmConfigurationUpdatedTimestamp: ago(now, 7 * DAY_MS),
    ActionsEnabled: true,
    OKActions: [],
    InsufficientDataActions: [],
    StateValue: 'OK',
    StateReason: `Threshold Crossed: no datapoint was ${compared} the threshold (${threshold}).`,
    StateUpdatedTimestamp: ago(now, 6 * DAY_MS),
    EvaluationPeriods: 5,
    Threshold: threshold,
    ComparisonOperator: isBelow ? 'LessThanThreshold' : 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  };
}

function measures({ namespace, metric, statistic, dimensions }: Watch) {
  const things = dimensions.map((each) => Object.entries(each).map(([Name, Value]) => ({ Name, Value })));
  if (things.length === 1) {
    return {
      Namespace: namespace,
      MetricName: metric,
      Statistic: statistic,
      Period: PERIOD_SECONDS,
      Dimensions: things.flat(),
    };
  }
  return {
    Dimensions: [],
    Metrics: [
      { Id: 'worst', Expression: 'MAX(METRICS())', Label: metric, ReturnData: true },
      ...things.map((each, index) => ({
        Id: `m${index}`,
        MetricStat: {
          Metric: { Namespace: namespace, MetricName: metric, Dimensions: each },
          Period: PERIOD_SECONDS,
          Stat: statistic,
        },
        ReturnData: false,
      })),
    ],
  };
}
