import { jsonService } from '../json/json-service';
import type { Service } from '../service';
import { describeAlarms } from './describe-alarms';
import { getMetricData } from './get-metric-data';
import type { MetricStore } from './metric-store';

export function cloudwatch(store: MetricStore): Service {
  return jsonService({
    target: 'GraniteServiceVersion20100801',
    operations: new Map([
      ['DescribeAlarms', describeAlarms],
      ['GetMetricData', getMetricData],
    ]),
    context: store,
  });
}
