import type { ControlledEnvironment } from '../controlled';
import { queryService } from '../query/query-service';
import type { Service } from '../service';
import { describeDbInstances } from './describe-db-instances';

export function rds(environment: ControlledEnvironment): Service {
  return queryService({
    host: 'http://rds.amazonaws.com',
    version: '2014-10-31',
    operations: new Map([['DescribeDBInstances', describeDbInstances]]),
    context: environment,
    hasOneCode: false,
  });
}
