import type { ControlledEnvironment } from '../controlled';
import { validationError } from '../faults';
import { pageOf } from '../pages';
import { AnswerList } from '../query/answers';
import type { QueryOperation } from '../query/operation';
import { loadBalancerNotFound, targetGroupNotFound } from './faults';
import { loadBalancingPage } from './page-request';

export const describeTargetGroups: QueryOperation<ControlledEnvironment> = (request) => {
  const arns = request.list('TargetGroupArns') ?? [];
  const owner = request.string('LoadBalancerArn');
  const page = loadBalancingPage(request);
  if (arns.length > 0 && owner !== undefined) {
    throw validationError('Target group ARNs and a load balancer ARN cannot be specified at the same time');
  }
  return ({ loadBalancer }) => {
    const unknown = arns.filter((arn) => arn !== loadBalancer?.targetGroup.arn);
    if (unknown.length > 0) {
      throw targetGroupNotFound(unknown.join(', '));
    }
    if (owner !== undefined && owner !== loadBalancer?.arn) {
      throw loadBalancerNotFound(owner);
    }
    const found = loadBalancer === undefined ? [] : [loadBalancer];
    const { records, marker } = pageOf(found, page, ({ targetGroup }) => targetGroup.arn);
    return {
      NextMarker: marker,
      TargetGroups: new AnswerList(
        'member',
        records.map(({ arn, targetGroup }) => ({
          TargetGroupArn: targetGroup.arn,
          TargetGroupName: targetGroup.name,
          Protocol: 'HTTP',
          TargetType: 'instance',
          LoadBalancerArns: new AnswerList('member', [arn]),
        })),
      ),
    };
  };
};
