import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { estimateMonth } from '../../../ops/cost/estimate';
import { isPriceId } from '../../../ops/cost/price-ids';
import { neededPrices, whatIfs } from '../../../ops/cost/what-ifs';
import { PROJECT } from '../../engines/folders';

const ASSEMBLY = join(PROJECT, 'cdk.out');

const STACKS = readdirSync(ASSEMBLY, { recursive: true, encoding: 'utf8' })
  // An asset may be a folder with templates of its own, which nobody deploys from here.
  .filter((file) => /^(assembly-[^/]+\/)?[^/]+\.template\.json$/.test(file))
  .map((file) => ({
    name: basename(file, '.template.json'),
    template: JSON.parse(readFileSync(join(ASSEMBLY, file), 'utf8')),
  }));

test('fails if the project deploys a type of which nobody said whether it costs', () => {
  expect(STACKS.length).toBeGreaterThan(0);
  expect(estimateMonth(STACKS).unknownTypes).toEqual([]);
});

test('knows the fixed costs of an environment at the sourced prices', () => {
  const { lines, total } = estimateMonth(STACKS);
  const priced = lines.filter(({ monthly = 0 }) => monthly > 0);

  expect(total).toBeGreaterThan(50);
  expect(priced.filter(({ source }) => source === undefined)).toEqual([]);
});

test('fails if a value of the templates is left to the deployment, so that the total lacks it', () => {
  const { unknown } = estimateMonth(STACKS);

  expect(unknown.filter(({ note }) => !/^(no sourced price|a Spot price)/.test(note ?? ''))).toEqual([]);
});

test('an environment is on Graviton and Valkey already, and could have serverless or reserved caches, or no NAT', () => {
  expect(whatIfs(STACKS).map(({ name }) => name)).toEqual(['serverless', 'reserved', 'no-nat']);
});

test('a reservation is the only what-if of the project whose price has no source', () => {
  expect(whatIfs(STACKS).flatMap(({ name, saves }) => (saves === undefined ? [name] : []))).toEqual(['reserved']);
});

test('fails if an estimate asks for a price that no file may have', () => {
  expect(neededPrices(STACKS).filter((id) => !isPriceId(id))).toEqual([]);
});
