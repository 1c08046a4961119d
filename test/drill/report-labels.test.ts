import type { DrillMark } from '../../drill/report/drill-result';
import { placeLabels } from '../../drill/report/mark-labels';

/** A chart of a pixel for each millisecond, whose letters are five pixels wide. */
const SPACE = { width: 500, spanMs: 500, textWidth: (text: string) => text.length * 5 };

function mark(atMs: number, label: string, kind: DrillMark['kind'] = 'fault'): DrillMark {
  return { atMs, kind, label };
}

test('a label stands on the right of its rule, or on the left near the end', () => {
  expect(placeLabels([mark(0, 'early'), mark(500, 'late', 'healed')], SPACE)).toEqual([
    { kind: 'fault', text: '0.0 s fault: early', x: 0, left: 5, right: 95, line: 0 },
    { kind: 'healed', text: '0.5 s healed: late', x: 500, left: 405, right: 495, line: 0 },
  ]);
});

test('labels that would meet stand on lines of their own', () => {
  const labels = placeLabels([mark(120, 'c'), mark(100, 'a'), mark(110, 'b'), mark(300, 'd')], SPACE);

  expect(labels.map(({ text, line }) => [text, line])).toEqual([
    ['0.1 s fault: a', 0],
    ['0.1 s fault: b', 1],
    ['0.1 s fault: c', 2],
    ['0.3 s fault: d', 0],
  ]);
});

test('a label that has no room beside its rule tells only what it marks', () => {
  const [label] = placeLabels([mark(250, 'x'.repeat(60))], SPACE);

  expect(label).toMatchObject({ text: '0.3 s fault', left: 255, right: 310 });
});

test('marks outside of the load stay in the chart, and those without a time are left out', () => {
  const labels = placeLabels([mark(-10, 'a'), mark(Number.NaN, 'b'), mark(900, 'c')], SPACE);

  expect(labels.map(({ x }) => x)).toEqual([0, 500]);
});
