import type { EnvironmentState, StackResource, StackState } from '../environment/environment-state';
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
  return resourceAt(state, { stack, logicalId })?.properties;
}

export function stackOf(state: EnvironmentState, { stack }: Pick<Place, 'stack'>): StackState | undefined {
  return state.stacks.find(({ name }) => name === stack);
}

/** Whether a deployment of a stack is under way, so that what is there and the template need not agree. */
export function isDeploying(stack: StackState | undefined): boolean {
  return stack?.status.endsWith('_IN_PROGRESS') === true;
}

/**
 * What a property of a template is in AWS: as it is stated, or the physical id where it refers to a resource of the same
 * stack; nothing for other intrinsic functions, and for what is left out.
 */
export function resolved(state: EnvironmentState, stack: string, value: unknown): string | undefined {
  const logicalId = (value as { readonly Ref?: unknown } | null | undefined)?.Ref;
  return typeof logicalId === 'string' ? resourceAt(state, { stack, logicalId })?.physicalId : stated(value);
}

function resourceAt(state: EnvironmentState, place: Place): StackResource | undefined {
  return stackOf(state, place)?.resources.find(({ logicalId }) => logicalId === place.logicalId);
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
