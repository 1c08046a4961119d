import type { PriceQuery } from './price-queries';
import { object, text } from './template';

/** What a product of AWS's price list costs. */
export interface Offer {
  /** US dollars for the unit of the query. */
  readonly price: number;
  /** File of the price list that states it. */
  readonly source: string;
  /** Day when the price list was published, such as `2026-06-30`; nothing if it does not say. */
  readonly seen?: string;
}

/**
 * What the price list's one answer to a query is.
 *
 * @param products as `GetProducts` gives them, each a JSON document
 * @returns the offer, or why there is none: it has to be one price in US dollars, whatever the use
 */
export function offerOf(products: readonly unknown[], query: PriceQuery, region: string): Offer | string {
  const usageType = new RegExp(`^((EU|[A-Z]{3}\\d|${region})-)?${literal(query.usageType)}$`);
  const meant = products
    .map(documentOf)
    .filter((document) => usageType.test(text(attributesOf(document).usagetype) ?? ''));
  if (meant.length === 0) {
    return `the price list has no ${query.usageType} in ${region}`;
  }
  const offers = meant.map((document) => offer(document, query, region));
  const problem = offers.find((each) => typeof each === 'string');
  if (problem !== undefined) {
    return problem;
  }
  const priced = offers.filter((each) => typeof each === 'object');
  const prices = [...new Set(priced.map(({ price }) => price))];
  if (prices.length > 1) {
    return `the price list has ${priced.length} products for it, with different prices: ${prices.join(', ')}`;
  }
  return priced[0] ?? `the price list has no price for ${termOf(query)}`;
}

/** @returns nothing where there is no price at all, and why there is none of use otherwise */
function offer(document: Fields, query: PriceQuery, region: string): Offer | string | undefined {
  const terms = Object.values(object(object(document.terms)[query.isReserved ? 'Reserved' : 'OnDemand'])).map(object);
  const meant = query.isReserved ? terms.filter(isYearWithoutUpfront) : terms;
  const [dimension, ...more] = meant.flatMap(({ priceDimensions }) =>
    Object.values(object(priceDimensions)).map(object),
  );
  if (dimension === undefined) {
    return undefined;
  }
  if (more.length > 0) {
    return `the price list has ${more.length + 1} prices for ${termOf(query)}`;
  }
  const { USD } = object(dimension.pricePerUnit);
  const unit = text(dimension.unit) ?? '';
  if (USD === undefined) {
    return 'its price is not in US dollars';
  }
  if (!query.unit.sold.test(unit)) {
    return `it is sold by "${unit}", of which it is not known how many are one ${query.unit.name}`;
  }
  const price = Number(USD) * query.unit.times;
  return price > 0 ? { price: rounded(price), ...origin(document, query, region) } : `its price is stated as ${USD}`;
}

function termOf({ isReserved }: PriceQuery): string {
  return isReserved ? 'a year without upfront payment' : 'use on demand';
}

function isYearWithoutUpfront({ termAttributes }: Fields): boolean {
  const { LeaseContractLength, PurchaseOption, OfferingClass = 'standard' } = object(termAttributes);
  return LeaseContractLength === '1yr' && PurchaseOption === 'No Upfront' && OfferingClass === 'standard';
}

/** The file of the version that the answer is of, so that it keeps saying what it said. */
function origin(document: Fields, { service }: PriceQuery, region: string): Pick<Offer, 'source' | 'seen'> {
  const version = text(document.version);
  const stated = version !== undefined && /^\d{14}$/.test(version) ? version : 'current';
  const day = /^\d{4}-\d\d-\d\d/.exec(text(document.publicationDate) ?? '')?.[0];
  return {
    source: `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${service}/${stated}/${region}/index.json`,
    ...(day === undefined ? {} : { seen: day }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function documentOf(product: unknown): Fields {
  try {
    // The SDK gives an object that is the document only when it is made a text.
    return object(JSON.parse(`${product}`));
  } catch {
    return {};
  }
}

function attributesOf(document: Fields): Fields {
  return object(object(document.product).attributes);
}

/** Without what a multiplication adds behind the digits that are stated. */
function rounded(price: number): number {
  return Number(price.toPrecision(12));
}

function literal(value: string): string {
  return value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
