import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { defaultStateDirectory } from '../../local/state-directory';

export const PROJECT = join(__dirname, '..', '..');

/** Where the engines of the tests are; the same place that `npm start` uses. */
export function engineFolder(): string {
  return join(defaultStateDirectory(PROJECT), 'engines');
}

/** A new folder for one test, where PostgreSQL's user can enter. */
export function testFolder(): string {
  const parent = join(defaultStateDirectory(PROJECT), 'tests');
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  const folder = mkdtempSync(join(parent, 't-'));
  chmodSync(folder, 0o755);
  return folder;
}
