/** The bottom of the scale: what is faster than this looks the same to a user. */
const FLOOR_MS = 0.1;

/** From this ratio of the slowest to the fastest on, a linear scale would show only the slowest. */
const WIDE_RANGE = 20;

/** A latency as it is drawn; `null` where there is none. */
export function onScale(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.max(FLOOR_MS, ms);
}

/** The scale and the axis of these latencies, logarithmic when their range is wide. */
export function latencyScale(drawnMs: readonly number[]) {
  const fastest = Math.min(...drawnMs);
  const slowest = Math.max(...drawnMs);
  if (drawnMs.length === 0) {
    return { scale: { domain: [0, 1] }, axis: { labels: false, grid: false } };
  }
  if (slowest / fastest < WIDE_RANGE) {
    return { scale: { domain: [0, slowest * 1.1], nice: false }, axis: { tickCount: 4, labelExpr: AS_DURATION } };
  }
  const domain = [fastest / 1.3, slowest * 1.3] as const;
  return {
    scale: { type: 'log', domain, nice: false },
    axis: { values: powersOfTen(...domain), labelExpr: AS_DURATION },
  };
}

/** Vega's own expression language. */
const AS_DURATION = "datum.value < 1000 ? format(datum.value, '~r') + ' ms' : format(datum.value / 1000, '~r') + ' s'";

function powersOfTen(from: number, to: number): number[] {
  const first = Math.ceil(Math.log10(from));
  return Array.from({ length: Math.floor(Math.log10(to)) - first + 1 }, (_, index) => 10 ** (first + index));
}
