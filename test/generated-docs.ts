import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './engines/folders';

/** With it the generated parts of the pages are written, and compared otherwise. */
const UPDATE = process.env.UPDATE_DOCS === '1';

/** What stands between `<!-- marker -->` and `<!-- /name -->`; with `UPDATE_DOCS=1` it is written first. */
export function generated(page: string, marker: string, expected: string): string {
  const file = join(PROJECT, page);
  const text = readFileSync(file, 'utf8');
  const start = `<!-- ${marker} -->\n`;
  const end = `<!-- /${marker.split(':')[0]} -->`;
  const from = text.indexOf(start) + start.length;
  const to = text.indexOf(end, from);
  if (from < start.length || to < 0) {
    throw new Error(`${page} has no part between ${start.trim()} and ${end}`);
  }
  if (UPDATE) {
    writeFileSync(file, `${text.slice(0, from)}${expected}${text.slice(to)}`);
    return expected;
  }
  return text.slice(from, to);
}

/** A table as pages have it. */
export function markdownTable(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return `${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
