import type { DrillEvidence } from '../../drill/drill';
import type { DrillTarget } from '../../drill/drill-target';
import type { DrillMark } from '../../drill/report/drill-result';
import type { LoadTruth, UserSample } from '../../drill/users/users';
import {
  atLeast,
  atMost,
  cacheWaits,
  latencyHolds,
  latencyIsBack,
  nothingFailed,
  nothingLost,
  readsAnswered,
  writesBack,
} from '../../drill/verdicts';

const FAULT: DrillMark = { atMs: 1_000, kind: 'fault', label: 'it breaks' };
const PROMOTION: DrillMark = { atMs: 1_500, kind: 'promotion', label: 'another takes over' };
const RECOVERED: DrillMark = { atMs: 2_000, kind: 'recovered', label: 'all is back' };
const HELD: LoadTruth = { acknowledged: 40, lost: 0, stale: 0, stalestMs: 0, sessions: 20, dead: 0, remarks: [] };

function sample(more: Partial<UserSample>): UserSample {
  return {
    atMs: 0,
    ms: 10,
    action: 'browse',
    status: 200,
    isOk: true,
    answer: 'hit',
    cacheMs: 1,
    databaseMs: 0,
    slowestCallMs: 1,
    waitMs: 0,
    retryAfter: undefined,
    ...more,
  };
}

function evidence(samples: readonly UserSample[], truth: Partial<LoadTruth> = {}): DrillEvidence {
  return {
    target: {} as DrillTarget,
    samples,
    marks: [FAULT, PROMOTION, RECOVERED],
    truth: { ...HELD, ...truth },
    startedAt: 0,
    statements: [],
    kept: new Map(),
  };
}

const many = (count: number, more: Partial<UserSample> = {}) =>
  Array.from({ length: count }, (_, index) => sample({ atMs: index, ...more }));

test.each([
  ['all', many(1_000), true, '100 % (1,000 of 1,000)'],
  ['one of a thousand', [...many(999), sample({ isOk: false })], true, '99.90 % (999 of 1,000)'],
  ['two of a thousand', [...many(998), ...many(2, { isOk: false })], false, '99.80 % (998 of 1,000)'],
  ['no read at all', many(5, { action: 'review' }), false, '0 % (0 of 0)'],
  ['others than reads', [...many(10), ...many(10, { action: 'account', isOk: false })], true, '100 % (10 of 10)'],
])('reads answered: %s', (_, samples, passed, got) => {
  expect(readsAnswered(evidence(samples))).toMatchObject({ passed, got });
});

test.each([
  ['none', many(10), true],
  ['one', [...many(10), sample({ action: 'sign-in', isOk: false })], false],
  ['nobody asked', [], false],
])('requests that failed: %s', (_, samples, passed) => {
  expect(nothingFailed(evidence(samples)).passed).toBe(passed);
});

test.each([
  ['soon', [sample({ action: 'review', atMs: 1_900, ms: 20 })], true, '420 ms'],
  ['too late', [sample({ action: 'review', atMs: 2_400, ms: 200 })], false, '1,100 ms'],
  ['never', [sample({ action: 'review', atMs: 1_000, ms: 20 })], false, 'never'],
  ['refused', [sample({ action: 'review', atMs: 1_900, isOk: false })], false, 'never'],
  ['one that waited for it', [sample({ action: 'review', atMs: 1_400, ms: 300 })], true, '200 ms'],
])('writes are back: %s', (_, samples, passed, got) => {
  expect(writesBack(evidence(samples), 'promotion', 1_000)).toMatchObject([{ passed, got }]);
});

test('where nobody writes, it is not judged whether writes are back', () => {
  expect(writesBack(evidence(many(10)), 'promotion', 1_000)).toEqual([]);
});

test.each([
  ['within the budgets', { cacheMs: 250.9, slowestCallMs: 100.9 }, [true, true]],
  ['a call too long', { cacheMs: 120, slowestCallMs: 101 }, [false, true]],
  ['a request too long', { cacheMs: 251, slowestCallMs: 90 }, [true, false]],
  ['a service that does not say', { cacheMs: undefined, slowestCallMs: undefined }, [false, false]],
])('waits for the cache: %s', (_, waits, passed) => {
  const samples = [sample({ atMs: 500, cacheMs: 9_999, slowestCallMs: 9_999 }), sample({ atMs: 1_200, ...waits })];

  expect(cacheWaits(evidence(samples)).map((verdict) => verdict.passed)).toEqual(passed);
});

test.each([
  ['nothing', {}, [true, true, true]],
  ['a review', { lost: 1 }, [false, true, true]],
  ['currency', { stale: 2, stalestMs: 1_234 }, [true, false, true]],
  ['a session', { dead: 1 }, [true, true, false]],
])('what is lost: %s', (_, truth, passed) => {
  expect(nothingLost(evidence(many(3), truth)).map((verdict) => verdict.passed)).toEqual(passed);
});

test('latency is compared with what it was before the fault', () => {
  const before = many(100, { ms: 20 });
  const during = (ms: number) => many(100, { ms }).map((one) => ({ ...one, atMs: 1_100 + one.atMs }));
  const after = (ms: number) => many(100, { ms }).map((one) => ({ ...one, atMs: 2_100 + 10 * one.atMs }));

  expect(latencyHolds(evidence([...before, ...during(320)]), 300)).toMatchObject({ passed: true, got: '320 ms' });
  expect(latencyHolds(evidence([...before, ...during(321)]), 300)).toMatchObject({ passed: false });
  expect(latencyIsBack(evidence([...before, ...after(320)]), 300)).toMatchObject({ passed: true });
  expect(latencyIsBack(evidence([...before, ...after(321)]), 300)).toMatchObject({ passed: false });
  expect(latencyIsBack(evidence(before), 300)).toMatchObject({ passed: false, got: 'none' });
});

test.each([
  [2, true, '2'],
  [2.04, false, '2'],
  [undefined, false, 'not measured'],
])('a figure of %p against at most 2', (value, passed, got) => {
  expect(atMost('loads', value, 2)).toMatchObject({ passed, got });
});

test.each([
  [0.95, true, '95.00 %'],
  [0.949, false, '94.90 %'],
  [Number.NaN, false, '0 %'],
])('a share of %p against at least 95 %%', (share, passed, got) => {
  expect(atLeast('reads', share, 0.95)).toMatchObject({ passed, got });
});
