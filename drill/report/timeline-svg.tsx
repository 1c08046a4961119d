import { renderToString } from 'preact-render-to-string';
import type { DrillResult } from './drill-result';
import { figuresOf } from './load-figures';
import { FONT_SIZE, type TimelineLayout, timelineSpec } from './timeline-spec';
import { loadDrawing } from './vega-svg';
import { duration, loadInWords, markText, plain } from './wording';

/** Width of the charts beside their axis, for a page and for a phone. */
export const CHART_WIDTH = { wide: 730, narrow: 300 } as const;

/** A drawing without its outermost element. */
export interface TimelineDrawing {
  readonly viewBox: string;
  readonly content: string;
}

/** Draws a drill's timeline as a document of its own, on a ground of its own. */
export async function timelineSvg(result: DrillResult): Promise<string> {
  const drawing = await drawTimeline(result, { width: CHART_WIDTH.wide, hasHeading: true });
  return renderToString(
    <TimelineChart result={result} drawing={drawing} id="timeline" xmlns="http://www.w3.org/2000/svg" />,
  );
}

export async function drawTimeline(
  result: DrillResult,
  layout: Omit<TimelineLayout, 'textWidth'>,
): Promise<TimelineDrawing> {
  const { draw, textWidth } = await loadDrawing();
  const svg = await draw(timelineSpec(result, { ...layout, textWidth: (text) => textWidth(text, FONT_SIZE) }));
  const [, viewBox, content] = /^<svg[^>]* viewBox="([^"]*)"[^>]*>(.*)<\/svg>$/s.exec(svg) ?? [];
  if (viewBox === undefined || content === undefined) {
    throw new Error('the charts are no SVG document');
  }
  return { viewBox, content };
}

interface TimelineChartProps {
  readonly result: DrillResult;
  readonly drawing: TimelineDrawing;
  /** Differs from every other one's in the same document. */
  readonly id: string;
  readonly class?: string;
  readonly xmlns?: string;
}

/** The charts with words for those who do not see them. */
export function TimelineChart({ result, drawing, id, class: className, xmlns }: TimelineChartProps) {
  const [, , width, height] = drawing.viewBox.split(' ');
  return (
    <svg
      xmlns={xmlns}
      class={className}
      role="img"
      aria-labelledby={`${id}-title ${id}-text`}
      viewBox={drawing.viewBox}
      width={width}
      height={height}
    >
      <title id={`${id}-title`}>{`Timeline: ${plain(result.title)}`}</title>
      <desc id={`${id}-text`}>{description(result)}</desc>
      {/* Vega drew it, and escapes every text in it. */}
      <g dangerouslySetInnerHTML={{ __html: drawing.content }} />
    </svg>
  );
}

function description(result: DrillResult): string {
  return [
    `Latency, requests and errors a second, and who answered the reads, over ${duration(result.durationMs)}:`,
    `${loadInWords(figuresOf(result.samples))}.`,
    ...result.marks.map((mark) => `${markText(mark)}.`),
  ].join(' ');
}
