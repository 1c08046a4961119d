import { print } from '../report';

/** A goal of a row, with what came out. */
export interface Goal {
  readonly what: string;
  readonly value: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export type Cell = string | number;

/** A goal that could not be measured, because a client did not take part, is none. */
export function measured(goals: readonly Goal[]): Goal[] {
  return goals.filter(({ value }) => !Number.isNaN(value));
}

/** One table of the output: what was measured, and the goals it was measured for. */
export interface Table {
  /** Key of the table in the JSON, which the figures read. */
  readonly id: string;
  readonly title: string;
  /** What exactly was measured, in a sentence. */
  readonly measured: string;
  readonly rows: ReadonlyArray<Record<string, Cell>>;
  readonly goals: readonly Goal[];
  /** The figures behind the rows, unrounded. */
  readonly data?: unknown;
}

export function passes({
  value,
  atLeast = Number.NEGATIVE_INFINITY,
  atMost = Number.POSITIVE_INFINITY,
}: Goal): boolean {
  return value >= atLeast && value <= atMost;
}

export function show(table: Table): void {
  print(table.title, table.rows, false);
  console.log(table.measured);
  for (const goal of table.goals) {
    const limit = goal.atLeast === undefined ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`;
    console.log(`  ${passes(goal) ? 'pass' : 'FAIL'}  ${goal.what}: ${round(goal.value)} (${limit})`);
  }
}

/** Three significant digits. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}

export function thousands(value: number): string {
  return `${round(value / 1_000)}k`;
}
