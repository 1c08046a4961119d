import type { DrillResult } from './drill-result';
import { figuresOf } from './load-figures';
import { outcomeOf } from './outcome';

export interface ReportJsonOptions {
  /** Whether every request is told, which makes the document large. */
  readonly samples?: boolean;
}

/** The results as a JSON array, each key in the same place every time; with what its requests show together. */
export function reportJson(results: readonly DrillResult[], { samples = false }: ReportJsonOptions = {}): string {
  const drills = results.map((result) => ({
    drill: result.drill,
    title: result.title,
    environment: result.environment,
    where: result.where,
    startedAt: result.startedAt,
    durationMs: result.durationMs,
    ratePerSecond: result.ratePerSecond,
    outcome: outcomeOf(result),
    figures: figuresOf(result.samples),
    marks: result.marks.map(({ atMs, kind, label }) => ({ atMs, kind, label })),
    verdicts: result.verdicts.map(({ name, wanted, got, passed }) => ({ name, wanted, got, passed })),
    notes: result.notes,
    samples: samples
      ? result.samples.map(({ atMs, ms, action, status, isOk, answer, cacheMs, databaseMs }) => {
          return { atMs, ms, action, status, isOk, answer, cacheMs, databaseMs };
        })
      : undefined,
  }));
  return `${JSON.stringify(drills, null, 2)}\n`;
}
