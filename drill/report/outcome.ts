import type { DrillMark, DrillResult } from './drill-result';
import { figuresOf } from './load-figures';
import { count, duration, failures, loadInWords } from './wording';

/** A drill that judged nothing has not passed. */
export type Outcome = 'passed' | 'failed' | 'not judged';

export function outcomeOf({ verdicts }: DrillResult): Outcome {
  if (verdicts.length === 0) {
    return 'not judged';
  }
  return verdicts.every(({ passed }) => passed) ? 'passed' : 'failed';
}

/** Told besides the word, so that no colour is needed. */
export const OUTCOME_SIGNS: Readonly<Record<Outcome, string>> = { passed: '✓', failed: '✗', 'not judged': '–' };

/** Says how all of them went. */
export function overall(results: readonly DrillResult[]): string {
  if (results.length === 0) {
    return 'no drill was run';
  }
  const passed = results.filter((result) => outcomeOf(result) === 'passed').length;
  return `${count(passed)} of ${count(results.length)} passed`;
}

/** What speaks most against a drill: the first verdict it failed, or else the worst that a user met. */
export function worstFigure(result: DrillResult): string {
  const [first, ...others] = result.verdicts.filter(({ passed }) => !passed);
  if (first !== undefined) {
    const more = others.length === 0 ? '' : `, and ${count(others.length)} more`;
    return `${first.name}: ${first.got}, wanted ${first.wanted}${more}`;
  }
  const figures = figuresOf(result.samples);
  return figures.p99Ms === undefined ? failures(figures) : `${failures(figures)}, p99 ${duration(figures.p99Ms)}`;
}

/** Time from the first fault until users were served as before, if they were. */
export function recoveryMs({ marks }: DrillResult): number | undefined {
  const times = (wanted: DrillMark['kind']) => marks.filter(({ kind }) => kind === wanted).map(({ atMs }) => atMs);
  const tookMs = Math.max(...times('recovered')) - Math.min(...times('fault'));
  return tookMs >= 0 && Number.isFinite(tookMs) ? tookMs : undefined;
}

/** A drill in one or two sentences. */
export function whatHappened(result: DrillResult): string[] {
  const load = loadInWords(figuresOf(result.samples));
  const recovered = recoveryMs(result);
  return [
    `${count(result.ratePerSecond)} requests a second for ${duration(result.durationMs)}: ${load}.`,
    ...(recovered === undefined ? [] : [`Recovered ${duration(recovered)} after the fault.`]),
  ];
}
