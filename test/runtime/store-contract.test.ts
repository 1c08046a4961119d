import { EMPTY_LEASE } from '../../runtime/envelope';
import { storeKey } from '../../runtime/key';
import { MemcachedStore } from '../../runtime/memcached/store';
import { RedisConnection } from '../../runtime/redis/connection';
import { RedisStore } from '../../runtime/redis/store';
import type { Store } from '../../runtime/store';
import { RunningEngines, sleep } from '../engines/running';

const MINUTE = 60_000;

let engines: RunningEngines;
const stores = new Map<string, Store>();

beforeAll(async () => {
  engines = await RunningEngines.start();
  const valkey = await engines.valkey();
  const memcached = await engines.memcached(2);
  stores.set('Valkey', new RedisStore(new RedisConnection('valkey', valkey.binding)));
  stores.set('Memcached', new MemcachedStore('memcached', memcached.binding));
  await Promise.all([...stores.values()].map((store) => store.ready(5_000)));
});

afterAll(async () => {
  await Promise.all([...stores.values()].map((store) => store.close()));
  await engines.stop();
});

describe.each(['Valkey', 'Memcached'])('the store on %s', (name) => {
  const store = () => stores.get(name) as Store;
  let number = 0;
  const key = () => storeKey('contract', `${name}-${number++}`);

  test('gives back what was set', async () => {
    const k = key();

    await store().set(k, { title: 'Ran', year: 1985 }, MINUTE);

    expect(await store().getMany([k])).toEqual([{ state: 'value', value: { title: 'Ran', year: 1985 } }]);
  });

  test.each([
    ['null', null],
    ['undefined', undefined],
    ['an empty text', ''],
    ['a text that begins like a tombstone', '0abc'],
    ['emoji', '🎬 naïve'],
    ['100 KB', 'x'.repeat(100_000)],
  ])('keeps %s apart from nothing', async (_, value) => {
    const k = key();

    await store().set(k, value, MINUTE);

    expect(await store().getMany([k])).toEqual([{ state: 'value', value }]);
  });

  test('answers many keys in their order', async () => {
    const keys = Array.from({ length: 50 }, key);
    await Promise.all(keys.map((k, index) => (index % 2 === 0 ? store().set(k, index, MINUTE) : undefined)));

    const found = await store().getMany(keys);

    expect(found.map((entry) => (entry.state === 'value' ? entry.value : 'none'))).toEqual(
      keys.map((_, index) => (index % 2 === 0 ? index : 'none')),
    );
  });

  test('a fill is stored where the key is empty', async () => {
    const k = key();

    expect(await store().fill(k, 'loaded', MINUTE, EMPTY_LEASE)).toBe(true);
    expect(await store().getMany([k])).toEqual([{ state: 'value', value: 'loaded' }]);
  });

  test('a fill is void when the key was written since its lease', async () => {
    const k = key();
    await store().set(k, 'written', MINUTE);

    expect(await store().fill(k, 'old', MINUTE, EMPTY_LEASE)).toBe(false);
    expect(await store().getMany([k])).toEqual([{ state: 'value', value: 'written' }]);
  });

  test('a fill is void when the key was deleted since its lease', async () => {
    const k = key();
    await store().delete(k);

    expect(await store().fill(k, 'old', MINUTE, EMPTY_LEASE)).toBe(false);
    expect((await store().getMany([k]))[0]?.state).toBe('none');
  });

  test('a fill is void when the key was written and deleted since its lease', async () => {
    const k = key();
    await store().set(k, 'written', MINUTE);
    await store().delete(k);

    expect(await store().fill(k, 'old', MINUTE, EMPTY_LEASE)).toBe(false);
    expect((await store().getMany([k]))[0]?.state).toBe('none');
  });

  test('a session that was deleted is not revived', async () => {
    const k = key();
    expect(await store().setUnlessDeleted(k, 'first', MINUTE)).toBe(true);
    expect(await store().setUnlessDeleted(k, 'second', MINUTE)).toBe(true);
    await store().delete(k);

    expect(await store().setUnlessDeleted(k, 'revived', MINUTE)).toBe(false);
    expect((await store().getMany([k]))[0]?.state).toBe('none');
  });

  test('an entry ends with its life, and a touch extends it', async () => {
    const [short, touched] = [key(), key()];
    await store().set(short, 1, 1_000);
    await store().set(touched, 1, 1_000);
    await store().touch(touched, MINUTE);

    // Memcached counts whole seconds on a clock that ticks once a second.
    await sleep(2_500);

    expect((await store().getMany([short, touched])).map(({ state }) => state)).toEqual(['none', 'value']);
  });

  test('a life of over 30 days does not end at once', async () => {
    const k = key();

    await store().set(k, 'kept', 40 * 24 * 60 * MINUTE);

    expect(await store().getMany([k])).toEqual([{ state: 'value', value: 'kept' }]);
  });
});

test('on Valkey a load that began after a deletion is stored at once', async () => {
  const store = stores.get('Valkey') as Store;
  const key = storeKey('contract', 'after-deletion');
  await store.delete(key);
  const [found] = await store.getMany([key]);

  const stored = await store.fill(key, 'fresh', MINUTE, found?.state === 'none' ? found.lease : '');

  expect(stored).toBe(true);
  expect(await store.getMany([key])).toEqual([{ state: 'value', value: 'fresh' }]);
});

test.each(['', 'plain', 'a b', 'x\r\nset inj 0 0 3\r\npwn', 'ü', '\0', 'k'.repeat(151), '#'.padEnd(44, 'A')])(
  'the id %j becomes a key that every engine takes as it is',
  (id) => {
    expect(storeKey('film', id)).toMatch(/^film:[\x21-\x7e]+$/);
    expect(storeKey('film', id).length).toBeLessThanOrEqual(192);
  },
);

test('ids do not meet, whether hashed or not', () => {
  const ids = ['a b', 'a  b', 'ab', 'x\r\n', 'x\n', '#x', 'k'.repeat(151), 'k'.repeat(152)];
  const keys = ids.map((id) => storeKey('film', id));

  expect(new Set(keys).size).toBe(ids.length);
  expect(storeKey('film', keys[0]?.slice('film:'.length) as string)).not.toBe(keys[0]);
});

test.each(['', 'Film', 'a b', 'a:b', 'x'.repeat(41)])('fails if a namespace is %j', (namespace) => {
  expect(() => storeKey(namespace, '1')).toThrow('a namespace must be 1 to 40 characters');
});
