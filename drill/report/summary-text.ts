import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { DrillResult, DrillVerdict } from './drill-result';
import { NO_BORDER } from './no-border';
import { OUTCOME_SIGNS, type Outcome, outcomeOf, overall, whatHappened } from './outcome';
import { markText, moment, origins, plain } from './wording';

export interface SummaryOptions {
  readonly colour: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

type Style = Parameters<typeof styleText>[0];

/** Narrower than this nothing can be told in columns. */
const LEAST_WIDTH = 40;

const INDENT = '  ';

/** Between two columns. */
const GUTTER = '  ';

const OUTCOME_STYLES: Readonly<Record<Outcome, Style>> = { passed: 'green', failed: 'red', 'not judged': 'yellow' };

/** The report for a terminal. */
export function summaryText(results: readonly DrillResult[], { colour, width }: SummaryOptions): string {
  const columns = Number.isFinite(width) ? Math.max(LEAST_WIDTH, Math.floor(width)) : LEAST_WIDTH;
  const paint: Paint = (style, text) => {
    // It looks at the standard output otherwise, and here the caller decides.
    return colour ? styleText(style, text, { validateStream: false }) : text;
  };
  const { environments, startedAt, places } = origins(results);
  const header = [
    ...wrapped(`Failover drills: ${overall(results)}`, columns).map((line) => paint('bold', line)),
    ...(startedAt === undefined ? [] : wrapped(`Environment ${environments}, ${moment(startedAt)}`, columns)),
    ...places.flatMap((place) => wrapped(place, columns)),
  ];
  const drills = results.map((result) => drillLines(result, columns, paint));
  return `${[header, ...drills].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

type Paint = (style: Style, text: string) => string;

function drillLines(result: DrillResult, columns: number, paint: Paint): string[] {
  const outcome = outcomeOf(result);
  const inner = columns - INDENT.length;
  const body = [
    ...wrapped(whatHappened(result).join(' '), inner),
    ...result.marks.flatMap((mark) => wrapped(markText(mark), inner)),
    ...verdictLines(result.verdicts, inner, paint),
    ...result.notes.flatMap((note) => wrapped(`Note: ${note}`, inner)),
  ];
  return [
    ...wrapped(`${OUTCOME_SIGNS[outcome]} ${result.title}: ${outcome}`, columns).map((line) =>
      paint(OUTCOME_STYLES[outcome], line),
    ),
    ...body.map((line) => `${INDENT}${line}`),
  ];
}

function verdictLines(verdicts: readonly DrillVerdict[], width: number, paint: Paint): string[] {
  if (verdicts.length === 0) {
    return [];
  }
  const rows = verdicts.map(({ name, wanted, got }) => [name, wanted, got].map(plain));
  const signWidth = 1;
  const widths = fittingWidths(rows, width - signWidth - GUTTER.length);
  return inColumns(
    rows.map((row, index) => {
      const outcome = verdicts[index]?.passed === true ? 'passed' : 'failed';
      return [paint(OUTCOME_STYLES[outcome], OUTCOME_SIGNS[outcome]), ...row];
    }),
    [signWidth, ...widths],
  );
}

/** What each column needs; where that is too much, the widest ones are cut to one width. */
function fittingWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const needed = (rows[0] ?? []).map((_, column) => Math.max(1, ...rows.map((row) => row[column]?.length ?? 0)));
  const room = width - GUTTER.length * (needed.length - 1);
  const narrowed = (most: number) => needed.map((each) => Math.min(each, most));
  const sum = (widths: readonly number[]) => widths.reduce((total, each) => total + each, 0);
  let most = Math.max(...needed);
  while (most > 1 && sum(narrowed(most)) > room) {
    most--;
  }
  return narrowed(most);
}

function wrapped(text: string, width: number): string[] {
  return inColumns([[plain(text)]], [width]);
}

function inColumns(rows: readonly string[][], widths: readonly number[]): string[] {
  const table = new Table({
    chars: { ...NO_BORDER, middle: GUTTER },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colWidths: [...widths],
    wordWrap: true,
  });
  table.push(...rows);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
