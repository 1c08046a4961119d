import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { DrillResult } from '../../drill/report/drill-result';

export interface ResultOptions {
  /** Where the report goes. */
  readonly report?: string;
  readonly json: boolean;
}

/** Writes the report, and says what was judged. @param folder where a report goes that has no place of its own */
export async function tellResults(
  results: readonly DrillResult[],
  folder: string,
  options: ResultOptions,
  tell: (line: string) => void,
): Promise<void> {
  // Bundled on its own: its charts are large.
  const { reportJson, reportPage, summaryText } = await import('../../drill/report/index.js');
  const name = `drill-${new Date().toISOString().replace(/[:.]/g, '-')}.html`;
  const file = resolve(options.report ?? join(folder, 'reports', name));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await reportPage(results));
  tell(
    `\n${summaryText(results, { colour: process.stdout.isTTY === true && !options.json, width: process.stdout.columns ?? 120 })}`,
  );
  tell(`\nThe report: ${file}`);
  if (options.json) {
    process.stdout.write(`${reportJson(results)}\n`);
  }
}

/** Whether everything that was judged is as it must be. */
export function hasPassed({ verdicts }: DrillResult): boolean {
  return verdicts.every(({ passed }) => passed);
}
