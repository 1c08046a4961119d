import type { DrillMark, DrillResult, DrillSample } from './drill-result';
import { figuresOf, type LoadFigures } from './load-figures';

/** The requests that began within a stretch of time. */
export interface Bucket extends LoadFigures {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A stretch between two marks. */
export interface Phase extends Bucket {
  /** What began it; nothing did at the start of the load. */
  readonly mark: DrillMark | undefined;
}

/** Widths of a timeline's buckets; the wider ones are for drills of minutes. */
const BUCKET_MS = [100, 200, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const;

/** The widest bucket that a p99 is drawn by while the drill is short enough for it. */
const WIDEST_FINE_BUCKET_MS = 250;

/** Requests that make a bucket's p99 more than its slowest request. */
const REQUESTS_IN_BUCKET = 20;

/** As many as a timeline has room for. */
const BUCKETS_IN_TIMELINE = 240;

/** Time that the drill covers: a request or a mark may be later than the end of the load. */
export function spanOf({ durationMs, samples, marks }: DrillResult): number {
  let span = Number.isFinite(durationMs) ? Math.max(1, durationMs) : 1;
  for (const { atMs } of [...samples, ...marks]) {
    span = Number.isFinite(atMs) ? Math.max(span, atMs) : span;
  }
  return span;
}

/** Width of a bucket in the timeline: fine enough to show a failover, with enough requests to have a p99. */
export function bucketWidth(result: DrillResult): number {
  const spanMs = spanOf(result);
  const fits = BUCKET_MS.filter((width) => spanMs / width <= BUCKETS_IN_TIMELINE);
  const full = fits.filter((width) => (width / 1_000) * result.ratePerSecond >= REQUESTS_IN_BUCKET);
  const finest = fits[0] ?? spanMs / BUCKETS_IN_TIMELINE;
  return Math.max(finest, Math.min(full[0] ?? WIDEST_FINE_BUCKET_MS, WIDEST_FINE_BUCKET_MS));
}

/** The drill in stretches of this width; the last takes what a half-filled one more would have had. */
export function bucketsOf(result: DrillResult, widthMs: number): Bucket[] {
  const spanMs = spanOf(result);
  const count = Math.max(1, Math.round(spanMs / widthMs));
  const starts = Array.from({ length: count }, (_, index) => index * widthMs);
  return stretches(result.samples, starts, spanMs);
}

/** The drill from mark to mark, each mark with what followed it. */
export function phasesOf(result: DrillResult): Phase[] {
  const marks = result.marks.filter(({ atMs }) => Number.isFinite(atMs)).sort((a, b) => a.atMs - b.atMs);
  const starts = [0, ...marks.map(({ atMs }) => Math.max(0, atMs))];
  return stretches(result.samples, starts, spanOf(result))
    .map((stretch, index) => ({ ...stretch, mark: marks[index - 1] }))
    .filter(({ mark, toMs, requests }) => mark !== undefined || toMs > 0 || requests > 0);
}

/** Requests a second of a bucket's requests, or of some of them. */
export function perSecond(count: number, { fromMs, toMs }: Bucket): number {
  return toMs > fromMs ? (count * 1_000) / (toMs - fromMs) : 0;
}

function stretches(samples: readonly DrillSample[], starts: readonly number[], spanMs: number): Bucket[] {
  const inStretch: DrillSample[][] = starts.map(() => []);
  const inOrder = samples.filter(({ atMs }) => Number.isFinite(atMs)).sort((a, b) => a.atMs - b.atMs);
  let current = 0;
  for (const sample of inOrder) {
    while (sample.atMs >= (starts[current + 1] ?? Number.POSITIVE_INFINITY)) {
      current++;
    }
    inStretch[current]?.push(sample);
  }
  return starts.map((fromMs, index) => ({
    fromMs,
    toMs: starts[index + 1] ?? spanMs,
    ...figuresOf(inStretch[index] ?? []),
  }));
}
