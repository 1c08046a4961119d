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

/**
 * What was made, each with what a service says of it and under the id that the service knows it by: ElastiCache and RDS
 * write ids in lower case, whatever the template said. What the service does not know is left out.
 */
export function known<T>(
  made: readonly Made[],
  described: readonly T[],
  idOf: (one: T) => string | undefined,
): Array<Made & { readonly described: T }> {
  const ids = described.map((one) => ({ one, id: idOf(one) ?? '' }));
  const byId = new Map(ids.map((each) => [each.id, each]));
  const byLowerId = new Map(ids.map((each) => [each.id.toLowerCase(), each]));
  return made.flatMap((one) => {
    const found = byId.get(one.physicalId) ?? byLowerId.get(one.physicalId.toLowerCase());
    return found === undefined ? [] : [{ ...one, physicalId: found.id, described: found.one }];
  });
}
