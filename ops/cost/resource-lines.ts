import type { PriceList } from './price-list';
import type { Resource, Template } from './template';

/** Hours that AWS's own calculator counts for a month. */
export const HOURS_A_MONTH = 730;

/**
 * One thing that a month costs.
 *
 * A line with `monthly` is counted. A line with `byUse` costs `unitPrice` for each unit that is used. Any other line is
 * unknown, and `note` says why.
 */
export interface CostLine {
  /** Name of the stack. */
  readonly stack: string;
  /** Logical id of the resource. */
  readonly id: string;
  /** CloudFormation's type of the resource. */
  readonly type: string;
  /** What is paid for, in words. */
  readonly what: string;
  /** Units a month, if the template alone decides them. */
  readonly quantity?: number;
  /** What is counted, for example `hour`. */
  readonly unit?: string;
  /** Id of the price, whether it is known or not; nothing where there is no price to look up. */
  readonly priceId?: string;
  /** US dollars for one unit. */
  readonly unitPrice?: number;
  /** US dollars a month. */
  readonly monthly?: number;
  /** Whether the cost depends on use, so that it is not in the total. */
  readonly byUse?: boolean;
  /** Where the price was read. */
  readonly source?: string;
  /** Date of that source. */
  readonly seen?: string;
  readonly note?: string;
}

/** Writes what one kind of resource costs. */
export type Pricing = (resource: Resource, lines: ResourceLines, template: Template) => void;

const DEPLOY_TIME = 'the template leaves it to the deployment';

/** The lines of one resource. */
export class ResourceLines {
  readonly written: CostLine[] = [];

  constructor(
    private readonly about: Pick<CostLine, 'stack' | 'id' | 'type'>,
    private readonly prices: PriceList,
  ) {}

  /** Something that runs all month. @param count how many of it run; nothing if the template does not say */
  hours(what: string, priceId: string | undefined, count: number | undefined, note?: string): void {
    this.counted(what, priceId, count === undefined ? undefined : count * HOURS_A_MONTH, 'hour', note);
  }

  /** A number of units a month. @param quantity nothing if the template does not say */
  units(what: string, priceId: string | undefined, quantity: number | undefined, note?: string): void {
    this.counted(what, priceId, quantity, undefined, note);
  }

  /** Something whose cost depends on use. @param priceId nothing if the template does not say what it is */
  byUse(what: string, priceId: string | undefined): void {
    const price = priceId === undefined ? undefined : this.prices.price(priceId);
    if (price === undefined) {
      this.write(what, { byUse: true, priceId, note: priceId === undefined ? DEPLOY_TIME : unsourced(priceId) });
      return;
    }
    const { price: unitPrice, unit, source, seen } = price;
    this.write(what, { unit, priceId, unitPrice, byUse: true, source, seen });
  }

  /** Something that costs nothing, which is worth saying. */
  free(what: string, note: string): void {
    this.write(what, { monthly: 0, note });
  }

  /** Something that costs money, nobody knows how much. */
  unknown(what: string, note: string): void {
    this.write(what, { note });
  }

  private counted(
    what: string,
    priceId: string | undefined,
    quantity: number | undefined,
    unit: string | undefined,
    note: string | undefined,
  ): void {
    if (priceId === undefined || quantity === undefined) {
      this.write(what, { priceId, note: note ?? DEPLOY_TIME });
      return;
    }
    const price = this.prices.price(priceId);
    if (price === undefined) {
      this.write(what, { quantity, unit, priceId, note: unsourced(priceId) });
      return;
    }
    const { price: unitPrice, source, seen } = price;
    this.write(what, {
      quantity,
      unit: price.unit,
      priceId,
      unitPrice,
      monthly: quantity * unitPrice,
      source,
      seen,
      note,
    });
  }

  private write(what: string, rest: { readonly [Key in keyof CostLine]?: CostLine[Key] | undefined }): void {
    const stated = Object.entries(rest).filter(([, value]) => value !== undefined);
    this.written.push({ ...this.about, what, ...Object.fromEntries(stated) });
  }
}

function unsourced(priceId: string): string {
  return `no sourced price for ${priceId}`;
}
