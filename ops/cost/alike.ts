import type { CostLine } from './resource-lines';

/** Lines with those that are alike as one; what is counted first, then what is unknown, then what depends on use. */
export function alike(lines: readonly CostLine[]): CostLine[] {
  const merged = new Map<string, CostLine>();
  for (const line of lines) {
    const { what, unitPrice, byUse, note, type } = line;
    const key = JSON.stringify([line.stack, what, unitPrice, byUse, note, type]);
    const before = merged.get(key);
    merged.set(
      key,
      before === undefined
        ? line
        : {
            ...before,
            ...(before.quantity === undefined ? {} : { quantity: before.quantity + (line.quantity ?? 0) }),
            ...(before.monthly === undefined ? {} : { monthly: before.monthly + (line.monthly ?? 0) }),
          },
    );
  }
  const order = (line: CostLine): number => (line.byUse ? 2 : line.monthly === undefined ? 1 : 0);
  return [...merged.values()].sort((one, other) => order(one) - order(other));
}
