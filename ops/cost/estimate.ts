import { CACHES } from './caches';
import { DATABASES } from './databases';
import { FLEETS } from './fleets';
import { isFree } from './free-types';
import { NETWORKS } from './networks';
import { OPERATIONS } from './operations';
import { PriceList } from './price-list';
import { type CostLine, type Pricing, ResourceLines } from './resource-lines';
import type { Template } from './template';

export type { CostLine } from './resource-lines';

/** What the resources of some stacks cost in a month of 730 hours. */
export interface Estimate {
  /** Of the prices. */
  readonly region: string;
  readonly lines: readonly CostLine[];
  /** US dollars a month for what is known and does not depend on use, with fleets at their smallest. */
  readonly total: number;
  /** The lines that the total lacks because their price or their quantity is unknown. */
  readonly unknown: readonly CostLine[];
  /** Types of which it is not even known whether they cost something. */
  readonly unknownTypes: readonly string[];
}

/** A stack and its CloudFormation template. */
export interface StackTemplate {
  readonly name: string;
  readonly template: Template;
}

/** What every type that costs something costs. */
const PRICINGS: Readonly<Record<string, Pricing>> = { ...CACHES, ...DATABASES, ...FLEETS, ...NETWORKS, ...OPERATIONS };

/**
 * What stacks cost in a month.
 *
 * Nothing is guessed: a price without a source, a value that only the deployment decides and a type that nobody priced
 * each give a line that is unknown. List prices of one region, on demand, without the free tier, discounts or taxes.
 *
 * @param prices those of us-east-1 that are bundled, by default
 * @param otherwise types that are to be priced in another way than what they are
 */
export function estimateMonth(
  stacks: readonly StackTemplate[],
  prices: PriceList = PriceList.sourced(),
  otherwise: Readonly<Record<string, Pricing>> = {},
): Estimate {
  const lines = stacks.flatMap(({ name, template }) =>
    Object.entries(template.Resources).flatMap(([id, resource]) => {
      const written = new ResourceLines({ stack: name, id, type: resource.Type }, prices);
      const pricing = otherwise[resource.Type] ?? PRICINGS[resource.Type];
      if (pricing !== undefined) {
        pricing(resource, written, template);
      } else if (!isFree(resource.Type)) {
        written.unknown(resource.Type, 'no price is known for this type');
      }
      return written.written;
    }),
  );
  const types = new Set(lines.map(({ type }) => type));
  return {
    region: prices.region,
    lines,
    total: lines.reduce((sum, { monthly = 0 }) => sum + monthly, 0),
    unknown: lines.filter((line) => (line.byUse ? line.unitPrice : line.monthly) === undefined),
    unknownTypes: [...types].filter((type) => PRICINGS[type] === undefined),
  };
}
