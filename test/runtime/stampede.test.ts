import { type Caches, LoadShedError } from '../../runtime';
import { sleep } from '../engines/running';
import { CountingLoader, ENGINES, TestFleet } from './fleet';

let fleet: TestFleet;
let instances: Caches[];
let number = 0;

beforeAll(async () => {
  fleet = await TestFleet.start();
  instances = await Promise.all(
    [1, 2, 3, 4].map(() => fleet.instance({ cache: { limit: { concurrent: 4, waiting: 4, waitMs: 300 } } })),
  );
});

afterAll(() => fleet.stop());

describe.each(ENGINES)('a stampede on %s', (engine) => {
  const namespaces = (options = {}) => {
    const name = `s-${number++}`;
    return instances.map((caches) => caches.cache(engine).namespace<unknown>(name, { ttlMs: 60_000, ...options }));
  };

  test('500 misses on each of four instances are one load', async () => {
    const loader = new CountingLoader({ title: 'Ran' }, 50);

    const values = await Promise.all(
      namespaces().flatMap((films) => Array.from({ length: 500 }, () => films.getOrLoad(1, loader.load))),
    );

    expect(loader.calls).toBe(1);
    expect(new Set(values).size).toBe(2_000);
    expect(values.every((value) => JSON.stringify(value) === '{"title":"Ran"}')).toBe(true);
  });

  test('with a failing loader one load runs at a time, and every waiter gets the error', async () => {
    const loader = new CountingLoader('never', 30);
    loader.failure = new Error('no such table');

    const results = await Promise.allSettled(
      namespaces().flatMap((films) => Array.from({ length: 50 }, () => films.getOrLoad(1, loader.load))),
    );

    expect(results.map((result) => (result.status === 'rejected' ? result.reason.message : 'loaded'))).toEqual(
      Array(200).fill('no such table'),
    );
    expect(loader.atOnce).toBe(1);
    expect(loader.calls).toBeLessThanOrEqual(4);
  });

  test('who waited for a load of another instance does not wait for ever when that instance dies', async () => {
    const [, dead, alive] = namespaces({ leaseWaitMs: 300, leaseMs: 60_000 });
    let die = (_: Error) => {};
    const never = dead?.getOrLoad(
      1,
      () =>
        new Promise((_, reject) => {
          die = reject;
        }),
    );
    await sleep(50);
    const loader = new CountingLoader('loaded');

    const startedAt = performance.now();
    const first = await alive?.lookup(1, loader.load);
    const tookMs = performance.now() - startedAt;

    expect(first).toMatchObject({ value: 'loaded', outcome: 'miss' });
    expect(tookMs).toBeGreaterThan(250);
    expect(tookMs).toBeLessThan(1_000);
    expect(await alive?.lookup(1, loader.load)).toMatchObject({ value: 'loaded', outcome: 'hit' });
    die(new Error('ended'));
    await expect(never).rejects.toThrow('ended');
  });

  test('many: what another instance loads is waited for and not loaded twice', async () => {
    const [here, there] = namespaces();
    const slow = new CountingLoader('theirs', 80);
    const theirs = there?.getOrLoad(2, slow.load);
    await sleep(20);
    const load = jest.fn(async (ids: readonly number[]) => new Map(ids.map((id) => [id, `ours ${id}`])));

    const values = await here?.getOrLoadMany([1, 2, 3], load);

    expect([...(values ?? [])]).toEqual([
      [1, 'ours 1'],
      [2, 'theirs'],
      [3, 'ours 3'],
    ]);
    expect(load.mock.calls).toEqual([[[1, 3]]]);
    expect(await theirs).toBe('theirs');
  });

  test('many: a failing loader fails all who asked, and the next call loads again', async () => {
    const [here] = namespaces();

    await expect(
      here?.getOrLoadMany([1, 2], async () => {
        throw new Error('gone');
      }),
    ).rejects.toThrow('gone');

    expect(await here?.getOrLoadMany([1, 2], async () => new Map([[1, 'one']]))).toEqual(new Map([[1, 'one']]));
  });
});

describe('the load limiter', () => {
  const films = (caches = instances[0]) =>
    caches?.cache('valkey').namespace<unknown>(`l-${number++}`, { ttlMs: 60_000 });

  test('lets so many loads at the database at once, and refuses at once what finds too many waiting', async () => {
    const loader = new CountingLoader('x', 100);
    const namespace = films();

    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, id) => namespace?.getOrLoad(id, loader.load)),
    );

    const shed = results.filter((result) => result.status === 'rejected');
    expect(loader.atOnce).toBe(4);
    expect(loader.calls).toBe(8);
    expect(shed).toHaveLength(12);
    expect((shed[0] as PromiseRejectedResult).reason).toBeInstanceOf(LoadShedError);
    expect((shed[0] as PromiseRejectedResult).reason).toMatchObject({ code: 'LOAD_SHED', retryAfterMs: 300 });
  });

  test('refuses a load whose turn does not come in time', async () => {
    const loader = new CountingLoader('x', 700);
    const namespace = films();

    const results = await Promise.allSettled(
      Array.from({ length: 6 }, (_, id) => namespace?.getOrLoad(id, loader.load)),
    );

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect(String((results[5] as PromiseRejectedResult).reason)).toContain('its turn did not come within 300 ms');
  });

  test('frees the place of a load that does not end', async () => {
    const caches = await fleet.instance({ cache: { limit: { concurrent: 1, loadMs: 200 } } });
    const namespace = films(caches);
    const stuck = namespace?.getOrLoad(1, () => sleep(2_000));
    const next = namespace?.getOrLoad(2, async () => 'loaded');

    await expect(stuck).rejects.toThrow('it did not end within 200 ms');
    expect(await next).toBe('loaded');
  });

  test('serves the old value instead, where there is one', async () => {
    const name = `l-${number++}`;
    const options = { ttlMs: 1_000, jitter: 0, staleIfErrorMs: 60_000 };
    const namespace = instances[0]?.cache('valkey').namespace<string>(name, options);
    await namespace?.getOrLoad('kept', async () => 'old');
    await sleep(1_100);
    const busy = new CountingLoader('x', 300);
    const crowd = Promise.allSettled(Array.from({ length: 8 }, (_, id) => namespace?.getOrLoad(id, busy.load)));
    await sleep(20);

    expect(await namespace?.lookup('kept', async () => 'new')).toMatchObject({ value: 'old', outcome: 'stale' });
    await crowd;
  });

  test('fails if a limit is not above 0', async () => {
    await expect(fleet.instance({ cache: { limit: { concurrent: 0 } } })).rejects.toThrow(
      '`limit.concurrent` of cache `valkey` must be above 0, got 0',
    );
  });

  test('holds a rate, in bursts of a tenth of it', async () => {
    const caches = await fleet.instance({ cache: { limit: { perSecond: 50, waitMs: 5_000 } } });
    const namespace = films(caches);
    const loader = new CountingLoader('x');

    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 30 }, (_, id) => namespace?.getOrLoad(id, loader.load)));
    const tookMs = performance.now() - startedAt;

    // Five at once, then one every 20 ms.
    expect(tookMs).toBeGreaterThan(450);
    expect(tookMs).toBeLessThan(1_500);
  });
});
