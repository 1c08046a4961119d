import type { CostLine } from './resource-lines';

/** Where the prices of some lines were read, each once, in the order of the lines. */
export function sourcesOf(lines: readonly CostLine[]): string[] {
  return [...new Set(lines.flatMap(({ source }) => source ?? []))];
}

/** When a source says that its prices held: one date, or the first and the last; nothing if it says no date. */
export function datesOf(lines: readonly CostLine[], source: string): string | undefined {
  const seen = lines.flatMap((line) => (line.source === source ? (line.seen ?? []) : [])).sort();
  return seen.length === 0 ? undefined : [...new Set([seen[0], seen.at(-1)])].join(' to ');
}
