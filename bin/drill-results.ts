import { constants, existsSync } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Problem } from '../assembly/problem';
import type { DrillResult } from '../drill/report/drill-result';

export interface ResultOptions {
  /** Where the report goes. */
  readonly report?: string;
  readonly json: boolean;
}

/**
 * Where a report goes, which is looked at before anything is broken: a report that cannot be written is worth nothing.
 *
 * @param folder where a report goes that has no place of its own
 * @throws Problem when nothing can be written there
 */
export async function reportFile(folder: string, options: ResultOptions): Promise<string> {
  const name = `drill-${new Date().toISOString().replace(/[:.]/g, '-')}.html`;
  const file = resolve(options.report ?? join(folder, 'reports', name));
  try {
    await mkdir(dirname(file), { recursive: true });
    await access(existsSync(file) ? file : dirname(file), constants.W_OK);
    return file;
  } catch (error) {
    throw new Problem(`the report cannot be written to ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Says what was judged, and writes the report. */
export async function tellResults(
  results: readonly DrillResult[],
  file: string,
  options: ResultOptions,
  tell: (line: string) => void,
): Promise<void> {
  // Bundled on its own: its charts are large.
  const { reportJson, reportPage, summaryText } = await import('../drill/report/index.js');
  tell(
    `\n${summaryText(results, { colour: process.stdout.isTTY === true && !options.json, width: process.stdout.columns ?? 120 })}`,
  );
  if (options.json) {
    process.stdout.write(`${reportJson(results)}\n`);
  }
  await writeFile(file, await reportPage(results));
  tell(`\nThe report: ${file}`);
}

/** Whether everything that was judged is as it must be. */
export function hasPassed({ verdicts }: DrillResult): boolean {
  return verdicts.every(({ passed }) => passed);
}
