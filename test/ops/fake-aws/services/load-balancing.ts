import {
  DescribeListeners$,
  type DescribeListenersInput,
  DescribeLoadBalancers$,
  type DescribeLoadBalancersInput,
  DescribeTargetGroups$,
  type DescribeTargetGroupsInput,
  DescribeTargetHealth$,
  type DescribeTargetHealthInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../aws-error';
import { type Context, operation, type Service } from '../operation';
import { type Paging, pageOf } from '../pages';

const PAGES: Paging<'NextMarker'> = {
  size: { name: 'PageSize', least: 1, most: 400 },
  usual: 400,
  token: 'Marker',
  answered: 'NextMarker',
  badSize: invalid,
  badToken: invalid,
};

export const LOAD_BALANCING: Service = {
  prefix: 'elasticloadbalancing',
  signingName: 'elasticloadbalancing',
  protocol: {
    name: 'query',
    version: '2015-12-01',
    namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  },
  invalid,
  operations: [
    operation(DescribeLoadBalancers$, ['LoadBalancerArns', 'Names', 'PageSize', 'Marker'], describeLoadBalancers),
    operation(DescribeListeners$, ['LoadBalancerArn', 'ListenerArns', 'PageSize', 'Marker'], describeListeners),
    operation(DescribeTargetGroups$, ['TargetGroupArns', 'PageSize', 'Marker'], describeTargetGroups),
    operation(
      DescribeTargetHealth$,
      ['TargetGroupArn'],
      ({ TargetGroupArn = '' }: DescribeTargetHealthInput, { state }) => {
        const targets = state.targetHealth[TargetGroupArn];
        if (targets === undefined) {
          throw targetGroupNotFound(TargetGroupArn);
        }
        return { TargetHealthDescriptions: targets };
      },
    ),
  ],
};

function describeLoadBalancers(input: DescribeLoadBalancersInput, context: Context) {
  const { LoadBalancerArns: arns = [], Names: names = [] } = input;
  const { loadBalancers } = context.state;
  for (const asked of [...arns, ...names]) {
    if (
      !loadBalancers.some(({ LoadBalancerArn, LoadBalancerName }) =>
        [LoadBalancerArn, LoadBalancerName].includes(asked),
      )
    ) {
      throw loadBalancerNotFound(asked);
    }
  }
  const found = loadBalancers.filter(
    ({ LoadBalancerArn = '', LoadBalancerName = '' }) =>
      arns.length + names.length === 0 || arns.includes(LoadBalancerArn) || names.includes(LoadBalancerName),
  );
  const { records, next } = pageOf(found, input, context, PAGES);
  return { LoadBalancers: records, ...next };
}

function describeListeners(input: DescribeListenersInput, context: Context) {
  const { LoadBalancerArn: owner, ListenerArns: arns = [] } = input;
  const { listeners, loadBalancers } = context.state;
  if (owner === undefined && arns.length === 0) {
    throw invalid('You must specify either listener ARNs or a load balancer ARN');
  }
  if (owner !== undefined && !loadBalancers.some(({ LoadBalancerArn }) => LoadBalancerArn === owner)) {
    throw loadBalancerNotFound(owner);
  }
  const missing = arns.find((arn) => !listeners.some(({ ListenerArn }) => ListenerArn === arn));
  if (missing !== undefined) {
    throw new AwsError('ListenerNotFound', `Listeners '${missing}' not found`);
  }
  const found = listeners.filter(({ LoadBalancerArn, ListenerArn = '' }) =>
    owner === undefined ? arns.includes(ListenerArn) : LoadBalancerArn === owner,
  );
  const { records, next } = pageOf(found, input, context, PAGES);
  return { Listeners: records, ...next };
}

/** A target group is of the load balancers whose listeners lead to it. */
function describeTargetGroups(input: DescribeTargetGroupsInput, context: Context) {
  const { TargetGroupArns: asked } = input;
  const { listeners, targetHealth } = context.state;
  const missing = asked?.find((arn) => targetHealth[arn] === undefined);
  if (missing !== undefined) {
    throw targetGroupNotFound(missing);
  }
  const found = (asked ?? Object.keys(targetHealth)).map((TargetGroupArn) => ({
    TargetGroupArn,
    LoadBalancerArns: listeners
      .filter(({ DefaultActions = [] }) => DefaultActions.some((action) => action.TargetGroupArn === TargetGroupArn))
      .flatMap(({ LoadBalancerArn }) => LoadBalancerArn ?? []),
  }));
  const { records, next } = pageOf(found, input, context, PAGES);
  return { TargetGroups: records, ...next };
}

function targetGroupNotFound(asked: string): AwsError {
  return new AwsError('TargetGroupNotFound', `Target groups '${asked}' not found`);
}

function loadBalancerNotFound(asked: string): AwsError {
  return new AwsError('LoadBalancerNotFound', `Load balancers '[${asked}]' not found`);
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
