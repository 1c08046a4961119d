import type { EnvironmentState, StackResource } from '../environment/environment-state';
import { becauseOf } from './gaps';
import { type Unknown, unknown } from './rule';

/** Where a resource is described. */
interface Place {
  readonly stack: string;
  readonly logicalId: string;
}

export type Properties = Readonly<Record<string, unknown>>;

/** Properties as the deployed template has them; nothing where the template is not known. */
export function propertiesAt(state: EnvironmentState, { stack, logicalId }: Place): Properties | undefined {
  return state.stacks.find(({ name }) => name === stack)?.resources.find((resource) => resource.logicalId === logicalId)
    ?.properties;
}

export function resourcesOf(state: EnvironmentState, type: string): readonly StackResource[] {
  return state.stacks.flatMap(({ resources }) => resources.filter((resource) => resource.type === type));
}

export function templateUnknown(state: EnvironmentState, subject: string): Unknown {
  return unknown(subject, becauseOf(state, 'cloudformation:GetTemplate', 'its template is not known'));
}

/** A value that the template states; nothing for one that is left out, and for an intrinsic function. */
export function stated(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `${value}` : undefined;
}
