import { wrap } from './text-width';

/** A specification of vega-lite, which types them too finely to be put together from parts. */
export type Spec = Record<string, any>;

export const COLORS = {
  ours: '#0b7a75',
  peer: '#9aa7b5',
  reference: '#dfe4ea',
  bad: '#c8323c',
  worse: '#e58a2b',
  ink: '#1f2933',
  faint: '#5f6b7a',
} as const;

export const WIDTH = 560;

/** Height of one client's line. */
export const STEP = 22;

const SUBTITLE_SIZE = 11.5;

/** Widest line above a figure. */
const TITLE_WIDTH = 720;

/** Reads well on a white page and on a dark one: it brings its own ground. */
export function figure(title: string, subtitle: readonly string[], body: Spec): Spec {
  const lines = subtitle.flatMap((text) => wrap(text, SUBTITLE_SIZE, TITLE_WIDTH));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 16,
    title: { text: title, subtitle: lines, anchor: 'start', frame: 'bounds', offset: 16 },
    ...body,
    config: {
      // What the figure shows is said by the text beside it.
      aria: false,
      font: 'Helvetica, Arial, sans-serif',
      title: {
        color: COLORS.ink,
        fontSize: 17,
        subtitleColor: COLORS.faint,
        subtitleFontSize: SUBTITLE_SIZE,
        subtitlePadding: 6,
      },
      axis: {
        labelColor: COLORS.ink,
        titleColor: COLORS.faint,
        titleFontWeight: 'normal',
        labelFontSize: 11.5,
        titleFontSize: 11.5,
        gridColor: '#eef1f4',
        domain: false,
        ticks: false,
        labelPadding: 6,
        labelLimit: 400,
      },
      header: { labelLimit: 700, labelColor: COLORS.ink, labelFontSize: 12.5, labelFontWeight: 'bold' },
      legend: {
        labelColor: COLORS.ink,
        labelFontSize: 11.5,
        title: null,
        orient: 'top',
        symbolSize: 90,
        offset: 14,
        labelLimit: 400,
      },
      text: { color: COLORS.ink, fontSize: 11.5 },
      view: { stroke: null },
      concat: { spacing: 26 },
    },
  };
}

/** The title of a part of a figure. */
export function part(text: string): Spec {
  return { text, anchor: 'start', frame: 'group', fontSize: 12.5, color: COLORS.ink, offset: 8 };
}

/** Between two facts of one label: spaces that are kept. */
export const GAP = '\u00a0\u00a0\u00a0';

/** A duration as people write it. */
export function duration(ms: number): string {
  if (ms >= 1_000) {
    return `${(ms / 1_000).toFixed(1)} s`;
  }
  return ms >= 10 ? `${Math.round(ms)} ms` : `${Number(ms.toPrecision(2))} ms`;
}

/** Names without what only tells clients of different engines apart. */
export function label(client: string): string {
  return client
    .replace(/^ours/, 'this package')
    .replace(/, (Memcached|tier)$/, (suffix) => (client.startsWith('bentocache') ? suffix : ''));
}
