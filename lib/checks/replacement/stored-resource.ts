import type { AssemblyStack } from '../../../assembly/assembly';

/** A resource as its template has it, with what decides about its end. */
export interface StoredResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly UpdatePolicy?: Readonly<Record<string, unknown>>;
}

/** The resources of a stack by their logical ids; loops that CloudFormation unrolls are none yet. */
export function resourcesOf({ resources }: AssemblyStack): Map<string, StoredResource> {
  return new Map(
    Object.entries(resources as Readonly<Record<string, StoredResource>>).filter(
      ([, resource]) => typeof resource?.Type === 'string',
    ),
  );
}

/** A property of a resource by its name, or of one within another as `Outer.Inner`; `undefined` when it is not given. */
export function propertyOf({ Properties }: StoredResource, path: string): unknown {
  const value = path
    .split('.')
    .reduce<unknown>((outer, name) => (outer as Record<string, unknown> | undefined)?.[name], Properties);
  return isNoValue(value) ? undefined : value;
}

/** Whether a value stands for none at all. */
export function isNoValue(value: unknown): boolean {
  return typeof value === 'object' && (value === null || (value as { Ref?: unknown }).Ref === 'AWS::NoValue');
}
