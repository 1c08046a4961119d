import type { ControlledEnvironment } from '../controlled';
import type { ControlledLoadBalancer } from '../controlled-resources';
import { validationError } from '../faults';
import { pageOf } from '../pages';
import { type Answer, AnswerList } from '../query/answers';
import type { QueryOperation } from '../query/operation';
import { listenerNotFound, loadBalancerNotFound } from './faults';
import { loadBalancingPage } from './page-request';

export const describeListeners: QueryOperation<ControlledEnvironment> = (request) => {
  const loadBalancerArn = request.string('LoadBalancerArn');
  const listenerArns = request.list('ListenerArns') ?? [];
  const page = loadBalancingPage(request);
  if ((loadBalancerArn === undefined) === (listenerArns.length === 0)) {
    throw validationError('Exactly one of a load balancer ARN and listener ARNs must be specified');
  }
  return ({ loadBalancer }) => {
    if (loadBalancerArn !== undefined && loadBalancerArn !== loadBalancer?.arn) {
      throw loadBalancerNotFound(loadBalancerArn);
    }
    const unknown = listenerArns.filter((arn) => arn !== loadBalancer?.listenerArn);
    if (unknown.length > 0) {
      throw listenerNotFound(unknown.join(', '));
    }
    const listeners = loadBalancer === undefined ? [] : [loadBalancer];
    const { records, marker } = pageOf(listeners, page, ({ listenerArn }) => listenerArn);
    return { NextMarker: marker, Listeners: new AnswerList('member', records.map(listenerAnswer)) };
  };
};

/** A `Listener` as AWS describes it. Here it speaks HTTP, also where the template's one speaks HTTPS. */
function listenerAnswer({ arn, listenerArn, port, targetGroup }: ControlledLoadBalancer): Answer {
  return {
    ListenerArn: listenerArn,
    LoadBalancerArn: arn,
    Port: port,
    Protocol: 'HTTP',
    Certificates: new AnswerList('member', []),
    DefaultActions: new AnswerList('member', [{ Type: 'forward', TargetGroupArn: targetGroup.arn, Order: 1 }]),
  };
}
