import {
  type AutoScalingGroupNamesType,
  DescribeAutoScalingGroups$,
  TerminateInstanceInAutoScalingGroup$,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../aws-error';
import { operation, type Service } from '../operation';
import { type Paging, pageOf } from '../pages';
import { terminateInstance } from '../terminate-instance';

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html */
const PAGES: Paging<'NextToken'> = {
  size: { name: 'MaxRecords', least: 1, most: 100 },
  usual: 50,
  token: 'NextToken',
  answered: 'NextToken',
  badSize: invalid,
  badToken: (message) => new AwsError('InvalidNextToken', message),
};

export const AUTO_SCALING: Service = {
  prefix: 'autoscaling',
  signingName: 'autoscaling',
  protocol: { name: 'query', version: '2011-01-01', namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/' },
  invalid,
  operations: [
    operation(
      DescribeAutoScalingGroups$,
      ['AutoScalingGroupNames', 'MaxRecords', 'NextToken'],
      (input: AutoScalingGroupNamesType, context) => {
        // A name that there is no group of is no error here.
        const { AutoScalingGroupNames: names = [] } = input;
        const groups = context.state.autoScalingGroups.filter(
          ({ AutoScalingGroupName: name }) => names.length === 0 || names.includes(name ?? ''),
        );
        const { records, next } = pageOf(groups, input, context, PAGES);
        return { AutoScalingGroups: records, ...next };
      },
    ),
    operation(
      TerminateInstanceInAutoScalingGroup$,
      ['InstanceId', 'ShouldDecrementDesiredCapacity'],
      terminateInstance,
    ),
  ],
};

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
