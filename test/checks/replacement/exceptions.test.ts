import { exceptionsIn } from '../../../lib/checks/replacement/exceptions';
import { fileOf } from './directories';

const VALID = { stack: 'prod/data', resource: 'Cache', change: 'replace', until: '2026-12-01', reason: 'planned' };

test('valid entries are read as they are', () => {
  const entries = [VALID, { ...VALID, properties: ['Port'] }, { ...VALID, change: 'delete' }];

  expect(exceptionsIn(fileOf(entries))).toEqual(entries);
  expect(exceptionsIn(fileOf([]))).toEqual([]);
});

test.each<[string, unknown, string]>([
  ['no array', {}, 'must hold a JSON array'],
  ['no JSON', '[', 'cannot be read: '],
  ['a text', [VALID, 'x'], 'entry 2: must be an object, got "x"'],
  ['nothing', [null], 'entry 1: must be an object, got null'],
  ['an unknown key', [{ ...VALID, untill: 1 }], 'entry 1: `untill` is unknown: stack, resource, change, properties, '],
  ['no stack', [{ ...VALID, stack: undefined }], '`stack` must be a text that is not empty, got undefined'],
  ['a number for a resource', [{ ...VALID, resource: 1 }], '`resource` must be a text that is not empty, got 1'],
  ['an empty reason', [{ ...VALID, reason: ' ' }], '`reason` must be a text that is not empty, got " "'],
  ['another change', [{ ...VALID, change: 'update' }], '`change` must be "replace" or "delete", got "update"'],
  ['a date in words', [{ ...VALID, until: 'soon' }], '`until` must be a day as YYYY-MM-DD, got "soon"'],
  ['a day that there is not', [{ ...VALID, until: '2026-02-30' }], '`until` must be a day as YYYY-MM-DD'],
  ['a time', [{ ...VALID, until: '2026-12-01T10:00:00Z' }], '`until` must be a day as YYYY-MM-DD'],
  ['a year alone', [{ ...VALID, until: '2026' }], '`until` must be a day as YYYY-MM-DD'],
  ['no date', [{ ...VALID, until: undefined }], '`until` must be a day as YYYY-MM-DD, got undefined'],
  ['no names', [{ ...VALID, properties: [] }], '`properties` must be a list of names that is not empty'],
  ['a name alone', [{ ...VALID, properties: 'Port' }], '`properties` must be a list of names that is not empty'],
  ['names for a deletion', [{ ...VALID, change: 'delete', properties: ['Port'] }], 'is for "replace" alone'],
])('%s is refused, with the entry and what is wrong with it', (_, content, message) => {
  expect(() => exceptionsIn(fileOf(content))).toThrow(message);
});

test('a file that is not there is refused by its name', () => {
  expect(() => exceptionsIn('/no/such.json')).toThrow('`exceptions` /no/such.json cannot be read: ');
});
