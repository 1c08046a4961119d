import type { ControlledEnvironment } from '../controlled';
import type { ControlledStack } from '../controlled-resources';
import { pageAfter, pageOf, sortedBy } from '../pages';
import { type Answer, AnswerList } from '../query/answers';
import type { QueryOperation } from '../query/operation';
import { PAGE_SIZE, stackOf } from './stacks';

const byName = ({ name }: ControlledStack) => name;

export const describeStacks: QueryOperation<ControlledEnvironment> = (request) => {
  const name = request.string('StackName');
  const after = pageAfter(request, 'NextToken');
  return (environment) => {
    const stacks = name === undefined ? sortedBy(environment.stacks, byName) : [stackOf(environment, name)];
    const { records, marker } = pageOf(stacks, { size: PAGE_SIZE, after }, byName);
    return { NextToken: marker, Stacks: new AnswerList('member', records.map(stackAnswer)) };
  };
};

function stackAnswer(stack: ControlledStack): Answer {
  return {
    StackId: stack.arn,
    StackName: stack.name,
    CreationTime: stack.createdAt,
    LastUpdatedTime: stack.updatedAt,
    StackStatus: stack.status,
    DisableRollback: true,
    NotificationARNs: new AnswerList('member', []),
    Capabilities: new AnswerList('member', []),
    Outputs: new AnswerList(
      'member',
      stack.outputs.map(({ key, value, exportName }) => ({
        OutputKey: key,
        OutputValue: value,
        ExportName: exportName,
      })),
    ),
    Tags: new AnswerList(
      'member',
      Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })),
    ),
    EnableTerminationProtection: stack.isTerminationProtected,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}
