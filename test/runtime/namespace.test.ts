import { type Caches, connect, type Namespace } from '../../runtime';
import { bindingOf, RunningEngines, sleep, variablesOf } from '../engines/running';

let engines: RunningEngines;
/** Two, as two instances of a fleet would have them. */
let caches: [Caches, Caches];
let number = 0;

beforeAll(async () => {
  engines = await RunningEngines.start();
  const binding = bindingOf({
    valkey: (await engines.valkey()).binding,
    memcached: (await engines.memcached(2)).binding,
  });
  caches = [connect(variablesOf(binding)), connect(variablesOf(binding))];
  for (const one of caches) {
    one.cache('valkey');
    one.cache('memcached');
    await one.ready(5_000);
  }
});

afterAll(async () => {
  await Promise.all(caches.map((one) => one.close()));
  await engines.stop();
});

describe.each(['valkey', 'memcached'])('a namespace on %s', (engine) => {
  let name: string;
  let here: Namespace<string | undefined>;
  let there: Namespace<string | undefined>;

  beforeEach(() => {
    name = `n-${number++}`;
    here = caches[0].cache(engine).namespace(name, { ttlMs: 60_000 });
    there = caches[1].cache(engine).namespace(name, { ttlMs: 60_000 });
  });

  test('lazy loading: a miss loads and fills, then every instance hits', async () => {
    const load = jest.fn(async () => 'loaded');

    const first = await here.lookup(1, load);
    const second = await there.lookup(1, load);

    expect(first).toMatchObject({ value: 'loaded', outcome: 'miss' });
    expect(second).toMatchObject({ value: 'loaded', outcome: 'hit', loadMs: 0 });
    expect(load).toHaveBeenCalledTimes(1);
  });

  test('concurrent misses of one id share one call of the loader', async () => {
    const load = jest.fn(async () => {
      await sleep(30);
      return 'loaded';
    });

    const values = await Promise.all(Array.from({ length: 100 }, () => here.getOrLoad(1, load)));

    expect(values).toEqual(Array(100).fill('loaded'));
    expect(load).toHaveBeenCalledTimes(1);
  });

  test('concurrent misses share the failure, and the next caller tries again', async () => {
    const load = jest.fn(async () => {
      await sleep(30);
      throw new Error('database down');
    });

    const results = await Promise.allSettled(Array.from({ length: 100 }, () => here.getOrLoad(1, load)));

    expect(results.every((result) => result.status === 'rejected' && result.reason.message === 'database down')).toBe(
      true,
    );
    expect(load).toHaveBeenCalledTimes(1);
    expect(await here.getOrLoad(1, async () => 'back')).toBe('back');
  });

  test('write-through: the database first, then what every instance reads', async () => {
    const order: string[] = [];
    await there.getOrLoad(1, async () => 'old');

    const cost = await here.writeThrough(1, 'new', async () => {
      order.push((await there.getOrLoad(1, async () => 'never')) as string);
    });

    expect(order).toEqual(['old']);
    expect(cost.cached).toBe(true);
    expect(await there.lookup(1, async () => 'never')).toMatchObject({ value: 'new', outcome: 'hit' });
  });

  test.each(['write-through', 'write-around'])('%s: a write that failed may have happened', async (strategy) => {
    let database = 'old';
    const load = async () => database;
    await here.getOrLoad(1, load);
    const write = async () => {
      database = 'new';
      throw new Error('Connection terminated unexpectedly');
    };

    await expect(
      strategy === 'write-through' ? here.writeThrough(1, 'new', write) : here.writeAround(1, write),
    ).rejects.toThrow('Connection terminated unexpectedly');

    expect(await there.getOrLoad(1, load)).toBe('new');
    expect(await here.getOrLoad(1, load)).toBe('new');
  });

  test('invalidation is seen by every instance', async () => {
    await here.getOrLoad(1, async () => 'old');

    await there.invalidate(1);

    expect(await here.lookup(1, async () => 'new')).toMatchObject({ value: 'new', outcome: 'miss' });
  });

  test('never stale for good: a load that a write on another instance overtook is not cached', async () => {
    let database = 'old';
    let finishLoad = () => {};
    const reading = here.getOrLoad(1, async () => {
      const seen = database;
      await new Promise<void>((resolve) => {
        finishLoad = resolve;
      });
      return seen;
    });
    await sleep(30);
    database = 'new';
    await there.writeThrough(1, 'new', async () => {});
    await there.invalidate(1);
    finishLoad();

    expect(await reading).toBe('old');
    expect(await here.getOrLoad(1, async () => database)).toBe('new');
    expect(await there.getOrLoad(1, async () => database)).toBe('new');
  });

  test('after an invalidation nobody joins a load that began before it', async () => {
    let finishLoad = () => {};
    const slow = here.getOrLoad(1, async () => {
      await new Promise<void>((resolve) => {
        finishLoad = resolve;
      });
      return 'old';
    });
    await sleep(30);
    await here.invalidate(1);

    const fresh = await here.getOrLoad(1, async () => 'new');
    finishLoad();

    expect([await slow, fresh]).toEqual(['old', 'new']);
  });

  test('many: one read, one load for the misses, unknown ids left out', async () => {
    await here.getOrLoad(1, async () => 'one');
    const load = jest.fn(
      async (missing: readonly number[]) => new Map(missing.filter((id) => id < 4).map((id) => [id, `l${id}`])),
    );

    const first = await here.lookupMany([1, 2, 3, 9], load);
    const second = await there.lookupMany([1, 2, 3], load);

    expect([...first.value]).toEqual([
      [1, 'one'],
      [2, 'l2'],
      [3, 'l3'],
    ]);
    expect(load.mock.calls).toEqual([[[2, 3, 9]]]);
    expect(second.outcome).toBe('hit');
  });

  test('many of nothing asks nobody', async () => {
    const load = jest.fn();

    expect((await here.lookupMany([], load)).value.size).toBe(0);
    expect(load).not.toHaveBeenCalled();
  });

  test('ids from users are safe: nothing is stored beside them', async () => {
    const id = `x\r\nset inj 0 0 3\r\npwn`;

    await here.getOrLoad(id, async () => 'safe');

    expect(await there.lookup(id, async () => 'never')).toMatchObject({ value: 'safe', outcome: 'hit' });
    expect(await there.lookup('inj', async () => 'not injected')).toMatchObject({ value: 'not injected' });
  });

  test('what the loader does not find is cached too', async () => {
    const load = jest.fn(async () => undefined);

    await here.getOrLoad(1, load);

    expect(await there.lookup(1, load)).toMatchObject({ value: undefined, outcome: 'hit' });
  });

  test('a value too large for the engine is not cached, and the request succeeds', async () => {
    const large = 'x'.repeat(2_000_000);
    const target = caches[0].cache('memcached').namespace<string>(name, { ttlMs: 60_000 });

    expect(await target.getOrLoad(1, async () => large)).toBe(large);
    expect(await target.lookup(1, async () => large)).toMatchObject({ outcome: 'miss' });
  });
});

test.each([
  [{ ttlMs: 0 }, '`ttlMs` of namespace `x` must be at least 1000, got 0'],
  [{ ttlMs: Number.NaN }, '`ttlMs` of namespace `x` must be at least 1000, got NaN'],
  [{ ttlMs: 1_000, jitter: 1 }, '`jitter` of namespace `x` must be from 0 to below 1, got 1'],
])('fails if the options are %j', (options, message) => {
  expect(() => caches[0].cache('valkey').namespace('x', options)).toThrow(message);
});
