import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AskedWronglyError } from '../aws/problems';
import { isPriceId } from './price-ids';
import type { PriceEntry, PriceList } from './price-list';

/** What a file of prices holds. */
interface PriceFile {
  /** For example `eu-central-1`. */
  readonly region: string;
  readonly prices: readonly PriceEntry[];
}

/**
 * Reads a file of prices.
 *
 * @param region what the prices have to be of; any region if it is left out
 * @throws AskedWronglyError if there is no such file, if it is no list of prices, or of another region
 */
export function readPriceFile(file: string, region?: string): PriceFile {
  const refuse = (why: string): never => {
    throw new AskedWronglyError(`${file} ${why}`);
  };
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    refuse(
      error instanceof SyntaxError ? `is no JSON: ${error.message}` : `cannot be read: ${(error as Error).message}`,
    );
  }
  const { region: own, currency, prices } = fieldsOf(document);
  if (typeof own !== 'string' || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(own)) {
    return refuse(`has no region such as "us-east-1", got ${JSON.stringify(own)}`);
  }
  if (region !== undefined && own !== region) {
    return refuse(`has the prices of ${own}, and those of ${region} are needed: refresh them for that region`);
  }
  if (currency !== 'USD') {
    return refuse(`must have prices in "USD", got ${JSON.stringify(currency)}`);
  }
  if (!Array.isArray(prices)) {
    return refuse('has no list of "prices"');
  }
  const seen = new Set<string>();
  const entries = prices.map((value, index) => {
    const problem = problemOf(value);
    if (problem !== undefined) {
      return refuse(`is no price list: ${nameOf(value, index)} ${problem}`);
    }
    const { id } = value as PriceEntry;
    if (seen.has(id)) {
      return refuse(`has the price ${id} twice`);
    }
    seen.add(id);
    return value as PriceEntry;
  });
  return { region: own, prices: entries };
}

/**
 * Writes prices to a file that `PriceList.from` reads. It is there as a whole or not at all.
 *
 * @throws AskedWronglyError if it cannot be written
 */
export async function writePrices(file: string, prices: PriceList): Promise<void> {
  const document = { region: prices.region, currency: 'USD', prices: prices.entries };
  const beside = `${resolve(file)}.${randomUUID()}`;
  try {
    await mkdir(dirname(beside), { recursive: true });
    await writeFile(beside, `${JSON.stringify(document, null, 2)}\n`);
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {});
    throw new AskedWronglyError(`${file} cannot be written: ${(error as Error).message}`);
  }
}

function problemOf(value: unknown): string | undefined {
  const { id, what, unit, price, source, seen } = fieldsOf(value);
  if (typeof id !== 'string') {
    return 'has no id';
  }
  if (!isPriceId(id)) {
    return 'is an id that no estimate asks for';
  }
  if (typeof price !== 'number' || !Number.isFinite(price) || price < 0) {
    return `must cost a number of US dollars from 0, got ${JSON.stringify(price)}`;
  }
  if (typeof source !== 'string' || !/^https:\/\/\S+$/.test(source)) {
    return `must have the address that states it as its source, got ${JSON.stringify(source)}`;
  }
  if (seen !== undefined && !(typeof seen === 'string' && /^\d{4}-\d\d(-\d\d)?$/.test(seen))) {
    return `must have been seen on a date such as "2026-06" or "2026-06-30", got ${JSON.stringify(seen)}`;
  }
  return [what, unit].every((text) => typeof text === 'string' && text !== '') ? undefined : 'needs a what and a unit';
}

function nameOf(value: unknown, index: number): string {
  const { id } = fieldsOf(value);
  return typeof id === 'string' ? id : `price ${index + 1}`;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
