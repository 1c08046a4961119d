import { deflateRawSync } from 'node:zlib';
import { jsonCodec } from '../../../runtime/codec';
import { valueEntry } from '../../../runtime/envelope';
import { storeKey } from '../../../runtime/key';
import { MemcachedClient } from '../../../runtime/memcached';
import { instance } from './instances';
import { figure, Stage } from './stage';

const stage = new Stage();

const facts = { writtenAtMs: Date.now(), freshMs: 60_000, lifeMs: 60_000, schema: 0, generations: [] };
const entry = (content: string | Buffer, compressed = false) =>
  valueEntry(Buffer.from(content as string), jsonCodec, compressed, { ...facts, writtenAtMs: Date.now() });

/** What somebody else, an older release or an attacker may have left under a key. */
const POISON: ReadonlyArray<readonly [string, Buffer]> = [
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from([2])],
  ['plain JSON', Buffer.from('{"title":"Ran"}')],
  ['JSON that was cut short', entry('{"title":"Ra')],
  ['an entry that was cut short', entry('{"title":"Ran"}').subarray(0, -3)],
  ['an entry with something behind it', Buffer.concat([entry('{"title":"Ran"}'), Buffer.from('x')])],
  ['another type', entry('[1,2]')],
  ['`__proto__`', entry('{"title":"Ran","__proto__":{"polluted":true}}')],
  ['an escaped `__proto__`', entry('{"title":"Ran","\\u005f_proto__":{"polluted":true}}')],
  ['a nested `__proto__`', entry('{"title":"Ran","a":[{"__proto__":{"polluted":true}}]}')],
  ['what is no compressed data', entry('not compressed', true)],
  ['a compression bomb', entry(deflateRawSync(Buffer.alloc(200_000_000)), true)],
  ['a format to come', Buffer.concat([Buffer.from([9]), entry('{"title":"Ran"}').subarray(1)])],
  [
    'more generations than there are',
    (() => {
      const made = entry('{"title":"Ran"}');
      made[24] = 255;
      return made;
    })(),
  ],
];

const isFilm = (value: unknown) => typeof (value as { title?: unknown })?.title === 'string';

test.each(['valkey', 'memcached'] as const)(
  '22 poisoned values on %s are misses, replaced, counted, and pollute nothing',
  async (engine) => {
    const group = engine === 'valkey' ? await stage.valkey() : undefined;
    const nodes = group === undefined ? await stage.engines.memcached(1) : undefined;
    const binding = group?.binding(group.node(0).port) ?? (nodes?.binding as never);
    const { caches } = await instance(binding);
    const films = caches.cache('cache').namespace<{ title: string }>('film', { ttlMs: 60_000, accept: isFilm });
    const raw = nodes && new MemcachedClient({ host: '127.0.0.1', port: nodes.ports[0] as number, mode: 'node' });
    stage.after(() => raw?.close());
    const client = group && (await stage.engines.client(group.node(0).port, 'web', 'web-password'));
    stage.after(() => client?.destroy());

    const seen: unknown[] = [];
    const [startedAt, memory] = [performance.now(), process.memoryUsage().rss];
    for (const [id, poison] of POISON) {
      const key = storeKey('film', id);
      await (raw?.set(key, poison, { ttlS: 60 }) ?? client?.set(key, poison));
      const first = await films.lookup(id, async () => ({ title: 'loaded' }));
      const second = await films.lookup(id, async () => ({ title: 'never' }));
      seen.push([id, first.value, first.outcome, second.value, second.outcome]);
    }

    figure(22, `${engine} ${JSON.stringify(films.costs().drops)} in ${(performance.now() - startedAt).toFixed(0)} ms`);
    expect(seen).toEqual(POISON.map(([id]) => [id, { title: 'loaded' }, 'miss', { title: 'loaded' }, 'hit']));
    expect(films.costs().drops.poisoned).toBe(POISON.length);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(process.memoryUsage().rss - memory).toBeLessThan(150_000_000);
  },
);

test('22 another Redis type under the key is a miss, is replaced, and is counted', async () => {
  const group = await stage.valkey();
  const { caches } = await instance(group.binding(group.node(0).port));
  const films = caches.cache('cache').namespace<string>('film', { ttlMs: 60_000 });
  const client = await stage.engines.client(group.node(0).port, 'web', 'web-password');
  stage.after(() => client.destroy());
  await client.lPush('film:list', 'x');
  await client.hSet('film:hash', 'x', 'y');
  await client.zAdd('film:zset', { value: 'x', score: 1 });

  for (const id of ['list', 'hash', 'zset']) {
    expect(await films.lookup(id, async () => 'loaded')).toMatchObject({ value: 'loaded' });
    await films.lookup(id, async () => 'loaded');
    expect(await films.lookup(id, async () => 'never')).toMatchObject({ value: 'loaded', outcome: 'hit' });
  }
  // Also beside others in one batch, which must not suffer.
  await client.lPush('film:list-2', 'x');
  await films.writeThrough('good', 'good', async () => {});
  const [good, bad] = await Promise.all([
    films.lookup('good', async () => 'never'),
    films.lookup('list-2', async () => 'loaded'),
  ]);
  expect(good).toMatchObject({ value: 'good', outcome: 'hit' });
  expect(bad).toMatchObject({ value: 'loaded' });
  const through = await films.writeThrough('list', 'written', async () => {});
  expect(through).toMatchObject({ cached: true, reached: true });

  const drops = films.costs().drops;
  figure(22, `another type: drops ${JSON.stringify(drops)}`);
  expect(Object.values(drops).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(4);
});

test.each(['valkey', 'memcached'] as const)(
  '23 a value over 1 MB is not cached on %s, and the request is answered',
  async (engine) => {
    const group = engine === 'valkey' ? await stage.valkey() : undefined;
    const binding = group?.binding(group.node(0).port) ?? (await stage.engines.memcached(1)).binding;
    const { caches } = await instance(binding);
    const films = caches.cache('cache').namespace<string>('film', { ttlMs: 60_000 });
    // Above what the namespace takes itself, so that the engine is what refuses.
    const unbounded = caches.cache('cache').namespace<string>('huge', { ttlMs: 60_000, maxBytes: 100_000_000 });
    const large = 'x'.repeat(2_000_000);

    const loaded = await films.lookup('large', async () => large);
    const again = await films.lookup('large', async () => large);
    const written = await films.writeThrough('written', large, async () => {});
    const small = await films.lookup('small', async () => 'small');
    const huge = await unbounded.lookup('huge', async () => large);

    expect([loaded.value.length, again.value.length, huge.value.length]).toEqual([2_000_000, 2_000_000, 2_000_000]);
    expect([loaded.outcome, again.outcome, small.outcome]).toEqual(['miss', 'miss', 'miss']);
    expect(written).toMatchObject({ cached: false, reached: true });
    expect(films.costs().drops.oversized).toBe(3);
    expect(await films.lookup('small', async () => 'never')).toMatchObject({ value: 'small', outcome: 'hit' });
    const left = await unbounded.lookup('huge', async () => large);
    expect(left.outcome).toBe(engine === 'valkey' ? 'hit' : 'miss');
  },
);

/** Ids that would be commands, or another key, if they were sent as they are. */
const IDS: readonly string[] = [
  'a',
  'a b',
  'a\r\nset film:hacked 0 0 1\r\nx',
  'a\r\nflush_all\r\n',
  'a\n',
  'a\0',
  '\0',
  ' ',
  '',
  '{a}b',
  'a}b',
  '#a',
  '#'.repeat(44),
  'ß',
  'é',
  'e\u0301',
  '映画',
  '\u{1f600}',
  '\ud800',
  '\ud801',
  'x'.repeat(150),
  'x'.repeat(151),
  'x'.repeat(251),
  'x'.repeat(252),
  'x'.repeat(10_000),
  'film:a',
  '__proto__',
  'constructor',
];

test.each(['valkey', 'memcached'] as const)(
  '26 ids with line ends, spaces, NUL, other scripts and 251 bytes on %s: no command, no collision',
  async (engine) => {
    const group = engine === 'valkey' ? await stage.valkey() : undefined;
    const nodes = group === undefined ? await stage.engines.memcached(1) : undefined;
    const { caches } = await instance(group?.binding(group.node(0).port) ?? (nodes?.binding as never));
    const films = caches.cache('cache').namespace<string>('film', { ttlMs: 60_000 });
    const tenants = caches.cache('cache').namespace<string>('film-2', { ttlMs: 60_000 });

    for (const [index, id] of IDS.entries()) {
      await films.writeThrough(id, `film ${index}`, async () => {});
      await tenants.getOrLoad(id, async () => `tenant ${index}`);
    }

    const read = await Promise.all(IDS.map((id) => films.lookup(id, async () => 'never')));
    const others = await Promise.all(IDS.map((id) => tenants.lookup(id, async () => 'never')));
    expect(read.map(({ value, outcome }) => `${value} ${outcome}`)).toEqual(IDS.map((_, index) => `film ${index} hit`));
    expect(others.map(({ value, outcome }) => `${value} ${outcome}`)).toEqual(
      IDS.map((_, index) => `tenant ${index} hit`),
    );
    if (group !== undefined) {
      expect(await group.node(0).command('DBSIZE')).toBe(IDS.length * 2);
      expect(await group.node(0).command('EXISTS', 'film:hacked')).toBe(0);
    } else {
      const raw = new MemcachedClient({ host: '127.0.0.1', port: nodes?.ports[0] as number, mode: 'node' });
      stage.after(() => raw.close());
      expect(await raw.get('film:hacked')).toBeUndefined();
    }
  },
);
