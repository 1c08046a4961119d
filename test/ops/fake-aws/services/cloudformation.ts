import {
  DescribeStacks$,
  type DescribeStacksInput,
  GetTemplate$,
  type GetTemplateInput,
  ListStackResources$,
  type ListStackResourcesInput,
} from '@aws-sdk/client-cloudformation';
import { AwsError } from '../aws-error';
import type { FakeStack } from '../fake-state';
import { type Context, operation, type Service } from '../operation';
import { type Paging, pageOf } from '../pages';

const GONE = 'DELETE_COMPLETE';

/** CloudFormation's pages have no size that could be asked for. */
const PAGES: Paging<'NextToken'> = {
  usual: 100,
  token: 'NextToken',
  answered: 'NextToken',
  badSize: invalid,
  badToken: invalid,
};

export const CLOUDFORMATION: Service = {
  prefix: 'cloudformation',
  signingName: 'cloudformation',
  protocol: { name: 'query', version: '2010-05-15', namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/' },
  invalid,
  operations: [
    operation(DescribeStacks$, ['StackName', 'NextToken'], (input: DescribeStacksInput, context) => {
      const stacks =
        input.StackName === undefined
          ? context.state.stacks.filter(({ StackStatus }) => StackStatus !== GONE)
          : [stackNamed(input.StackName, context)];
      const { records, next } = pageOf(stacks, input, context, PAGES);
      return { Stacks: records, ...next };
    }),
    operation(ListStackResources$, ['StackName', 'NextToken'], (input: ListStackResourcesInput, context) => {
      const stack = stackNamed(input.StackName, context);
      const { records, next } = pageOf(stack.resources, input, context, PAGES);
      return { StackResourceSummaries: records, ...next };
    }),
    operation(GetTemplate$, ['StackName', 'TemplateStage'], ({ StackName }: GetTemplateInput, context) => {
      const stack = stackNamed(StackName, context);
      return { TemplateBody: JSON.stringify(stack.template), StagesAvailable: ['Original', 'Processed'] };
    }),
  ],
};

/** A stack that is gone is found by its id alone. */
function stackNamed(name: string | undefined, { state }: Context): FakeStack {
  const stack = state.stacks.find(
    ({ StackId, StackName, StackStatus }) => StackId === name || (StackName === name && StackStatus !== GONE),
  );
  if (stack === undefined) {
    throw invalid(`Stack with id ${name} does not exist`);
  }
  return stack;
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
