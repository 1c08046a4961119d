/* Who may join a flight of their process: what it brings is never older than their own call. */

import type { Caches } from '../../runtime';
import type { Cache } from '../../runtime/cache';
import type { NamespaceOptions } from '../../runtime/namespace-options';
import { sleep } from '../engines/running';
import { ENGINES, type TestEngine, TestFleet } from './fleet';
import { HeldLoad, HeldProcess } from './held-process';

let fleet: TestFleet;
let processes: [Caches, Caches, Caches];
let number = 0;

beforeAll(async () => {
  fleet = await TestFleet.start(1);
  processes = [await fleet.instance(), await fleet.instance(), await fleet.instance()];
});

afterAll(() => fleet.stop());

function three(engine: TestEngine, more: Partial<NamespaceOptions> = {}) {
  const name = `joining-${number++}`;
  const options = { ttlMs: 60_000, leaseWaitMs: 5_000, ...more };
  const [here, there, third] = processes.map((caches) => caches.cache(engine));
  return {
    here: new HeldProcess(here as Cache, name, options),
    there: (there as Cache).namespace<string>(name, options),
    third: (third as Cache).namespace<string>(name, options),
    thirdCache: third as Cache,
  };
}

/** A flight that waits for another process, and is told what that has loaded: the answer is carried out and held. */
async function toldOld({ here, there }: ReturnType<typeof three>, id: string, load = async () => 'never') {
  const old = new HeldLoad('old');
  const loading = there.getOrLoad(id, old.load);
  await old.begun.opened;
  const flight = here.values.getOrLoad(id, load);
  const look = here.hold('get');
  await look.made.opened;
  // The first look may have been the flight's own read, which is not held up any longer.
  const told = here.hold('get');
  look.sent.open();
  look.answered.open();
  await told.made.opened;
  old.over.open();
  await loading;
  told.sent.open();
  await told.carriedOut.opened;
  return { flight, told };
}

describe.each(ENGINES)('on %s', (engine) => {
  test('what a waiting flight was told before a deletion is not for who comes after it', async () => {
    const parties = three(engine);
    const { flight, told } = await toldOld(parties, 'film');
    await parties.third.invalidate('film');
    const fresh = new HeldLoad('new');
    const reloading = parties.third.getOrLoad('film', fresh.load);
    await fresh.begun.opened;

    const after = parties.here.values.getOrLoad('film', async () => 'never');
    await sleep(20);
    told.answered.open();
    await sleep(20);
    fresh.over.open();

    expect(await after).toBe('new');
    expect(await flight).toMatch(/old|new/);
    expect(await reloading).toBe('new');
  });

  test('nor for who wins the lease after it, in whatever moment the two are answered', async () => {
    const parties = three(engine);
    const seen: string[] = [];
    for (let ticks = 0; ticks < 24; ticks += 1) {
      const id = `${ticks} ticks`;
      const { told } = await toldOld(parties, id, async () => 'new');
      await parties.third.invalidate(id);
      const asked = parties.here.hold('get');
      const after = parties.here.values.getOrLoad(id, async () => 'new');
      await asked.made.opened;
      asked.sent.open();
      await asked.carriedOut.opened;

      told.answered.open();
      for (let tick = 0; tick < ticks; tick += 1) {
        await undefined;
      }
      asked.answered.open();
      seen.push(await after);
    }

    expect(seen).toEqual(seen.map(() => 'new'));
  });

  test('a refresh that finds another process at it is not for who comes after a deletion', async () => {
    const aged = { ttlMs: 1_000, jitter: 0, staleWhileRevalidateMs: 60_000 };
    const { here, there, third } = three(engine, aged);
    await there.getOrLoad('film', async () => 'old');
    // Memcached counts whole seconds.
    await sleep(2_200);
    const refreshing = new HeldLoad('old');
    await there.getOrLoad('film', refreshing.load);
    await refreshing.begun.opened;
    const acquire = here.hold('acquire');
    expect(await here.values.getOrLoad('film', async () => 'never')).toBe('old');
    await acquire.made.opened;
    acquire.sent.open();
    await acquire.carriedOut.opened;

    await third.invalidate('film');
    const after = here.values.getOrLoad('film', async () => 'new');
    await sleep(20);
    acquire.answered.open();

    expect(await after).toBe('new');
    refreshing.over.open();
  });

  test('a load that began before another process invalidated a tag is not for who comes after it', async () => {
    const { here, thirdCache } = three(engine, { tags: () => ['all'] });
    const old = new HeldLoad('old');
    const before = here.values.getOrLoad('film', old.load);
    await old.begun.opened;

    await thirdCache.invalidateTag('all');
    const after = here.values.getOrLoad('film', async () => 'new');
    await sleep(20);
    old.over.open();

    expect([await before, await after]).toEqual(['old', 'new']);
  });
});
