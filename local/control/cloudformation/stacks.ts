import type { ControlledEnvironment } from '../controlled';
import type { ControlledStack } from '../controlled-resources';
import { validationError } from '../faults';

/** How many stacks, or resources of a stack, CloudFormation answers at once. */
export const PAGE_SIZE = 100;

/** By its name or its ARN. @throws Fault in CloudFormation's words when there is none */
export function stackOf({ stacks }: ControlledEnvironment, nameOrArn: string): ControlledStack {
  const stack = stacks.find(({ name, arn }) => name === nameOrArn || arn === nameOrArn);
  if (stack === undefined) {
    throw validationError(`Stack with id ${nameOrArn} does not exist`);
  }
  return stack;
}
