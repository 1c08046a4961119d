import type { Caches, Namespace } from '../../runtime';
import { eventually, sleep } from '../engines/running';
import { CountingLoader, ENGINES, TestFleet } from './fleet';

let fleet: TestFleet;
let instances: [Caches, Caches];
/** Writes what is to be old: an entry's life is its writer's choice, and what replaces it must not be old at once. */
let before: Caches;
let number = 0;

beforeAll(async () => {
  fleet = await TestFleet.start();
  instances = [await fleet.instance(), await fleet.instance()];
  before = await fleet.instance();
});

afterAll(() => fleet.stop());

describe.each(ENGINES)('what is served on %s', (engine) => {
  const both = <T>(options: object, name = `n-${number++}`): [Namespace<T>, Namespace<T>] => {
    const [here, there] = instances.map((caches) =>
      caches.cache(engine).namespace<T>(name, { ttlMs: 60_000, ...options }),
    );
    return [here as Namespace<T>, there as Namespace<T>];
  };

  describe('past its TTL', () => {
    const aged = { ttlMs: 1_000, jitter: 0 };
    let refreshed: [Namespace<string>, Namespace<string>];
    let overtaken: [Namespace<string>, Namespace<string>];
    let kept: Namespace<string>;
    let missing: Namespace<string | null | undefined>;

    beforeAll(async () => {
      const refreshing = { staleWhileRevalidateMs: 60_000 };
      const names = [`n-${number++}`, `n-${number++}`] as const;
      refreshed = both<string>(refreshing, names[0]);
      overtaken = both<string>(refreshing, names[1]);
      [kept] = both<string>({ ...aged, staleIfErrorMs: 60_000 });
      [missing] = both<string | null | undefined>({ negativeTtlMs: 1_000 });
      const old = names.map((name) => before.cache(engine).namespace<string>(name, { ...aged, ...refreshing }));
      for (const namespace of [...old, kept]) {
        await namespace.getOrLoad(1, async () => 'old');
      }
      await missing.getOrLoad('undefined', async () => undefined);
      await missing.getOrLoad('null', async () => null);
      expect(await missing.lookup('undefined', async () => 'never')).toMatchObject({
        value: undefined,
        outcome: 'hit',
      });
      expect(await missing.lookup('null', async () => 'never')).toMatchObject({ value: null, outcome: 'hit' });
      // Memcached counts whole seconds.
      await sleep(2_200);
    });

    test('refresh-ahead: an old entry is served at once, while one of the fleet loads it anew', async () => {
      const [here, there] = refreshed;
      const loader = new CountingLoader('new', 60);

      const served = await Promise.all(
        [here, there].flatMap((films) => Array.from({ length: 20 }, () => films.lookup(1, loader.load))),
      );

      expect(new Set(served.map(({ value, outcome }) => `${value} ${outcome}`))).toEqual(new Set(['old stale']));
      expect(served[0]?.ageMs).toBeGreaterThan(900);
      await eventually(async () => {
        expect(await there.lookup(1, loader.load)).toMatchObject({ value: 'new', outcome: 'hit' });
      });
      expect(loader.calls).toBe(1);
    });

    test('refresh-ahead: a write during the refresh is not undone by it', async () => {
      const [here, there] = overtaken;
      const refresh = new CountingLoader('overtaken', 80);
      await here.lookup(1, refresh.load);
      await eventually(() => expect(refresh.calls).toBe(1));
      await there.writeThrough(1, 'written', async () => {});
      await sleep(150);

      expect(refresh.calls).toBe(1);
      expect(await here.lookup(1, async () => 'never')).toMatchObject({ value: 'written', outcome: 'hit' });
    });

    test('stale-if-error: the old value outlives its TTL for as long as the loader fails', async () => {
      const loader = new CountingLoader('new');

      loader.failure = new Error('the database is down');
      const during = await kept.lookup(1, loader.load);
      loader.failure = undefined;
      const after = await kept.lookup(1, loader.load);

      expect(during).toMatchObject({ value: 'old', outcome: 'stale' });
      expect(after).toMatchObject({ value: 'new', outcome: 'miss' });
      expect(kept.costs()).toMatchObject({ failedLoads: 1, reads: { stale: 1 } });
    });

    test.each(['undefined', 'null'])('negative caching: %s has had a life of its own', async (id) => {
      expect(await missing.lookup(id, async () => 'found')).toMatchObject({ value: 'found', outcome: 'miss' });
    });
  });

  test('without an old value the error of the loader reaches the caller', async () => {
    const [here] = both<string>({ staleIfErrorMs: 60_000 });

    await expect(
      here.getOrLoad(1, async () => {
        throw new Error('the database is down');
      }),
    ).rejects.toThrow('the database is down');
  });

  test('negative answers are not kept where their life is 0', async () => {
    const [here] = both<string | undefined>({ negativeTtlMs: 0 });
    await here.getOrLoad(1, async () => undefined);

    expect(await here.lookup(1, async () => 'found')).toMatchObject({ value: 'found', outcome: 'miss' });
  });

  test('never stale for good: of 200 loads overtaken by a write and a deletion none is cached', async () => {
    const [here, there] = both<number>({});
    const stale = await Promise.all(
      Array.from({ length: 200 }, async (_, id) => {
        const overtaken = here.getOrLoad(id, async () => {
          await there.writeThrough(id, 1, async () => {});
          await there.invalidate(id);
          return 0;
        });
        await overtaken;
        return (await here.getOrLoad(id, async () => 2)) !== 2;
      }),
    );

    expect(stale.filter(Boolean)).toHaveLength(0);
  });

  test('two who write one key at once leave no value behind that the database does not have', async () => {
    const [here, there] = both<number>({});
    for (let id = 0; id < 50; id += 1) {
      let database = 0;
      const write = (films: Namespace<number>, value: number) =>
        films.writeThrough(id, value, async () => {
          await sleep(Math.random() * 4);
          database = value;
          await sleep(Math.random() * 4);
        });
      await Promise.all([write(here, 1), write(there, 2)]);

      expect(await here.getOrLoad(id, async () => database)).toBe(database);
    }
  });

  test('a failed write leaves the cache as it was, also where it held nothing', async () => {
    const [here, there] = both<string>({});
    const fail = async () => {
      throw new Error('constraint violated');
    };
    await expect(here.writeThrough(1, 'never', fail)).rejects.toThrow('constraint violated');
    await expect(here.writeAround(1, fail)).rejects.toThrow('constraint violated');

    expect(await there.lookup(1, async () => 'loaded')).toMatchObject({ value: 'loaded', outcome: 'miss' });
  });

  test('write-around: the entry is forgotten after the commit, and only what is read again is cached', async () => {
    const [here, there] = both<string>({});
    await here.getOrLoad(1, async () => 'old');

    const cost = await here.writeAround(1, async () => {});

    expect(cost).toMatchObject({ cached: false, reached: true });
    expect(await there.lookup(1, async () => 'new')).toMatchObject({ value: 'new', outcome: 'miss' });
  });

  test('the costs are counted: misses, writes, what was written for nobody, ages', async () => {
    const [here] = both<string>({});
    await here.getOrLoad(1, async () => 'a');
    await here.getOrLoad(1, async () => 'a');
    await here.writeThrough(2, 'first', async () => {});
    await here.writeThrough(2, 'second', async () => {});
    await here.getOrLoad(2, async () => 'never');

    const costs = here.costs();
    expect(costs).toMatchObject({
      reads: { hit: 2, miss: 1, bypass: 0 },
      loads: 1,
      loadsSaved: 2,
      writes: 2,
      lostWrites: 0,
      writtenUnread: 1,
      drops: { unread: 1 },
    });
    expect(costs.hitRatio).toBeCloseTo(2 / 3);
    expect(costs.missPenaltyMs).toBeGreaterThan(0);
    expect(costs.writePenaltyMs).toBeGreaterThan(0);
    expect(costs.age.maxMs).toBeGreaterThanOrEqual(costs.age.meanMs);
  });
});
