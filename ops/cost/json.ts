import type { Estimate } from './estimate';
import { cents } from './money';
import { type CostLine, HOURS_A_MONTH } from './resource-lines';
import type { WhatIf } from './what-ifs';

/** An estimate with its what-ifs as `--json` prints it. What is not known is `null`; amounts are rounded to cents. */
export interface CostJson {
  /** Of the prices. */
  readonly region: string;
  readonly currency: 'USD';
  readonly hoursAMonth: number;
  /** What is known and does not depend on use. */
  readonly monthly: number;
  /** Whether nothing is missing from that. */
  readonly isComplete: boolean;
  readonly stacks: ReadonlyArray<{
    readonly name: string;
    readonly monthly: number;
    readonly lines: readonly CostJsonLine[];
  }>;
  /** Types of which it is not known whether they cost something. */
  readonly unknownTypes: readonly string[];
  readonly whatIfs: readonly CostJsonWhatIf[];
}

export interface CostJsonLine {
  /** Logical id. */
  readonly resource: string;
  readonly type: string;
  readonly what: string;
  /** Whether it is in `monthly`, costs `unitPrice` for each unit that is used, or is missing. */
  readonly kind: 'fixed' | 'by-use' | 'unknown';
  /** Units a month. */
  readonly quantity: number | null;
  readonly unit: string | null;
  /** As it is stated, not rounded. */
  readonly unitPrice: number | null;
  readonly monthly: number | null;
  readonly note: string | null;
  readonly priceId: string | null;
  readonly source: string | null;
  readonly seen: string | null;
}

export interface CostJsonWhatIf {
  readonly name: WhatIf['name'];
  readonly title: string;
  readonly changes: readonly string[];
  /** What is known of the stacks as they would be. */
  readonly monthly: number;
  /** Negative if it costs more. */
  readonly saves: number | null;
  readonly caveat: string;
}

/** An estimate with its what-ifs as `--json` prints it. */
export function costJson(estimate: Estimate, whatIfs: readonly WhatIf[]): CostJson {
  const { region, lines, total, unknown, unknownTypes } = estimate;
  const stacks = [...new Set(lines.map(({ stack }) => stack))].map((name) => {
    const own = lines.filter(({ stack }) => stack === name);
    return { name, monthly: cents(sumOf(own)), lines: own.map(lineJson) };
  });
  return {
    region,
    currency: 'USD',
    hoursAMonth: HOURS_A_MONTH,
    monthly: cents(total),
    isComplete: unknown.every(({ byUse }) => byUse === true),
    stacks,
    unknownTypes,
    whatIfs: whatIfs.map(({ name, title, changes, estimate: { total: monthly }, saves, caveat }) => ({
      name,
      title,
      changes,
      monthly: cents(monthly),
      saves: saves === undefined ? null : cents(saves),
      caveat,
    })),
  };
}

/** US dollars a month that some lines are known to cost. */
export function sumOf(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { monthly = 0 }) => sum + monthly, 0);
}

function lineJson(line: CostLine): CostJsonLine {
  const { id, type, what, byUse, quantity, unit, unitPrice, monthly, note, priceId, source, seen } = line;
  return {
    resource: id,
    type,
    what,
    kind: monthly !== undefined ? 'fixed' : byUse && unitPrice !== undefined ? 'by-use' : 'unknown',
    quantity: quantity ?? null,
    unit: unit ?? null,
    unitPrice: unitPrice ?? null,
    monthly: monthly === undefined ? null : cents(monthly),
    note: note ?? null,
    priceId: priceId ?? null,
    source: source ?? null,
    seen: seen ?? null,
  };
}
