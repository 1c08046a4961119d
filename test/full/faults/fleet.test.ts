import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { OpenLoad } from '../../../drill/open-load';
import { ConfigurationEndpoint } from '../../../local/caches/configuration-endpoint';
import { freePort } from '../../../local/port';
import type { CacheBinding } from '../../../runtime/binding';
import { observeNothing } from '../../../runtime/observer';
import { RedisConnection } from '../../../runtime/redis/connection';
import { PROJECT } from '../../engines/folders';
import { bindingOf, eventually, freeze, signal, sleep, variablesOf } from '../../engines/running';
import { mostWithin } from './figures';
import { instance } from './instances';
import { figure, Stage } from './stage';

const stage = new Stage();

test('15 a Memcached node is added and removed while running: few keys move, and nobody gets an error', async () => {
  const { ports } = await stage.engines.memcached(4);
  // The nodes' names decide where keys are, so they are the same in each run; where they listen is not.
  const names = await Promise.all(ports.map(async (port) => ({ port: await freePort(), to: port })));
  for (const { port, to } of names) {
    await stage.proxy(to, { host: '127.0.5.1', port });
  }
  const nodes = names.map(({ port }, index) => ({ host: `node-${index}.cache`, ip: '127.0.5.1', port }));
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
  const films = caches.cache('cache').namespace<string>('film', { ttlMs: 600_000 });
  const ids = Array.from({ length: 1_000 }, (_, id) => id);
  const fill = async () => {
    const found = [];
    for (let start = 0; start < ids.length; start += 50) {
      found.push(
        ...(await Promise.all(ids.slice(start, start + 50).map((id) => films.lookup(id, async () => `film ${id}`)))),
      );
    }
    return found;
  };
  await eventually(async () => {
    expect((await fill()).filter(({ outcome }) => outcome === 'hit')).toHaveLength(1_000);
  });
  const reads = new OpenLoad(300, (number) => films.lookup(number % 1_000, async () => `film ${number % 1_000}`));

  const moved: number[] = [];
  for (const list of [nodes, nodes.slice(0, 3)]) {
    const client = (caches.cache('cache') as any).parts.store.client;
    const before = client.nodes.length;
    endpoint.change(list);
    // As the regular question would, which is a minute away.
    client.watch.askSoon();
    await eventually(() => expect(client.nodes.length).not.toBe(before));
    const answers = await fill();
    moved.push(answers.filter(({ outcome }) => outcome !== 'hit').length / ids.length);
    expect(answers.every(({ value }, id) => value === `film ${id}`)).toBe(true);
  }
  const calls = await reads.stop();

  figure(15, `moved ${moved.map((share) => `${(share * 100).toFixed(1)} %`).join(' and ')}`);
  expect(calls.filter(({ error, result }) => error !== undefined || result?.outcome === 'bypass')).toEqual([]);
  // The load fills as well, so what is seen here is the least; the ring's own tests count exactly.
  expect(moved[0]).toBeLessThanOrEqual(1 / 4 + 0.05);
  expect(moved[1]).toBeLessThanOrEqual(1 / 4 + 0.05);
});

describe.each([-2, 2])('29 the clock of one instance is off by %i h', (hours) => {
  test.each(['valkey', 'memcached'] as const)(
    'on %s its entries are neither stale nor gone, there or here',
    async (engine) => {
      const group = engine === 'valkey' ? await stage.valkey() : undefined;
      const binding: CacheBinding = group?.binding(group.node(0).port) ?? (await stage.engines.memcached(1)).binding;
      const { caches } = await instance(binding);
      const films = caches
        .cache('cache')
        .namespace<string>('film', { ttlMs: 4_000, jitter: 0, staleWhileRevalidateMs: 60_000 });
      const sessions = caches.sessionStore('cache', { absoluteMs: 3_600_000 });
      const skewed = await SkewedInstance.start(binding, hours * 3_600_000);
      stage.after(() => skewed.end());
      expect(await skewed.ask('ready', '')).toBeCloseTo(hours * 3_600_000, -3);

      await films.writeThrough('here', 'written here', async () => {});
      const there = await skewed.ask('read', 'here');
      await skewed.ask('write', 'there');
      const here = await films.lookup('there', async () => 'never');
      await new Promise((resolve) => sessions.set('here', { member: 'Ada' }, resolve));
      const session = await skewed.ask('session', 'here');
      await skewed.ask('save', 'there');
      const theirs = await new Promise((resolve) => sessions.get('there', (...answer) => resolve(answer)));
      await sleep(5_500);
      const laterThere = await skewed.ask('read', 'here');
      const laterHere = await films.lookup('there', async () => 'loaded');

      figure(29, `${hours} h on ${engine}: ages ${there.ageMs?.toFixed(0)} and ${here.ageMs.toFixed(0)} ms`);
      expect(there).toMatchObject({ value: 'written here', outcome: 'hit' });
      expect(here).toMatchObject({ value: 'written by the skewed', outcome: 'hit' });
      expect(there.ageMs).toBeLessThan(2_500);
      expect(here.ageMs).toBeLessThan(2_500);
      expect(session).toMatchObject({ error: null, session: { member: 'Ada' } });
      expect(theirs).toEqual([null, expect.objectContaining({ member: 'Eve' })]);
      // Past the TTL they are stale on both.
      expect(laterThere.outcome).toBe('stale');
      expect(laterHere.outcome).toBe('stale');
    },
  );
});

test('30 the cache is killed and restarted under 50 connections: they come back spread over at least 1 s', async () => {
  const group = await stage.valkey();
  const proxy = await stage.proxy(group.node(0).port);
  const connections = Array.from(
    { length: 50 },
    () => new RedisConnection({ name: 'cache', binding: group.binding(proxy.port), observe: observeNothing }),
  );
  stage.after(() => Promise.all(connections.map((connection) => connection.close())));
  await Promise.all(connections.map((connection) => connection.ready(20_000)));
  const before = proxy.connects.length;

  await group.kill(0);
  group.node(0).disconnect();
  await sleep(300);
  await group.node(0).restart();
  await Promise.all(connections.map((connection) => connection.ready(20_000)));

  const again = proxy.connects.slice(before);
  const spreadMs = Math.max(...again) - Math.min(...again);
  const most = mostWithin(again, 100);
  figure(30, `${again.length} connects over ${spreadMs.toFixed(0)} ms, at most ${most} in 100 ms`);
  expect(spreadMs).toBeGreaterThanOrEqual(900);
  expect(most).toBeLessThanOrEqual(20);
});

test('31 split write: paused, another promoted, resumed: no session that was signed out comes back', async () => {
  const group = await stage.valkey(2);
  const proxy = await stage.proxy(group.node(0).port);
  const instances = await Promise.all([0, 1].map(() => instance(group.binding(proxy.port))));
  const stores = instances.map(({ caches }) => caches.sessionStore('cache'));
  const done = (call: (callback: (error: unknown) => void) => void) =>
    new Promise<boolean>((resolve) => call((error) => resolve(error === null || error === undefined)));
  const session = (store: number, id: string) =>
    new Promise<unknown>((resolve) => stores[store]?.get(id, (error, found) => resolve(error ?? found)));
  const signedOut = new Set<string>();
  const saved = new Set<string>();
  const ids = Array.from({ length: 400 }, (_, number) => `session-${number}`);
  for (const id of ids) {
    await done((callback) => stores[0]?.set(id, { member: id }, callback));
  }
  const load = new OpenLoad(200, async (number) => {
    const id = ids[number % ids.length] as string;
    const store = stores[number % 2];
    if (number % 2 === 0 && !signedOut.has(id)) {
      const found = await session(0, id);
      if (found !== null && !(found instanceof Error)) {
        // A request that began before the sign-out, and saves after it.
        if (await done((callback) => stores[1]?.destroy(id, callback))) {
          signedOut.add(id);
        }
        await done((callback) => stores[0]?.set(id, { ...(found as object), late: true }, callback));
      }
    } else if (await done((callback) => store?.set(`new-${number}`, { member: 'new' }, callback))) {
      saved.add(`new-${number}`);
    }
  });
  await sleep(600);

  await freeze(group.node(0).process);
  await group.node(1).command('REPLICAOF', 'NO', 'ONE');
  proxy.moveTo(group.node(1).port);
  const promotedAt = performance.now();
  await sleep(1_200);
  signal(group.node(0).process, 'SIGCONT');
  await group.node(0).command('REPLICAOF', '127.0.0.1', String(group.node(1).port));
  await sleep(800);
  await load.stop();
  await group.node(0).untilSynced();

  const revived: string[] = [];
  for (const id of signedOut) {
    const found = await session(0, id);
    if (found !== null) {
      revived.push(`${id}: ${String(found)}`);
    }
  }
  let lost = 0;
  for (const id of saved) {
    lost += (await session(1, id)) === null ? 1 : 0;
  }
  figure(
    31,
    `${signedOut.size} signed out, ${revived.length} revived; ${lost} of ${saved.size} new sessions lost by the engine ` +
      `(${(performance.now() - promotedAt).toFixed(0)} ms)`,
  );
  expect(revived).toEqual([]);
  expect(signedOut.size).toBeGreaterThan(50);
});

class SkewedInstance {
  private number = 0;

  static async start(binding: CacheBinding, skewMs: number): Promise<SkewedInstance> {
    const child = fork(join(__dirname, 'skewed-instance.ts'), {
      cwd: PROJECT,
      execArgv: ['--import', 'tsx'],
      env: { PATH: process.env.PATH, SKEW_MS: String(skewMs), ...variablesOf(bindingOf({ cache: binding })) },
    });
    return new SkewedInstance(child);
  }

  private constructor(private readonly child: ChildProcess) {}

  ask(ask: string, value: string): Promise<any> {
    const id = this.number;
    this.number += 1;
    return new Promise((resolve, reject) => {
      const take = (answer: { id: number; result: unknown }) => {
        if (answer.id === id) {
          this.child.off('message', take);
          resolve(answer.result);
        }
      };
      this.child.on('message', take);
      this.child.once('exit', () => reject(new Error('the skewed instance ended')));
      this.child.send({ id, ask, value });
    });
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.send({ id: -1, ask: 'exit', value: '' });
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 3_000);
    await ended;
    clearTimeout(timer);
  }
}
