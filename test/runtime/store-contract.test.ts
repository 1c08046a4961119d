import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import Redis, { Cluster } from 'ioredis';
import { Cache } from '../../runtime/cache';
import { storeKey } from '../../runtime/key';
import { observeNothing } from '../../runtime/observer';
import { RedisCluster } from '../../runtime/redis/cluster';
import { RedisConnection } from '../../runtime/redis/connection';
import { IoredisCommands } from '../../runtime/redis/ioredis';
import { MemcachedStore } from '../../runtime/stores/memcached-store';
import { RedisStore } from '../../runtime/stores/redis-store';
import type { Found, Store } from '../../runtime/stores/store';
import { eventually, RunningEngines, sleep } from '../engines/running';
import { ChaosStore, type Mishap } from './chaos-store';

const MINUTE = 60_000;

const contentOf = (found: Found | undefined) => (found?.lease === 'none' ? found.value.toString() : found?.lease);

let engines: RunningEngines;
const stores = new Map<string, Store>();
const brought: Array<{ disconnect(): void }> = [];

beforeAll(async () => {
  engines = await RunningEngines.start();
  const [single, replicated, cluster, memcached] = [
    await engines.valkey(),
    await engines.valkey(2),
    await engines.valkeyCluster(2),
    await engines.memcached(2),
  ];
  const connection = (name: string, { binding }: Awaited<ReturnType<RunningEngines['valkey']>>) =>
    new RedisStore(new RedisConnection({ name, binding, observe: observeNothing }));
  const tls = { ca: readFileSync(engines.certificates.ca) };
  const redis = new Redis({
    host: '127.0.0.1',
    port: single.binding.port,
    username: 'web',
    password: 'web-password',
    // Its user may not ask for INFO.
    enableReadyCheck: false,
    tls,
  });
  const redisCluster = new Cluster([{ host: '127.0.0.1', port: cluster.binding.port }], {
    redisOptions: { tls },
    dnsLookup: (address, done) => done(null, address),
  });
  brought.push(redis, redisCluster);
  stores.set('Valkey over TLS', connection('valkey', single));
  stores.set('Valkey with a replica', connection('replicated', replicated));
  stores.set(
    'Valkey in cluster mode',
    new RedisStore(new RedisCluster({ name: 'cluster', binding: cluster.binding, observe: observeNothing })),
  );
  stores.set(
    'Valkey, gets not joined',
    new RedisStore(new RedisConnection({ name: 'single', binding: single.binding, observe: observeNothing }), false),
  );
  stores.set('an ioredis client', new RedisStore(new IoredisCommands('ioredis', redis, observeNothing)));
  stores.set('an ioredis cluster', new RedisStore(new IoredisCommands('ioredis', redisCluster, observeNothing)));
  stores.set('Memcached', new MemcachedStore('memcached', memcached.binding, observeNothing));
  const secured = await engines.memcached(2, true);
  stores.set('Memcached over TLS', new MemcachedStore('secured', secured.binding, observeNothing));
  await Promise.all([...stores.values()].map((store) => store.ready(5_000)));
}, 60_000);

afterAll(async () => {
  await Promise.all([...stores.values()].map((store) => store.close()));
  for (const client of brought) {
    client.disconnect();
  }
  await engines.stop();
});

const STORES = [
  'Valkey over TLS',
  'Valkey with a replica',
  'Valkey in cluster mode',
  'Valkey, gets not joined',
  'an ioredis client',
  'an ioredis cluster',
  'Memcached',
  'Memcached over TLS',
];

describe.each(STORES)('the store on %s', (name) => {
  const store = () => stores.get(name) as Store;
  let number = 0;
  const key = () => storeKey('contract', `${name.replaceAll(' ', '-')}-${number++}`);

  test.each([
    ['text', Buffer.from('Ran')],
    ['any bytes', Buffer.from([0, 13, 10, 255, 0xf0, 0x9f])],
    ['what looks like an answer', Buffer.from('END\r\nVA 2\r\n$-1\r\n')],
    ['nothing', Buffer.alloc(0)],
    ['100 KB', randomBytes(100_000)],
  ])('gives back %s byte for byte', async (_, value) => {
    const k = key();

    await store().set(k, value, MINUTE);

    expect((await store().get(k))?.value.equals(value)).toBe(true);
    expect((await store().getVersion(k))?.value.equals(value)).toBe(true);
  });

  test('gets of one tick are answered each with its own', async () => {
    const keys = Array.from({ length: 300 }, key);
    await Promise.all(keys.map((k, index) => (index % 2 === 0 ? store().set(k, Buffer.from(k), MINUTE) : undefined)));

    const found = await Promise.all(keys.map((k) => store().get(k)));

    expect(found.map(contentOf)).toEqual(keys.map((k, index) => (index % 2 === 0 ? k : undefined)));
  });

  test('a lease is won by one of many, and its holder alone can fill', async () => {
    const k = key();

    const found = await Promise.all(Array.from({ length: 50 }, () => store().acquire(k, MINUTE)));

    const won = found.filter(({ lease }) => lease === 'won');
    expect(won).toHaveLength(1);
    expect(found.filter(({ lease }) => lease === 'held')).toHaveLength(49);
    expect(await store().replace(k, Buffer.from('other'), MINUTE, '1')).toBe(false);
    expect(await store().replace(k, Buffer.from('loaded'), MINUTE, store().versionOf(won[0] as Found))).toBe(true);
    expect(contentOf(await store().get(k))).toBe('loaded');
    expect((await store().acquire(k, MINUTE)).lease).toBe('none');
  });

  test.each([
    ['written', async (k: string) => store().set(k, Buffer.from('written'), MINUTE), 'written'],
    ['deleted', async (k: string) => store().delete(k), undefined],
    [
      'written and deleted',
      async (k: string) => {
        await store().set(k, Buffer.from('written'), MINUTE);
        await store().delete(k);
      },
      undefined,
    ],
  ])('a fill is void when its key was %s meanwhile', async (_, overtake, kept) => {
    const k = key();
    const lease = await store().acquire(k, MINUTE);

    await overtake(k);

    expect(await store().replace(k, Buffer.from('old'), MINUTE, store().versionOf(lease))).toBe(false);
    expect(contentOf(await store().get(k))).toBe(kept);
  });

  test('a lease that is given up can be taken by the next', async () => {
    const k = key();
    const lease = await store().acquire(k, MINUTE);

    await store().deleteVersion(k, store().versionOf(lease));

    expect((await store().acquire(k, MINUTE)).lease).toBe('won');
  });

  test('giving a lease up does not touch what somebody else has put there', async () => {
    const k = key();
    const lease = await store().acquire(k, MINUTE);
    await store().set(k, Buffer.from('written'), MINUTE);

    await store().deleteVersion(k, store().versionOf(lease));

    expect(contentOf(await store().get(k))).toBe('written');
  });

  test('a lease can be taken over from who holds it, by one of many, and what cannot be used can be replaced', async () => {
    const k = key();
    const first = await store().acquire(k, MINUTE);
    const held = await store().acquire(k, MINUTE);

    const attempts = await Promise.all(Array.from({ length: 10 }, () => store().acquire(k, MINUTE, held)));

    const won = attempts.filter(({ lease }) => lease === 'won');
    expect(won).toHaveLength(1);
    expect(await store().replace(k, Buffer.from('late'), MINUTE, store().versionOf(first))).toBe(false);
    expect(await store().replace(k, Buffer.from('taken over'), MINUTE, store().versionOf(won[0] as Found))).toBe(true);

    const poisoned = (await store().get(k)) as Found;
    expect((await store().acquire(k, MINUTE, poisoned)).lease).toBe('won');
  });

  test('only an empty key takes what is added', async () => {
    const k = key();

    expect([
      await store().add(k, Buffer.from('first'), MINUTE),
      await store().add(k, Buffer.from('second'), MINUTE),
    ]).toEqual([true, false]);
    expect(contentOf(await store().get(k))).toBe('first');
  });

  test('a version is replaced once, and a newer one is not', async () => {
    const k = key();
    const entry = randomBytes(40);
    await store().set(k, entry, MINUTE);
    const version = store().versionOf((await store().getVersion(k)) as Found);

    expect(await store().replace(k, randomBytes(40), MINUTE, version)).toBe(true);
    expect(await store().replace(k, randomBytes(40), MINUTE, version)).toBe(false);
  });

  test('a life of over 30 days does not end at once', async () => {
    const k = key();

    await store().set(k, Buffer.from('kept'), 40 * 24 * 60 * MINUTE);

    expect(contentOf(await store().get(k))).toBe('kept');
  });

  test('with calls that fail, are late or lose their answer: never an error, and never a value the database did not have', async () => {
    let seed = 7;
    const mishaps: Mishap[] = ['none', 'none', 'none', 'fail', 'delay', 'cut'];
    const chaos = new ChaosStore(store(), () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return mishaps[(seed >>> 16) % mishaps.length] as Mishap;
    });
    const cache = new Cache({ store: chaos, observe: undefined, options: {} });
    const films = cache.namespace<number>(`chaos-${number++}`, { ttlMs: MINUTE, leaseWaitMs: 100 });
    const database = new Map<number, number>();

    await Promise.all(
      Array.from({ length: 8 }, async (_, id) => {
        for (let version = 1; version <= 15; version += 1) {
          const write = async () => void database.set(id, version);
          await (version % 2 === 0 ? films.writeThrough(id, version, write) : films.writeAround(id, write));
          const seen = await films.getOrLoad(id, async () => database.get(id) as number);
          expect(seen).toBe(version);
        }
      }),
    );
    await cache.close();
  });
});

test('on every store entries and leases end with their life, and what is touched lives on', async () => {
  const all = STORES.map((name) => {
    const key = (what: string) => storeKey('ends', `${name} ${what}`);
    return {
      store: stores.get(name) as Store,
      short: key('short'),
      touched: key('touched'),
      read: key('read'),
      lease: key('lease'),
    };
  });
  for (const { store, short, touched, read, lease } of all) {
    for (const key of [short, touched, read]) {
      await store.set(key, Buffer.from('x'), 1_000);
    }
    await store.touch(touched, MINUTE);
    await store.getVersion(read, MINUTE);
    await store.acquire(lease, 1_000);
  }

  // Memcached counts whole seconds on a clock that ticks once a second.
  await sleep(2_200);

  for (const { store, short, touched, read, lease } of all) {
    const found = await Promise.all([short, touched, read].map((key) => store.get(key)));
    expect([store.name, ...found.map(contentOf)]).toEqual([store.name, undefined, 'x', 'x']);
    expect((await store.acquire(lease, 1_000)).lease).toBe('won');
  }
});

test('reads may come from a replica, and what it does not have yet is asked of the primary before it is loaded', async () => {
  const { binding, replicaPorts } = await engines.valkey(2);
  const commands = new RedisConnection({
    name: 'x',
    binding: { ...binding, readerHost: 'localhost' },
    observe: observeNothing,
    // As on ElastiCache: another name, the same port.
    resolve: (_host, _options, done) => done(null, [{ address: '127.0.0.2', family: 4 }]),
  });
  const readerEndpoint = createServer((client) => {
    const node = connect({ host: '127.0.0.1', port: replicaPorts[0] as number });
    client.pipe(node).pipe(client);
    client.on('error', () => node.destroy());
    node.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => readerEndpoint.listen(binding.port, '127.0.0.2', resolve));
  const cache = new Cache({ store: new RedisStore(commands), commands, observe: undefined, options: {} });
  try {
    await cache.ready(5_000);
    const films = cache.namespace<string>('film', { ttlMs: MINUTE, readFrom: 'replica' });
    await films.getOrLoad(1, async () => 'loaded');

    await eventually(async () => {
      expect(await films.lookup(1, async () => 'never')).toMatchObject({ value: 'loaded', outcome: 'hit' });
    });
    const connections = await new Promise<number>((resolve) => readerEndpoint.getConnections((_, n) => resolve(n)));
    expect(connections).toBe(1);
    await expect(films.writeThrough(1, 'new', async () => {})).rejects.toThrow('reads from replicas');
  } finally {
    await cache.close();
    readerEndpoint.close();
  }
});

test('fails if replicas are to be read of a cache whose binding names none', async () => {
  const replicated = stores.get('Valkey with a replica') as RedisStore;
  const cache = new Cache({ store: replicated, commands: replicated.commands, observe: undefined, options: {} });

  expect(() => cache.namespace('film', { ttlMs: MINUTE, readFrom: 'replica' })).toThrow('has no `readerHost`');
});
