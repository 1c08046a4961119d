import type { AssemblyStack } from '../assembly';
import { originsIn, type ResourceOrigin } from '../construct-metadata';
import { logicalIdOf, type Resource } from '../templates';

const known = new WeakMap<AssemblyStack, ReadonlyMap<string, ResourceOrigin>>();

/** Path of the construct that a resource is of, or else what a reader knows it by. */
export function pathOf(resource: Resource): string {
  const { metadata, label, stack } = resource;
  const path = metadata['aws:cdk:path'] ?? originsOf(stack).get(logicalIdOf(resource))?.path;
  return typeof path === 'string' ? path.replace(/(\/(Resource|Default))+$/, '') : label;
}

function originsOf(stack: AssemblyStack): ReadonlyMap<string, ResourceOrigin> {
  const origins = known.get(stack) ?? originsIn(stack);
  known.set(stack, origins);
  return origins;
}
