import { estimateMonth } from '../../../ops/cost/estimate';
import { costJson } from '../../../ops/cost/json';
import { PriceList } from '../../../ops/cost/price-list';
import { whatIfs } from '../../../ops/cost/what-ifs';
import { estimateOf } from './round-prices';

test('names every number, and says of each line what is not known', () => {
  const estimate = estimateOf({
    Nat: { Type: 'AWS::EC2::NatGateway' },
    Thing: { Type: 'AWS::Mystery::Thing' },
  });

  expect(costJson(estimate, [])).toEqual({
    region: 'us-east-1',
    currency: 'USD',
    hoursAMonth: 730,
    monthly: 36.5,
    isComplete: false,
    stacks: [
      {
        name: 'stack',
        monthly: 36.5,
        lines: [
          {
            resource: 'Nat',
            type: 'AWS::EC2::NatGateway',
            what: 'NAT gateway',
            kind: 'fixed',
            quantity: 730,
            unit: 'unit',
            unitPrice: 0.05,
            monthly: 36.5,
            note: null,
            priceId: 'nat-gateway/hour',
            source: 'https://x/nat-gateway/hour',
            seen: null,
          },
          {
            resource: 'Nat',
            type: 'AWS::EC2::NatGateway',
            what: 'NAT gateway, data',
            kind: 'by-use',
            quantity: null,
            unit: 'unit',
            unitPrice: 0.04,
            monthly: null,
            note: null,
            priceId: 'nat-gateway/data',
            source: 'https://x/nat-gateway/data',
            seen: null,
          },
          {
            resource: 'Thing',
            type: 'AWS::Mystery::Thing',
            what: 'AWS::Mystery::Thing',
            kind: 'unknown',
            quantity: null,
            unit: null,
            unitPrice: null,
            monthly: null,
            note: 'no price is known for this type',
            priceId: null,
            source: null,
            seen: null,
          },
        ],
      },
    ],
    unknownTypes: ['AWS::Mystery::Thing'],
    whatIfs: [],
  });
});

test('rounds amounts to cents, and no prices', () => {
  const prices = new PriceList([
    { id: 'nat-gateway/hour', what: 'NAT', unit: 'hour', price: 0.0456789, source: 'https://x' },
  ]);
  const template = { Resources: { Nat: { Type: 'AWS::EC2::NatGateway' } } };

  const { monthly, stacks, isComplete } = costJson(estimateMonth([{ name: 'a', template }], prices), []);

  expect(monthly).toBe(33.35);
  expect(stacks[0]?.lines[0]).toMatchObject({ unitPrice: 0.0456789, monthly: 33.35 });
  // What depends on use is in no total, known or not.
  expect(isComplete).toBe(true);
  expect(stacks[0]?.lines[1]).toMatchObject({ kind: 'unknown', note: 'no sourced price for nat-gateway/data' });
});

test('a what-if whose difference is unknown says null', () => {
  const Sessions = {
    Type: 'AWS::ElastiCache::ReplicationGroup',
    Properties: { Engine: 'redis', CacheNodeType: 'cache.m7g.large', NumCacheClusters: 1 },
  };
  const stacks = [{ name: 'a', template: { Resources: { Sessions } } }];

  const { whatIfs: found } = costJson(estimateMonth(stacks), whatIfs(stacks));

  expect(found).toMatchObject([
    { name: 'valkey', monthly: 92.27, saves: 23.07, changes: ['a Sessions: redis → valkey'] },
    { name: 'serverless', monthly: 91.25, saves: 24.09 },
    { name: 'reserved', monthly: 0, saves: null },
  ]);
  expect(JSON.parse(JSON.stringify(found))).toEqual(found);
});
