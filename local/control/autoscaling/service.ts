import type { Clock } from '../clock';
import type { ControlledEnvironment } from '../controlled';
import { queryService } from '../query/query-service';
import type { Service } from '../service';
import { describeAutoScalingGroups } from './describe-auto-scaling-groups';
import { terminateInstance } from './terminate-instance';

/** What its operations work on. */
export interface AutoScaling {
  readonly environment: ControlledEnvironment;
  readonly clock: Clock;
}

export function autoscaling(context: AutoScaling): Service {
  return queryService({
    host: 'http://autoscaling.amazonaws.com',
    version: '2011-01-01',
    operations: new Map([
      ['DescribeAutoScalingGroups', describeAutoScalingGroups],
      ['TerminateInstanceInAutoScalingGroup', terminateInstance],
    ]),
    context,
    hasOneCode: true,
  });
}
