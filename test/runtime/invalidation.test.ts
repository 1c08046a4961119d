import { type Caches, connect, type Namespace } from '../../runtime';
import { bindingOf, eventually, freeze, signal, sleep, variablesOf } from '../engines/running';
import { ENGINES, TestFleet } from './fleet';

let fleet: TestFleet;
let instances: [Caches, Caches];
let number = 0;

beforeAll(async () => {
  fleet = await TestFleet.start();
  instances = [await fleet.instance(), await fleet.instance()];
});

afterAll(() => fleet.stop());

function both<T>(engine: string, options: object): [Namespace<T>, Namespace<T>] {
  const name = `n-${number++}`;
  const [here, there] = instances.map((caches) =>
    caches.cache(engine).namespace<T>(name, { ttlMs: 60_000, ...options }),
  );
  return [here as Namespace<T>, there as Namespace<T>];
}

describe.each(ENGINES)('invalidation on %s', (engine) => {
  const tags = (id: string) => [`genre ${Number(id) % 2}`, 'all'];

  test('by key: several at once', async () => {
    const [here, there] = both<string>(engine, {});
    await here.getOrLoadMany([1, 2, 3], async (ids) => new Map(ids.map((id) => [id, 'old'])));

    await there.invalidate(1, 2);

    expect(await here.lookup(1, async () => 'new')).toMatchObject({ outcome: 'miss' });
    expect(await here.lookup(2, async () => 'new')).toMatchObject({ outcome: 'miss' });
    expect(await here.lookup(3, async () => 'new')).toMatchObject({ outcome: 'hit', value: 'old' });
  });

  test('by tag: every entry that has it is a miss, on every instance; the others stay', async () => {
    const [here, there] = both<string>(engine, { tags });
    const other = instances[0].cache(engine).namespace<string>(`n-${number++}`, { ttlMs: 60_000, tags });
    await here.getOrLoadMany([1, 2, 3], async (ids) => new Map(ids.map((id) => [id, 'old'])));
    await other.getOrLoad(1, async () => 'old');

    await instances[1].cache(engine).invalidateTag('genre 1');

    const outcomes = [];
    for (const id of [1, 2, 3]) {
      outcomes.push((await there.lookup(id, async () => 'new')).outcome);
    }
    expect(outcomes).toEqual(['miss', 'hit', 'miss']);
    expect((await other.lookup(1, async () => 'new')).outcome).toBe('miss');
    expect(await here.lookup(1, async () => 'newer')).toMatchObject({ value: 'new', outcome: 'hit' });
  });

  test('by tag: a load that began before it is not cached', async () => {
    const [here, there] = both<string>(engine, { tags });
    const overtaken = here.getOrLoad(1, async () => {
      await instances[1].cache(engine).invalidateTag('all');
      return 'old';
    });
    await overtaken;

    expect(await there.lookup(1, async () => 'new')).toMatchObject({ value: 'new', outcome: 'miss' });
  });

  test('by tag: nobody joins a load that began before it', async () => {
    const [here] = both<string>(engine, { tags });
    let finish = () => {};
    const slow = here.getOrLoad(1, async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return 'old';
    });
    await sleep(30);
    await instances[0].cache(engine).invalidateTag('all');
    const fresh = here.getOrLoad(1, async () => 'new');
    setTimeout(finish, 50);

    expect(await slow).toBe('old');
    expect(await fresh).toBe('new');
  });

  test('by namespace, without a scan', async () => {
    const [here, there] = both<string>(engine, { clearable: true });
    const [other] = both<string>(engine, { clearable: true });
    await here.getOrLoadMany([1, 2], async (ids) => new Map(ids.map((id) => [id, 'old'])));
    await other.getOrLoad(1, async () => 'kept');

    await there.clear();

    expect((await here.lookup(1, async () => 'new')).outcome).toBe('miss');
    expect((await here.lookup(2, async () => 'new')).outcome).toBe('miss');
    expect((await other.lookup(1, async () => 'never')).outcome).toBe('hit');
  });

  test('fails if a namespace is cleared that was not made for it', async () => {
    const [here] = both<string>(engine, {});

    await expect(here.clear()).rejects.toThrow('make it with `clearable: true`');
  });

  test('the in-process tier: hits cost no round trip, are frozen, and are shared', async () => {
    const [here] = both<{ title: string }>(engine, { tier: { entries: 10 } });
    await here.getOrLoad(1, async () => ({ title: 'Ran' }));
    await eventually(async () => {
      expect((await here.lookup(1, async () => ({ title: 'never' }))).outcome).toBe('tier');
    });

    const [one, other] = [await here.getOrLoad(1, never), await here.getOrLoad(1, never)];

    expect(one).toBe(other);
    expect(() => {
      one.title = 'changed';
    }).toThrow(TypeError);
  });

  test('the in-process tier: its own writes are seen at once', async () => {
    const [here] = both<string>(engine, { tier: { entries: 10 } });
    await warm(here, 'old');

    await here.writeThrough(1, 'new', async () => {});

    expect(await here.getOrLoad(1, never)).toBe('new');
  });

  test(`the in-process tier: writes of others are seen within ${engine === 'valkey' ? 'milliseconds' : 'its bound'}`, async () => {
    const [here, there] = both<string>(engine, { tier: { entries: 10 } });
    await warm(here, 'old');

    await there.writeThrough(1, 'new', async () => {});

    const writtenAt = performance.now();
    await eventually(async () => expect(await here.getOrLoad(1, never)).toBe('new'));
    expect(performance.now() - writtenAt).toBeLessThan(engine === 'valkey' ? 100 : 1_100);
  });

  test('the in-process tier: the least recently used goes first', async () => {
    const [here] = both<string>(engine, { tier: { entries: 2 } });
    for (const id of [1, 2, 3]) {
      await here.getOrLoad(id, async () => 'x');
      // The news of the fill itself may come after it, and takes it out of the tier once.
      await sleep(100);
      await eventually(async () => {
        expect((await here.lookup(id, never)).outcome).toBe('tier');
      });
    }

    expect((await here.lookup(1, never)).outcome).toBe('hit');
  });
});

test('the in-process tier on Valkey is flushed when the news of changes is lost, and is not used until it is back', async () => {
  const { binding, primary } = await fleet.engines.valkey();
  const caches = connect(variablesOf(bindingOf({ cache: binding })));
  try {
    const films = caches
      .cache('cache')
      .namespace<string>('film', { ttlMs: 60_000, tier: { entries: 10, maxAgeMs: 60_000 } });
    await caches.ready(5_000);
    await warm(films, 'old');

    await freeze(primary);
    await sleep(2_000);
    const frozen = await films.lookup(1, async () => 'database');
    signal(primary, 'SIGCONT');

    // It could have been changed by others meanwhile, and no one would have told.
    expect(frozen).toMatchObject({ value: 'database', outcome: 'bypass' });
    await eventually(async () => {
      expect((await films.lookup(1, async () => 'database')).outcome).toBe('tier');
    }, 10_000);
  } finally {
    await caches.close();
  }
});

async function warm(films: Namespace<string>, value: string): Promise<void> {
  await films.getOrLoad(1, async () => value);
  await eventually(async () => {
    expect((await films.lookup(1, async () => value)).outcome).toBe('tier');
  });
}

async function never(): Promise<never> {
  throw new Error('it should have been cached');
}
