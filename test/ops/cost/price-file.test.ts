import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AskedWronglyError } from '../../../ops/aws/problems';
import { estimateMonth } from '../../../ops/cost/estimate';
import { writePrices } from '../../../ops/cost/price-file';
import { isPriceId } from '../../../ops/cost/price-ids';
import { PriceList } from '../../../ops/cost/price-list';

const NAT = {
  id: 'nat-gateway/hour',
  what: 'NAT gateway',
  unit: 'hour',
  price: 0.052,
  source: 'https://x/list',
  seen: '2026-11-01',
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prices-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const file = join(folder, 'prices.json');
  writeFileSync(file, text);
  return file;
}

function fileOf(...prices: readonly unknown[]): string {
  return fileWith(JSON.stringify({ region: 'eu-central-1', currency: 'USD', prices }));
}

test('what was written is read, and estimates are of its region', async () => {
  const file = join(folder, 'new', 'prices.json');

  await writePrices(file, new PriceList([NAT], 'eu-central-1'));
  const prices = PriceList.from(file, 'eu-central-1');

  expect(prices.entries).toEqual([NAT]);
  const template = { Resources: { Nat: { Type: 'AWS::EC2::NatGateway' } } };
  expect(estimateMonth([{ name: 'a', template }], prices)).toMatchObject({ region: 'eu-central-1', total: 37.96 });
  expect(readdirSync(join(folder, 'new'))).toEqual(['prices.json']);
});

test('what was there before is replaced', async () => {
  const file = fileWith('old');

  await writePrices(file, new PriceList([], 'eu-central-1'));

  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ region: 'eu-central-1', currency: 'USD', prices: [] });
});

test('says so if it cannot be written, and leaves nothing behind', async () => {
  const taken = fileWith('a file, no folder');

  const writing = writePrices(join(taken, 'prices.json'), new PriceList([NAT]));

  await expect(writing).rejects.toThrow(AskedWronglyError);
  await expect(writing).rejects.toThrow(/prices\.json cannot be written: /);
  expect(readdirSync(folder)).toEqual(['prices.json']);
});

test('the bundled prices are a file of prices', () => {
  const bundled = join(__dirname, '../../../ops/cost/prices.json');

  expect(PriceList.from(bundled, 'us-east-1').entries).toEqual(PriceList.sourced().entries);
});

test.each([
  ['is no JSON', '{', /is no JSON: /],
  ['is no object', 'null', /has no region such as "us-east-1", got undefined/],
  ['has no region', '{"currency":"USD","prices":[]}', /has no region such as "us-east-1", got undefined/],
  ['has a zone for a region', '{"region":"us-east-1a"}', /has no region such as "us-east-1", got "us-east-1a"/],
  [
    'has another currency',
    '{"region":"cn-north-1","currency":"CNY","prices":[]}',
    /must have prices in "USD", got "CNY"/,
  ],
  ['has no prices', '{"region":"us-east-1","currency":"USD"}', /has no list of "prices"/],
])('refuses a file that %s', (_name, text, message) => {
  const read = () => PriceList.from(fileWith(text));

  expect(read).toThrow(AskedWronglyError);
  expect(read).toThrow(message);
});

test('refuses a file that is not there', () => {
  expect(() => PriceList.from(join(folder, 'none.json'))).toThrow(/none\.json cannot be read: ENOENT/);
});

test.each([
  ['is no price', 7, 'price 1 has no id'],
  ['has no id', { ...NAT, id: undefined }, 'price 1 has no id'],
  [
    'is of nothing known',
    { ...NAT, id: 'nat-gateway/minute' },
    'nat-gateway/minute is an id that no estimate asks for',
  ],
  ['is negative', { ...NAT, price: -1 }, 'nat-gateway/hour must cost a number of US dollars from 0, got -1'],
  ['is text', { ...NAT, price: '1' }, 'nat-gateway/hour must cost a number of US dollars from 0, got "1"'],
  [
    'has no source',
    { ...NAT, source: undefined },
    'nat-gateway/hour must have the address that states it as its source, got undefined',
  ],
  [
    'has a source that is no address',
    { ...NAT, source: 'my head' },
    'nat-gateway/hour must have the address that states it as its source, got "my head"',
  ],
  [
    'was seen at no date',
    { ...NAT, seen: 'today' },
    'nat-gateway/hour must have been seen on a date such as "2026-06" or "2026-06-30", got "today"',
  ],
  ['has no unit', { ...NAT, unit: '' }, 'nat-gateway/hour needs a what and a unit'],
])('refuses a price that %s', (_name, price, message) => {
  expect(() => PriceList.from(fileOf(price))).toThrow(`is no price list: ${message}`);
});

test('refuses a price that is there twice', () => {
  expect(() => PriceList.from(fileOf(NAT, { ...NAT, price: 1 }))).toThrow('has the price nat-gateway/hour twice');
});

test('refuses the prices of another region', () => {
  expect(() => PriceList.from(fileOf(NAT), 'us-east-1')).toThrow(
    'has the prices of eu-central-1, and those of us-east-1 are needed: refresh them for that region',
  );
});

test.each(PriceList.sourced().entries.map(({ id }) => [id]))('knows the id %s', (id) => {
  expect(isPriceId(id)).toBe(true);
});
