import fc from 'fast-check';
import { MemcachedClient, MemcachedError } from '../../runtime/memcached';
import { MemcachedFixture, type RunningNode } from './memcached-fixture';

const LONGEST_KEY = 'k'.repeat(250);

/** These tests are not about the deadline, and the machine may be busy. */
const PATIENT = { callTimeoutMs: 5_000 };

let fixture: MemcachedFixture;
let node: RunningNode;
let client: MemcachedClient;

beforeAll(async () => {
  fixture = new MemcachedFixture();
  node = await fixture.node();
  client = await fixture.connected(node, PATIENT);
});

afterAll(() => fixture.stop());

test('an absent key gives undefined', async () => {
  expect(await client.get('absent')).toBeUndefined();
});

test('a value comes back with its life, its CAS text and no lease', async () => {
  await client.set('plain', Buffer.from('value'), { ttlS: 60 });

  const item = await client.get('plain');

  expect(item).toEqual({
    value: Buffer.from('value'),
    ttlS: expect.any(Number),
    cas: expect.stringMatching(/^\d+$/),
    lease: 'none',
  });
  expect(item?.ttlS).toBeGreaterThan(55);
});

test('an item may end at a point in time on the node’s clock, which tells that clock', async () => {
  const endsAtS = Math.floor(Date.now() / 1_000) + 86_400 * 60;
  await client.set('timed', Buffer.from('x'), { ttlS: 60, expiresAtS: endsAtS });

  const { ttlS = 0 } = (await client.get('timed')) ?? {};

  expect(Math.abs(endsAtS - ttlS - Date.now() / 1_000)).toBeLessThan(3);
});

test('an empty value is a real item', async () => {
  await client.set('empty', Buffer.alloc(0), { ttlS: 60 });

  expect(await client.get('empty', { leaseS: 10 })).toMatchObject({ value: Buffer.alloc(0), lease: 'none' });
});

test.each(['\r\n', 'EN\r\n', 'VA 2 c1\r\nab\r\n', 'x\r\nms other 3 T0\r\npwn', '\0', 'é'])(
  'the value %j changes nothing but its item',
  async (text) => {
    await client.set('nasty', Buffer.from(text), { ttlS: 60 });

    const items = await Promise.all([client.get('absent'), client.get('nasty'), client.get('other')]);

    expect(items.map((item) => item?.value)).toEqual([undefined, Buffer.from(text), undefined]);
  },
);

test('property: values of any bytes and sizes come back, each under its own key', async () => {
  const values = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 0, max: 90_000 }).map((size) => new Uint8Array(size).fill(size)),
    ),
    { minLength: 1, maxLength: 30 },
  );

  await fc.assert(
    fc.asyncProperty(values, async (all) => {
      const results = await Promise.all(
        all.flatMap((value, index) => [
          client.set(`p:${index}`, Buffer.from(value), { ttlS: 60 }),
          client.get(`p:${index}`),
        ]),
      );

      const got = results.filter((_, index) => index % 2 === 1);
      expect(got.every((item, index) => typeof item === 'object' && item.value.equals(all[index] as Uint8Array))).toBe(
        true,
      );
    }),
    { numRuns: 40, seed: 5 },
  );
});

test.each([
  ['', 'an empty key'],
  ['a b', 'a space'],
  ['a\r\nset inj 0 0 3\r\npwn', 'a line end'],
  ['a\0', 'a zero byte'],
  ['ä', 'a letter that is not ASCII'],
  ['a\x7f', 'a control character'],
  [`${LONGEST_KEY}k`, '251 bytes'],
])('fails with BAD_KEY for the key %j: %s', async (key) => {
  const calls = [
    client.get(key),
    client.set(key, Buffer.from('x'), { ttlS: 1 }),
    client.delete(key),
    client.touch(key, 1),
  ];

  for (const call of calls) {
    await expect(call).rejects.toMatchObject({ name: 'MemcachedError', code: 'BAD_KEY' });
  }
  expect(await client.get('inj')).toBeUndefined();
});

test('every key of 1 to 250 printable bytes works', async () => {
  const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join('');

  for (const key of ['!', printable, LONGEST_KEY]) {
    await client.set(key, Buffer.from(key), { ttlS: 60 });
    expect((await client.get(key))?.value.toString()).toBe(key);
  }
});

test('the largest value fits with the longest key, and a larger one is refused before it is sent', async () => {
  const largest = Buffer.alloc(1_048_064, 'v');

  expect(await client.set(LONGEST_KEY, largest, { ttlS: 60 })).toBe('stored');
  expect((await client.get(LONGEST_KEY))?.value.equals(largest)).toBe(true);
  await expect(client.set('large', Buffer.alloc(1_048_065), { ttlS: 60 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

test('a value that is not a Buffer is a TypeError: its length could be another on the wire', async () => {
  await expect(client.set('text', 'é\r\n' as unknown as Buffer, { ttlS: 60 })).rejects.toThrow(TypeError);
});

test('what the engine refuses fails with REFUSED and its words, and the connection goes on', async () => {
  const daring = await fixture.connected(node, { ...PATIENT, maxValueBytes: 3_000_000 });

  const refused = daring.set('large', Buffer.alloc(2_000_000, 'EN\r\n'), { ttlS: 60 });
  const after = daring.get('absent');

  await expect(refused).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('object too large'),
  });
  expect(await after).toBeUndefined();
});

test('a large value among small ones changes no order', async () => {
  const large = Buffer.alloc(1_000_000, 'L');
  const keys = Array.from({ length: 300 }, (_, index) => `mixed:${index}`);

  await Promise.all(
    keys.map((key, index) => client.set(key, index % 50 === 25 ? large : Buffer.from(key), { ttlS: 60 })),
  );
  const items = await Promise.all(keys.map((key) => client.get(key)));

  expect(
    items.every((item, index) => item?.value.equals(index % 50 === 25 ? large : Buffer.from(keys[index] as string))),
  ).toBe(true);
});

test.each([1, 3, 128])('with batches of %d every answer goes to its own call', async (maxBatch) => {
  const batching = await fixture.connected(node, { ...PATIENT, maxBatch });
  const keys = Array.from({ length: 1_000 }, (_, index) => `batch:${index}`);
  await Promise.all(keys.map((key) => batching.set(key, Buffer.from(key), { ttlS: 60 })));

  const items = await Promise.all(keys.map((key) => batching.get(key)));

  expect(items.map((item) => item?.value.toString())).toEqual(keys);
});

test('add stores only what is not there', async () => {
  await client.delete('added');

  expect(await client.set('added', Buffer.from('1'), { ttlS: 60, mode: 'add' })).toBe('stored');
  expect(await client.set('added', Buffer.from('2'), { ttlS: 60, mode: 'add' })).toBe('not-stored');
});

test('delete and touch say whether the item was there', async () => {
  await client.set('there', Buffer.from('1'), { ttlS: 60 });

  expect([await client.touch('there', 600), await client.touch('absent', 600)]).toEqual([true, false]);
  expect((await client.get('there'))?.ttlS).toBeGreaterThan(500);
  expect([await client.delete('there'), await client.delete('there')]).toEqual([true, false]);
});

test('a get can give a new life, and tells it', async () => {
  await client.set('touched', Buffer.from('1'), { ttlS: 60 });

  expect((await client.get('touched', { touchS: 600 }))?.ttlS).toBeGreaterThan(500);
});

describe('lifetimes', () => {
  test.each([0, -1, 0.5, Number.NaN])('%d seconds is a RangeError', async (ttlS) => {
    await expect(client.set('key', Buffer.from('x'), { ttlS })).rejects.toThrow(RangeError);
    await expect(client.touch('key', ttlS)).rejects.toThrow(RangeError);
    await expect(client.get('key', { leaseS: ttlS })).rejects.toThrow(RangeError);
    await expect(client.get('key', { touchS: ttlS })).rejects.toThrow(RangeError);
  });

  test.each([2_592_000, 2_592_001, 1_800_000_000, Number.POSITIVE_INFINITY])(
    'of %d seconds the item lives 30 days',
    async (ttlS) => {
      await client.set('long', Buffer.from('x'), { ttlS });

      expect((await client.get('long'))?.ttlS).toBeGreaterThan(2_591_000);
      expect((await client.get('long'))?.ttlS).toBeLessThanOrEqual(2_592_000);
    },
  );

  test('an item is gone at its end', async () => {
    await client.set('short', Buffer.from('x'), { ttlS: 1 });
    await new Promise((resolve) => setTimeout(resolve, 2_100));

    expect(await client.get('short')).toBeUndefined();
  });
});

describe('leases', () => {
  test('of many callers over two clients exactly one wins', async () => {
    const other = await fixture.connected(node, PATIENT);

    for (let round = 0; round < 20; round += 1) {
      const items = await Promise.all(
        Array.from({ length: 100 }, (_, index) => (index % 2 ? client : other).get(`lease:${round}`, { leaseS: 10 })),
      );

      const leases = items.map((item) => item?.lease);
      expect(leases.filter((lease) => lease === 'won')).toHaveLength(1);
      expect(leases.filter((lease) => lease === 'held')).toHaveLength(99);
      expect(items.every((item) => item?.value.length === 0 && item.ttlS > 0 && item.ttlS <= 10)).toBe(true);
    }
  });

  test('a get without a lease sees the placeholder as held', async () => {
    await client.get('seen', { leaseS: 10 });

    expect((await client.get('seen'))?.lease).toBe('held');
  });

  test('the winner fills, and then it is a real item', async () => {
    const won = await client.get('filled', { leaseS: 10 });

    expect(await client.set('filled', Buffer.from('x'), { ttlS: 60, cas: won?.cas as string })).toBe('stored');
    expect((await client.get('filled', { leaseS: 10 }))?.lease).toBe('none');
  });

  test('another client of the node can fill with the CAS text', async () => {
    const other = await fixture.connected(node, PATIENT);
    const won = await client.get('handed', { leaseS: 10 });

    expect(await other.set('handed', Buffer.from('x'), { ttlS: 60, cas: won?.cas as string })).toBe('stored');
  });

  test('a fill after a delete is void', async () => {
    const won = await client.get('deleted', { leaseS: 10 });
    await client.delete('deleted');

    expect(await client.set('deleted', Buffer.from('stale'), { ttlS: 60, cas: won?.cas as string })).toBe('not-found');
    expect(await client.get('deleted')).toBeUndefined();
  });

  test('a fill after a write, or after a delete and another lease, is void', async () => {
    const won = await client.get('written', { leaseS: 10 });
    await client.set('written', Buffer.from('new'), { ttlS: 60 });
    const again = await client.get('leased', { leaseS: 10 });
    await client.delete('leased');
    await client.get('leased', { leaseS: 10 });

    expect(await client.set('written', Buffer.from('stale'), { ttlS: 60, cas: won?.cas as string })).toBe('exists');
    expect(await client.set('leased', Buffer.from('stale'), { ttlS: 60, cas: again?.cas as string })).toBe('exists');
    expect((await client.get('written'))?.value.toString()).toBe('new');
  });

  test('a delete with an old CAS text deletes nothing', async () => {
    await client.set('kept', Buffer.from('1'), { ttlS: 60 });
    const old = await client.get('kept');
    await client.set('kept', Buffer.from('2'), { ttlS: 60 });
    const current = await client.get('kept');

    expect(await client.delete('kept', { cas: old?.cas as string })).toBe(false);
    expect(await client.delete('kept', { cas: current?.cas as string })).toBe(true);
  });

  test.each(['', 'x', '1 2', '1\r\nflush_all', '-1', '1'.repeat(25)])(
    'the CAS text %j is a RangeError',
    async (cas) => {
      await expect(client.set('key', Buffer.from('x'), { ttlS: 1, cas })).rejects.toThrow(RangeError);
      await expect(client.delete('key', { cas })).rejects.toThrow(RangeError);
    },
  );

  test('a CAS text of elsewhere never fits', async () => {
    await client.set('foreign', Buffer.from('x'), { ttlS: 60 });
    const { cas } = (await client.get('foreign')) as { cas: string };
    const elsewhere = `${cas.slice(0, -4)}${cas.endsWith('0000') ? '0001' : '0000'}`;

    expect(await client.set('foreign', Buffer.from('y'), { ttlS: 60, cas: elsewhere })).toBe('exists');
    expect(await client.delete('foreign', { cas: elsewhere })).toBe(false);
  });
});

test.each([
  [{ host: '', port: 1, mode: 'node' as const }, '`host`'],
  [{ host: 'a', port: 0, mode: 'node' as const }, '`port`'],
  [{ host: 'a', port: 1.5, mode: 'node' as const }, '`port`'],
  [{ nodes: [] }, '`nodes`'],
  [{ host: 'a', port: 1, mode: 'node' as const, callTimeoutMs: 0 }, '`callTimeoutMs`'],
  [{ host: 'a', port: 1, mode: 'node' as const, maxBatch: 0 }, '`maxBatch`'],
  [{ host: 'a', port: 1, mode: 'node' as const, gutterTtlS: 2_592_001 }, '`gutterTtlS`'],
  [{ host: 'a', port: 1, mode: 'node' as const, maxValueBytes: Number.NaN }, '`maxValueBytes`'],
])('fails at once if an option is out of range: %j', (options, name) => {
  expect(() => new MemcachedClient(options)).toThrow(name);
});

test('an error says what happened, where, and why', () => {
  const cause = new Error('x');

  expect(new MemcachedError('TIMEOUT', 'node a:1 did not answer', { cause })).toMatchObject({
    name: 'MemcachedError',
    code: 'TIMEOUT',
    cause,
  });
});
