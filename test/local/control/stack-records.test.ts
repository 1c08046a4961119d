import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssemblyStack } from '../../../assembly/assembly';
import { StackRecords } from '../../../local/controlled/stack-records';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stacks-'));
  writeStacks({ data: 'one', service: 'one' });
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Writes an assembly of stacks, each with the text of its template. */
function writeStacks(texts: Readonly<Record<string, string>>, tags = { environment: 'dev' }): AssemblyStack[] {
  const properties = { tags, terminationProtection: true };
  const artifacts = Object.fromEntries(Object.keys(texts).map((id) => [id, { properties }]));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts }));
  return Object.entries(texts).map(([id, text]) => {
    const templateFile = join(folder, `${id}.template.json`);
    writeFileSync(templateFile, text);
    return { id, path: `dev/${id}`, name: `films-dev-${id}`, templateFile, resources: {}, outputs: {} };
  });
}

const statuses = (records: StackRecords) => records.all.map(({ name, status }) => `${name} ${status}`);

test('a stack has the tags and the protection of its manifest, and its template as it was read', () => {
  const records = new StackRecords(writeStacks({ data: 'one' }));
  writeStacks({ data: 'two' });

  expect(records.all).toMatchObject([
    {
      name: 'films-dev-data',
      status: 'CREATE_COMPLETE',
      updatedAt: undefined,
      tags: { environment: 'dev' },
      isTerminationProtected: true,
      template: 'one',
    },
  ]);
});

test('an update changes those stacks that change, makes new ones, and forgets those that are gone', () => {
  const records = new StackRecords(writeStacks({ data: 'one', service: 'one', old: 'one' }));
  const [data] = records.all;

  records.begin(writeStacks({ data: 'two', service: 'one', new: 'one' }));
  expect(statuses(records)).toEqual([
    'films-dev-data UPDATE_IN_PROGRESS',
    'films-dev-service CREATE_COMPLETE',
    'films-dev-old CREATE_COMPLETE',
  ]);
  expect(records.all[0]?.template).toBe('one');

  records.done();
  expect(statuses(records)).toEqual([
    'films-dev-data UPDATE_COMPLETE',
    'films-dev-service CREATE_COMPLETE',
    'films-dev-new CREATE_COMPLETE',
  ]);
  expect(records.all[0]).toMatchObject({ template: 'two', uuid: data?.uuid, updatedAt: expect.any(Date) });
});

test('another tag is a change', () => {
  const records = new StackRecords(writeStacks({ data: 'one' }));

  records.begin(writeStacks({ data: 'one' }, { environment: 'staging' }));
  records.done();

  expect(records.all).toMatchObject([{ status: 'UPDATE_COMPLETE', tags: { environment: 'staging' } }]);
});

test('a stack whose update has failed says so, until one has not', () => {
  const records = new StackRecords(writeStacks({ data: 'one', service: 'one' }));

  records.begin(writeStacks({ data: 'two', service: 'one' }));
  records.failed();
  expect(statuses(records)).toEqual(['films-dev-data UPDATE_FAILED', 'films-dev-service CREATE_COMPLETE']);

  records.begin(writeStacks({ data: 'one', service: 'one' }));
  records.done();
  expect(statuses(records)).toEqual(['films-dev-data UPDATE_COMPLETE', 'films-dev-service CREATE_COMPLETE']);
});
