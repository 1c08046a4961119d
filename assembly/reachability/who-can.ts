import type { ReachabilityReport } from './report';
import { type Row, rowsOf } from './rows';

const STATES: Readonly<Record<Row['state'], string>> = { open: 'can', closed: 'cannot', unknown: 'not known' };

/**
 * Who can reach what, as a table that is read as it stands and in Markdown; of several environments one each, below its
 * name.
 */
export function whoCanTable(reports: ReachabilityReport | readonly ReachabilityReport[]): string {
  return 'environment' in reports
    ? tableOf(reports)
    : reports
        .map((report) => `${reports.length === 1 ? '' : `${cellText(report.environment)}:\n\n`}${tableOf(report)}`)
        .join('\n\n');
}

function tableOf(report: ReachabilityReport): string {
  const cells = [
    ['who', 'role', 'reaches', 'state', 'by'],
    ...rowsOf(report).map(({ who, role, target, port, state, why }) => [
      who,
      role,
      `${target}:${port ?? '?'}`,
      STATES[state],
      why,
    ]),
  ].map((row) => row.map(cellText));
  const widths = (cells[0] as string[]).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] as number))).join(' | ')} |`;
  const [heads, ...rows] = cells.map(line) as [string, ...string[]];
  const rule = `| ${widths.map((width, column) => '-'.repeat(column === widths.length - 1 ? 3 : width)).join(' | ')} |`;
  const { shutOut } = report;
  const others =
    shutOut === 0
      ? []
      : ['', `${shutOut} other${shutOut === 1 ? '' : 's'} with security groups can reach none of them.`];
  return [heads, rule, ...rows, ...others].join('\n');
}

/** A text as the cell of a Markdown table: of one line, and without what would end the cell or begin a tag. */
function cellText(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
