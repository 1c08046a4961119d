import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { CacheRules } from '../../lib';
import { RULES } from '../../lib/checks/rules/catalogue';
import { CACHES, hardened } from '../checks/hardened';
import { around, mutations, oneOfEach } from '../checks/mutations';
import { type Findings, SCANNERS } from '../checks/scanners';
import { validated } from '../checks/validation';
import { PROJECT } from '../engines/folders';
import { generated, markdownTable } from '../generated-docs';

const named = (templates: readonly object[]) =>
  Object.fromEntries(templates.map((template, index) => [index, template]));

test('every control that is off is found by its rule: each cache, each way of being off, one at a time', () => {
  const all = mutations();
  // What the resource does not need is left out, but for the alarm that is to be missed.
  const templates = all.map(({ rule, template, resource }) =>
    rule === 'alarms' ? template : around(template, resource),
  );
  const said = new Set(
    validated(new CacheRules(), named(templates)).map(
      ({ template, rule, resource }) => `${template} ${rule} ${resource}`,
    ),
  );

  const survived = all.filter(({ rule, resource }, index) => !said.has(`${index} ${rule} ${resource}`));

  expect(survived.map(({ rule, cache, off }) => `${rule} of ${cache}: ${off}`)).toEqual([]);
  expect(all.length).toBeGreaterThan(500);
  expect(RULES.filter(({ id }) => !all.some(({ rule }) => rule === id))).toEqual([]);
  process.stdout.write(`mutations: ${all.length} of ${RULES.length} rules, all found\n`);
});

test('no template is too odd for the rules: of 300 with values of any shape none stops them', () => {
  const anything = fc.oneof(
    fc.json().map((text) => JSON.parse(text)),
    fc.constantFrom(
      { Ref: 'Unknown' },
      { Ref: 'NoSuch' },
      { Ref: 'AWS::NoValue' },
      { 'Fn::If': ['Odd', 1, { Ref: 'AWS::NoValue' }] },
      { 'Fn::GetAtt': ['Key', 'Arn'] },
      { 'Fn::FindInMap': ['a', 'b', 'c'] },
      [{ Key: 1 }],
      [{ IpProtocol: null, CidrIp: [] }],
    ),
  );
  const odd = fc.tuple(fc.constantFrom(...CACHES), fc.nat(), anything).map(([cache, place, value]) => {
    const template = structuredClone(hardened(cache));
    const places = Object.values(template.Resources).flatMap(({ Properties: properties }) =>
      Object.keys(properties).map((name) => [properties, name] as const),
    );
    const [properties, name] = places[place % places.length] as (typeof places)[number];
    properties[name] = value;
    return { ...template, Conditions: { Odd: { 'Fn::Equals': [{ Ref: 'Unknown' }, 'x'] } } };
  });

  const templates = fc.sample(odd, { numRuns: 300, seed: 7 });

  expect(() => validated(new CacheRules(), named(templates))).not.toThrow();
});

test('what other scanners find of the same, as the documentation shows it', async () => {
  const chosen = oneOfEach();
  const templates: Record<string, object> = {};
  chosen.forEach(({ cache, resource, template }, index) => {
    const subject =
      resource === 'Cache' && !('CacheAlarm' in around(template, 'CacheAlarm').Resources) ? 'Cache' : resource;
    templates[`m${index}`] = around(template, subject);
    templates[`h${CACHES.indexOf(cache)}${subject}`] = around(hardened(cache), subject);
  });
  // The slow one is another process, and works while the others do.
  const waiting = Object.entries(SCANNERS).map(async ([name, scan]) => [name, await scan(templates)] as const);
  const found = new Map<string, Findings>(await Promise.all(waiting));

  const noticed = (name: string, index: number) => {
    const { cache, resource } = chosen[index] as (typeof chosen)[number];
    const findings = found.get(name) as Findings;
    const before = new Set(findings.get(`h${CACHES.indexOf(cache)}${resource}`));
    return (findings.get(`m${index}`) ?? []).some((finding) => !before.has(finding));
  };
  const rows = RULES.map(({ id }) => {
    const own = chosen.flatMap(({ rule }, index) => (rule === id ? [index] : []));
    const cells = Object.keys(SCANNERS).map((name) => {
      const by = own.filter((index) => noticed(name, index));
      return by.length === 0
        ? '–'
        : by.length === own.length
          ? 'yes'
          : by.map((index) => chosen[index]?.cache).join(', ');
    });
    return [`[\`${id}\`](#${id})`, 'yes', ...cells];
  });
  const made = markdownTable(['control that is off', 'CacheRules', ...Object.keys(SCANNERS)], rows);

  const alone = rows.filter((cells) => cells.slice(2).every((cell) => cell === '–')).length;
  expect(generated('docs/checks.md', 'scanners', made)).toBe(made);
  expect(readFileSync(join(PROJECT, 'README.md'), 'utf8')).toContain(
    `${RULES.length} rules, ${alone} of which no other scanner notices`,
  );
});
