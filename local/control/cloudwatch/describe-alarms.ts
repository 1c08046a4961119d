import type { JsonOperation } from '../json/json-service';
import { type PageLimits, pageRequest } from '../pages';

const LIMITS: PageLimits = { min: 1, max: 100, default: 50 };

/** None: nothing here evaluates an alarm. */
export const describeAlarms: JsonOperation<unknown> = (request) => {
  request.strings('AlarmNames');
  request.string('AlarmNamePrefix');
  request.strings('AlarmTypes');
  request.string('StateValue');
  request.string('ActionPrefix');
  pageRequest(request, LIMITS, { size: 'MaxRecords', marker: 'NextToken' });
  return () => ({ MetricAlarms: [], CompositeAlarms: [] });
};
