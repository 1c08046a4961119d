import type { ControlledEnvironment } from '../controlled';
import type { ControlledLoadBalancer } from '../controlled-resources';
import { validationError } from '../faults';
import { pageOf } from '../pages';
import { type Answer, AnswerList } from '../query/answers';
import type { QueryOperation } from '../query/operation';
import { loadBalancerNotFound } from './faults';
import { loadBalancingPage } from './page-request';

export const describeLoadBalancers: QueryOperation<ControlledEnvironment> = (request) => {
  const arns = request.list('LoadBalancerArns') ?? [];
  const names = request.list('Names') ?? [];
  const page = loadBalancingPage(request);
  if (arns.length > 0 && names.length > 0) {
    throw validationError('Load balancer names and load balancer ARNs cannot be specified at the same time');
  }
  return ({ loadBalancer }) => {
    const unknown = [
      ...arns.filter((arn) => arn !== loadBalancer?.arn),
      ...names.filter((name) => name !== loadBalancer?.name),
    ];
    if (unknown.length > 0) {
      throw loadBalancerNotFound(unknown.join(', '));
    }
    const { records, marker } = pageOf(loadBalancer === undefined ? [] : [loadBalancer], page, ({ arn }) => arn);
    return { NextMarker: marker, LoadBalancers: new AnswerList('member', records.map(loadBalancerAnswer)) };
  };
};

/** A `LoadBalancer` as AWS describes it. Its name leads to this machine; its listener tells the port. */
function loadBalancerAnswer(loadBalancer: ControlledLoadBalancer): Answer {
  return {
    LoadBalancerArn: loadBalancer.arn,
    LoadBalancerName: loadBalancer.name,
    DNSName: 'localhost',
    CreatedTime: loadBalancer.createdAt,
    Scheme: loadBalancer.scheme,
    State: { Code: 'active' },
    Type: 'application',
    IpAddressType: 'ipv4',
    AvailabilityZones: new AnswerList(
      'member',
      loadBalancer.subnets.map(({ id, zone }) => ({ ZoneName: zone, SubnetId: id })),
    ),
    SecurityGroups: new AnswerList('member', []),
  };
}
