/** An object without the members that are `undefined`, which a state leaves out. */
export function withoutUndefined<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

/** ISO 8601 in UTC, as a state writes times. */
export function isoTime(date: Date | undefined): string | undefined {
  return date?.toISOString();
}

/** Everything of all pages of an answer. */
export async function everyOne<Page, T>(
  pages: AsyncIterable<Page>,
  of: (page: Page) => readonly T[] | undefined,
): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) {
    found.push(...(of(page) ?? []));
  }
  return found;
}

/** Lists of at most so many. */
export function chunks<T>(all: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, index) =>
    all.slice(index * most, (index + 1) * most),
  );
}
