import { readPriceFile } from './price-file';
import document from './prices.json';

/** What one unit of something costs, and where that was read. */
export interface Price {
  /** US dollars for one `unit`, without a free tier or a discount; on demand, unless the price is that of a reservation. */
  readonly price: number;
  /** What is counted, for example `hour` or `GB-month`. */
  readonly unit: string;
  /** The page or file that states the price. */
  readonly source: string;
  /** When that page or file says that the price held, as far as it says so: `2026-06` or `2026-06-30`. */
  readonly seen?: string;
}

/** A price with its name. */
export interface PriceEntry extends Price {
  /** For example `rds/postgres/multi-az/db.t4g.micro`. */
  readonly id: string;
  /** What it is the price of, in words. */
  readonly what: string;
}

/**
 * List prices of one region.
 *
 * It has only prices that a source states. A price that it does not have is unknown, which is not the same as free.
 */
export class PriceList {
  /** The prices of `prices.json`: us-east-1, in US dollars. */
  static sourced(): PriceList {
    return new PriceList(document.prices, document.region);
  }

  /**
   * Prices of a file that `writePrices` wrote, or that is like `prices.json`.
   *
   * @param region what the prices have to be of; any region if it is left out
   * @throws AskedWronglyError if there is no such file, if it is no price list, or of another region
   */
  static from(file: string, region?: string): PriceList {
    const { prices, region: own } = readPriceFile(file, region);
    return new PriceList(prices, own);
  }

  private readonly byId: ReadonlyMap<string, PriceEntry>;

  /** @throws if two entries have one id */
  constructor(
    readonly entries: readonly PriceEntry[],
    readonly region = document.region,
  ) {
    this.byId = new Map(entries.map((entry) => [entry.id, entry]));
    if (this.byId.size < entries.length) {
      const twice = entries.find((entry, index) => entries.findIndex(({ id }) => id === entry.id) < index);
      throw new Error(`a price list has every price once, got two of ${twice?.id}`);
    }
  }

  /** The price with that id, or nothing if no source was found for it. */
  price(id: string): Price | undefined {
    return this.byId.get(id);
  }
}
