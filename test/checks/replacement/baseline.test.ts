import { join } from 'node:path';
import { readBaseline } from '../../../lib/checks/replacement/baseline';
import { writeAssembly } from '../../assembly/write-assembly';
import { directoryOf } from './directories';

const TEMPLATE = { Resources: { Cache: { Type: 'AWS::ElastiCache::ReplicationGroup' } } };
const OUTPUTS = { Outputs: { Key: { Value: 1 } } };

function stacksIn(directory: string, names: ReadonlyMap<string, string> = new Map()) {
  return readBaseline(directory, names).map(({ stacks }) => stacks.map(({ path, name }) => `${path} as ${name}`));
}

test('golden templates are stacks by their paths, those of a stage together', () => {
  const directory = directoryOf({
    'prod/data.template.json': { ...TEMPLATE, ...OUTPUTS },
    'prod/web.template.json': TEMPLATE,
    'eu/prod/data.template.json': TEMPLATE,
    'alone.template.json': TEMPLATE,
    'prod/data.nested.template.json': 'no template of a stack',
    'README.md': '',
  });

  expect(stacksIn(directory)).toEqual([
    ['alone as alone'],
    ['eu/prod/data as eu-prod-data'],
    ['prod/data as prod-data', 'prod/web as prod-web'],
  ]);
  expect(stacksIn(directory, new Map([['prod/data', 'Data']]))[2]).toEqual([
    'prod/data as Data',
    'prod/web as prod-web',
  ]);
  expect(readBaseline(directory, new Map())[2]?.stacks[0]).toMatchObject({
    templateFile: join(directory, 'prod', 'data.template.json'),
    resources: TEMPLATE.Resources,
    outputs: OUTPUTS.Outputs,
  });
});

test('a cloud assembly is read as one, with its stages', () => {
  const { directory } = writeAssembly({ stacks: { alone: TEMPLATE }, stages: { prod: { data: TEMPLATE } } });

  expect(stacksIn(directory)).toEqual([['alone as app-alone'], ['prod/data as prod-data']]);
});

test.each<[string, () => string, RegExp]>([
  ['is not there', () => '/no/such/place', /^`baseline` \/no\/such\/place is no directory: put the templates/],
  [
    'is a file',
    () => join(directoryOf({ 'a.template.json': TEMPLATE }), 'a.template.json'),
    /is no directory: put the templates/,
  ],
  ['is empty', () => directoryOf({}), /holds no templates: neither a cloud assembly \(manifest\.json\) nor/],
  ['has other files alone', () => directoryOf({ 'data.yaml': '' }), /holds no templates/],
  ['holds no JSON', () => directoryOf({ 'a.template.json': '{' }), /a\.template\.json cannot be read: /],
  ['holds no template', () => directoryOf({ 'a.template.json': {} }), /a\.template\.json is no template of CloudF/],
  ['holds nothing', () => directoryOf({ 'a.template.json': 'null' }), /a\.template\.json is no template of CloudF/],
  ['holds a null', () => directoryOf({ 'a.template.json': { Resources: null } }), /is no template of CloudF/],
])('a baseline that %s is refused, with what is wrong', (_, directory, message) => {
  expect(() => readBaseline(directory(), new Map())).toThrow(message);
});
