/* What the histories have shown, each as the shortest run that shows it. */

import { ConfigurationEndpoint } from '../../../local/caches/configuration-endpoint';
import { withCacheBudget } from '../../../runtime';
import type { CacheBinding } from '../../../runtime/binding';
import { sleep, timed } from '../../engines/running';
import { instance } from '../faults/instances';
import { Stage } from '../faults/stage';

const stage = new Stage();

const ENGINES = ['valkey', 'memcached'] as const;

async function bindingOn(engine: (typeof ENGINES)[number]): Promise<CacheBinding> {
  if (engine === 'memcached') {
    return (await stage.engines.memcached(1)).binding;
  }
  const group = await stage.valkey();
  return group.binding(group.node(0).port);
}

async function two(engine: (typeof ENGINES)[number], options: object = {}) {
  const binding = await bindingOn(engine);
  const [here, there] = [await instance(binding), await instance(binding)].map(({ caches }) => ({
    cache: caches.cache('cache'),
    values: caches.cache('cache').namespace<string>('value', { ttlMs: 60_000, ...options }),
  }));
  return [here as NonNullable<typeof here>, there as NonNullable<typeof there>] as const;
}

describe.each(ENGINES)('on %s', (engine) => {
  test('a read that begins after a write of another process does not join a load that began before it', async () => {
    const [here, there] = await two(engine);
    const before = here.values.lookup(1, async () => {
      await sleep(300);
      return 'old';
    });
    await sleep(100);
    const { reached } = await there.values.writeAround(1, async () => {});

    const after = await here.values.lookup(1, async () => 'new');
    await before;

    expect(reached).toBe(true);
    expect(after.value).toBe('new');
  });

  test('a read that comes into a load whose lease is void leaves no lease behind for which others wait', async () => {
    const [here, there] = await two(engine);
    const before = here.values.lookup(1, async () => {
      await sleep(300);
      return 'old';
    });
    await sleep(100);
    await there.values.invalidate(1);
    await here.values.lookup(1, async () => 'new');
    await before;

    const { result, ms } = await timed(() => there.values.lookup(1, async () => 'new'));

    expect(result.value).toBe('new');
    expect(ms).toBeLessThan(250);
  });

  test('a write that reached the cache does not free a key from the quarantine of a later one that did not', async () => {
    const [here, there] = await two(engine);
    let database = 'first';
    await here.values.writeThrough(1, 'first', async () => {});

    const second = here.values.writeThrough(1, 'second', async () => {
      database = 'second';
      await sleep(200);
    });
    await sleep(100);
    // A request that has no time left for the cache.
    const third = await withCacheBudget(async () => {
      await here.values.lookup('other', async () => 'other');
      return here.values.writeAround(1, async () => {
        database = 'third';
      });
    }, 0.001);
    await second;

    expect(third.reached).toBe(false);
    expect((await here.values.lookup(1, async () => database)).value).toBe('third');
    await sleep(1_500);
    expect((await there.values.lookup(1, async () => database)).value).toBe('third');
  });
});

test('what a partition held back is not older than the TTL when it arrives', async () => {
  const group = await stage.valkey();
  const way = await stage.proxy(group.node(0).port);
  const [here, there] = [
    await instance(group.binding(way.port)),
    await instance(group.binding(group.node(0).port)),
  ].map(({ caches }) => caches.cache('cache').namespace<string>('value', { ttlMs: 1_000, jitter: 0 }));
  let loadedAt = 0;
  await here?.lookup(1, async () => {
    loadedAt = performance.now();
    way.blackHole(true);
    return 'old';
  });
  await sleep(2_500);
  way.blackHole(false);
  await sleep(100);

  const { value } = (await there?.lookup(1, async () => 'new')) ?? {};

  expect(performance.now() - loadedAt).toBeGreaterThan(1_100);
  expect(value).toBe('new');
});

test('what a Memcached node that joins and leaves again brings back is gone with its TTL, which is the bound', async () => {
  const { ports } = await stage.engines.memcached(4);
  const nodes = ports.map((port) => ({ host: 'localhost', ip: '127.0.0.1', port }));
  const endpoint = await ConfigurationEndpoint.of(nodes.slice(0, 3));
  stage.after(() => endpoint.close());
  const { caches } = await instance({
    engine: 'memcached',
    mode: 'discovery',
    host: '127.0.0.1',
    port: endpoint.port,
    tls: false,
    auth: { type: 'none' },
  });
  const values = caches.cache('cache').namespace<string>('value', { ttlMs: 2_000, jitter: 0 });
  const { client } = (caches.cache('cache') as any).parts.store;
  const change = async (list: typeof nodes) => {
    endpoint.change(list);
    client.watch.askSoon();
    while (client.nodes.length !== list.length) {
      await sleep(10);
    }
  };
  const ids = Array.from({ length: 100 }, (_, id) => id);
  await Promise.all(ids.map((id) => values.writeThrough(id, 'old', async () => {})));
  await change(nodes);
  const costs = await Promise.all(ids.map((id) => values.writeThrough(id, 'new', async () => {})));
  await change(nodes.slice(0, 3));

  await sleep(3_200);
  const read = await Promise.all(ids.map((id) => values.getOrLoad(id, async () => 'new')));

  expect(costs.every(({ reached }) => reached)).toBe(true);
  expect(read.filter((value) => value === 'old')).toEqual([]);
});
