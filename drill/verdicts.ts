import type { DrillEvidence } from './drill';
import type { DrilledEnvironment } from './drill-target';
import type { DrillMark, DrillVerdict } from './report/drill-result';
import { quantile } from './report/load-figures';
import type { UserSample } from './users/users';

/** What is judged does not depend on what was drilled. */
type Evidence = DrillEvidence<DrilledEnvironment>;

/** Share of reads that must be answered when a cache is lost (shared figure of all faults that are not the service's own). */
const ANSWERED = 0.999;

/** Longest that one call of a cache may take, and all those of one request together, in milliseconds. */
export const CALL_BUDGET_MS = 100;
export const REQUEST_BUDGET_MS = 250;

const number = new Intl.NumberFormat('en-US');
const percent = (share: number) => `${(share * 100).toFixed(share === 1 || share === 0 ? 0 : 2)} %`;
const ms = (value: number | undefined) => (value === undefined ? 'none' : `${number.format(Math.round(value))} ms`);

/** When the fault began; the load's start where nothing marked it. */
export function faultAt({ marks }: Evidence): number {
  return marks.find(({ kind }) => kind === 'fault')?.atMs ?? 0;
}

export function markAt({ marks }: Evidence, kind: DrillMark['kind']): number | undefined {
  return marks.find((mark) => mark.kind === kind)?.atMs;
}

/** Samples of an action that began while the fault lasted. */
export function during(evidence: Evidence, ...actions: ReadonlyArray<UserSample['action']>): UserSample[] {
  const [from, to] = [faultAt(evidence), markAt(evidence, 'recovered') ?? Number.POSITIVE_INFINITY];
  return evidence.samples.filter(({ atMs, action }) => atMs >= from && atMs <= to && actions.includes(action));
}

/** Reads of people who are not signed in are answered, by the cache or by the database. */
export function readsAnswered(evidence: Evidence): DrillVerdict {
  const reads = evidence.samples.filter(({ action }) => action === 'browse');
  const answered = reads.filter(({ isOk }) => isOk).length;
  const share = reads.length === 0 ? 0 : answered / reads.length;
  return {
    name: 'reads answered',
    wanted: '≥ 99.9 %',
    got: `${percent(share)} (${number.format(answered)} of ${number.format(reads.length)})`,
    passed: share >= ANSWERED,
  };
}

/** Nobody gets an error at all. */
export function nothingFailed(evidence: Evidence): DrillVerdict {
  const failed = evidence.samples.filter(({ isOk }) => !isOk).length;
  return {
    name: 'requests that failed',
    wanted: '0',
    got: `${number.format(failed)} of ${number.format(evidence.samples.length)}`,
    passed: evidence.samples.length > 0 && failed === 0,
  };
}

/** Writes are taken again soon after something has come back. Where nobody writes, nothing is judged. */
export function writesBack(evidence: Evidence, since: DrillMark['kind'], withinMs: number): DrillVerdict[] {
  if (evidence.samples.every(({ action }) => action !== 'review')) {
    return [];
  }
  const from = markAt(evidence, since);
  const first =
    from === undefined
      ? undefined
      : evidence.samples.find(({ action, isOk, atMs, ms: took }) => action === 'review' && isOk && atMs + took >= from);
  // Counted to the answer: a write may have waited.
  const tookMs = first === undefined || from === undefined ? undefined : first.atMs + first.ms - from;
  return [
    {
      name: since === 'promotion' ? 'writes are back after the promotion' : 'writes are back after the fault',
      wanted: `within ${number.format(withinMs)} ms`,
      got: tookMs === undefined ? 'never' : ms(tookMs),
      passed: tookMs !== undefined && tookMs <= withinMs,
    },
  ];
}

/** Whoever waits for a cache, waits no longer than its budget. */
export function cacheWaits(evidence: Evidence): DrillVerdict[] {
  const samples = during(evidence, 'browse', 'account', 'review');
  const longest = (of: (sample: UserSample) => number | undefined) => quantile(samples.map(of), 1);
  const [call, request] = [longest(({ slowestCallMs }) => slowestCallMs), longest(({ cacheMs }) => cacheMs)];
  return [
    {
      name: 'longest wait of a call for the cache',
      wanted: `≤ ${CALL_BUDGET_MS} ms`,
      got: ms(call),
      passed: call !== undefined && Math.floor(call) <= CALL_BUDGET_MS,
    },
    {
      name: 'longest wait of a request for the cache',
      wanted: `≤ ${REQUEST_BUDGET_MS} ms`,
      got: ms(request),
      passed: request !== undefined && Math.floor(request) <= REQUEST_BUDGET_MS,
    },
  ];
}

/** What was acknowledged is there, what was read was current, and who was signed in still is. */
export function nothingLost({ truth }: Evidence): DrillVerdict[] {
  return [
    {
      name: 'acknowledged reviews lost',
      wanted: '0',
      got: `${truth.lost} of ${number.format(truth.acknowledged)}`,
      passed: truth.lost === 0,
    },
    {
      name: 'reads older than the own last write',
      wanted: '0',
      got: truth.stale === 0 ? '0' : `${truth.stale}, the longest ${ms(truth.stalestMs)} after it`,
      passed: truth.stale === 0,
    },
    {
      name: 'sessions that died',
      wanted: '0',
      got: `${truth.dead} of ${truth.sessions}`,
      passed: truth.dead === 0,
    },
  ];
}

/** The slowest hundredth of reads is little slower than before the fault. */
export function latencyHolds(evidence: Evidence, slackMs: number): DrillVerdict {
  const before = evidence.samples.filter(
    ({ action, isOk, atMs }) => action === 'browse' && isOk && atMs < faultAt(evidence),
  );
  const baseline =
    quantile(
      before.map((sample) => sample.ms),
      0.99,
    ) ?? 0;
  const got = quantile(
    during(evidence, 'browse').map((sample) => sample.ms),
    0.99,
  );
  return {
    name: 'p99 of reads during the fault',
    wanted: `≤ ${ms(baseline + slackMs)} (before: ${ms(baseline)})`,
    got: ms(got),
    passed: got !== undefined && got <= baseline + slackMs,
  };
}

/**
 * Reads are as fast as before again by the end.
 *
 * @param asked share of them that is judged; without it the p99, and the p95 of fewer than a hundred
 */
export function latencyIsBack(evidence: Evidence, slackMs: number, asked?: number): DrillVerdict {
  const from = markAt(evidence, 'recovered') ?? 0;
  const reads = evidence.samples.filter(({ action, isOk }) => action === 'browse' && isOk);
  // Of the second half: what waited in the first is over.
  const middle = from + ((evidence.samples.at(-1)?.atMs ?? from) - from) / 2;
  const [before, after] = [
    reads.filter(({ atMs }) => atMs < faultAt(evidence)),
    reads.filter(({ atMs }) => atMs >= middle),
  ] as const;
  const share = asked ?? (Math.min(before.length, after.length) < 100 ? 0.95 : 0.99);
  const of = (samples: readonly UserSample[]) =>
    quantile(
      samples.map((sample) => sample.ms),
      share,
    );
  const [baseline, got] = [of(before) ?? 0, of(after)];
  return {
    name: `p${share * 100} of reads at the end`,
    wanted: `≤ ${ms(baseline + slackMs)} (before: ${ms(baseline)})`,
    got: ms(got),
    passed: got !== undefined && got <= baseline + slackMs,
  };
}

/** A figure that may be so much at most. */
export function atMost(name: string, value: number | undefined, limit: number, unit = ''): DrillVerdict {
  const shown = (of: number) => `${number.format(Math.round(of * 10) / 10)}${unit}`;
  return {
    name,
    wanted: `≤ ${shown(limit)}`,
    got: value === undefined ? 'not measured' : shown(value),
    passed: value !== undefined && value <= limit,
  };
}

/** A share that must be so large at least. */
export function atLeast(name: string, share: number, limit: number): DrillVerdict {
  return { name, wanted: `≥ ${percent(limit)}`, got: percent(share || 0), passed: share >= limit };
}
