import { columnWidths, inColumns, wrapped } from '../text/columns';
import { type Paint, painter, type Style, type TerminalOptions } from '../text/terminal';
import { alike } from './alike';
import type { CostLine, Estimate } from './estimate';
import { sumOf } from './json';
import { dollars, exact } from './money';
import { HOURS_A_MONTH } from './resource-lines';
import { datesOf, sourcesOf } from './sources';
import type { WhatIf } from './what-ifs';

/** Narrower than this nothing can be told in columns. */
const LEAST_WIDTH = 60;

const INDENT = '  ';

const HEAD = ['', 'quantity', 'unit price', 'USD a month', ''];
const ALIGNED = ['left', 'right', 'right', 'right', 'right'] as const;

/**
 * An estimate with its what-ifs for a terminal: by stack, with the total, the sources of the prices and their dates.
 * Addresses of sources are not broken: they would not work in pieces.
 */
export function costText(estimate: Estimate, whatIfs: readonly WhatIf[], options: TerminalOptions): string {
  const columns = Math.max(LEAST_WIDTH, options.width);
  const paint = painter(options);
  const parts = [
    ...stackParts(estimate, columns, paint),
    totalLines(estimate, columns, paint),
    ...(whatIfs.length === 0 ? [] : [whatIfLines(whatIfs, columns, paint)]),
    sourceLines(estimate.region, [estimate, ...whatIfs.map((whatIf) => whatIf.estimate)], columns, paint),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function stackParts({ lines }: Estimate, columns: number, paint: Paint): string[][] {
  const sources = sourcesOf(lines);
  const inner = columns - INDENT.length;
  const names = [...new Set(lines.map(({ stack }) => stack))];
  const tables = names.map((name) => {
    const own = lines.filter(({ stack }) => stack === name);
    return { name, sum: sumOf(own), rows: alike(own).map((line) => ({ line, cells: cellsOf(line, sources) })) };
  });
  // One set of widths, so that the columns of all stacks stand below each other.
  const widths = columnWidths([HEAD, ...tables.flatMap(({ rows }) => rows.map(({ cells }) => cells))], inner);
  const laidOut = (cells: readonly string[], style: Style | undefined) =>
    inColumns([cells], widths, ALIGNED).map((line) => `${INDENT}${style === undefined ? line : paint(style, line)}`);
  return tables.map(({ name, sum, rows }) => [
    ...wrapped(`${name}: $${dollars(sum)} a month`, columns).map((line) => paint('bold', line)),
    ...laidOut(HEAD, 'dim'),
    ...rows.flatMap(({ line, cells }) => laidOut(cells, styleOf(line))),
  ]);
}

function cellsOf(line: CostLine, sources: readonly string[]): string[] {
  const { what, quantity, unit, unitPrice, monthly, byUse, note, source } = line;
  return [
    note === undefined ? what : `${what} (${note})`,
    byUse ? 'by use' : (quantity?.toLocaleString('en', { maximumFractionDigits: 2 }) ?? ''),
    unitPrice === undefined ? '' : `$${exact(unitPrice)} / ${unit}`,
    monthly !== undefined ? dollars(monthly) : isUnknown(line) ? 'unknown' : '',
    source === undefined ? '' : `[${sources.indexOf(source) + 1}]`,
  ];
}

function styleOf(line: CostLine): Style | undefined {
  return isUnknown(line) ? 'yellow' : line.byUse ? 'dim' : undefined;
}

function isUnknown({ byUse, monthly, unitPrice }: CostLine): boolean {
  return (byUse ? unitPrice : monthly) === undefined;
}

function totalLines({ total, unknown, lines }: Estimate, columns: number, paint: Paint): string[] {
  const missing = alike(unknown).length;
  const byUse = lines.some((line) => line.byUse);
  return [
    ...wrapped(`Known a month: $${dollars(total)}`, columns).map((line) => paint('bold', line)),
    ...(missing === 0
      ? []
      : wrapped(`${missing} unknown, which ${missing === 1 ? 'is' : 'are'} not in it.`, columns).map((line) =>
          paint('yellow', line),
        )),
    ...(byUse ? wrapped('What depends on use is not in it; its prices are above.', columns) : []),
  ];
}

function whatIfLines(whatIfs: readonly WhatIf[], columns: number, paint: Paint): string[] {
  const inner = columns - 2 * INDENT.length;
  const indented = (lines: readonly string[], times: number) => lines.map((line) => `${INDENT.repeat(times)}${line}`);
  return [
    paint('bold', 'What if'),
    ...whatIfs.flatMap(({ title, saves, changes, caveat }) => [
      ...indented(
        wrapped(`${title}: ${savesText(saves)}`, columns - INDENT.length).map((line) => paint(savesStyle(saves), line)),
        1,
      ),
      ...indented(
        changes.flatMap((change) => wrapped(change, inner)),
        2,
      ),
      ...indented(
        wrapped(caveat, inner).map((line) => paint('dim', line)),
        2,
      ),
    ]),
  ];
}

function savesText(saves: number | undefined): string {
  if (saves === undefined) {
    return 'unknown';
  }
  const amount = dollars(Math.abs(saves));
  return Number(amount) === 0
    ? 'costs the same'
    : `${saves > 0 ? 'saves' : 'costs'} $${amount} a month${saves > 0 ? '' : ' more'}`;
}

function savesStyle(saves: number | undefined): Style {
  return saves === undefined ? 'yellow' : saves > 0 ? 'green' : 'bold';
}

/** @param estimates that whose lines refer to the sources by number is the first */
function sourceLines(region: string, estimates: readonly Estimate[], columns: number, paint: Paint): string[] {
  const lines = estimates.flatMap((estimate) => estimate.lines);
  const sources = sourcesOf(lines);
  const terms = `List prices of ${region} in US dollars, on demand, without free tier, discounts and taxes; a month has ${HOURS_A_MONTH} hours.`;
  return [
    ...wrapped(terms, columns),
    ...sources.map((source, index) =>
      paint('dim', `[${index + 1}] ${datesOf(lines, source) ?? 'without a date'} ${source}`),
    ),
  ];
}
