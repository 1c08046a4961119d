import type { Row } from './rows';

export const WIDTH = 960;

const LEFT = { x: 24, width: 316 };
const RIGHT = { x: 620, width: 316 };
/** Room of a line at the edge of a box: that of its port. */
const LINE = 18;
const HEAD = 30;
const GAP = 12;

/** What stands together: a stack, or what is in none. */
export interface Band {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly name: string;
}

/** A client or a target. */
export interface Box extends Band {
  readonly note: string;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a row says, from the edge of one box to that of another. */
export interface Line {
  readonly from: Point;
  readonly to: Point;
  readonly row: Row;
}

/** Clients on the left and targets on the right, those of a stack together, each as high as its lines need. */
export function layOut(
  rows: readonly Row[],
  top: number,
): {
  readonly bands: readonly Band[];
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  readonly end: number;
} {
  const left = column(
    rows,
    { ...LEFT, top },
    ({ home, who }) => [home || 'outside of the templates', who],
    (own) => Object.entries(ROLES).find(([role]) => own.some((row) => row.role === role))?.[1] ?? '',
  );
  const right = column(
    rows,
    { ...RIGHT, top },
    ({ targetHome, target }) => [targetHome, target],
    (own) =>
      own[0]?.targetHome === 'AWS'
        ? 'service of AWS'
        : [...new Set(own.map(({ port }) => `tcp ${port ?? '?'}`))].sort().join(', '),
  );
  return {
    bands: [...left.bands, ...right.bands],
    boxes: [...left.boxes, ...right.boxes],
    lines: rows.map((row) => ({
      row,
      from: { x: LEFT.x + LEFT.width - 10, y: left.edges.get(row) as number },
      to: { x: RIGHT.x + 10, y: right.edges.get(row) as number },
    })),
    end: Math.max(left.end, right.end),
  };
}

/** What a client is called; the first of those that it is. */
const ROLES: Readonly<Record<Row['role'], string>> = {
  consumer: 'consumer',
  allowed: 'allowed',
  candidate: 'may be a consumer',
  other: 'not a consumer',
  outside: 'let in by a rule',
};

/** Boxes below each other. @param placeOf the band and the name of the box that a row ends at */
function column(
  rows: readonly Row[],
  { x, width, top }: { readonly x: number; readonly width: number; readonly top: number },
  placeOf: (row: Row) => readonly [home: string, name: string],
  noteOf: (own: readonly Row[]) => string,
) {
  const homes = new Map<string, Map<string, Row[]>>();
  for (const row of rows) {
    const [home, name] = placeOf(row);
    const boxes = homes.get(home) ?? new Map<string, Row[]>();
    boxes.set(name, [...(boxes.get(name) ?? []), row]);
    homes.set(home, boxes);
  }
  const bands: Band[] = [];
  const boxes: Box[] = [];
  const edges = new Map<Row, number>();
  let y = top;
  for (const [home, own] of homes) {
    const first = y;
    y += HEAD;
    for (const [name, ending] of own) {
      const height = Math.max(44, ending.length * LINE + 8);
      const shown = home !== '' && name.startsWith(`${home}/`) ? name.slice(home.length + 1) : name;
      boxes.push({ x: x + 10, y, width: width - 20, height, name: shown, note: noteOf(ending) });
      for (const [index, row] of ending.entries()) {
        edges.set(row, y + height / 2 + (index - (ending.length - 1) / 2) * LINE);
      }
      y += height + GAP;
    }
    bands.push({ x, y: first, width, height: y - first, name: home });
    y += GAP;
  }
  return { bands, boxes, edges, end: y };
}
