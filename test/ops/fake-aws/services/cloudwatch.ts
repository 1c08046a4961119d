import {
  type CompositeAlarm,
  DescribeAlarms$,
  type DescribeAlarmsInput,
  GetMetricData$,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../aws-error';
import { getMetricData } from '../metric-data';
import { operation, type Service } from '../operation';
import { type Paging, pageOf } from '../pages';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
const PAGES: Paging<'NextToken'> = {
  size: { name: 'MaxRecords', least: 1, most: 100 },
  usual: 50,
  token: 'NextToken',
  answered: 'NextToken',
  badSize: invalid,
  badToken: (message) => new AwsError('InvalidNextToken', message),
};

export const CLOUDWATCH: Service = {
  prefix: 'cloudwatch',
  signingName: 'monitoring',
  protocol: { name: 'json', version: '1.0', target: 'GraniteServiceVersion20100801', isQueryCompatible: true },
  invalid,
  operations: [
    operation(
      DescribeAlarms$,
      ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'MaxRecords', 'NextToken'],
      (input: DescribeAlarmsInput, context) => {
        const { AlarmNames: names, AlarmNamePrefix: prefix = '', AlarmTypes: types, StateValue: state } = input;
        const asked = ({ AlarmName = '', StateValue }: MetricAlarm | CompositeAlarm) =>
          (names === undefined || names.includes(AlarmName)) &&
          AlarmName.startsWith(prefix) &&
          (state === undefined || StateValue === state);
        // Without types it tells of alarms of metrics only.
        const { alarms: metric, compositeAlarms } = context.state;
        const composite = types?.includes('CompositeAlarm') ? compositeAlarms : [];
        const alarms = [...composite, ...(types === undefined || types.includes('MetricAlarm') ? metric : [])].filter(
          asked,
        );
        const { records, next } = pageOf(alarms, input, context, PAGES);
        return {
          MetricAlarms: records.filter((alarm) => !('AlarmRule' in alarm)),
          CompositeAlarms: records.filter((alarm) => 'AlarmRule' in alarm),
          ...next,
        };
      },
    ),
    operation(
      GetMetricData$,
      ['MetricDataQueries', 'StartTime', 'EndTime', 'ScanBy', 'MaxDatapoints', 'NextToken'],
      getMetricData,
    ),
  ],
};

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
