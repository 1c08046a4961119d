import type { AssemblyEnvironment, AssemblyStack } from '../../../assembly/assembly';
import { KeptResource, labelOf, type PropertyChange, type Side } from './kept-resource';
import { mostAlike, type PlacedResource } from './likeness';
import { isStateful } from './property-rules';
import { ResolvedValues } from './resolved-values';
import { resourcesOf, type StoredResource } from './stored-resource';

/** What a deploy does to a resource. */
export type Effect = 'update' | 'may-replace' | 'may-delete' | 'replace' | 'delete';

/** What a deploy does to a resource that holds something. */
export interface StatefulChange {
  /** As it is deployed. */
  readonly stack: AssemblyStack;
  readonly logicalId: string;
  readonly before: StoredResource;
  readonly effect: Effect;
  /** Those that replace it, or may; of an update all that change. */
  readonly properties: readonly PropertyChange[];
  /** The stack as it is to be; `undefined` when the app has it no more. */
  readonly currentStack?: AssemblyStack;
  /** What has its logical id now. */
  readonly now?: StoredResource;
  /** Of one that is gone, the new resource that it seems to be now. */
  readonly successor?: PlacedResource;
}

/** Stacks by their paths. */
type Sides = ReadonlyMap<string, Side>;

/**
 * What a deploy of `current` does to the stateful resources of what is deployed. What is new is no change.
 *
 * @param elsewhere paths of stacks that the app has too, but that `current` does not hold: nothing is said of them
 */
export function statefulChanges(
  deployed: readonly AssemblyEnvironment[],
  current: readonly AssemblyEnvironment[],
  elsewhere: readonly string[] = [],
): StatefulChange[] {
  const [before, now] = [sidesOf(deployed), sidesOf(current)];
  const kept = keptIn(before, now);
  propagate([...kept.values()], retypedIn(before, now));
  let fresh = newIn(before, now);
  return [...before.values()]
    .filter(({ stack }) => !elsewhere.includes(stack.path))
    .flatMap(({ stack, resources }) =>
      [...resources]
        .filter(([, { Type }]) => isStateful(Type))
        .flatMap(([logicalId, resource]) => {
          const same = kept.get(labelOf(stack, logicalId));
          if (same !== undefined) {
            return changeOf(same);
          }
          const successor = mostAlike({ stack, logicalId, resource }, fresh);
          fresh = fresh.filter((candidate) => candidate !== successor);
          return [deletionOf({ stack, logicalId, resource }, now.get(stack.path), successor)];
        }),
    );
}

function sidesOf(environments: readonly AssemblyEnvironment[]): Sides {
  return new Map(
    environments.flatMap((environment) => {
      const values = new ResolvedValues(environment);
      return environment.stacks.map((stack) => [stack.path, { stack, resources: resourcesOf(stack), values }] as const);
    }),
  );
}

function keptIn(before: Sides, now: Sides): Map<string, KeptResource> {
  const kept = [...before.values()].flatMap((old) => {
    const current = now.get(old.stack.path);
    return [...old.resources].flatMap(([logicalId, resource]) => {
      const same = current?.resources.get(logicalId);
      return current !== undefined && same?.Type === resource.Type
        ? [new KeptResource(old, current, logicalId, resource, same)]
        : [];
    });
  });
  return new Map(kept.map((resource) => [resource.label, resource]));
}

/** Labels that stand for another type now: what refers to them gets another value. */
function retypedIn(before: Sides, now: Sides): string[] {
  return [...before.values()].flatMap(({ stack, resources }) =>
    [...resources].flatMap(([logicalId, { Type }]) => {
      const type = now.get(stack.path)?.resources.get(logicalId)?.Type;
      return type === undefined || type === Type ? [] : [labelOf(stack, logicalId)];
    }),
  );
}

/** A resource is replaced as well when a property that replaces it refers to one that is. */
function propagate(kept: readonly KeptResource[], retyped: readonly string[]): void {
  const references = kept.flatMap((resource) =>
    resource.references().map(([name, labels]) => ({ resource, name, labels })),
  );
  for (let more = true; more; ) {
    more = false;
    const replaced = new Set([...retyped, ...kept.filter(({ isReplaced }) => isReplaced).map(({ label }) => label)]);
    for (const { resource, name, labels } of references) {
      const cause = labels.find((label) => replaced.has(label));
      more = (cause !== undefined && resource.follow(name, cause)) || more;
    }
  }
}

function newIn(before: Sides, now: Sides): PlacedResource[] {
  return [...now.values()].flatMap(({ stack, resources }) =>
    [...resources]
      .filter(([logicalId, { Type }]) => before.get(stack.path)?.resources.get(logicalId)?.Type !== Type)
      .map(([logicalId, resource]) => ({ stack, logicalId, resource })),
  );
}

function deletionOf(gone: PlacedResource, current?: Side, successor?: PlacedResource): StatefulChange {
  const { stack, logicalId, resource: before } = gone;
  const now = current?.resources.get(logicalId);
  return { stack, logicalId, before, effect: 'delete', properties: [], currentStack: current?.stack, now, successor };
}

function changeOf(kept: KeptResource): StatefulChange[] {
  const { old, current, logicalId, before, now } = kept;
  const change = (effect: Effect, properties: PropertyChange[]) => [
    { stack: old.stack, currentStack: current.stack, logicalId, before, now, effect, properties },
  ];
  if (kept.isReplaced) {
    return change('replace', kept.replacing('yes'));
  }
  if (now.Condition !== undefined && now.Condition !== before.Condition) {
    return change('may-delete', []);
  }
  const maybe = kept.replacing('maybe');
  if (maybe.length > 0) {
    return change('may-replace', maybe);
  }
  const changed = kept.changed();
  return changed.length === 0 ? [] : change('update', changed);
}
