import fc from 'fast-check';
import { mergeSessions } from '../../runtime/sessions/merge';

const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.jsonValue({ maxDepth: 2 }));

test('what only one of the two changed is taken from that one', () => {
  fc.assert(
    fc.property(fields, fields, (base, changed) => {
      expect(mergeSessions(base, changed, base)).toEqual(changed);
      expect(mergeSessions(base, base, changed)).toEqual(changed);
    }),
  );
});

test('changes of different fields do not depend on who saves last', () => {
  fc.assert(
    fc.property(fields, fc.jsonValue(), fc.jsonValue(), (base, left, right) => {
      const [one, other] = [
        { ...base, left },
        { ...base, right },
      ];

      expect(mergeSessions(base, one, other)).toEqual(mergeSessions(base, other, one));
      expect(mergeSessions(base, one, other)).toEqual({ ...base, left, right });
    }),
  );
});

test.each([
  ['a field removed by one stays removed', { a: 1, b: 1 }, { b: 1 }, { a: 1, b: 2 }, { b: 2 }],
  ['both changed a field: who saves last', { a: 1 }, { a: 2 }, { a: 3 }, { a: 3 }],
  ['both added to a list', { l: [1] }, { l: [1, 2] }, { l: [1, 3] }, { l: [1, 2, 3] }],
  ['a list that one cleared: who saves last', { l: [1] }, { l: [] }, { l: [1, 2] }, { l: [1, 2] }],
  ['inner objects', { o: { a: 1 } }, { o: { a: 1, b: 2 } }, { o: { a: 3 } }, { o: { a: 3, b: 2 } }],
])('%s', (_, base, theirs, ours, merged) => {
  expect(mergeSessions(base, theirs, ours)).toEqual(merged);
});
