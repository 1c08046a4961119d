import { writeFileSync } from 'node:fs';
import { Client } from 'pg';
import { databaseLogin } from '../../runtime/database-login';
import { RunningEngines, sleep } from '../engines/running';
import { check, type Promises, summary } from './consistency/checker';
import type { Environment, Fault } from './consistency/environment';
import { type Exception, monotonicMs, type Operation } from './consistency/history';
import { MemcachedEnvironment } from './consistency/memcached-environment';
import { randomOf } from './consistency/random';
import { ValkeyEnvironment } from './consistency/valkey-environment';
import { Workers } from './consistency/workers';

const PROCESSES = 4;
const CLIENTS = 4;
const KEYS = 20;
const TTL_MS = 2_500;

/** What loads may take, and what a process may be held up by others on a busy machine, in milliseconds. */
const GRACE_MS = 500;

/** For how long faults follow each other, in milliseconds. */
const RUN_MS = Number(process.env.CONSISTENCY_MS ?? 32_000);

const SEED = Number(process.env.CONSISTENCY_SEED ?? 20_260_726);

describe('the checker', () => {
  const write = (version: number, at: number, more: Partial<Operation> = {}): Operation => ({
    process: 0,
    kind: 'write',
    key: 1,
    version,
    invokedAt: at,
    completedAt: at + 10,
    reached: true,
    how: 'write-through',
    ...more,
  });
  const read = (version: number, at: number, more: Partial<Operation> = {}): Operation => ({
    ...write(version, at),
    process: 1,
    kind: 'read',
    how: 'hit',
    ...more,
  });
  const promises: Promises = { boundMs: 1_000, exceptions: [], settledAt: 100_000 };
  const found = (history: readonly Operation[], more: Partial<Promises> = {}) =>
    check(history, { ...promises, ...more }).violations.map(({ kind, staleMs }) => [kind, staleMs]);

  test('accepts a history in which each read sees the newest write that had ended, or a later one', () => {
    const history = [write(1, 0), read(1, 20), write(2, 30), read(1, 35), read(2, 38), read(2, 41), read(2, 100_001)];

    expect(check(history, promises)).toMatchObject({ reads: 5, writes: 2, violations: [], engineLost: 0 });
  });

  test('finds a read of what was before a write that had reached the cache', () => {
    expect(found([write(1, 0), write(2, 30), read(1, 41)])).toEqual([['stale', 1]]);
  });

  test('finds a read beyond the bound, whatever the exception', () => {
    const history = [write(1, 0), write(2, 30, { reached: false }), read(1, 1_040), read(1, 1_041)];

    expect(found(history, { exceptions: [{ kind: 'apart', from: 0, to: 9_999 }] })).toEqual([
      ['beyond the bound', 1_001],
    ]);
  });

  test('finds a write that un-happened: seen once, and not to be seen after all has healed', () => {
    const history = [write(1, 0), write(2, 30, { reached: false }), read(2, 50), read(1, 500)];

    expect(found(history, { settledAt: 400 })).toEqual([['un-happened', 460]]);
  });

  test('finds a read of what nobody had begun to write', () => {
    expect(found([write(1, 0), read(2, 20), write(2, 40), read(3, 60)])).toEqual([
      ['from nowhere', 0],
      ['from nowhere', 0],
    ]);
  });

  test('counts what the engine lost in a failover, what did not reach the cache, and who was apart, within the bound', () => {
    const history = [
      write(1, 0),
      write(2, 30),
      read(1, 60),
      write(3, 200, { reached: false }),
      read(2, 230),
      write(4, 400),
      read(3, 420, { process: 2 }),
    ];
    const exceptions: readonly Exception[] = [
      { kind: 'lossy', from: 35, to: 50 },
      { kind: 'apart', process: 2, from: 415, to: 450 },
    ];

    expect(check(history, { ...promises, exceptions })).toMatchObject({
      violations: [],
      engineLost: 1,
      staleReads: { 'lost by the engine': 1, 'unreached write': 1, 'reader apart': 1 },
      oldestMs: { 'lost by the engine': 20, 'unreached write': 20, 'reader apart': 10 },
    });
    expect(found(history)).toEqual([
      ['stale', 20],
      ['stale', 10],
    ]);
  });
});

type Start = (engines: RunningEngines, processes: number, random: () => number) => Promise<Environment>;

test.each<[string, Start]>([
  ['valkey', (...args) => ValkeyEnvironment.start(...args)],
  ['memcached', (...args) => MemcachedEnvironment.start(...args)],
])(
  'four processes over %s and PostgreSQL read nothing older than is promised, while faults follow each other',
  async (engine, start) => {
    const engines = await RunningEngines.start();
    const random = randomOf(SEED);
    const environment = await start(engines, PROCESSES, random);
    let workers: Workers | undefined;
    try {
      const { binding: database } = await engines.postgres();
      const client = new Client(databaseLogin(database));
      await client.connect();
      await client.query('CREATE TABLE value (key int PRIMARY KEY, version int NOT NULL)');
      await client.query('INSERT INTO value SELECT key, 0 FROM generate_series(0, $1) AS key', [KEYS - 1]);
      const all = Array.from({ length: PROCESSES }, (_, process) => process);
      workers = await Workers.start(
        all.map((process) => ({
          process,
          environment: environment.variables(process, database),
          seed: SEED,
          keys: KEYS,
          clients: CLIENTS,
          ttlMs: TTL_MS,
        })),
        all.map((process) => environment.names(process)),
      );

      const { exceptions, faults } = await unleash(environment, workers, random);
      const boundMs = environment.oldestMs(TTL_MS) + GRACE_MS;
      const history = await workers.stop();
      if (environment.hasGutter) {
        exceptions.push(...workers.away);
      }
      await sleep(boundMs);
      const settledAt = monotonicMs();
      const last = await workers.readAll();
      const { rows } = await client.query<{ key: number; version: number }>(
        'SELECT key, version FROM value ORDER BY key',
      );
      await client.end();

      const verdict = check([...history, ...last], { boundMs, exceptions, settledAt });
      process.stdout.write(`${summary(engine, faults, verdict)}\n`);
      if (process.env.CONSISTENCY_HISTORY !== undefined) {
        const file = `${process.env.CONSISTENCY_HISTORY}-${engine}.json`;
        writeFileSync(file, JSON.stringify({ exceptions, faults, settledAt, verdict, history, last }));
      }
      const newest = (operations: readonly Operation[], key: number) =>
        Math.max(0, ...operations.filter((one) => one.key === key).map(({ version }) => version));
      expect(workers.errors).toEqual([]);
      expect(verdict.violations.slice(0, 5)).toEqual([]);
      expect(rows.map(({ key, version }) => version - newest(history, key))).toEqual(Array(KEYS).fill(0));
      expect(last).toHaveLength(PROCESSES * KEYS);
      expect(last.map(({ key, version }) => version - (rows[key]?.version ?? -1))).toEqual(
        Array(PROCESSES * KEYS).fill(0),
      );
      expect(verdict.writes).toBeGreaterThan(500);
      expect(verdict.reads).toBeGreaterThan(2_000);
    } finally {
      await workers?.end();
      await environment.stop();
      await engines.stop();
    }
  },
  180_000,
);

/** Every fault, in an order that the seed decides, again and again; with a pause in which the fleet works as it should. */
async function unleash(
  environment: Environment,
  workers: Workers,
  random: () => number,
): Promise<{ exceptions: Exception[]; faults: string[] }> {
  const exceptions: Exception[] = [];
  const faults: string[] = [];
  const until = monotonicMs() + RUN_MS;
  let bag: Fault[] = [];
  await sleep(1_000);
  while (monotonicMs() < until) {
    if (bag.length === 0) {
      bag = [...environment.faults];
    }
    const [fault] = bag.splice(Math.floor(random() * bag.length), 1) as [Fault];
    faults.push(fault.name);
    exceptions.push(...(await fault.run(workers)));
    await sleep(500 + random() * 2_000);
  }
  return { exceptions, faults };
}
