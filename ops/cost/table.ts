import type { CostLine, Estimate } from './estimate';

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
  const sources = [...new Set(estimate.lines.flatMap(({ source }) => source ?? []))];
  const stacks = [...new Set(estimate.lines.map(({ stack }) => stack))];
  const tables = stacks.map((stack) => {
    const rows = alike(estimate.lines.filter((line) => line.stack === stack)).map((line) =>
      row(line, sources, footnotes),
    );
    return `**${stack}**\n\n${aligned([HEAD, ...rows])}`;
  });
  const unknown = alike(estimate.unknown).length;
  const total = `**Known a month: $${money(estimate.total)}**${unknown === 0 ? '' : `, and ${unknown} unknown`}.`;
  const notes = sources.map((source, index) => `[^${footnotes}-${index + 1}]: <${source}>${dates(estimate, source)}`);
  return `${[...tables, total, ...(notes.length === 0 ? [] : [notes.join('\n')])].join('\n\n')}\n`;
}

function alike(lines: readonly CostLine[]): CostLine[] {
  const merged = new Map<string, CostLine>();
  for (const line of lines) {
    const { what, unitPrice, byUse, note, type } = line;
    const key = JSON.stringify([line.stack, what, unitPrice, byUse, note, type]);
    const before = merged.get(key);
    merged.set(
      key,
      before === undefined
        ? line
        : {
            ...before,
            ...(before.quantity === undefined ? {} : { quantity: before.quantity + (line.quantity ?? 0) }),
            ...(before.monthly === undefined ? {} : { monthly: before.monthly + (line.monthly ?? 0) }),
          },
    );
  }
  const order = (line: CostLine): number => (line.byUse ? 2 : line.monthly === undefined ? 1 : 0);
  return [...merged.values()].sort((one, other) => order(one) - order(other));
}

function row(line: CostLine, sources: readonly string[], footnotes: string): Row {
  const { what, quantity, unit, unitPrice, monthly, byUse, note, source } = line;
  const mark = source === undefined ? '' : ` [^${footnotes}-${sources.indexOf(source) + 1}]`;
  return [
    note === undefined ? what : `${what} (${note})`,
    byUse ? 'by use' : (quantity?.toLocaleString('en') ?? ''),
    unitPrice === undefined ? '' : `$${plain(unitPrice)} per ${unit}${mark}`,
    monthly !== undefined ? money(monthly) : byUse && unitPrice !== undefined ? '' : 'unknown',
  ];
}

/** When the source says that its prices held: the first and the last date. */
function dates(estimate: Estimate, source: string): string {
  const seen = estimate.lines.flatMap((line) => (line.source === source ? (line.seen ?? []) : [])).sort();
  return seen.length === 0 ? '' : `, ${[...new Set([seen[0], seen.at(-1)])].join(' to ')}`;
}

function money(dollars: number): string {
  return dollars.toFixed(2);
}

/** A number without an exponent, with two decimals and as many more as it has. */
function plain(value: number): string {
  return value.toFixed(10).replace(/(\.\d\d\d*?)0+$/, '$1');
}

function aligned(rows: readonly Row[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => (cells[column] as string).length)));
  const lines = rows.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [lines[0], rule, ...lines.slice(1)].map((cells) => `| ${cells?.join(' | ')} |`).join('\n');
}
