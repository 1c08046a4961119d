import { join } from 'node:path';

export const PROJECT = join(__dirname, '..');

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

/** Prints one benchmark's rows; as JSON with `--json`. */
export function print(
  name: string,
  rows: ReadonlyArray<Record<string, string | number>>,
  asJson = process.argv.includes('--json'),
): void {
  if (asJson) {
    console.log(JSON.stringify({ name, rows }));
  } else {
    console.log(`\n${name}`);
    console.table(rows);
  }
}
