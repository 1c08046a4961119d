import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Network, NetworkEgress } from '../../../lib';
import { DEV, PROD, STAGING } from '../../../lib/environment/environment';
import { estimateMonth, type StackTemplate } from '../../../ops/cost/estimate';
import { HOURS_A_MONTH } from '../../../ops/cost/resource-lines';
import { costTable } from '../../../ops/cost/table';
import { whatIfs } from '../../../ops/cost/what-ifs';
import { PROJECT } from '../../engines/folders';
import { generated, markdownTable } from '../../generated-docs';
import { newApp } from '../../lib/stacks';

const ENVIRONMENTS = [DEV, STAGING, PROD];

/** The stacks of an environment as they were synthesized, by the names that `cdk deploy` takes. */
function stacksOf(environment: string): StackTemplate[] {
  const folder = join(PROJECT, 'cdk.out', `assembly-${environment}`);
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return Object.values<any>(read('manifest.json').artifacts)
    .filter(({ type }) => type === 'aws:cloudformation:stack')
    .map(({ displayName, properties }) => ({ name: displayName, template: read(properties.templateFile) }));
}

test.each(ENVIRONMENTS)('the page says what $name costs a month, line by line, and a day', ({ name, ...settings }) => {
  const estimate = estimateMonth(stacksOf(name));
  const day = (estimate.total / HOURS_A_MONTH) * 24;

  const idle = `Without a visitor a day of \`${name}\` costs $${day.toFixed(2)}, and its budget is $${settings.monthlyBudgetUsd} a month.`;
  const expected = `\n${idle}\n\n${costTable(estimate, name)}\n`;

  expect(generated('docs/environments.md', `cost:${name}`, expected)).toBe(expected);
});

test('the page on cost says what each what-if saves in every environment', () => {
  const found = ENVIRONMENTS.map(({ name }) => whatIfs(stacksOf(name)));
  const titles = [...new Set(found.flatMap((each) => each.map(({ title }) => title)))];
  const saves = (index: number, title: string) => {
    const whatIf = found[index]?.find((each) => each.title === title);
    return whatIf === undefined ? '' : whatIf.saves === undefined ? 'unknown' : whatIf.saves.toFixed(2);
  };

  const expected = markdownTable(
    ['', ...ENVIRONMENTS.map(({ name }) => `\`${name}\``)],
    titles.map((title) => [title, ...ENVIRONMENTS.map((_, index) => saves(index, title))]),
  );

  expect(generated('docs/cost.md', 'what-ifs', expected)).toBe(expected);
});

test('the README says what every environment costs a month by kind of resource, and which prices are unknown', () => {
  const estimates = ENVIRONMENTS.map(({ name }) => estimateMonth(stacksOf(name)));
  const kinds = [...new Set(estimates.flatMap(({ lines }) => lines.map(({ type }) => type)))].sort();
  const money = (value: number) => `$${value.toFixed(2)}`;
  const sum = (index: number, kind: string) => {
    const own = (estimates[index]?.lines ?? []).filter(({ type }) => type === kind);
    return own.reduce((total, { monthly }) => total + (monthly ?? 0), 0);
  };
  const unknown = estimates.map((estimate) => estimate.unknown.length);

  const expected = markdownTable(
    ['', ...ENVIRONMENTS.map(({ name }) => `\`${name}\``)],
    [
      ...kinds
        .map((kind) => [kind, ...ENVIRONMENTS.map((_, index) => sum(index, kind))] as [string, ...number[]])
        .filter(([, ...values]) => values.some((value) => value > 0))
        .map(([kind, ...values]) => [`\`${kind}\``, ...values.map((value) => (value === 0 ? '' : money(value)))]),
      ['**a month**', ...estimates.map(({ total }) => `**${money(total)}**`)],
      ['lines without a known price', ...unknown.map(String)],
    ],
  );

  expect(generated('README.md', 'cost:kinds', expected)).toBe(expected);
});

test('the README says what dev costs a day when it is idle', () => {
  const day = (estimateMonth(stacksOf('dev')).total / HOURS_A_MONTH) * 24;

  expect(readFileSync(join(PROJECT, 'README.md'), 'utf8')).toContain(`it costs $${day.toFixed(2)} a day`);
});

test('the page has the settings of every environment', () => {
  const names = Object.keys(PROD).filter((setting) => setting !== 'name') as Array<keyof typeof PROD>;
  const value = (setting: unknown) => (setting === undefined ? '' : `\`${setting}\``);

  const expected = markdownTable(
    ['', ...ENVIRONMENTS.map(({ name }) => `\`${name}\``)],
    names.map((setting) => [`\`${setting}\``, ...ENVIRONMENTS.map((environment) => value(environment[setting]))]),
  );

  expect(generated('docs/environments.md', 'settings', expected)).toBe(expected);
});

test('the page lists what every environment leaves behind', () => {
  const rows = ENVIRONMENTS.flatMap(({ name }) =>
    stacksOf(name).flatMap(({ name: stack, template }) =>
      Object.entries<any>(template.Resources)
        .filter(([, { DeletionPolicy = 'Delete' }]) => DeletionPolicy !== 'Delete')
        .map(([id, { Type, DeletionPolicy }]) => [`\`${stack}\``, `\`${Type}\``, `\`${id}\``, DeletionPolicy]),
    ),
  );
  const expected = markdownTable(['stack', 'type', 'resource', 'policy'], rows);

  expect(rows.length).toBeGreaterThan(ENVIRONMENTS.length);
  expect(generated('docs/environments.md', 'kept', expected)).toBe(expected);
});

test('the page of the network says what each way out costs', () => {
  const app = newApp();
  const ways = Object.entries(NetworkEgress).map(([name, egress]) => ({
    name,
    egress,
    stacks: [2, 3].map((zones) => {
      const stack = new Stack(app, `${egress}-${zones}`, { env: { region: 'us-east-1' } });
      const availabilityZones = ['us-east-1a', 'us-east-1b', 'us-east-1c'].slice(0, zones);
      new Network(stack, 'Network', { availabilityZones, egress });
      return stack.stackName;
    }),
  }));
  const assembly = app.synth();
  const stackOf = (name: string): StackTemplate => ({ name, template: assembly.getStackByName(name).template });
  const monthly = (name: string) => {
    const { total, unknown } = estimateMonth([stackOf(name)]);
    expect(unknown).toEqual([]);
    return total.toFixed(2);
  };
  const consists: Record<NetworkEgress, string> = {
    [NetworkEgress.ONE_NAT]: 'one NAT gateway with its public address',
    [NetworkEgress.NAT_PER_ZONE]: 'a NAT gateway with its public address in every zone',
    [NetworkEgress.ENDPOINTS]: 'nine interface endpoints in every zone',
  };

  const expected = markdownTable(
    ['`NetworkEgress`', 'is', 'two zones', 'three zones'],
    ways.map(({ name, egress, stacks }) => [`\`${name}\``, consists[egress], ...stacks.map(monthly)]),
  );

  expect(generated('docs/constructs/network.md', 'cost:egress', expected)).toBe(expected);

  // What is said of a network without its NAT gateways is what the construct makes of one.
  const withoutNat = (name: string) => whatIfs([stackOf(name)]).find((each) => each.name === 'no-nat')?.estimate.total;
  for (const zones of [2, 3]) {
    const [oneNat, natPerZone, endpoints] = ['one-nat', 'nat-per-zone', 'endpoints'].map((way) => `${way}-${zones}`);
    expect(withoutNat(natPerZone as string)?.toFixed(2)).toBe(monthly(endpoints as string));
    expect(withoutNat(oneNat as string)?.toFixed(2)).toBe(monthly(endpoints as string));
    expect(withoutNat(endpoints as string)).toBeUndefined();
  }
}, 60_000);
