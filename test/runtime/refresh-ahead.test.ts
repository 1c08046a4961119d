/* Refresh-ahead of a fleet, where single calls are late or fail. */

import { type Caches, type Namespace, withCacheBudget } from '../../runtime';
import type { Cache } from '../../runtime/cache';
import { eventually, sleep } from '../engines/running';
import { CountingLoader, ENGINES, TestFleet } from './fleet';
import { HeldProcess } from './held-process';

let fleet: TestFleet;
let instances: [Caches, Caches];

beforeAll(async () => {
  fleet = await TestFleet.start(1);
  instances = [await fleet.instance(), await fleet.instance()];
});

afterAll(() => fleet.stop());

describe.each(ENGINES)('on %s', (engine) => {
  const names = ['late', 'refused', 'budget', 'awaited'] as const;
  const processes = {} as Record<(typeof names)[number], { here: HeldProcess; there: Namespace<string> }>;

  beforeAll(async () => {
    const [here, there] = instances.map((caches) => caches.cache(engine)) as [Cache, Cache];
    for (const name of names) {
      const kept = name === 'awaited' ? { staleIfErrorMs: 60_000 } : { staleWhileRevalidateMs: 60_000 };
      const options = { ttlMs: 1_000, jitter: 0, ...kept };
      processes[name] = {
        here: new HeldProcess(here, `refresh-${name}`, options),
        there: there.namespace<string>(`refresh-${name}`, options),
      };
      await processes[name].there.getOrLoad('film', async () => 'old');
    }
    // Memcached counts whole seconds.
    await sleep(2_200);
  });

  test('who is late does not load what another has loaded meanwhile', async () => {
    const { here, there } = processes.late;
    const [loader, again] = [new CountingLoader('new', 10), new CountingLoader('again', 0)];
    const acquire = here.hold('acquire');
    expect(await here.values.getOrLoad('film', again.load)).toBe('old');
    await acquire.made.opened;
    expect(await there.getOrLoad('film', loader.load)).toBe('old');
    await eventually(async () => expect(await there.getOrLoad('film', loader.load)).toBe('new'));

    acquire.sent.open();
    acquire.answered.open();
    await sleep(100);

    expect([loader.calls, again.calls]).toEqual([1, 0]);
  });

  test('nor who waits for the load, of an old value that is kept in case it fails', async () => {
    const { here, there } = processes.awaited;
    const again = new CountingLoader('again', 0);
    const acquire = here.hold('acquire');
    const waiting = here.values.lookup('film', again.load);
    await acquire.made.opened;
    expect(await there.getOrLoad('film', async () => 'new')).toBe('new');

    acquire.sent.open();
    acquire.answered.open();

    expect(await waiting).toMatchObject({ value: 'new', outcome: 'wait' });
    expect(again.calls).toBe(0);
  });

  test('what could not be kept is not loaded', async () => {
    const { here } = processes.refused;
    const loader = new CountingLoader('new', 0);
    here.fail('acquire');
    expect(await here.values.getOrLoad('film', loader.load)).toBe('old');
    await sleep(100);
    expect(loader.calls).toBe(0);

    expect(await here.values.getOrLoad('film', loader.load)).toBe('old');
    await eventually(() => expect(loader.calls).toBe(1));
  });

  test('a request does not wait for the refresh that it began, nor spends its budget on it', async () => {
    const { here } = processes.budget;
    const acquire = here.hold('acquire');

    const waitedMs = await withCacheBudget(async (time) => {
      expect(await here.values.getOrLoad('film', async () => 'new')).toBe('old');
      const atOnce = time.totalMs;
      await acquire.made.opened;
      await sleep(60);
      acquire.sent.open();
      acquire.answered.open();
      await sleep(20);
      return time.totalMs - atOnce;
    });

    expect(waitedMs).toBe(0);
  });
});
