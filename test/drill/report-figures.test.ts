import { bucketsOf, bucketWidth, perSecond, phasesOf, spanOf } from '../../drill/report/buckets';
import { figuresOf, quantile } from '../../drill/report/load-figures';
import { outcomeOf, overall, recoveryMs, worstFigure } from '../../drill/report/outcome';
import { duration, percent } from '../../drill/report/wording';
import { failover, failure, nothing, request } from './report-results';

const HUNDRED = Array.from({ length: 100 }, (_, index) => 100 - index);

test.each([
  [[], 0.5, undefined],
  [[7], 0.99, 7],
  [[3, 1, 2], 0, 1],
  [[3, 1, 2], 0.5, 2],
  [[4, 3, 2, 1], 0.5, 2],
  [[4, 3, 2, 1], 0.51, 3],
  [HUNDRED, 0.5, 50],
  [HUNDRED, 0.99, 99],
  [[...HUNDRED, 101], 0.99, 100],
  [HUNDRED, 1, 100],
  [[undefined, Number.NaN, 5, Number.POSITIVE_INFINITY], 1, 5],
])('the quantile of %j at %d is %p', (values, share, expected) => {
  expect(quantile(values, share)).toBe(expected);
});

test('sums up requests: latency is that of the answered ones', () => {
  expect(figuresOf(failover().samples)).toEqual({
    requests: 10,
    failed: 2,
    p50Ms: 4,
    p99Ms: 40,
    slowestFailureMs: 1_000,
    hits: 3,
    misses: 2,
    bypasses: 1,
    hitRatio: 0.5,
    p99CacheMs: 1,
    p99DatabaseMs: 25,
  });
});

test('an answer that failed is no answer', () => {
  expect(figuresOf([request(0, { isOk: false, status: 500 })])).toMatchObject({ failed: 1, hits: 0 });
});

test('no requests have no figures', () => {
  expect(figuresOf([])).toEqual({ requests: 0, failed: 0, hits: 0, misses: 0, bypasses: 0 });
});

test('buckets hold the requests that began in them, and the last one the rest', () => {
  const buckets = bucketsOf(failover({ durationMs: 2_100 }), 500);

  expect(buckets.map(({ fromMs, toMs, requests, failed }) => [fromMs, toMs, requests, failed])).toEqual([
    [0, 500, 3, 0],
    [500, 1_000, 2, 1],
    [1_000, 1_500, 3, 1],
    [1_500, 2_100, 2, 0],
  ]);
  expect(buckets.map((bucket) => perSecond(bucket.requests, bucket))).toEqual([6, 4, 6, 10 / 3]);
});

test('buckets are complete when the load ends before the last request, or has no end', () => {
  expect(spanOf(failover({ durationMs: 100 }))).toBe(1_800);
  expect(spanOf(nothing({ durationMs: Number.NaN }))).toBe(1);
  expect(bucketsOf(nothing({ durationMs: 0 }), 100)).toMatchObject([{ fromMs: 0, toMs: 1, requests: 0 }]);
  expect(bucketsOf(failover({ samples: [request(Number.NaN), request(-5)] }), 1_000)[0]).toMatchObject({ requests: 1 });
});

test.each([
  [10_000, 500, 100],
  [10_000, 100, 200],
  [10_000, 80, 250],
  [10_000, 1, 250],
  [24_000, 500, 100],
  [30_000, 500, 200],
  [60_000, 500, 250],
  [120_000, 500, 500],
  [600_000, 500, 5_000],
])('a drill of %d ms at %d a second is drawn by buckets of %d ms', (durationMs, ratePerSecond, expected) => {
  expect(bucketWidth(nothing({ durationMs, ratePerSecond }))).toBe(expected);
});

test('phases go from mark to mark, in the order of time', () => {
  const { marks } = failover();
  const phases = phasesOf(failover({ marks: [...marks].reverse() }));

  expect(
    phases.map(({ fromMs, toMs, mark, requests, failed }) => [fromMs, toMs, mark?.kind, requests, failed]),
  ).toEqual([
    [0, 600, undefined, 3, 0],
    [600, 1_000, 'fault', 2, 1],
    [1_000, 1_400, 'promotion', 2, 1],
    [1_400, 2_000, 'recovered', 3, 0],
  ]);
});

test('marks of one moment are all told, the last one with what followed', () => {
  const marks = [
    { atMs: 2_000, kind: 'healed', label: 'at the end' },
    { atMs: 1_000, kind: 'fault', label: 'first' },
    { atMs: 1_000, kind: 'recovered', label: 'second' },
  ] as const;

  expect(phasesOf(failover({ marks })).map(({ mark, requests }) => [mark?.label, requests])).toEqual([
    [undefined, 5],
    ['first', 0],
    ['second', 5],
    ['at the end', 0],
  ]);
});

test('a phase before a mark at the very start is left out, and so is a mark without a time', () => {
  const marks = [
    { atMs: -20, kind: 'fault', label: 'early' } as const,
    { atMs: Number.NaN, kind: 'healed', label: 'never' } as const,
  ];

  expect(phasesOf(failover({ marks }))).toMatchObject([{ fromMs: 0, toMs: 2_000, mark: marks[0], requests: 10 }]);
});

test('a drill passes when all of its verdicts do, and there are any', () => {
  const [passed] = failover().verdicts;
  const good = failover({ verdicts: passed === undefined ? [] : [passed] });

  expect([failover(), good, nothing()].map(outcomeOf)).toEqual(['failed', 'passed', 'not judged']);
  expect(overall([failover(), good, nothing()])).toBe('1 of 3 passed');
  expect(overall([])).toBe('no drill was run');
  expect(worstFigure(failover())).toBe('sessions kept: 118 of 120, wanted all of them');
  expect(worstFigure(good)).toBe('2 failed (20 %), p99 40 ms');
  expect(worstFigure(nothing())).toBe('no request was made');
  expect(worstFigure(nothing({ samples: [failure(0)] }))).toBe('1 failed (100 %)');
});

test('the recovery is measured from the first fault to the last recovery', () => {
  expect(recoveryMs(failover())).toBe(800);
  expect(recoveryMs(nothing())).toBeUndefined();
  expect(recoveryMs(failover({ marks: failover().marks.slice(0, 2) }))).toBeUndefined();
});

test.each([
  [1, '100 %'],
  [0.99999, '99.99 %'],
  [0.29, '29 %'],
  [0.00001, '< 0.01 %'],
  [0, '0 %'],
  [undefined, '–'],
  [Number.NaN, '–'],
])('a share of %p reads %s', (share, expected) => {
  expect(percent(share)).toBe(expected);
});

test.each([
  [0.123, '0.12 ms'],
  [9.96, '10 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [12_345, '12.3 s'],
  [undefined, '–'],
  [Number.NaN, '–'],
])('%p milliseconds read %s', (ms, expected) => {
  expect(duration(ms)).toBe(expected);
});
