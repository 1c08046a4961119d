import { Endpoint } from '../../local/caches/endpoint';
import type { ManagedProcess } from '../../local/managed-process';
import { type Caches, CacheUnavailableError, connect, withCacheBudget } from '../../runtime';
import type { CacheBinding } from '../../runtime/binding';
import { storeKey } from '../../runtime/key';
import type { Store } from '../../runtime/stores/store';
import {
  bindingOf,
  eventually,
  freeze,
  RunningEngines,
  refusedCache,
  signal,
  timed,
  variablesOf,
} from '../engines/running';

let engines: RunningEngines;
const open: Caches[] = [];

beforeAll(async () => {
  engines = await RunningEngines.start();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((caches) => caches.close()));
});

afterAll(() => engines.stop());

function connectTo(binding: CacheBinding): Caches {
  const caches = connect(variablesOf(bindingOf({ cache: binding })));
  open.push(caches);
  return caches;
}

/** A cache that runs, with the process to be hurt. */
async function running(engine: 'valkey' | 'memcached') {
  if (engine === 'valkey') {
    const { binding, primary } = await engines.valkey();
    return { binding, process: primary, port: binding.port as number };
  }
  const { binding, nodes, ports } = await engines.memcached();
  return { binding, process: nodes[0] as ManagedProcess, port: ports[0] as number };
}

describe.each(['valkey', 'memcached'] as const)('when %s is lost', (engine) => {
  test('refused: a miss at once and never an error', async () => {
    const namespace = connectTo(await refusedCache(engine))
      .cache('cache')
      .namespace('x', { ttlMs: 60_000 });

    const first = await timed(() => namespace.lookup(1, async () => 'loaded'));
    for (let call = 0; call < 5; call += 1) {
      await namespace.lookup(1, async () => 'loaded');
    }
    const later = await timed(() => namespace.lookup(1, async () => 'loaded'));

    expect(first.result).toMatchObject({ value: 'loaded', outcome: 'bypass' });
    expect(first.ms).toBeLessThan(250);
    expect(later.result.outcome).toBe('bypass');
    expect(later.ms).toBeLessThan(5);
  });

  test('frozen: the first call waits 100 ms at most, the next under 1 ms, and it recovers by itself', async () => {
    const { binding, process } = await running(engine);
    const caches = connectTo(binding);
    const namespace = caches.cache('cache').namespace('x', { ttlMs: 60_000 });
    await caches.ready(5_000);
    await namespace.getOrLoad(1, async () => 'before');

    await freeze(process);
    const calls = [];
    for (let call = 0; call < 30; call += 1) {
      calls.push(await timed(() => namespace.lookup(1, async () => 'database')));
    }
    signal(process, 'SIGCONT');

    expect(calls.map(({ result }) => result.outcome)).toEqual(Array(30).fill('bypass'));
    // The budget is 100 ms; the rest is for a busy machine.
    expect(calls[0]?.ms).toBeLessThan(160);
    // The first one opened the breaker, so nobody waits any more.
    const later = calls
      .slice(1)
      .map(({ ms }) => ms)
      .sort((one, other) => one - other);
    expect(later[later.length >> 1]).toBeLessThan(1);
    expect(later.at(-1)).toBeLessThan(50);
    await eventually(async () => {
      expect((await namespace.lookup(1, async () => 'database')).outcome).toBe('hit');
    }, 10_000);
  });

  test('frozen: a request waits 250 ms at most, however many calls it makes', async () => {
    const { binding, process } = await running(engine);
    const caches = connectTo(binding);
    // Namespaces share the cache's breaker, so the calls run at the same time to be counted before it opens.
    const namespace = caches.cache('cache').namespace('x', { ttlMs: 60_000 });
    await caches.ready(5_000);

    await freeze(process);
    const request = await timed(() =>
      withCacheBudget(async () => {
        for (let call = 0; call < 10; call += 1) {
          await namespace.lookup(call, async () => 'database');
        }
      }),
    );
    signal(process, 'SIGCONT');

    expect(request.ms).toBeLessThan(350);
  });

  test('slow: a write over what cannot be used takes several steps, each within its budget', async () => {
    const { binding, port } = await running(engine);
    const proxy = await Endpoint.to(port);
    const [near, far] = [connectTo(binding), connectTo({ ...binding, mode: 'node', port: proxy.port } as CacheBinding)];
    await Promise.all([near.ready(5_000), far.ready(5_000)]);
    const store = (near.cache('cache') as unknown as { parts: { store: Store } }).parts.store;
    await store.set(storeKey('x', '1'), Buffer.from('poison'), 60_000);

    const namespace = far.cache('cache').namespace<string>('x', { ttlMs: 60_000 });
    await namespace.writeThrough('warm', 'x', async () => {});
    // There and back: two steps in one would be over the 100 ms.
    proxy.delay(30);
    const time = await withCacheBudget(async (spent) => {
      const { cached } = await namespace.writeThrough(1, 'new', async () => {});
      expect(cached).toBe(true);
      return spent;
    });
    await proxy.close();

    expect(time.longestCallMs).toBeGreaterThan(50);
    expect(time.longestCallMs).toBeLessThan(100);
    expect(time.totalMs).toBeLessThan(250);
  });

  test('a write during the outage is never read as its old value afterwards', async () => {
    const { binding, process } = await running(engine);
    const caches = connectTo(binding);
    const namespace = caches.cache('cache').namespace<string>('x', { ttlMs: 60_000 });
    await caches.ready(5_000);
    await namespace.writeThrough(1, 'old', async () => {});

    await freeze(process);
    const cost = await namespace.writeThrough(1, 'new', async () => {});
    signal(process, 'SIGCONT');

    expect(cost.cached).toBe(false);
    const seen = new Set<string>();
    await eventually(async () => {
      const { value, outcome } = await namespace.lookup(1, async () => 'new');
      seen.add(value);
      expect(outcome).toBe('hit');
    }, 20_000);
    expect([...seen]).toEqual(['new']);
  });

  test('a session store errors and never says that there is no session', async () => {
    const store = connectTo(await refusedCache(engine)).sessionStore('cache');

    const get = await timed(() => new Promise((resolve) => store.get('id', (...answer) => resolve(answer))));
    const set = await new Promise((resolve) => store.set('id', { member: 'Ada' }, (error) => resolve(error)));

    expect(get.result).toEqual([expect.any(CacheUnavailableError)]);
    expect(get.ms).toBeLessThan(250);
    expect(set).toBeInstanceOf(CacheUnavailableError);
  });
});

test('leaderboards are data, not a cache: they say that they cannot be asked', async () => {
  const caches = connectTo(await refusedCache('valkey'));

  await expect(caches.dataTypes('cache').leaderboard('x').top(3)).rejects.toThrow(CacheUnavailableError);
});

test('a killed Valkey that comes back is used again', async () => {
  const { binding, primary, restart } = await engines.valkey();
  const caches = connectTo(binding);
  const namespace = caches.cache('cache').namespace('x', { ttlMs: 60_000 });
  await caches.ready(5_000);

  signal(primary, 'SIGKILL');
  await primary.ended;
  expect((await namespace.lookup(1, async () => 'database')).outcome).toBe('bypass');
  await restart();

  await eventually(async () => {
    expect((await namespace.lookup(1, async () => 'database')).outcome).not.toBe('bypass');
  }, 10_000);
});

test('an endpoint that moved while its old connections stay open: they are left, and writes go to the new primary', async () => {
  const { binding, replicaPorts } = await engines.valkey(2);
  const endpoint = await Endpoint.to(replicaPorts[0] as number);
  try {
    const caches = connectTo({ ...binding, port: endpoint.port });
    const namespace = caches.cache('cache').namespace<string>('x', { ttlMs: 60_000 });
    await caches.ready(5_000);
    expect((await namespace.writeThrough(1, 'refused', async () => {})).cached).toBe(false);

    endpoint.moveTo(binding.port);

    await eventually(async () => {
      expect((await namespace.writeThrough(1, 'taken', async () => {})).cached).toBe(true);
    });
    expect(await namespace.lookup(1, async () => 'never')).toMatchObject({ value: 'taken', outcome: 'hit' });
  } finally {
    endpoint.close();
  }
});
