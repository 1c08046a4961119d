/** A choice for some of the factors. */
export type Choice = Readonly<Record<string, string>>;

/**
 * Rows in which every combination of so many choices that can stand together does so at least once.
 *
 * Greedy: each row starts from a combination that is not covered yet and takes, factor by factor, the value that covers
 * most. Written here, because the libraries that were tried (covertable 2.5.2) leave out combinations without a word
 * when there are constraints; this one says what it could not place.
 *
 * @param exists whether a choice, in which factors may be missing, can stand together
 */
export function coveringRows(
  factors: Readonly<Record<string, readonly string[]>>,
  together: number,
  exists: (choice: Choice) => boolean,
): { rows: Choice[]; impossible: Choice[] } {
  const names = Object.keys(factors);
  const open = new Map<string, Choice>();
  for (const chosen of subsets(names, together)) {
    for (const combination of product(chosen, factors)) {
      if (exists(combination)) {
        open.set(keyOf(combination), combination);
      }
    }
  }
  const rows: Choice[] = [];
  const impossible: Choice[] = [];
  for (const [key, combination] of open) {
    if (!open.has(key)) {
      continue;
    }
    const row = complete(combination, names, factors, exists, (choice) => gain(choice, together, open));
    if (row === undefined) {
      impossible.push(combination);
      open.delete(key);
      continue;
    }
    rows.push(row);
    for (const chosen of subsets(names, together)) {
      open.delete(keyOf(pick(row, chosen)));
    }
  }
  return { rows, impossible };
}

/** A whole row that holds a choice, preferring values that cover much, or undefined where none can stand. */
function complete(
  choice: Choice,
  names: readonly string[],
  factors: Readonly<Record<string, readonly string[]>>,
  exists: (choice: Choice) => boolean,
  worth: (choice: Choice) => number,
): Choice | undefined {
  const name = names.find((candidate) => !(candidate in choice));
  if (name === undefined) {
    return choice;
  }
  const candidates = (factors[name] as readonly string[])
    .map((value) => ({ ...choice, [name]: value }))
    .filter(exists)
    .map((candidate) => ({ candidate, worth: worth(candidate) }))
    .sort((one, other) => other.worth - one.worth);
  for (const { candidate } of candidates) {
    const row = complete(candidate, names, factors, exists, worth);
    if (row !== undefined) {
      return row;
    }
  }
  return undefined;
}

function gain(choice: Choice, together: number, open: ReadonlyMap<string, Choice>): number {
  return subsets(Object.keys(choice), together).filter((chosen) => open.has(keyOf(pick(choice, chosen)))).length;
}

function pick(choice: Choice, names: readonly string[]): Choice {
  return Object.fromEntries(names.map((name) => [name, choice[name] as string]));
}

function keyOf(choice: Choice): string {
  return Object.entries(choice)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('|');
}

function subsets(names: readonly string[], size: number): string[][] {
  if (size === 0) {
    return [[]];
  }
  return names.flatMap((name, index) => subsets(names.slice(index + 1), size - 1).map((rest) => [name, ...rest]));
}

function product(names: readonly string[], factors: Readonly<Record<string, readonly string[]>>): Choice[] {
  return names.reduce<Choice[]>(
    (choices, name) =>
      choices.flatMap((choice) => (factors[name] as readonly string[]).map((value) => ({ ...choice, [name]: value }))),
    [{}],
  );
}
