import type { AssemblyStack } from '../../../assembly/assembly';
import { sameValue } from './same-value';
import type { StoredResource } from './stored-resource';

/** A resource and the stack that it is in. */
export interface PlacedResource {
  readonly stack: AssemblyStack;
  readonly logicalId: string;
  readonly resource: StoredResource;
}

/** From this share of equal properties on a new resource is taken for one that is gone. */
const ENOUGH = 0.75;

/** The resource among others that is one that is gone, under another name or in another stack. */
export function mostAlike(gone: PlacedResource, others: readonly PlacedResource[]): PlacedResource | undefined {
  const scored = others
    .filter(({ resource }) => resource.Type === gone.resource.Type)
    .map((candidate) => ({ candidate, score: likeness(gone, candidate) }))
    .filter(({ score }) => score >= ENOUGH)
    .sort((a, b) => b.score - a.score || distance(gone, a.candidate) - distance(gone, b.candidate));
  return scored[0]?.candidate;
}

/** Share of the properties that are equal; a reference equals one to any resource of the same type. */
function likeness(a: PlacedResource, b: PlacedResource): number {
  const [left, right] = [a.resource.Properties ?? {}, b.resource.Properties ?? {}];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  const equal = [...names].filter((name) => sameValue(blurred(a.stack, left[name]), blurred(b.stack, right[name])));
  return names.size === 0 ? 1 : equal.length / names.size;
}

function distance(a: PlacedResource, b: PlacedResource): number {
  return a.stack.path === b.stack.path ? 0 : 1;
}

function blurred(stack: AssemblyStack, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => blurred(stack, element));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      switch (key) {
        case 'Ref':
          return [key, stack.resources[String(part)]?.Type ?? part];
        case 'Fn::GetAtt': {
          const [id = '', ...attribute] = Array.isArray(part) ? part.map(String) : String(part).split('.');
          return [key, [stack.resources[id]?.Type ?? id, ...attribute]];
        }
        case 'Fn::ImportValue':
        case 'Fn::GetStackOutput':
          return ['Fn::ImportValue', ''];
        default:
          return [key, blurred(stack, part)];
      }
    }),
  );
}
