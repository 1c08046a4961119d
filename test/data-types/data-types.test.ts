import { type Caches, CacheUnavailableError, compactCodec, connect, EngineRefusedError } from '../../runtime';
import { singleKey, taggedKey } from '../../runtime/data-types/data-key';
import type { DataTypes } from '../../runtime/data-types/data-types';
import type { RedisCommands } from '../../runtime/redis/commands';
import { bindingOf, eventually, freeze, RunningEngines, refusedCache, signal, variablesOf } from '../engines/running';

let engines: RunningEngines;
let caches: Caches;
let valkey: Awaited<ReturnType<RunningEngines['valkey']>>;
let types: DataTypes;

beforeAll(async () => {
  engines = await RunningEngines.start();
  const cluster = await engines.valkeyCluster(3);
  valkey = await engines.valkey();
  caches = connect(
    variablesOf(bindingOf({ cluster: cluster.binding, sessions: valkey.binding, lost: await refusedCache('valkey') })),
  );
  for (const cache of ['cluster', 'sessions']) {
    caches.cache(cache);
  }
  await caches.ready(10_000);
}, 60_000);

afterAll(async () => {
  await caches.close();
  await engines.stop();
});

/** What the engine itself says of a key. */
function raw(key: string, command: string, ...args: string[]): Promise<unknown> {
  return (types as unknown as { commands: RedisCommands }).commands.run(key, [command, key, ...args]);
}

describe.each([
  ['a replication group', 'sessions'],
  ['a cluster', 'cluster'],
])('on %s', (_kind, cache) => {
  beforeAll(() => {
    types = caches.dataTypes(cache);
  });

  describe('a recent list', () => {
    test('keeps the newest, each once, up to its limit', async () => {
      const list = types.recent('viewed', { limit: 3 });
      for (const film of ['a', 'b', 'c', 'a', 'd']) {
        await list.add(film);
      }

      expect(await list.entries()).toEqual(['d', 'a', 'c']);
      expect(await list.entries(2)).toEqual(['d', 'a']);
      expect([await list.remove('a'), await list.remove('a')]).toEqual([true, false]);
      await list.clear();
      expect(await list.entries()).toEqual([]);
    });

    test('that is not unique keeps repeats', async () => {
      const list = types.recent('log', { limit: 3, unique: false });
      await list.add('a');
      await list.add('a');

      expect(await list.entries()).toEqual(['a', 'a']);
    });
  });

  describe('a list', () => {
    test('is a queue and a stack of values of any JSON type', async () => {
      const list = types.list<unknown>('jobs');
      const values = ['text', '', 0, -1.5, true, null, [1, 'é'], { deep: { a: [] } }];

      expect(await list.pushLast(...values)).toBe(values.length);
      expect(await list.range()).toEqual(values);
      expect(await list.length()).toBe(values.length);
      expect([await list.popFirst(), await list.popLast()]).toEqual(['text', { deep: { a: [] } }]);
      expect(await list.pushFirst('x', 'y')).toBe(values.length);
      expect(await list.range(0, 3)).toEqual(['x', 'y', '']);
      await list.clear();
      expect([await list.popFirst(), await list.popLast(), await list.length()]).toEqual([undefined, undefined, 0]);
    });

    test.each([
      [undefined, undefined],
      [1, undefined],
      [0, 0],
      [0, 2],
      [-2, undefined],
      [1, -1],
      [-3, -1],
      [3, 2],
      [-9, 9],
      [7, 9],
    ])('counts positions from %p to %p as a slice does, to read and to trim', async (start, end) => {
      const list = types.list<number>('slices');
      await list.clear();
      await list.pushLast(1, 2, 3, 4);

      const part = await list.range(start, end);
      await list.trim(start ?? 0, end);

      expect(part).toEqual([1, 2, 3, 4].slice(start, end));
      expect(await list.range()).toEqual(part);
    });

    test('with a limit makes room at its other end', async () => {
      const list = types.list<number>('bounded', { limit: 3 });

      expect([await list.pushLast(1, 2), await list.pushLast(3, 4)]).toEqual([2, 3]);
      expect(await list.range()).toEqual([2, 3, 4]);
      expect(await list.pushFirst(8, 9)).toBe(3);
      expect(await list.range()).toEqual([8, 9, 2]);
    });

    test('that refuses adds all or nothing', async () => {
      const list = types.list<number>('full', { limit: 3, whenFull: 'refuse' });
      await list.pushLast(1, 2);

      await expect(list.pushLast(3, 4)).rejects.toMatchObject({
        code: 'LIST_FULL',
        message: 'list `full` has no room: it keeps at most 3 values',
      });
      expect(await list.range()).toEqual([1, 2]);
      expect(await list.pushFirst(0)).toBe(3);
    });

    test('takes another codec', async () => {
      const list = types.list<Date>('dates', { codec: compactCodec });
      await list.pushLast(new Date(0));

      expect(await list.popFirst()).toEqual(new Date(0));
    });

    test('many processes never take one value twice', async () => {
      const list = types.list<number>('shared');
      await list.pushLast(...Array.from({ length: 200 }, (_, index) => index));

      const taken = await Promise.all(
        Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? list.popFirst() : list.popLast())),
      );

      expect(new Set(taken).size).toBe(200);
    });
  });

  describe('a set', () => {
    test('holds each member once', async () => {
      const set = types.set('favourites');

      expect([await set.add('1'), await set.add('1'), await set.add('2')]).toEqual([true, false, true]);
      expect([await set.has('1'), await set.remove('1'), await set.has('1')]).toEqual([true, true, false]);
      expect(await set.members()).toEqual(['2']);
      expect([await set.addAll(['2', '3', '4']), await set.removeAll(['3', '9']), await set.size()]).toEqual([2, 1, 2]);
      expect((await set.random(9)).sort()).toEqual(['2', '4']);
      expect(await set.random(1)).toHaveLength(1);
      await set.clear();
      expect(await set.members()).toEqual([]);
    });

    test.each(['me', '}odd', '', 'a}b', '{x}'])('of group %j is compared with others of its group', async (group) => {
      const [liked, seen] = [types.set('liked', { group }), types.set('seen', { group })];
      await liked.addAll(['a', 'b', 'c']);
      await seen.addAll(['b', 'c', 'd']);

      expect((await liked.intersect(seen)).sort()).toEqual(['b', 'c']);
      expect((await liked.union(seen)).sort()).toEqual(['a', 'b', 'c', 'd']);
      expect(await liked.difference(seen)).toEqual(['a']);
      expect((await liked.intersect()).sort()).toEqual(['a', 'b', 'c']);
    });

    test('fails if it is compared with one of another group, of none, or of another cache', async () => {
      const set = types.set('liked', { group: 'me' });

      await expect(set.union(types.set('seen', { group: 'you' }))).rejects.toThrow(
        '`union` of set `liked` and set `seen` needs both in one cache and with one `group`, so that one shard of a ' +
          'cluster has both, got `me` and `you`',
      );
      await expect(types.set('seen').intersect(set)).rejects.toThrow('got no group and `me`');
      await expect(set.difference(caches.dataTypes('lost').set('seen', { group: 'me' }))).rejects.toThrow(
        'needs both in one cache',
      );
    });
  });

  describe('a hash', () => {
    interface Profile {
      readonly name: string;
      readonly signIns: number;
      readonly rating?: number;
      readonly admin: boolean;
      readonly tags: readonly string[];
      readonly address: { readonly city: string } | null;
    }

    test('gives each field back as what it was', async () => {
      const hash = types.hash<Profile>('profile');
      await hash.set({ name: '12', signIns: 3, admin: false, rating: undefined });
      await hash.set({ tags: ['a'], address: { city: 'Graz' } });

      expect(await hash.all()).toEqual({
        name: '12',
        signIns: 3,
        admin: false,
        tags: ['a'],
        address: { city: 'Graz' },
      });
      expect([await hash.get('name'), await hash.get('rating')]).toEqual(['12', undefined]);
      expect(await hash.getMany(['admin', 'rating', 'name'])).toEqual({ admin: false, name: '12' });
      expect([await hash.has('admin'), await hash.delete('admin', 'rating'), await hash.has('admin')]).toEqual([
        true,
        1,
        false,
      ]);
      await hash.clear();
      expect(await hash.all()).toEqual({});
    });

    test('counts in a field', async () => {
      const hash = types.hash<Profile>('counts');
      await hash.set({ name: 'Ada' });

      expect([await hash.increment('signIns'), await hash.increment('signIns', 2)]).toEqual([1, 3]);
      expect([await hash.increment('rating', 0.1), await hash.increment('rating', 0.2)]).toEqual([0.1, 0.1 + 0.2]);
      expect(await hash.increment('signIns', 2 ** 53 - 4)).toBe(Number.MAX_SAFE_INTEGER);
      await expect(hash.increment('name' as never)).rejects.toMatchObject({
        code: 'NOT_A_NUMBER',
        message: 'field `name` of hash `counts` holds no number to add to',
      });
      await hash.set({ rating: Number.MAX_VALUE });
      await expect(hash.increment('rating', Number.MAX_VALUE)).rejects.toThrow('would no longer be a finite number');
      expect(await hash.get('rating')).toBe(Number.MAX_VALUE);
    });

    test('a field may have any name, and none reaches a prototype', async () => {
      const hash = types.hash('pollution');
      const names = ['__proto__', 'constructor', 'toString', '', 'a b\r\n', 'é'];
      await hash.set(Object.fromEntries(names.map((name) => [name, { polluted: true }])));

      const all = await hash.all();
      const some = await hash.getMany(['__proto__', 'hasOwnProperty']);

      expect(Object.keys(all).sort()).toEqual([...names].sort());
      expect([Object.getPrototypeOf(all), Object.getPrototypeOf(some)]).toEqual([null, null]);
      expect(Object.keys(some)).toEqual(['__proto__']);
      expect(some.hasOwnProperty).toBeUndefined();
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      expect(await hash.increment('valueOf')).toBe(1);
    });
  });

  describe('a counter', () => {
    test('counts up and down for all', async () => {
      const counter = types.counter('visits');

      expect(await counter.get()).toBe(0);
      await Promise.all(Array.from({ length: 50 }, () => counter.increment()));
      expect([await counter.increment(5), await counter.decrement(60), await counter.get()]).toEqual([55, -5, -5]);
      await counter.reset();
      expect(await counter.get()).toBe(0);
    });

    test('begins anew in each window, which the engine’s clock fixes', async () => {
      const hourly = types.counter('hourly', { perMs: 3_600_000 });
      const ends = () => raw('@counter:hourly', 'PEXPIRETIME') as Promise<number>;
      await hourly.increment(2);
      const end = await ends();
      await hourly.increment();

      expect(await hourly.get()).toBe(3);
      expect([end % 3_600_000, await ends()]).toEqual([0, end]);
      expect(Math.abs(end - 1_800_000 - Date.now())).toBeLessThanOrEqual(1_801_000);

      const short = types.counter('short', { perMs: 200 });
      await short.increment();
      await eventually(async () => expect(await short.get()).toBe(0));
      expect(await short.increment()).toBe(1);
    });

    test('stops before it is no longer exact', async () => {
      const counter = types.counter('large');

      expect(await counter.increment(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
      await expect(counter.increment()).rejects.toThrow(/counter `large` counts from -9007199254740991 to/);
      expect(await counter.get()).toBe(Number.MAX_SAFE_INTEGER);
    });
  });

  test('names that any user typed are kept apart', async () => {
    const names = ['a', 'A', 'a b', 'a\r\nDEL x', '{a}', 'a}b', '}', '', '#', 'ü', 'x'.repeat(400), 'x'.repeat(401)];
    for (const name of names) {
      await types.set(name).add(name);
      await types.leaderboard(name).set(name, 1);
      await types.hash(name).set({ name });
    }

    for (const name of names) {
      expect(await types.set(name).members()).toEqual([name]);
      expect(await types.leaderboard(name).top(5)).toEqual([{ member: name, score: 1, rank: 1 }]);
      expect(await types.hash(name).get('name')).toBe(name);
    }
  });

  test('a life begins anew with each change, and without one there is no end', async () => {
    const life = { ttlMs: 60_000 };
    const changes: Record<string, () => Promise<unknown>> = {
      '@list:life': () => types.list<number>('life', life).pushLast(1, 2),
      '@recent:life': () => types.recent('life', { ...life, limit: 5 }).add('a'),
      '@set:life': () => types.set('life', life).addAll(['a', 'b']),
      '@set:{of}:life': () => types.set('life', { ...life, group: 'of' }).add('a'),
      '@hash:life': () => types.hash('life', life).increment('a'),
      '@counter:life': () => types.counter('life', life).increment(),
      '@leaderboard:{life}:highest:shared': () => types.leaderboard('life', life).increment('a'),
      '@leaderboard:{life}:lowest:shared': () =>
        types.leaderboard('life', { ...life, order: 'lowest' }).rebuild([['a', 1]]),
      '@leaderboard:{life}:highest:first-wins:tickets': () =>
        types.leaderboard('life', { ...life, ties: 'first-wins' }).set('a', Math.random()),
      '@rate:["life","me"]': () => types.rateLimiter('life', { limit: 9, perMs: 60_000 }).take('me'),
    };

    for (const [key, change] of Object.entries(changes)) {
      await change();
      await raw(key, 'PEXPIRE', '10000');
      await change();

      expect([key, await raw(key, 'PTTL')]).toEqual([key, expect.any(Number)]);
      expect(await raw(key, 'PTTL')).toBeGreaterThan(50_000);
      expect(await raw(key, 'PTTL')).toBeLessThanOrEqual(60_001);
    }
    await types.list<number>('life', life).popFirst();
    await types.counter('for ever').increment();
    await types.leaderboard('for ever').rebuild([['a', 1]]);
    expect(await raw('@leaderboard:{life}:highest:first-wins', 'PTTL')).toBeGreaterThan(50_000);
    expect(await raw(singleKey('counter', 'for ever'), 'PTTL')).toBe(-1);
    expect(await raw(`${taggedKey('leaderboard', 'for ever')}:highest:shared`, 'PTTL')).toBe(-1);
  });
});

describe('fails if', () => {
  beforeAll(() => {
    types = caches.dataTypes('sessions');
  });

  test.each<[string, () => unknown, string]>([
    [
      'a recent list has no room',
      () => types.recent('x', { limit: 0 }),
      '`limit` must be a whole number of at least 1, got 0',
    ],
    [
      'a list has no room',
      () => types.list('x', { limit: 1.5 }),
      '`limit` must be a whole number of at least 1, got 1.5',
    ],
    ['a life is none', () => types.set('x', { ttlMs: 0 }), '`ttlMs` of set `x` must be a whole number from 1 to'],
    [
      'a window is none',
      () => types.counter('x', { perMs: -1 }),
      '`perMs` must be a whole number of at least 1, got -1',
    ],
    ['a window has a life', () => types.counter('x', { perMs: 5, ttlMs: 5 }), 'so it has no `ttlMs`'],
    ['a count is broken', () => types.counter('x').increment(0.5), '`by` must be a whole number, got 0.5'],
    ['members are none', () => types.set('x').random(0), '`count` must be a whole number of at least 1, got 0'],
    [
      'text is half a pair',
      () => types.set('x').add('a\ud800'),
      'a member must be text without halves of surrogate pairs',
    ],
    ['a field is no text', () => types.hash('x').get(5 as never), 'a field must be text'],
    ['a value is undefined', () => types.list('x').pushLast(undefined), 'a value of list `x` must not be undefined'],
    [
      'a number is not finite',
      () => types.hash('x').set({ a: Number.NaN }),
      'a number of field `a` of hash `x` must be finite',
    ],
    [
      'too much is pushed',
      () => types.list('x').pushLast(...Array(1_001).fill(1)),
      'the count of values must be a whole number from 1 to 1000',
    ],
  ])('%s', async (_case, call, message) => {
    await expect((async () => call())()).rejects.toThrow(message);
  });

  test('a key holds a value of another type, and says which', async () => {
    const client = await engines.client(valkey.binding.port as number, 'web', 'web-password');
    await client.set('@hash:taken', 'text');
    await client.set('@leaderboard:{taken}:highest:shared', 'text');
    await client.destroy();

    for (const call of [() => types.hash('taken').all(), () => types.hash('taken').increment('a')]) {
      const error = await call().then(
        () => undefined,
        (reason) => reason,
      );
      expect(error).toBeInstanceOf(EngineRefusedError);
      expect(error.message).toBe(
        'cache `sessions` refused: hash `taken` cannot be used, its key `@hash:taken` holds a value of another type',
      );
    }
    await expect(types.leaderboard('taken').set('a', 1)).rejects.toThrow('leaderboard `taken` cannot be used');
  });

  test('a value was written by something else', async () => {
    const client = await engines.client(valkey.binding.port as number, 'web', 'web-password');
    await client.hSet('@hash:foreign', 'a', 'no JSON');
    await client.destroy();

    await expect(types.hash('foreign').all()).rejects.toMatchObject({
      code: 'VALUE_UNREADABLE',
      message: 'a value of field `a` of hash `foreign` cannot be read: it was written in another form',
    });
  });
});

describe('a cache that cannot be asked is an error and never an empty answer', () => {
  test.each(['refused', 'frozen'])('when it is %s', async (how) => {
    types = caches.dataTypes(how === 'refused' ? 'lost' : 'sessions');
    if (how === 'frozen') {
      await freeze(valkey.primary);
    }

    const answers = await Promise.allSettled([
      types.leaderboard('x').top(1),
      types.leaderboard('x').rebuild([['a', 1]]),
      types.list('x').popFirst(),
      types.recent('x', { limit: 1 }).entries(),
      types.set('x').members(),
      types.hash('x').all(),
      types.counter('x').get(),
      types.rateLimiter('x', { limit: 1, perMs: 1_000 }).take('a'),
    ]);
    const allowed = await types.rateLimiter('x', { limit: 3, perMs: 900, whenUnavailable: 'allow' }).take('a');
    const refused = await types.rateLimiter('x', { limit: 3, perMs: 900, whenUnavailable: 'refuse' }).take('a');
    signal(valkey.primary, 'SIGCONT');

    expect(answers.map((answer) => answer.status === 'rejected' && answer.reason)).toEqual(
      answers.map(() => expect.any(CacheUnavailableError)),
    );
    expect(allowed).toEqual({ allowed: true, remaining: 2, retryAfterMs: 0, resetAfterMs: 900, counted: false });
    expect(refused).toEqual({
      allowed: false,
      remaining: 0,
      retryAfterMs: 1_000,
      resetAfterMs: 1_000,
      counted: false,
    });
  });
});
