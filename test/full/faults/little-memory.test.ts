import { OpenLoad } from '../../../drill/open-load';
import { CacheUnavailableError, EngineRefusedError } from '../../../runtime';
import { sleep } from '../../engines/running';
import { flushAll } from '../consistency/memcached-environment';
import { quantile } from './figures';
import { instance } from './instances';
import { figure, fromDatabase, Stage } from './stage';

const stage = new Stage();

const FULL = 'x'.repeat(4_000);

test('7 full, with noeviction: reads go on, writes are skipped and counted, sessions say so and lose nothing', async () => {
  const group = await stage.valkey();
  const { caches } = await instance(group.binding(group.node(0).port));
  const films = caches.cache('cache').namespace<string>('film', { ttlMs: 60_000 });
  const sessions = caches.sessionStore('cache');
  await new Promise((resolve) => sessions.set('before', { member: 'Ada' }, resolve));
  await films.writeThrough('before', 'cached', async () => {});
  const used = Number(/used_memory:(\d+)/.exec(String(await group.node(0).command('INFO', 'memory')))?.[1]);
  await group.node(0).command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  await group.node(0).command('CONFIG', 'SET', 'maxmemory', String(used + 100_000));
  for (let id = 0; id < 100; id += 1) {
    await films.getOrLoad(`fill-${id}`, async () => FULL);
  }

  const loaded = await Promise.all(Array.from({ length: 50 }, (_, id) => films.lookup(`more-${id}`, async () => FULL)));
  const written = await films.writeThrough('more', FULL, async () => {});
  const kept = await films.lookup('before', fromDatabase);
  const answers = await Promise.all([
    new Promise<unknown[]>((resolve) => sessions.set('new', { member: 'Bob' }, (error) => resolve([error]))),
    new Promise<unknown[]>((resolve) => sessions.get('before', (...answer) => resolve(answer))),
  ]);

  const { drops } = films.costs();
  figure(7, `drops ${JSON.stringify(drops)}, the write-through: ${JSON.stringify(written)}`);
  expect(loaded.every(({ value }) => value === FULL)).toBe(true);
  expect(written.cached).toBe(false);
  expect(written.reached).toBe(true);
  expect(kept).toMatchObject({ value: 'cached', outcome: 'hit' });
  expect(drops.refused ?? 0).toBeGreaterThanOrEqual(50);
  const [refused] = answers[0] as [Error];
  expect(refused instanceof EngineRefusedError || refused instanceof CacheUnavailableError).toBe(true);
  expect(answers[1]).toEqual([null, expect.objectContaining({ member: 'Ada' })]);
});

test.each(['valkey', 'memcached'] as const)(
  '8 evictions on %s: the hit ratio falls, and every answer is right',
  async (engine) => {
    const group = engine === 'valkey' ? await stage.valkey() : undefined;
    const binding = group?.binding(group.node(0).port) ?? (await stage.engines.memcached(1)).binding;
    const { caches } = await instance(binding);
    const films = caches.cache('cache').namespace<string>('film', { ttlMs: 60_000 });
    if (group !== undefined) {
      const used = Number(/used_memory:(\d+)/.exec(String(await group.node(0).command('INFO', 'memory')))?.[1]);
      await group.node(0).command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
      await group.node(0).command('CONFIG', 'SET', 'maxmemory', String(used + 1_000_000));
    }
    // Memcached's nodes have 64 MB here.
    const [ids, filler] = engine === 'valkey' ? [1_000, 'x'.repeat(2_000)] : [1_000, 'x'.repeat(150_000)];

    let wrong = 0;
    for (let round = 0; round < 3; round += 1) {
      for (let start = 0; start < ids; start += 50) {
        const asked = Array.from({ length: 50 }, (_, index) => start + index);
        const values = await Promise.all(asked.map((id) => films.getOrLoad(id, async () => `${id}${filler}`)));
        wrong += values.filter((value, index) => value !== `${asked[index]}${filler}`).length;
      }
    }

    const { hitRatio, reads } = films.costs();
    figure(8, `${engine} hit ratio ${hitRatio.toFixed(2)}, ${JSON.stringify(reads)}`);
    expect(wrong).toBe(0);
    expect(hitRatio).toBeLessThan(0.66);
  },
);

test.each(['valkey', 'memcached'] as const)(
  '9 total flush on %s under load: one load a hot key for the fleet, and never more at once than the limit',
  async (engine) => {
    const group = engine === 'valkey' ? await stage.valkey() : undefined;
    const nodes = group === undefined ? await stage.engines.memcached(2) : undefined;
    const binding = group?.binding(group.node(0).port) ?? (nodes?.binding as never);
    const loads = new Map<string, number>();
    let [running, atOnce] = [0, 0];
    const fleet = await Promise.all(
      [0, 1, 2, 3].map(async () => {
        const { caches } = await instance(binding, { limit: { concurrent: 4 } });
        const films = caches.cache('cache').namespace<number>('film', { ttlMs: 60_000 });
        return (number: number) => {
          const id = number % 10 === 0 ? `cold-${number}` : `hot-${number % 5}`;
          return films.lookup(id, async () => {
            loads.set(id, (loads.get(id) ?? 0) + 1);
            running += 1;
            atOnce = Math.max(atOnce, running);
            await sleep(20);
            running -= 1;
            return number;
          });
        };
      }),
    );
    const load = new OpenLoad(800, (number) => (fleet[number % 4] as (typeof fleet)[number])(Math.floor(number / 4)));
    await sleep(1_500);
    loads.clear();
    atOnce = 0;
    const flushedAt = performance.now();

    await (group?.node(0).command('FLUSHALL') ?? Promise.all(nodes?.ports.map((port) => flushAll(port)) ?? []));
    await sleep(2_000);
    const calls = await load.stop();

    const hot = [...loads].filter(([id]) => id.startsWith('hot')).map(([, count]) => count);
    const p99 = (from: number, to: number) =>
      quantile(
        calls.flatMap(({ startedAt, ms }) => (startedAt >= from && startedAt < to ? [ms] : [])),
        0.99,
      );
    const [before, after] = [p99(0, flushedAt), p99(flushedAt + 1_000, Infinity)];
    figure(
      9,
      `${engine} loads of each hot key ${hot}, at once ${atOnce}, p99 ${before.toFixed(0)} and later ${after.toFixed(0)} ms`,
    );
    expect(calls.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(hot).toEqual([1, 1, 1, 1, 1]);
    expect(atOnce).toBeLessThanOrEqual(16);
    expect(after).toBeLessThanOrEqual(before + 50);
  },
);

test('10 a quarter of the Memcached nodes emptied, three times: loads stay within twice the baseline, and it recovers', async () => {
  const { binding, ports } = await stage.engines.memcached(4);
  // What the limit lets through: the database is asked this often a second when all is well.
  const baseline = 100;
  const { caches } = await instance(binding, {
    limit: { concurrent: 8, perSecond: baseline * 1.8, waiting: 500, waitMs: 500 },
  });
  const films = caches.cache('cache').namespace<number>('film', { ttlMs: 60_000, staleIfErrorMs: 60_000 });
  const loads: number[] = [];
  const read = (id: string, number: number) =>
    films.lookup(id, async () => {
      loads.push(performance.now());
      await sleep(10);
      return number;
    });
  // One read in six is of something new, which is the baseline; the others are of 400 warm ids.
  const load = new OpenLoad(600, (number) =>
    read(number % 6 === 0 ? `new-${number}` : `warm-${(number * 7) % 400}`, number),
  );
  await sleep(6_000);

  for (const port of [ports[0], ports[1], ports[2]] as number[]) {
    await flushAll(port);
    await sleep(2_500);
  }
  const endedAt = performance.now();
  await sleep(1_500);
  const calls = await load.stop();

  const startedAt = calls[0]?.startedAt ?? 0;
  const perSecond = Array.from(
    { length: Math.floor((endedAt - startedAt - 4_000) / 500) },
    (_, index) =>
      loads.filter((at) => at >= startedAt + 4_000 + index * 500 && at < startedAt + 5_000 + index * 500).length,
  );
  const late = calls.filter((call) => call.startedAt > endedAt);
  figure(
    10,
    `loads a second ${Math.min(...perSecond)} to ${Math.max(...perSecond)}, shed ${calls.filter(({ error }) => error).length}`,
  );
  expect(Math.max(...perSecond)).toBeLessThanOrEqual(2 * baseline + 10);
  expect(late.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(
    quantile(
      late.map(({ ms }) => ms),
      0.9,
    ),
  ).toBeLessThan(50);
});

test.each(['valkey', 'memcached'] as const)(
  '11 a hot key of %s ends, 1,000 ask at once: one load, and the old value meanwhile',
  async (engine) => {
    const group = engine === 'valkey' ? await stage.valkey() : undefined;
    const binding = group?.binding(group.node(0).port) ?? (await stage.engines.memcached(2)).binding;
    const { caches } = await instance(binding);
    let loads = 0;
    const load = async () => {
      loads += 1;
      await sleep(50);
      return loads;
    };
    const waiting = caches.cache('cache').namespace<number>('waiting', { ttlMs: 1_000, jitter: 0 });
    const ahead = caches
      .cache('cache')
      .namespace<number>('ahead', { ttlMs: 1_000, jitter: 0, staleWhileRevalidateMs: 30_000 });
    await Promise.all([waiting.getOrLoad('hot', load), ahead.getOrLoad('hot', load)]);
    await sleep(2_200);
    loads = 0;

    const waited = await Promise.all(Array.from({ length: 1_000 }, () => waiting.lookup('hot', load)));
    const waitedLoads = loads;
    const served = await Promise.all(Array.from({ length: 1_000 }, () => ahead.lookup('hot', load)));
    await sleep(200);

    figure(
      11,
      `${engine} loads ${waitedLoads} and ${loads - waitedLoads}, served stale ${served.filter(({ outcome }) => outcome === 'stale').length}`,
    );
    expect(waitedLoads).toBe(1);
    expect(loads - waitedLoads).toBe(1);
    expect(new Set(waited.map(({ value }) => value)).size).toBe(1);
    expect(served.every(({ outcome }) => outcome === 'stale')).toBe(true);
  },
);
