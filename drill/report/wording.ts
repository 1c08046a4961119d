import type { DrillMark, DrillResult } from './drill-result';
import type { LoadFigures } from './load-figures';

/** Stands where there is nothing to say. */
const NOTHING = '–';

/** A duration as people write it. */
export function duration(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) {
    return NOTHING;
  }
  if (ms >= 999.5) {
    return seconds(ms);
  }
  return ms >= 9.95 ? `${Math.round(ms)} ms` : `${Number(ms.toPrecision(2))} ms`;
}

/** A point of time within a drill. */
export function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : NOTHING;
}

export function count(number: number): string {
  return Number.isFinite(number) ? number.toLocaleString('en-US', { maximumFractionDigits: 1 }) : NOTHING;
}

/** A share of 0 to 1; never rounded up to all of it nor down to nothing. */
export function percent(share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) {
    return NOTHING;
  }
  const hundredths = Math.floor(share * 10_000 + 1e-6);
  return share > 0 && hundredths === 0 ? '< 0.01 %' : `${hundredths / 100} %`;
}

/** How many requests failed, in words. */
export function failures({ requests, failed }: LoadFigures): string {
  if (requests === 0) {
    return 'no request was made';
  }
  return failed === 0 ? 'none failed' : `${count(failed)} failed (${percent(failed / requests)})`;
}

/** The load in words, as far as there was one. */
export function loadInWords(figures: LoadFigures): string {
  const { requests, p50Ms, p99Ms, hitRatio } = figures;
  return [
    requests === 0 ? failures(figures) : `${count(requests)} requests, ${failures(figures)}`,
    ...(p50Ms === undefined ? [] : [`p50 ${duration(p50Ms)}, p99 ${duration(p99Ms)}`]),
    ...(hitRatio === undefined ? [] : [`hit ratio ${percent(hitRatio)}`]),
  ].join(', ');
}

/** Tells a time as it reads everywhere; what is no ISO time is told as it is. */
export function moment(iso: string): string {
  return iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, '$1 $2 UTC');
}

/** Text on one line, without what a terminal or an XML document would take for more than text. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

export function markText({ atMs, kind, label }: DrillMark): string {
  return `${seconds(atMs)} ${kind}: ${plain(label)}`;
}

/** Where and when results are from, each place once. */
export function origins(results: readonly DrillResult[]): {
  readonly environments: string;
  readonly startedAt: string | undefined;
  readonly places: readonly string[];
} {
  const environments = [...new Set(results.map(({ environment }) => environment))].join(', ');
  const startedAt = results.map((result) => result.startedAt).sort()[0];
  return { environments, startedAt, places: [...new Set(results.map(({ where }) => where))] };
}
