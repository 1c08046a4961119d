import { type Bucket, perSecond } from './buckets';
import { latencyScale, onScale } from './latency-scale';
import { COLORS } from './palette';

/** A specification of vega-lite, which types them too finely to be put together from parts. */
export type Spec = Record<string, any>;

const LATENCY = { p50: COLORS.p50, p99: COLORS.p99, 'slowest failure': COLORS.fault };
const LOAD = { requests: COLORS.load, errors: COLORS.fault };
const ANSWERS = { hit: COLORS.hit, miss: COLORS.miss, bypass: COLORS.bypass };

/** Strokes of a diagonal cross. */
const CROSS = 'M-0.6,-0.6L0.6,0.6M-0.6,0.6L0.6,-0.6';

/** Where a bucket has nothing to show, a line ends and another begins: nothing is drawn into the gap. */
const GAPS = { invalid: 'break-paths-show-domains', strokeCap: 'round' };

/** How long users waited. */
export function latencyLayers(buckets: readonly Bucket[]): Spec[] {
  const lines = buckets.flatMap((bucket) => [
    { s: middle(bucket), ms: onScale(bucket.p50Ms), of: 'p50' },
    { s: middle(bucket), ms: onScale(bucket.p99Ms), of: 'p99' },
  ]);
  const failures = buckets.flatMap((bucket) => {
    const ms = onScale(bucket.slowestFailureMs);
    return ms === null ? [] : [{ s: middle(bucket), ms, of: 'slowest failure' }];
  });
  const encoding = {
    y: {
      field: 'ms',
      type: 'quantitative',
      title: null,
      ...latencyScale([...lines, ...failures].flatMap(({ ms }) => ms ?? [])),
    },
    color: color('Latency', LATENCY),
  };
  return [
    { data: { values: lines }, mark: { type: 'line', strokeWidth: 1.8, ...GAPS }, encoding },
    {
      data: { values: failures },
      mark: { type: 'point', shape: CROSS, size: 40, strokeWidth: 1.4, opacity: 1 },
      encoding,
    },
  ];
}

/** What users asked for, and what they did not get. */
export function loadLayers(buckets: readonly Bucket[]): Spec[] {
  const rates = steps(buckets, (bucket) => [
    { of: 'requests', rate: perSecond(bucket.requests, bucket) },
    { of: 'errors', rate: perSecond(bucket.failed, bucket) },
  ]);
  const most = Math.max(1, ...rates.map(({ rate }) => rate));
  const encoding = {
    y: {
      field: 'rate',
      type: 'quantitative',
      stack: null,
      title: null,
      scale: { domain: [0, most * 1.1], nice: false },
      axis: { tickCount: 3, tickMinStep: 1, format: ',d' },
    },
    color: color('A second', LOAD),
    order: null,
  };
  return [
    // The errors first, or they would hide the requests when all of them fail.
    { data: { values: rates.filter(({ of }) => of === 'errors') }, mark: { type: 'area', opacity: 1 }, encoding },
    {
      data: { values: rates.filter(({ of }) => of === 'requests') },
      mark: { type: 'line', strokeWidth: 1.8 },
      encoding,
    },
  ];
}

/** Who answered the reads; the upper edge of the hits is the hit ratio. */
export function answerLayers(buckets: readonly Bucket[]): Spec[] {
  const shares = steps(buckets, ({ hits, misses, bypasses }) => {
    const reads = hits + misses + bypasses;
    const upTo = (answers: number) => (reads === 0 ? null : answers / reads);
    return [
      { of: 'hit', low: upTo(0), high: upTo(hits) },
      { of: 'miss', low: upTo(hits), high: upTo(hits + misses) },
      { of: 'bypass', low: upTo(hits + misses), high: upTo(reads) },
    ];
  });
  return [
    {
      data: { values: shares },
      mark: { type: 'area', opacity: 1, ...GAPS },
      encoding: {
        y: {
          field: 'low',
          type: 'quantitative',
          title: null,
          scale: { domain: [0, 1], nice: false },
          axis: { values: [0, 0.5, 1], format: '.0%' },
        },
        y2: { field: 'high' },
        color: color('Reads answered by', ANSWERS),
        order: null,
      },
    },
  ];
}

/** Both ends of each bucket, so that a figure holds for all of it. */
function steps<Row>(buckets: readonly Bucket[], rows: (bucket: Bucket) => readonly Row[]): Array<Row & { s: number }> {
  return buckets.flatMap((bucket) =>
    [bucket.fromMs, bucket.toMs].flatMap((ms) => rows(bucket).map((row) => ({ s: ms / 1_000, ...row }))),
  );
}

function color(title: string, series: Readonly<Record<string, string>>): Spec {
  return {
    field: 'of',
    type: 'nominal',
    scale: { domain: Object.keys(series), range: Object.values(series) },
    legend: { title, symbolType: 'square' },
  };
}

function middle({ fromMs, toMs }: Bucket): number {
  return (fromMs + toMs) / 2_000;
}
