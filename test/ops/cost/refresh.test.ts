import { RefusedError, TimedOutError } from '../../../ops/aws/problems';
import { PriceList } from '../../../ops/cost/price-list';
import { pricingClient } from '../../../ops/cost/pricing-client';
import { refreshedPrices } from '../../../ops/cost/refresh';
import { PricingEndpoint, type Product } from './pricing-endpoint';

const NODE = 'elasticache/valkey/cache.m7g.large';
const RESERVED = 'elasticache/reserved-1y-no-upfront/valkey/cache.m7g.large';
const FRANKFURT = { region: 'eu-central-1' };

let endpoint: PricingEndpoint;

beforeEach(async () => {
  endpoint = await PricingEndpoint.start();
});

afterEach(() => endpoint.close());

interface Dimension {
  readonly unit: string;
  readonly pricePerUnit: Readonly<Record<string, string>>;
}

function hourly(price: string, unit = 'Hrs'): Dimension {
  return { unit, pricePerUnit: { USD: price } };
}

function terms(...dimensions: readonly Dimension[]) {
  return { 'SKU.TERM': { priceDimensions: Object.fromEntries(dimensions.map((each, index) => [`${index}`, each])) } };
}

function reservation(length: string, option: string, ...dimensions: readonly Dimension[]) {
  const { 'SKU.TERM': term } = terms(...dimensions);
  return {
    ...term,
    termAttributes: { LeaseContractLength: length, PurchaseOption: option, OfferingClass: 'standard' },
  };
}

function product(
  serviceCode: string,
  { productFamily, ...attributes }: Readonly<Record<string, string>>,
  onDemand: unknown = terms(hourly('0.1472000000')),
  reserved: readonly unknown[] = [],
): Product {
  return {
    serviceCode,
    product: {
      ...(productFamily === undefined ? {} : { productFamily }),
      attributes: { regionCode: 'eu-central-1', locationType: 'AWS Region', ...attributes },
    },
    terms: {
      ...(onDemand === undefined ? {} : { OnDemand: onDemand }),
      ...(reserved.length === 0 ? {} : { Reserved: Object.fromEntries(reserved.entries()) }),
    },
    version: '20261101083000',
    publicationDate: '2026-11-01T08:30:00Z',
  };
}

function node(usagetype: string, onDemand?: unknown, reserved: readonly unknown[] = []): Product {
  return product(
    'AmazonElastiCache',
    { productFamily: 'Cache Instance', instanceType: 'cache.m7g.large', cacheEngine: 'Valkey', usagetype },
    onDemand,
    reserved,
  );
}

test('takes the price that the price list has, with the file that states it and its day', async () => {
  endpoint.has(node('EUC1-NodeUsage:cache.m7g.large'));

  const { prices, refreshed, notFound } = await refreshedPrices(endpoint.client, [NODE], FRANKFURT);

  expect(prices.region).toBe('eu-central-1');
  expect(prices.entries).toEqual([
    {
      id: NODE,
      what: 'ElastiCache for Valkey node, cache.m7g.large',
      unit: 'hour',
      price: 0.1472,
      source:
        'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonElastiCache/20261101083000/eu-central-1/index.json',
      seen: '2026-11-01',
    },
  ]);
  expect({ refreshed, notFound }).toEqual({ refreshed: [NODE], notFound: [] });
});

test('asks by what the product is, in the region', async () => {
  await refreshedPrices(endpoint.client, [NODE, NODE], FRANKFURT);

  expect(endpoint.asked).toEqual([
    {
      ServiceCode: 'AmazonElastiCache',
      FormatVersion: 'aws_v1',
      Filters: [
        { Type: 'TERM_MATCH', Field: 'regionCode', Value: 'eu-central-1' },
        { Type: 'TERM_MATCH', Field: 'locationType', Value: 'AWS Region' },
        { Type: 'TERM_MATCH', Field: 'productFamily', Value: 'Cache Instance' },
        { Type: 'TERM_MATCH', Field: 'instanceType', Value: 'cache.m7g.large' },
        { Type: 'TERM_MATCH', Field: 'cacheEngine', Value: 'Valkey' },
        { Type: 'CONTAINS', Field: 'usagetype', Value: 'NodeUsage:cache.m7g.large' },
      ],
    },
  ]);
});

test('reads all pages', async () => {
  endpoint.pageSize = 1;
  endpoint.has(
    node('EUC1-ExtendedSupportYr3-NodeUsage:cache.m7g.large', terms(hourly('9'))),
    node('EUC1-ExtendedSupportYr1_Yr2-NodeUsage:cache.m7g.large', terms(hourly('8'))),
    node('EUC1-NodeUsage:cache.m7g.large'),
  );

  const { prices } = await refreshedPrices(endpoint.client, [NODE], FRANKFURT);

  expect(prices.price(NODE)?.price).toBe(0.1472);
  expect(endpoint.asked.map(({ NextToken }) => NextToken)).toEqual([undefined, '1', '2']);
});

test.each([
  ['us-east-1', 'NodeUsage:cache.m7g.large'],
  ['us-east-1', 'USE1-NodeUsage:cache.m7g.large'],
  ['eu-west-1', 'EU-NodeUsage:cache.m7g.large'],
])('in %s knows %s', async (region, usagetype) => {
  const { product: found, ...rest } = node(usagetype);
  endpoint.has({ ...rest, product: { ...found, attributes: { ...found.attributes, regionCode: region } } });

  expect((await refreshedPrices(endpoint.client, [NODE], { region })).refreshed).toEqual([NODE]);
});

test.each([
  [
    'rds/postgres/multi-az/db.r6g.large',
    'AmazonRDS',
    {
      productFamily: 'Database Instance',
      instanceType: 'db.r6g.large',
      databaseEngine: 'PostgreSQL',
      deploymentOption: 'Multi-AZ',
      usagetype: 'EUC1-Multi-AZUsage:db.r6g.large',
    },
    hourly('0.5'),
    { price: 0.5, unit: 'hour' },
  ],
  [
    'rds/mysql/single-az/gp3',
    'AmazonRDS',
    {
      productFamily: 'Database Storage',
      databaseEngine: 'MySQL',
      deploymentOption: 'Single-AZ',
      volumeType: 'General Purpose-GP3',
      usagetype: 'EUC1-RDS:GP3-Storage',
    },
    hourly('0.137', 'GB-Mo'),
    { price: 0.137, unit: 'GB-month' },
  ],
  [
    'ec2/t4g.small',
    'AmazonEC2',
    {
      productFamily: 'Compute Instance',
      instanceType: 't4g.small',
      operatingSystem: 'Linux',
      tenancy: 'Shared',
      preInstalledSw: 'NA',
      capacitystatus: 'Used',
      usagetype: 'EUC1-BoxUsage:t4g.small',
    },
    hourly('0.0192'),
    { price: 0.0192, unit: 'hour' },
  ],
  [
    'ebs/gp3',
    'AmazonEC2',
    { productFamily: 'Storage', volumeApiName: 'gp3', usagetype: 'EUC1-EBS:VolumeUsage.gp3' },
    hourly('0.0952', 'GB-Mo'),
    { price: 0.0952, unit: 'GB-month' },
  ],
  [
    'elb/application/hour',
    'AWSELB',
    { productFamily: 'Load Balancer-Application', usagetype: 'EUC1-LoadBalancerUsage' },
    hourly('0.027'),
    { price: 0.027, unit: 'hour' },
  ],
  [
    'kms/requests',
    'awskms',
    { usagetype: 'eu-central-1-KMS-Requests' },
    hourly('0.0000030000', 'Requests'),
    { price: 0.03, unit: '10,000 requests' },
  ],
  [
    'elasticache-serverless/valkey/storage',
    'AmazonElastiCache',
    { usagetype: 'EUC1-CachedData:Valkey' },
    hourly('0.1', 'GB-Hours'),
    { price: 0.1, unit: 'GB-hour' },
  ],
  [
    'elasticache-serverless/valkey/requests',
    'AmazonElastiCache',
    { usagetype: 'EUC1-ElastiCacheProcessingUnits:Valkey' },
    hourly('0.0000000027', 'ElastiCacheProcessingUnits'),
    { price: 0.0027, unit: 'million ECPUs' },
  ],
])('knows where %s is', async (id, service, attributes, dimension, expected) => {
  endpoint.has(product(service, attributes, terms(dimension)));

  const { prices, notFound } = await refreshedPrices(endpoint.client, [id], FRANKFURT);

  expect(notFound).toEqual([]);
  expect(prices.price(id)).toMatchObject(expected);
});

test('asks for every sourced price that is for a month, as far as the price list has one for any use', async () => {
  const { entries } = PriceList.sourced();

  const { notFound } = await refreshedPrices(
    endpoint.client,
    entries.map(({ id }) => id),
    FRANKFURT,
  );

  // Nothing is there: what is refused otherwise is what nobody looks for.
  expect(notFound.filter((why) => why.endsWith('is not known here')).map((why) => why.split(':')[0])).toEqual([
    'elasticache/backup',
    'rds/postgres/backup',
    'rds/mysql/backup',
    'rds/postgres/cpu-credits',
    'ec2/detailed-monitoring',
    'data-transfer/zones',
    'data-transfer/internet',
    'cloudwatch/dashboard',
    'cloudwatch/metric',
    'logs/vended',
    's3/standard',
    'lambda/arm64',
    'lambda/x86_64',
    'lambda/requests',
    'sns/email',
    'waf/web-acl',
    'waf/rule',
    'waf/requests',
    'route53/hosted-zone',
  ]);
});

test('takes the price of a reservation of a year without upfront payment, and no other', async () => {
  endpoint.has(
    node('EUC1-NodeUsage:cache.m7g.large', undefined, [
      reservation('1yr', 'All Upfront', hourly('0'), hourly('1143', 'Quantity')),
      reservation('3yr', 'No Upfront', hourly('0.07')),
      reservation('1yr', 'No Upfront', hourly('0.1')),
    ]),
  );

  const { prices } = await refreshedPrices(endpoint.client, [NODE, RESERVED], FRANKFURT);

  expect(prices.price(RESERVED)?.price).toBe(0.1);
  expect(prices.price(NODE)?.price).toBe(0.1472);
});

const USAGE = 'EUC1-NodeUsage:cache.m7g.large';

test.each([
  ['is not there', [], NODE, 'the price list has no NodeUsage:cache.m7g.large in eu-central-1'],
  [
    'is of several prices',
    [node(USAGE), node(USAGE, terms(hourly('0.2')))],
    NODE,
    'the price list has 2 products for it, with different prices: 0.1472, 0.2',
  ],
  [
    'has tiers',
    [node(USAGE, terms(hourly('0.2'), hourly('0.1')))],
    NODE,
    'the price list has 2 prices for use on demand',
  ],
  ['has no price', [node(USAGE, {})], NODE, 'the price list has no price for use on demand'],
  ['cannot be reserved', [node(USAGE)], RESERVED, 'the price list has no price for a year without upfront payment'],
  ['costs nothing', [node(USAGE, terms(hourly('0.0000000000')))], NODE, 'its price is stated as 0.0000000000'],
  [
    'is sold in yuan',
    [node(USAGE, terms({ unit: 'Hrs', pricePerUnit: { CNY: '1' } }))],
    NODE,
    'its price is not in US dollars',
  ],
  [
    'is sold by something else',
    [node(USAGE, terms(hourly('0.1', 'Days')))],
    NODE,
    'it is sold by "Days", of which it is not known how many are one hour',
  ],
])('does not take a price that %s', async (_name, products, id, why) => {
  endpoint.has(...products);

  const { prices, refreshed, notFound } = await refreshedPrices(endpoint.client, [id], FRANKFURT);

  expect(notFound).toEqual([`${id}: ${why}`]);
  expect(refreshed).toEqual([]);
  expect(prices.entries).toEqual([]);
});

test('does not choose among a product with one price and one with tiers', async () => {
  endpoint.has(node(USAGE), node(USAGE, terms(hourly('0.1472'), hourly('0.1'))));

  expect((await refreshedPrices(endpoint.client, [NODE], FRANKFURT)).refreshed).toEqual([]);
});

test('takes one price that several products have', async () => {
  endpoint.has(node(USAGE), node(USAGE));

  expect((await refreshedPrices(endpoint.client, [NODE], FRANKFURT)).refreshed).toEqual([NODE]);
});

test('keeps the bundled prices of their own region, and of no other', async () => {
  const here = await refreshedPrices(endpoint.client, ['sns/email'], { region: 'us-east-1' });
  const there = await refreshedPrices(endpoint.client, ['sns/email'], FRANKFURT);

  expect(here.prices.price('nat-gateway/hour')).toEqual(PriceList.sourced().price('nat-gateway/hour'));
  expect(there.prices.entries).toEqual([]);
});

test('tries again when it is throttled', async () => {
  endpoint.has(node(USAGE));
  endpoint.refusals.push({ status: 400, type: 'ThrottlingException', message: 'Rate exceeded' });

  expect((await refreshedPrices(endpoint.client, [NODE], FRANKFURT)).refreshed).toEqual([NODE]);
});

test('says which permission is missing', async () => {
  endpoint.refusals.push({ status: 400, type: 'AccessDeniedException', message: 'not authorized' });

  await expect(refreshedPrices(endpoint.client, [NODE], FRANKFURT)).rejects.toThrow(
    new RefusedError(
      'AccessDeniedException',
      'AccessDeniedException: AWS does not allow these credentials pricing:GetProducts',
    ),
  );
});

test('ends when it is not answered in time', async () => {
  endpoint.isSilent = true;

  const refreshing = refreshedPrices(endpoint.client, [NODE], { ...FRANKFURT, signal: AbortSignal.timeout(50) });

  await expect(refreshing).rejects.toThrow(TimedOutError);
  await expect(refreshing).rejects.toThrow('pricing:GetProducts was not answered in time');
});

test.each([
  ['us-west-2', 'us-east-1'],
  ['sa-east-1', 'us-east-1'],
  ['eu-west-3', 'eu-central-1'],
  ['ap-northeast-1', 'ap-south-1'],
])('asks for the prices of %s in %s', async (region, service) => {
  const client = pricingClient(region);

  expect(await client.config.region()).toBe(service);

  client.destroy();
});
