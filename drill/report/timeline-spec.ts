import { bucketsOf, bucketWidth, spanOf } from './buckets';
import { answerLayers, latencyLayers, loadLayers, type Spec } from './chart-layers';
import type { DrillMark, DrillResult } from './drill-result';
import { type PlacedLabel, placeLabels } from './mark-labels';
import { whatHappened } from './outcome';
import { COLORS } from './palette';
import { plain } from './wording';

export const FONT_SIZE = 11.5;

const FONT = 'Helvetica, Arial, sans-serif';
const LABEL_HEIGHT = 17;
const AXIS_WIDTH = 44;

/** What each kind of mark looks like without its colour. */
const DASHES: Readonly<Record<DrillMark['kind'], number[]>> = {
  fault: [],
  promotion: [5, 3],
  healed: [1, 3],
  recovered: [9, 3],
};

export interface TimelineLayout {
  /** Width of the charts themselves. */
  readonly width: number;
  readonly textWidth: (text: string) => number;
  /** Whether it tells its own title, and where the figures are from. */
  readonly hasHeading: boolean;
}

/** The charts of a drill, one below the other on one time axis, with the marks through all of them. */
export function timelineSpec(result: DrillResult, { width, textWidth, hasHeading }: TimelineLayout): Spec {
  const spanMs = spanOf(result);
  const buckets = bucketsOf(result, bucketWidth(result));
  const labels = placeLabels(result.marks, { width, spanMs, textWidth });
  const x = (isLast: boolean) => ({
    field: 's',
    type: 'quantitative',
    title: isLast ? 'seconds since the load began' : null,
    scale: { domain: [0, spanMs / 1_000], nice: false },
    axis: { labels: isLast, grid: true, tickCount: Math.max(3, Math.round(width / 70)), format: ',~f' },
  });
  const chart = (height: number, isLast: boolean, layer: readonly Spec[]): Spec => ({
    width,
    height,
    encoding: { x: x(isLast) },
    layer: [...recoveryBand(labels), ...layer, ...rules(labels)],
  });
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: COLORS.ground,
    padding: 8,
    spacing: 10,
    resolve: { scale: { color: 'independent' } },
    ...(hasHeading ? { title: heading(result, width) } : {}),
    vconcat: [
      ...(labels.length === 0 ? [] : [labelStrip(labels, width)]),
      chart(130, false, latencyLayers(buckets)),
      chart(70, false, loadLayers(buckets)),
      chart(80, true, answerLayers(buckets)),
    ],
    config: CONFIG,
  };
}

const CONFIG = {
  // The document around it says what it shows.
  aria: false,
  font: FONT,
  axis: {
    labelColor: COLORS.ink,
    titleColor: COLORS.faint,
    titleFontWeight: 'normal',
    labelFontSize: FONT_SIZE,
    titleFontSize: FONT_SIZE,
    gridColor: COLORS.grid,
    domain: false,
    ticks: false,
    labelPadding: 6,
  },
  axisX: { labelFlush: true },
  // The same for all of them, so that the charts stand exactly below each other.
  axisY: { minExtent: AXIS_WIDTH, maxExtent: AXIS_WIDTH },
  legend: {
    orient: 'top',
    titleOrient: 'left',
    titleColor: COLORS.ink,
    titleFontSize: FONT_SIZE,
    titleFontWeight: 'bold',
    titlePadding: 16,
    labelColor: COLORS.ink,
    labelFontSize: FONT_SIZE,
    columnPadding: 12,
    symbolSize: 80,
    symbolStrokeWidth: 2.5,
    offset: 6,
  },
  text: { color: COLORS.ink, fontSize: FONT_SIZE },
  view: { stroke: null },
};

function heading(result: DrillResult, width: number): Spec {
  return {
    text: plain(result.title),
    subtitle: [...whatHappened(result), plain(result.where)],
    anchor: 'start',
    frame: 'bounds',
    offset: 16,
    limit: width + AXIS_WIDTH,
    color: COLORS.ink,
    fontSize: 17,
    subtitleColor: COLORS.faint,
    subtitleFontSize: FONT_SIZE,
    subtitlePadding: 6,
  };
}

/** The upper end of each mark's rule, and what it marks. */
function labelStrip(labels: readonly PlacedLabel[], width: number): Spec {
  const height = LABEL_HEIGHT * (1 + Math.max(...labels.map(({ line }) => line)));
  const layer = labels.flatMap(({ kind, text, x, left, right, line }) => {
    const top = line * LABEL_HEIGHT;
    const align = left < x ? 'right' : 'left';
    return [
      drawn(ruleOf(kind), { x, y: top + 2, y2: height }),
      // A rule that comes down from a line above stays behind the words.
      drawn({ type: 'rect', color: COLORS.ground }, { x: left, x2: right, y: top + 1, y2: top + LABEL_HEIGHT - 1 }),
      drawn(
        { type: 'text', text, align, baseline: 'middle' },
        { x: left < x ? right : left, y: top + LABEL_HEIGHT / 2 },
      ),
    ];
  });
  return { width, height, layer };
}

/** The time between the first fault and the recovery from it. */
function recoveryBand(labels: readonly PlacedLabel[]): Spec[] {
  const fault = labels.find(({ kind }) => kind === 'fault');
  const recovered = labels.findLast(({ kind }) => kind === 'recovered');
  if (fault === undefined || recovered === undefined || recovered.x <= fault.x) {
    return [];
  }
  return [
    drawn({ type: 'rect', color: COLORS.fault, opacity: 0.07 }, { x: fault.x, x2: recovered.x, y: 0, y2: 'height' }),
  ];
}

function rules(labels: readonly PlacedLabel[]): Spec[] {
  return labels.flatMap(({ kind, x }) => {
    const place = { x, y: 0, y2: 'height' };
    return [
      drawn({ type: 'rule', color: COLORS.ground, strokeWidth: 4, opacity: 0.75 }, place),
      drawn(ruleOf(kind), place),
    ];
  });
}

function ruleOf(kind: DrillMark['kind']): Spec {
  return { type: 'rule', color: COLORS[kind], strokeWidth: 1.5, strokeDash: DASHES[kind] };
}

/** Drawn once, at a place in pixels. */
function drawn(mark: Spec, place: Readonly<Record<string, number | string>>): Spec {
  const encoding = Object.fromEntries(Object.entries(place).map(([channel, value]) => [channel, { value }]));
  return { data: { values: [{}] }, mark, encoding };
}
