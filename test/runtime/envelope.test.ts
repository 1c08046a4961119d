import fc from 'fast-check';
import { type Codec, compactCodec, compress, jsonCodec } from '../../runtime/codec';
import { Entries, type Packed, type Reading } from '../../runtime/entries';
import { leaseEntry, tombstoneEntry, valueEntry, versionOf } from '../../runtime/envelope';
import { safeId, storeKey } from '../../runtime/key';
import { type NamespaceOptions, settingsOf } from '../../runtime/namespace-options';
import type { Found, Store } from '../../runtime/stores/store';

/** All that entries ask of a store is its clock. */
const clock = { now: () => 1_000_000, ageMs: () => 0 } as unknown as Store;

function entriesWith(options: Partial<NamespaceOptions> = {}): Entries {
  return new Entries(clock, settingsOf('x', { ttlMs: 60_000, ...options }), () => 0.5);
}

const found = (value: Buffer): Found => ({ value, lease: 'none', cas: '', ttlS: -1 });

async function written(entries: Entries, value: unknown, generations: number[] = []): Promise<Buffer> {
  return ((await entries.write(value, generations)) as Packed).entry;
}

/** A key `__proto__` is a miss, on purpose: see below. */
const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('__proto__'));
const generations = fc.array(fc.nat({ max: 2 ** 48 - 1 }), { maxLength: 5 });

describe.each([
  ['JSON', { codec: jsonCodec }],
  ['MessagePack', { codec: compactCodec }],
  ['compressed JSON', { codec: jsonCodec, compressFromBytes: 0 }],
  ['compressed MessagePack', { codec: compactCodec, compressFromBytes: 0 }],
] as Array<[string, { codec: Codec; compressFromBytes?: number }]>)('as %s', (_, options) => {
  const entries = entriesWith(options);

  test('every JSON value comes back as it was, under its generations and no others', async () => {
    await fc.assert(
      fc.asyncProperty(json, generations, async (value, tags) => {
        const entry = await written(entries, value, tags);

        expect(await entries.read(found(entry), tags)).toMatchObject({
          state: 'fresh',
          value: JSON.parse(JSON.stringify(value)),
        });
        expect(await entries.read(found(entry), [...tags, 7])).toMatchObject({ state: 'absent' });
      }),
    );
  });

  test('undefined and null are kept apart', async () => {
    expect(await entries.read(found(await written(entries, undefined)), [])).toMatchObject({ value: undefined });
    expect(await entries.read(found(await written(entries, null)), [])).toMatchObject({ value: null });
  });

  test('whatever is cut off, wherever, is a miss', async () => {
    const entry = await written(entries, { list: [1, 2, 123], text: 'Ran', number: 12_345 }, [9]);

    for (let length = 0; length < entry.length; length += 1) {
      expect(await entries.read(found(entry.subarray(0, length)), [9])).toMatchObject({ state: 'absent' });
    }
  });
});

test('100,000 stored values with bytes changed: no crash, no hang, and never a value of another kind of entry', async () => {
  const entries = [entriesWith(), entriesWith({ codec: compactCodec }), entriesWith({ compressFromBytes: 0 })];
  const samples: Buffer[] = [];
  for (const each of entries) {
    for (const value of [{ a: [1, 2, 3], b: 'x'.repeat(50) }, 'text', 17, null, undefined]) {
      samples.push(await written(each, value, [5]));
    }
  }
  samples.push(leaseEntry(1), tombstoneEntry(1), Buffer.alloc(0), Buffer.from('1{"a":1}'));
  const states = new Set<Reading['state']>();
  let seed = 20_261_124;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };

  for (let round = 0; round < 100_000; round += 1) {
    const fuzzed = Buffer.from(samples[random(samples.length)] as Buffer);
    for (let change = random(4); change >= 0 && fuzzed.length > 0; change -= 1) {
      fuzzed[random(fuzzed.length)] = random(256);
    }
    const cut: Buffer = random(3) === 0 ? fuzzed.subarray(0, random(fuzzed.length + 1)) : fuzzed;
    const reading = (entries[random(3)] as Entries).read(found(cut), [5]);
    states.add((reading instanceof Promise ? await reading : reading).state);
  }

  expect([...states].sort()).toEqual(['absent', 'fresh', 'held']);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
}, 60_000);

describe('what must not come out of a cache', () => {
  const entries = entriesWith({ accept: (value) => typeof value === 'object' });
  const stored = (text: string, compressed = false, bytes: Buffer = Buffer.from(text)) =>
    valueEntry(bytes, jsonCodec, compressed, {
      writtenAtMs: 1,
      freshMs: 60_000,
      lifeMs: 60_000,
      schema: 0,
      generations: [],
    });

  test.each([
    ['a key `__proto__`', stored('{"__proto__":{"polluted":true}}')],
    ['the same, escaped', stored('{"\\u005f_proto__":{"polluted":true}}')],
    ['the same, inside', stored('{"a":[{"__proto__":{"polluted":true}}]}')],
    ['JSON that is cut short', stored('{"a":1')],
    ['no JSON', stored('<html>')],
    ['another type than is expected', stored('17')],
    ['text of an earlier release', Buffer.from('1{"title":"Ran"}')],
    ['compressed data that is none', stored('{}', true)],
  ])('%s is a miss', async (_, entry) => {
    expect(await entries.read(found(entry), [])).toMatchObject({ state: 'absent', why: 'poisoned' });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('a little that unpacks to a lot is a miss', async () => {
    const bomb = await compress(Buffer.alloc(100_000_000, ' '));
    expect(bomb.length).toBeLessThan(1_000_000);

    expect(await entries.read(found(stored('', true, bomb)), [])).toMatchObject({ state: 'absent', why: 'poisoned' });
  });

  test('the text `__proto__` as a value is none of it', async () => {
    const plain = entriesWith();
    const value = { key: '__proto__', about: 'the "__proto__" of things' };

    expect(await plain.read(found(await written(plain, value)), [])).toMatchObject({ state: 'fresh', value });
  });

  test('an entry of another version of the application is a miss, both ways', async () => {
    const [old, current] = [entriesWith({ version: 1 }), entriesWith({ version: 2 })];

    expect(await current.read(found(await written(old, 'x')), [])).toMatchObject({ why: 'outdated' });
    expect(await old.read(found(await written(current, 'x')), [])).toMatchObject({ why: 'outdated' });
  });

  test('an entry in the other codec is read where that is JSON, and is a miss where it is not known', async () => {
    const [asJson, compact] = [entriesWith(), entriesWith({ codec: compactCodec })];

    expect(await compact.read(found(await written(asJson, { a: 1 })), [])).toMatchObject({ value: { a: 1 } });
    expect(await asJson.read(found(await written(compact, { a: 1 })), [])).toMatchObject({ state: 'absent' });
  });
});

test('every write has a version of its own', async () => {
  const entries = entriesWith();
  const versions = await Promise.all(Array.from({ length: 1_000 }, async () => versionOf(await written(entries, 1))));

  expect(new Set(versions).size).toBe(1_000);
});

test('what is larger than the limit is not written, and the limit counts what is compressed', async () => {
  const large = 'x'.repeat(10_000);

  expect(await entriesWith({ maxBytes: 5_000 }).write(large, [])).toBe('oversized');
  expect(await entriesWith({ maxBytes: 5_000, compressFromBytes: 1_000 }).write(large, [])).toMatchObject({
    lifeMs: 60_000,
  });
});

test('lives are spread around the TTL by the jitter', async () => {
  const lives = await Promise.all(
    [0, 0.5, 0.999_999].map(async (random) => {
      const entries = new Entries(clock, settingsOf('x', { ttlMs: 10_000 }), () => random);
      return ((await entries.write('v', [])) as Packed).lifeMs;
    }),
  );

  expect(lives).toEqual([9_000, 10_000, 11_000]);
});

describe('keys', () => {
  const anyId = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 }));

  test('are printable ASCII of at most 192 bytes, whatever the id, and never hold a brace', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const key = storeKey('film', id);

        expect(key).toMatch(/^film:[\x21-\x7e]*$/);
        expect(key.length).toBeLessThanOrEqual(192);
        expect(key).not.toContain('{');
      }),
    );
  });

  test('do not meet: two ids have two keys, hashed or not', () => {
    fc.assert(
      fc.property(anyId, anyId, (one, other) => {
        fc.pre(one !== other);

        expect(safeId(one)).not.toBe(safeId(other));
        // An id that looks like the key of another.
        expect(safeId(safeId(one))).not.toBe(one === safeId(one) ? undefined : safeId(one));
      }),
    );
  });
});
