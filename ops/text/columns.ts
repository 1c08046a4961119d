import Table from 'cli-table3';
import { COLUMNS_ONLY, GUTTER } from './terminal';

/** Narrower than this no column is made, so that words stay whole. */
const LEAST_COLUMN = 10;

/**
 * Cells in columns of these widths, as lines: words wrap, and what is wider than its column is broken.
 *
 * @param widths in characters; `columnWidths`
 */
export function inColumns(
  rows: ReadonlyArray<readonly string[]>,
  widths: readonly number[],
  aligned: ReadonlyArray<'left' | 'right'>,
): string[] {
  const table = new Table({
    ...COLUMNS_ONLY,
    colWidths: [...widths],
    colAligns: [...aligned],
    wordWrap: true,
  });
  table.push(...rows.map((cells) => cells.map((cell, column) => broken(cell, widths[column] ?? cell.length))));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/** Text as indented lines of at most that many characters. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const lines = Number.isFinite(width) ? inColumns([[text]], [width - indent.length], ['left']) : [text];
  return lines.map((line) => `${indent}${line}`);
}

/** What each column needs; where that is more than there is room for, the widest ones are cut to one width. */
export function columnWidths(rows: ReadonlyArray<readonly string[]>, width: number): number[] {
  const needed = (rows[0] ?? []).map((_, column) => Math.max(1, ...rows.map((cells) => cells[column]?.length ?? 0)));
  const room = width - GUTTER.length * (needed.length - 1);
  let most = Math.max(...needed);
  const cut = () => needed.map((each) => Math.min(each, most));
  while (most > LEAST_COLUMN && cut().reduce((sum, each) => sum + each, 0) > room) {
    most -= 1;
  }
  return cut();
}

function broken(text: string, width: number): string {
  return text.replace(new RegExp(`\\S{${width}}(?=\\S)`, 'g'), '$& ');
}
