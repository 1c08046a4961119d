import { type Filter, GetProductsCommand, type PricingClient } from '@aws-sdk/client-pricing';
import { asFatal } from '../aws/problems';
import { type PriceEntry, PriceList } from './price-list';
import { type Offer, offerOf } from './price-offers';
import { type PriceQuery, priceQuery } from './price-queries';

/** Which prices are refreshed. */
export interface RefreshOptions {
  /** Whose prices they are to be, for example `eu-central-1`. Not where the price list is asked. */
  readonly region: string;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** What a refresh gave. */
export interface RefreshedPrices {
  /**
   * What was refreshed. In the region of the bundled prices the others of those are in it too, with the source and the
   * date that they had.
   */
  readonly prices: PriceList;
  /** Ids of the prices that the price list has. */
  readonly refreshed: string[];
  /** Ids of those that it does not have, each with why: `<id>: <why>`. */
  readonly notFound: string[];
}

/** How many queries are under way at once. */
const AT_ONCE = 4;

/**
 * Asks AWS's price list for prices.
 *
 * A price is taken only if the list has exactly one in US dollars that does not depend on how much is used.
 *
 * @param client of a region that has the service: `pricingClient`
 * @param needed ids of prices: `neededPrices`
 * @throws RefusedError if AWS refuses or cannot be reached
 * @throws TimedOutError if it does not answer in time, or `signal` ends it
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html
 */
export async function refreshedPrices(
  client: Pick<PricingClient, 'send'>,
  needed: readonly string[],
  { region, signal }: RefreshOptions,
): Promise<RefreshedPrices> {
  const ids = [...new Set(needed)];
  const sourced = PriceList.sourced();
  const entries = new Map(sourced.region === region ? sourced.entries.map((entry) => [entry.id, entry]) : []);
  const refreshed: string[] = [];
  const notFound: string[] = [];
  for (let first = 0; first < ids.length; first += AT_ONCE) {
    const some = ids.slice(first, first + AT_ONCE);
    const answers = await Promise.all(some.map((id) => asked(client, id, region, signal)));
    for (const [index, answer] of answers.entries()) {
      const id = some[index] as string;
      if (typeof answer === 'string') {
        notFound.push(`${id}: ${answer}`);
      } else {
        entries.set(id, answer);
        refreshed.push(id);
      }
    }
  }
  return { prices: new PriceList([...entries.values()], region), refreshed, notFound };
}

async function asked(
  client: Pick<PricingClient, 'send'>,
  id: string,
  region: string,
  signal: AbortSignal | undefined,
): Promise<PriceEntry | string> {
  const query = priceQuery(id);
  if (query === undefined) {
    return 'where the price list has it is not known here';
  }
  let offer: Offer | string;
  try {
    offer = offerOf(await productsOf(client, query, region, signal), query, region);
  } catch (error) {
    throw asFatal(error, 'pricing:GetProducts', region);
  }
  return typeof offer === 'string' ? offer : { id, what: query.what, unit: query.unit.name, ...offer };
}

async function productsOf(
  client: Pick<PricingClient, 'send'>,
  query: PriceQuery,
  region: string,
  signal: AbortSignal | undefined,
): Promise<unknown[]> {
  const products: unknown[] = [];
  let NextToken: string | undefined;
  do {
    const command = new GetProductsCommand({
      ServiceCode: query.service,
      Filters: filtersOf(query, region),
      FormatVersion: 'aws_v1',
      ...(NextToken === undefined ? {} : { NextToken }),
    });
    const page = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
    products.push(...(page.PriceList ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return products;
}

function filtersOf({ attributes, usageType }: PriceQuery, region: string): Filter[] {
  return [
    ...Object.entries({ regionCode: region, locationType: 'AWS Region', ...attributes }).map(
      ([Field, Value]): Filter => ({ Type: 'TERM_MATCH', Field, Value }),
    ),
    { Type: 'CONTAINS', Field: 'usagetype', Value: usageType },
  ];
}
