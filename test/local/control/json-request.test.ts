import { JsonRequest } from '../../../local/control/json/json-request';

const parse = (value: unknown) => JsonRequest.parse(Buffer.from(JSON.stringify(value)));

test('reads every kind of member, and takes null for left out', () => {
  const request = parse({
    Name: 'films',
    Count: 3,
    IsOn: false,
    At: 1_772_366_400.5,
    Names: ['a', 'b'],
    Inner: { Name: 'x' },
    All: [{ Name: 'y' }, { Name: 'z' }],
    Nothing: null,
  });

  expect(request.string('Name')).toBe('films');
  expect(request.integer('Count')).toBe(3);
  expect(request.boolean('IsOn')).toBe(false);
  expect(request.timestamp('At')).toEqual(new Date('2026-03-01T12:00:00.500Z'));
  expect(request.strings('Names')).toEqual(['a', 'b']);
  expect(request.structure('Inner')?.string('Name')).toBe('x');
  expect(request.structures('All')?.map((each) => each.string('Name'))).toEqual(['y', 'z']);
  expect(request.string('Nothing')).toBeUndefined();
  expect(request.string('Missing')).toBeUndefined();
  expect(() => request.refuseUnread()).not.toThrow();
});

test.each(['', '{', '[]', 'null', '"text"', '{"a": 1} x'])('refuses %j, which is no JSON object', (text) => {
  expect(() => JsonRequest.parse(Buffer.from(text))).toThrow(/^The request is not (a JSON object|JSON in UTF-8)\.$/);
});

test('refuses what is not UTF-8', () => {
  expect(() => JsonRequest.parse(Buffer.from([0x22, 0xff, 0x22]))).toThrow('The request is not JSON in UTF-8.');
});

test('says where a member is that is not what it must be, or that nobody has read', () => {
  const request = parse({ All: [{ Name: 'x' }, { Name: 7, Other: 1 }] });
  const [first, second] = request.structures('All') ?? [];

  expect(first?.string('Name')).toBe('x');
  expect(() => second?.string('Name')).toThrow('The parameter All[1].Name must be text.');
  expect(() => second?.required('Id', second.string('Id'))).toThrow('The request must contain the parameter All[1].Id');
  expect(() => request.refuseUnread()).toThrow('The parameter All[1].Other is not supported by the local environment.');
});

test.each([
  ['integer', 1.5, 'an integer'],
  ['integer', '1', 'an integer'],
  ['boolean', 'true', 'true or false'],
  ['timestamp', '2026-03-01', 'a time in seconds since 1970'],
  ['timestamp', 1e300, 'a time in seconds since 1970'],
  ['strings', ['a', 1], 'a list of texts'],
  ['structure', [], 'a structure'],
  ['structures', [1], 'a list of structures'],
] as const)('as %s refuses %j', (kind, value, what) => {
  expect(() => parse({ X: value })[kind]('X')).toThrow(`The parameter X must be ${what}.`);
});

test('a member that objects have anyway is none of the request', () => {
  expect(parse({}).string('constructor')).toBeUndefined();
});
