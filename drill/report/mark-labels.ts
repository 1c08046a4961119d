import type { DrillMark } from './drill-result';
import { markText, seconds } from './wording';

/** Where a mark's label stands above the charts. */
export interface PlacedLabel {
  readonly kind: DrillMark['kind'];
  readonly text: string;
  /** The mark's own place; its label is beside it. */
  readonly x: number;
  /** The label's ends. */
  readonly left: number;
  readonly right: number;
  /** Counts from the top. */
  readonly line: number;
}

export interface LabelSpace {
  readonly width: number;
  readonly spanMs: number;
  readonly textWidth: (text: string) => number;
}

interface Extent {
  readonly left: number;
  readonly right: number;
}

/** Between a rule and its label. */
const GAP = 5;

/** Least space between two labels on one line. */
const BETWEEN = 12;

/** Gives each mark's label the first line from the top where it meets no other; none leaves the chart. */
export function placeLabels(marks: readonly DrillMark[], { width, spanMs, textWidth }: LabelSpace): PlacedLabel[] {
  const lines: Extent[][] = [];
  return marks
    .filter(({ atMs }) => Number.isFinite(atMs))
    .sort((a, b) => a.atMs - b.atMs)
    .map((mark) => {
      const x = (Math.min(Math.max(0, mark.atMs), spanMs) / spanMs) * width;
      const room = Math.max(x, width - x) - GAP;
      const full = markText(mark);
      const text = textWidth(full) <= room ? full : `${seconds(mark.atMs)} ${mark.kind}`;
      const extent = beside(x, textWidth(text), width);
      const free = lines.findIndex((line) => line.every((other) => areApart(extent, other)));
      const line = free === -1 ? lines.length : free;
      lines[line] = [...(lines[line] ?? []), extent];
      return { kind: mark.kind, text, x, ...extent, line };
    });
}

/** On the right of its rule, or on the left where the chart ends too soon. */
function beside(x: number, labelWidth: number, width: number): Extent {
  return x + GAP + labelWidth <= width
    ? { left: x + GAP, right: x + GAP + labelWidth }
    : { left: x - GAP - labelWidth, right: x - GAP };
}

function areApart(a: Extent, b: Extent): boolean {
  return a.right + BETWEEN <= b.left || b.right + BETWEEN <= a.left;
}
