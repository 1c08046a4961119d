import { estimateMonth } from '../../../ops/cost/estimate';
import { PriceList } from '../../../ops/cost/price-list';
import { costTable } from '../../../ops/cost/table';
import { estimateOf } from './round-prices';

test('renders a table whose columns are aligned, with the sources below', () => {
  const estimate = estimateOf({
    One: { Type: 'AWS::Logs::LogGroup' },
    Nat: { Type: 'AWS::EC2::NatGateway' },
    First: { Type: 'AWS::KMS::Key' },
    Second: { Type: 'AWS::KMS::Key' },
    Thing: { Type: 'AWS::Mystery::Thing' },
    Two: { Type: 'AWS::Logs::LogGroup' },
  });

  expect(costTable(estimate)).toBe(`**stack**

| What                                                  | Quantity |               Unit price | USD a month |
| ----------------------------------------------------- | -------: | -----------------------: | ----------: |
| NAT gateway                                           |      730 | $0.05 per unit [^cost-3] |       36.50 |
| KMS key                                               |        2 | $1.00 per unit [^cost-5] |        2.00 |
| AWS::Mystery::Thing (no price is known for this type) |          |                          |     unknown |
| logs, ingestion                                       |   by use | $0.50 per unit [^cost-1] |             |
| logs, storage                                         |   by use | $0.03 per unit [^cost-2] |             |
| NAT gateway, data                                     |   by use | $0.04 per unit [^cost-4] |             |
| KMS requests                                          |   by use | $0.03 per unit [^cost-6] |             |

**Known a month: $38.50**, and 1 unknown.

[^cost-1]: <https://x/logs/ingestion>
[^cost-2]: <https://x/logs/storage>
[^cost-3]: <https://x/nat-gateway/hour>
[^cost-4]: <https://x/nat-gateway/data>
[^cost-5]: <https://x/kms/key>
[^cost-6]: <https://x/kms/requests>
`);
});

test('has one footnote for a source, with the dates between which its prices held', () => {
  const source = 'https://x/list';
  const prices = new PriceList([
    { id: 'nat-gateway/hour', what: '', unit: 'hour', price: 0.0456789, source, seen: '2026-02-01' },
    { id: 'nat-gateway/data', what: '', unit: 'GB', price: 0.0000123, source, seen: '2026-01-01' },
  ]);
  const template = { Resources: { Nat: { Type: 'AWS::EC2::NatGateway' } } };

  const table = costTable(estimateMonth([{ name: 'a', template }], prices), 'a');

  expect(table).toContain('$0.0456789 per hour [^a-1]');
  expect(table).toContain('$0.0000123 per GB [^a-1]');
  expect(table).toContain('\n[^a-1]: <https://x/list>, 2026-01-01 to 2026-02-01\n');
  expect(table).not.toContain('unknown');
});

test('has a table for each stack and no footnotes without sources', () => {
  const template = { Resources: { Budget: { Type: 'AWS::Budgets::Budget' } } };

  const table = costTable(estimateMonth(['first', 'second'].map((name) => ({ name, template }))));

  expect(table.match(/^\*\*\w+\*\*$/gm)).toEqual(['**first**', '**second**']);
  expect(table).toContain('**Known a month: $0.00**.');
  expect(table).not.toContain('[^');
});
