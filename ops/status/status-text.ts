import archy from 'archy';
import Table from 'cli-table3';
import { printable } from '../aws/problems';
import type { EnvironmentState } from '../environment/environment-state';
import { gapLines } from '../text/gap-lines';
import { COLUMNS_ONLY, GUTTER, type Paint, painter, type TerminalOptions } from '../text/terminal';
import type { StatusRow } from './status-row';
import { statusRows } from './status-rows';

const COLUMNS = ['what', 'zone', 'state', 'memory', 'hits', 'connections', 'lag'] as const;
type Column = (typeof COLUMNS)[number];

/** What a narrow terminal does without, the first first. */
const DISPENSABLE: readonly Column[] = ['lag', 'connections', 'zone', 'hits', 'what', 'memory'];

/** What is there, as a tree, with what belongs to it. */
export function statusText(state: EnvironmentState, options: TerminalOptions): string {
  const paint = painter(options);
  const rows = statusRows(state);
  const place = state.isLocal ? 'on this machine' : state.region;
  return [
    [paint('bold', printable(state.environment)), place, state.takenAt].join(GUTTER),
    ...(state.address === undefined ? [] : [printable(state.address)]),
    ...(rows.length === 0 ? ['no caches, databases or fleets'] : treeLines(rows, paint, options.width)),
    ...stackLines(state, paint),
    ...alarmLines(state, paint),
    ...gapLines(state, paint),
  ].join('\n');
}

/** A row of the tree, and what draws its place in it. */
interface PlacedRow {
  readonly branch: string;
  /** Nothing where a note stands. */
  readonly row?: StatusRow;
  readonly note?: string;
}

function treeLines(rows: readonly StatusRow[], paint: Paint, width: number): string[] {
  const placed = placedRows(rows);
  const used = COLUMNS.filter((column) => placed.some(({ row }) => row?.[column]));
  let columns = used;
  let lines = tableLines(placed, columns, paint);
  for (const column of DISPENSABLE) {
    if (Math.max(...lines.map(({ length }) => length)) <= width) {
      break;
    }
    columns = columns.filter((each) => each !== column);
    lines = tableLines(placed, columns, paint);
  }
  return lines.map(({ text }) => text);
}

/** Draws the tree with a number for each row, which then stands for it. */
function placedRows(rows: readonly StatusRow[]): PlacedRow[] {
  const all: Array<Omit<PlacedRow, 'branch'>> = [];
  const node = (row: StatusRow): archy.Data => {
    const label = `#${all.push({ row }) - 1}`;
    const notes = (row.notes ?? []).map((note) => `#${all.push({ note }) - 1}`);
    return { label, nodes: [...notes, ...(row.rows ?? []).map(node)] };
  };
  const drawn = archy({ label: '', nodes: rows.map(node) });
  return drawn
    .split('\n')
    .filter((line) => line.includes('#'))
    .map((line) => {
      const at = line.lastIndexOf('#');
      return { branch: line.slice(0, at), ...all[Number(line.slice(at + 1))] };
    });
}

function tableLines(
  placed: readonly PlacedRow[],
  columns: readonly Column[],
  paint: Paint,
): Array<{ readonly text: string; readonly length: number }> {
  const table = (painted: Paint) => {
    const drawn = new Table({
      ...COLUMNS_ONLY,
      colAligns: ['left', ...columns.map((column) => (TEXTS.has(column) ? 'left' : 'right'))],
      head: ['', ...columns.map((column) => painted('dim', HEADS[column]))],
    });
    for (const { branch, row, note } of placed) {
      if (row === undefined) {
        drawn.push([{ colSpan: columns.length + 1, content: `${branch}${painted('yellow', printable(note ?? ''))}` }]);
      } else {
        drawn.push([`${branch}${printable(row.name)}`, ...columns.map((column) => cell(row, column, painted))]);
      }
    }
    return drawn.toString().split('\n');
  };
  const plain = table((_, text) => text);
  return table(paint).map((text, index) => ({ text: text.trimEnd(), length: plain[index]?.trimEnd().length ?? 0 }));
}

/** Columns that are no figures. */
const TEXTS: ReadonlySet<Column> = new Set<Column>(['what', 'zone', 'state']);

const HEADS: Readonly<Record<Column, string>> = {
  what: '',
  zone: 'zone',
  state: 'state',
  memory: 'memory',
  hits: 'hits',
  connections: 'connections',
  lag: 'lag',
};

function cell(row: StatusRow, column: Column, paint: Paint): string {
  const text = printable(row[column] ?? '');
  return column === 'state' && row.isWell === false ? paint('red', text) : text;
}

/** Stacks that are not as a finished deploy leaves them. */
function stackLines({ stacks }: EnvironmentState, paint: Paint): string[] {
  return stacks
    .filter(({ status }) => !/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status))
    .map(({ name, status }) => paint('yellow', `! the stack ${printable(name)} is ${status}`));
}

function alarmLines({ alarms = [] }: EnvironmentState, paint: Paint): string[] {
  const raised = alarms.filter(({ state }) => state === 'ALARM');
  if (alarms.length === 0) {
    return [];
  }
  return [
    raised.length === 0
      ? `no alarm of ${alarms.length} is raised`
      : paint('red', `${raised.length} of ${alarms.length} alarms raised:`),
    ...raised.map(
      ({ name, reason, since }) =>
        `  ${printable(name)}${since === undefined ? '' : ` since ${since}`}: ${printable(reason)}`,
    ),
  ];
}
