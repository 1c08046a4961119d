/*
 * One instance of an application: clients that read and write some keys through the runtime, and note what they saw.
 * Started by the test as a process of its own.
 */
import dns from 'node:dns';
import { isIP } from 'node:net';
import { Pool } from 'pg';
import type { Namespace } from '../../../runtime/namespace';
import type { CacheEvent } from '../../../runtime/observer';
import { type Exception, monotonicMs, type Operation } from './history';
import { randomOf } from './random';

/** What the test tells a worker. */
export type Order =
  | { readonly type: 'names'; readonly names: Readonly<Record<string, string>> }
  | { readonly type: 'start'; readonly settings: WorkerSettings }
  | { readonly type: 'stop' }
  | { readonly type: 'read-all' }
  | { readonly type: 'exit' };

export interface WorkerSettings {
  readonly process: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly keys: number;
  readonly clients: number;
  readonly ttlMs: number;
}

/** What a worker tells the test. */
export type Report =
  | { readonly type: 'ready' }
  | {
      readonly type: 'history';
      readonly operations: readonly Operation[];
      readonly errors: readonly string[];
      readonly away: readonly Exception[];
    };

let names: Readonly<Record<string, string>> = {};
const systemLookup = dns.lookup;

// The name server of this instance: the test moves names, at another time for each instance.
(dns as { lookup: unknown }).lookup = (host: string, options: any, done: any) => {
  const address = names[host];
  if (address === undefined) {
    return systemLookup(host, options, done);
  }
  const callback = typeof options === 'function' ? options : done;
  const family = isIP(address);
  setImmediate(() => (options?.all === true ? callback(null, [{ address, family }]) : callback(null, address, family)));
};

let operations: Operation[] = [];
let errors: string[] = [];
let away: Exception[] = [];
let running = false;
let clients: Array<Promise<void>> = [];
let instance: Instance | undefined;

class Conflict extends Error {}

/** Since when each node has been out, as the runtime tells it. */
const outSince = new Map<string, number>();

/** What a deadline may take before the runtime tells that a node is out, in milliseconds. */
const DEADLINE_MS = 150;

function follow(process: number, event: CacheEvent): void {
  if (event.type !== 'state') {
    return;
  }
  const node = event.part ?? '';
  if (event.state === 'open') {
    outSince.set(node, monotonicMs() - DEADLINE_MS);
  } else if (event.state === 'closed') {
    const from = outSince.get(node);
    outSince.delete(node);
    if (from !== undefined) {
      away.push({ kind: 'apart', process, from, to: monotonicMs() });
    }
  }
}

class Instance {
  private readonly pool: Pool;
  private readonly random: () => number;

  private constructor(
    private readonly settings: WorkerSettings,
    private readonly values: Namespace<number>,
    login: object,
    readonly close: () => Promise<void>,
  ) {
    this.pool = new Pool({ ...login, max: settings.clients * 2 });
    this.pool.on('error', () => {});
    this.random = randomOf(settings.seed * 31 + settings.process);
  }

  static async start(settings: WorkerSettings): Promise<Instance> {
    // After the name server was put in place.
    const { connect } = await import('../../../runtime/connect.js');
    const observer = { observe: (event: CacheEvent) => follow(settings.process, event) };
    const caches = connect(settings.environment, { observer });
    const values = caches.cache('cache').namespace<number>('value', { ttlMs: settings.ttlMs });
    await caches.ready(10_000);
    return new Instance(settings, values, caches.database('database'), () => caches.close());
  }

  async client(): Promise<void> {
    const { random } = this;
    while (running) {
      // Some keys are asked for more than others.
      const key = Math.floor(random() ** 2 * this.settings.keys);
      const dice = random();
      try {
        if (dice < 0.75) {
          await this.read(key);
        } else if (dice < 0.85) {
          await this.writeThrough(key);
        } else if (dice < 0.93) {
          await this.writeAround(key);
        } else {
          await this.invalidate(key);
        }
      } catch (error) {
        if (!(error instanceof Conflict)) {
          errors.push(String((error as Error).stack));
        }
      }
      await sleep(random() * 12);
    }
  }

  async read(key: number): Promise<void> {
    const invokedAt = monotonicMs();
    const { value, outcome } = await this.values.lookup(key, async () => {
      const version = await this.version(key);
      // What was read travels for a while, in which others write.
      await sleep(this.random() * 15);
      return version;
    });
    this.note('read', key, value, invokedAt, outcome);
  }

  private async writeThrough(key: number): Promise<void> {
    const before = await this.version(key);
    const version = before + 1;
    const invokedAt = monotonicMs();
    const { reached } = await this.values.writeThrough(key, version, async () => {
      const sql = 'UPDATE value SET version = $2 WHERE key = $1 AND version = $3';
      const { rowCount } = await this.pool.query(sql, [key, version, before]);
      if (rowCount === 0) {
        throw new Conflict();
      }
      await sleep(this.random() * 5);
    });
    this.note('write', key, version, invokedAt, 'write-through', reached);
  }

  private async writeAround(key: number): Promise<void> {
    const invokedAt = monotonicMs();
    let version = 0;
    const { reached } = await this.values.writeAround(key, async () => {
      version = await this.increase(key);
    });
    this.note('write', key, version, invokedAt, 'write-around', reached);
  }

  private async invalidate(key: number): Promise<void> {
    const invokedAt = monotonicMs();
    const version = await this.increase(key);
    // `invalidate` itself does not say whether the cache was told; its other form does.
    const { reached } = await this.values.writeAround(key, async () => {});
    this.note('write', key, version, invokedAt, 'invalidate', reached);
  }

  private async version(key: number): Promise<number> {
    const { rows } = await this.pool.query('SELECT version FROM value WHERE key = $1', [key]);
    return Number(rows[0].version);
  }

  private async increase(key: number): Promise<number> {
    const sql = 'UPDATE value SET version = version + 1 WHERE key = $1 RETURNING version';
    const { rows } = await this.pool.query(sql, [key]);
    return Number(rows[0].version);
  }

  private note(
    kind: Operation['kind'],
    key: number,
    version: number,
    invokedAt: number,
    how: string,
    reached?: boolean,
  ): void {
    const { process } = this.settings;
    const told = reached === undefined ? {} : { reached };
    operations.push({ process, kind, key, version, invokedAt, completedAt: monotonicMs(), how, ...told });
  }
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const tell = (report: Report) => process.send?.(report);

function hand(): void {
  tell({ type: 'history', operations, errors, away });
  operations = [];
  errors = [];
  away = [];
}

process.on('unhandledRejection', (reason) => errors.push(`unhandled: ${String((reason as Error)?.stack ?? reason)}`));

process.on('message', async (order: Order) => {
  switch (order.type) {
    case 'names':
      names = order.names;
      break;
    case 'start': {
      const { settings } = order;
      instance = await Instance.start(settings);
      running = true;
      clients = Array.from({ length: settings.clients }, () => (instance as Instance).client());
      tell({ type: 'ready' });
      break;
    }
    case 'stop':
      running = false;
      await Promise.all(clients);
      hand();
      break;
    case 'read-all':
      for (let key = 0; key < 20; key += 1) {
        await instance?.read(key);
      }
      hand();
      break;
    case 'exit':
      await instance?.close();
      process.exit(0);
  }
});
process.on('disconnect', () => process.exit(0));
