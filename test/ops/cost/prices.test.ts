import { PriceList } from '../../../ops/cost/price-list';

const { entries } = PriceList.sourced();

test.each(entries.map((entry) => [entry.id, entry] as const))('%s has a price, a unit and a source', (_id, entry) => {
  expect(entry.price).toBeGreaterThan(0);
  expect(entry.unit).toMatch(/^[A-Za-z0-9]/);
  expect(entry.what).not.toBe('');
  expect(entry.source).toMatch(/^https:\/\/[^ ]+$/);
  expect(entry.seen ?? '2026-01').toMatch(/^20\d\d-\d\d(-\d\d)?$/);
});

test('a source on GitHub is pinned to a commit, so that it keeps saying what it said', () => {
  const loose = entries.filter(({ source }) => /github\.com/.test(source) && !/\/blob\/[0-9a-f]{40}\//.test(source));

  expect(loose).toEqual([]);
});

test('a Valkey node costs 20 % less than a Redis OSS node, as AWS says', () => {
  const prices = PriceList.sourced();
  const [valkey, redis] = ['valkey', 'redis'].map((engine) => prices.price(`elasticache/${engine}/cache.t4g.micro`));

  expect((valkey?.price as number) / (redis?.price as number)).toBeCloseTo(0.8);
});

test('finds a price with its unit, its source and its date', () => {
  expect(PriceList.sourced().price('nat-gateway/hour')).toMatchObject({
    price: 0.045,
    unit: 'hour',
    source: expect.stringContaining('prices-us-east-1.json'),
    seen: '2026-10-07',
  });
});

test('does not invent a price', () => {
  expect(PriceList.sourced().price('elasticache/valkey/cache.x99.huge')).toBeUndefined();
});

test('fails if a price is there twice', () => {
  const twice = { id: 'a', what: 'a', unit: 'hour', price: 1, source: 'https://x' };

  expect(() => new PriceList([twice, { ...twice, price: 2 }])).toThrow(
    'a price list has every price once, got two of a',
  );
});
