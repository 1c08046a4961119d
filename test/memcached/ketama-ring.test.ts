import fc from 'fast-check';
import { KetamaRing } from '../../runtime/memcached/ketama-ring';

const KEYS = Array.from({ length: 10_000 }, (_, index) => `film:${index}`);

const ringOf = (names: readonly string[]) => new KetamaRing(names.map((name) => ({ name })));

const nodeNames = (least: number) =>
  fc.uniqueArray(
    fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 65_535 })).map(([host, port]) => `${host}:${port}`),
    { minLength: least, maxLength: 12 },
  );

test('fails without a node', () => {
  expect(() => ringOf([])).toThrow(RangeError);
});

test('property: a further node takes at most its share of the keys and 5 points, and all of them itself', () => {
  fc.assert(
    fc.property(nodeNames(2), ([added, ...names]) => {
      const before = ringOf(names);
      const after = ringOf([...names, added as string]);

      const moved = KEYS.filter((key) => before.nodeOf(key).name !== after.nodeOf(key).name);

      expect(moved.length / KEYS.length).toBeLessThanOrEqual(1 / (names.length + 1) + 0.05);
      expect(moved.every((key) => after.nodeOf(key).name === added)).toBe(true);
    }),
    { numRuns: 25, seed: 11 },
  );
});

test('property: the order of the nodes does not matter', () => {
  fc.assert(
    fc.property(
      nodeNames(2).chain((names) =>
        fc.tuple(fc.constant(names), fc.shuffledSubarray(names, { minLength: names.length })),
      ),
      ([names, shuffled]) => {
        const one = ringOf(names);
        const other = ringOf(shuffled);

        expect(KEYS.every((key) => one.nodeOf(key).name === other.nodeOf(key).name)).toBe(true);
      },
    ),
    { numRuns: 5, seed: 12 },
  );
});

test('keys that differ in one digit are spread evenly', () => {
  const names = ['10.0.0.1:11211', '10.0.0.2:11211', '10.0.0.3:11211', '10.0.0.4:11211'];
  const ring = ringOf(names);

  const shares = names.map((name) => KEYS.filter((key) => ring.nodeOf(key).name === name).length / KEYS.length);

  expect(Math.max(...shares)).toBeLessThan(0.28);
  expect(Math.min(...shares)).toBeGreaterThan(0.22);
});

test('the next node is never a refused one, and each node is asked about once', () => {
  const names = ['a:1', 'b:1', 'c:1'];
  const ring = ringOf(names);

  for (const key of KEYS.slice(0, 200)) {
    const home = ring.nodeOf(key).name;
    const asked: string[] = [];

    const next = ring.nextNodeOf(key, ({ name }) => {
      asked.push(name);
      return name !== home;
    });

    expect(next?.name).not.toBe(home);
    expect(asked).toEqual([home, next?.name]);
  }
  expect(ring.nextNodeOf('key', () => false)).toBeUndefined();
});

test('when a node is out, its keys are spread over all the others', () => {
  const names = ['a:1', 'b:1', 'c:1', 'd:1'];
  const ring = ringOf(names);

  const gutters = new Set(
    KEYS.filter((key) => ring.nodeOf(key).name === 'a:1').map(
      (key) => ring.nextNodeOf(key, ({ name }) => name !== 'a:1')?.name,
    ),
  );

  expect([...gutters].sort()).toEqual(['b:1', 'c:1', 'd:1']);
});
