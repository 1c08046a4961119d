import type { StackState } from './environment-state';

/** A resource that a stack has made. */
export interface Made {
  readonly stack: string;
  readonly logicalId: string;
  readonly physicalId: string;
}

/** What stacks have made of a type such as `AWS::RDS::DBInstance`. */
export function madeBy(stacks: readonly StackState[], type: string): Made[] {
  return stacks.flatMap(({ name, resources }) =>
    resources.flatMap(({ logicalId, physicalId, type: found }) =>
      found === type && physicalId !== undefined ? [{ stack: name, logicalId, physicalId }] : [],
    ),
  );
}

/** What was made, each with what a service says of it; what the service does not know is left out. */
export function known<T>(
  made: readonly Made[],
  described: readonly T[],
  idOf: (one: T) => string | undefined,
): Array<Made & { readonly described: T }> {
  const byId = new Map(described.map((one) => [idOf(one), one]));
  return made.flatMap((one) => {
    const found = byId.get(one.physicalId);
    return found === undefined ? [] : [{ ...one, described: found }];
  });
}
