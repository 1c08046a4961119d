import type { ControlledEnvironment } from '../controlled';
import { queryService } from '../query/query-service';
import type { Service } from '../service';
import { describeListeners } from './describe-listeners';
import { describeLoadBalancers } from './describe-load-balancers';
import { describeTargetGroups } from './describe-target-groups';
import { describeTargetHealth } from './describe-target-health';

export function elasticLoadBalancing(environment: ControlledEnvironment): Service {
  return queryService({
    host: 'http://elasticloadbalancing.amazonaws.com',
    version: '2015-12-01',
    operations: new Map([
      ['DescribeListeners', describeListeners],
      ['DescribeLoadBalancers', describeLoadBalancers],
      ['DescribeTargetGroups', describeTargetGroups],
      ['DescribeTargetHealth', describeTargetHealth],
    ]),
    context: environment,
    hasOneCode: true,
  });
}
