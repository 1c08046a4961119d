import { alike } from './alike';
import type { CostLine, Estimate } from './estimate';
import { dollars, exact } from './money';
import { datesOf, sourcesOf } from './sources';

type Row = readonly [what: string, quantity: string, unitPrice: string, monthly: string];

const HEAD: Row = ['What', 'Quantity', 'Unit price', 'USD a month'];

/**
 * An estimate as Markdown: one table for each stack, the total, and the sources as footnotes.
 *
 * Lines that are alike are one row.
 *
 * @param footnotes starts the names of the footnotes, which are unique on a page
 */
export function costTable(estimate: Estimate, footnotes = 'cost'): string {
  const sources = sourcesOf(estimate.lines);
  const stacks = [...new Set(estimate.lines.map(({ stack }) => stack))];
  const tables = stacks.map((stack) => {
    const rows = alike(estimate.lines.filter((line) => line.stack === stack)).map((line) =>
      row(line, sources, footnotes),
    );
    return `**${stack}**\n\n${aligned([HEAD, ...rows])}`;
  });
  const unknown = alike(estimate.unknown).length;
  const total = `**Known a month: $${dollars(estimate.total)}**${unknown === 0 ? '' : `, and ${unknown} unknown`}.`;
  const notes = sources.map(
    (source, index) => `[^${footnotes}-${index + 1}]: <${source}>${datesText(estimate, source)}`,
  );
  return `${[...tables, total, ...(notes.length === 0 ? [] : [notes.join('\n')])].join('\n\n')}\n`;
}

function row(line: CostLine, sources: readonly string[], footnotes: string): Row {
  const { what, quantity, unit, unitPrice, monthly, byUse, note, source } = line;
  const mark = source === undefined ? '' : ` [^${footnotes}-${sources.indexOf(source) + 1}]`;
  return [
    note === undefined ? what : `${what} (${note})`,
    byUse ? 'by use' : (quantity?.toLocaleString('en') ?? ''),
    unitPrice === undefined ? '' : `$${exact(unitPrice)} per ${unit}${mark}`,
    monthly !== undefined ? dollars(monthly) : byUse && unitPrice !== undefined ? '' : 'unknown',
  ];
}

function datesText(estimate: Estimate, source: string): string {
  const dates = datesOf(estimate.lines, source);
  return dates === undefined ? '' : `, ${dates}`;
}

function aligned(rows: readonly Row[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => (cells[column] as string).length)));
  const lines = rows.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [lines[0], rule, ...lines.slice(1)].map((cells) => `| ${cells?.join(' | ')} |`).join('\n');
}
