import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type RedisClientType } from '@redis/client';
import { type Certificates, makeCertificates } from '../../local/certificates';
import { Engines } from '../../local/engines';
import type { ManagedProcess } from '../../local/managed-process';
import { startMemcachedCluster } from '../../local/memcached';
import { freePort } from '../../local/port';
import { startPostgres } from '../../local/postgres';
import { startReplicationGroup, type ValkeyUser } from '../../local/valkey';
import type { Binding, CacheBinding, DatabaseBinding } from '../../runtime/binding';
import { engineFolder, testFolder } from './folders';
import { type ClusterNode, startValkeyCluster } from './valkey-cluster';

export const MASTER = { user: 'master', password: 'master-password' };

/** Real engines of one test file, ended by their ids. */
export class RunningEngines {
  private readonly processes: ManagedProcess[] = [];
  private readonly closers: Array<() => Promise<void>> = [];
  private readonly engines = new Engines({ directory: engineFolder(), install: false, report: () => {} });

  static async start(): Promise<RunningEngines> {
    const folder = testFolder();
    mkdirSync(join(folder, 'certificates'));
    return new RunningEngines(folder, await makeCertificates(join(folder, 'certificates')));
  }

  private constructor(
    readonly folder: string,
    readonly certificates: Certificates,
  ) {}

  /** A Valkey primary with TLS, one user without dangerous commands, and replicas. */
  async valkey(nodes = 1): Promise<{ binding: CacheBinding; primary: ManagedProcess; replicaPorts: number[] }> {
    const user = { name: 'web', password: 'web-password', access: 'on ~* &* +@all -@admin -@dangerous' };
    const group = await startReplicationGroup({
      name: `valkey-${this.processes.length}`,
      binary: await this.engines.server('valkey'),
      directory: this.folder,
      nodes,
      certificates: this.certificates,
      users: [user],
      started: (process) => this.processes.push(process),
    });
    return {
      primary: group.primary.process,
      replicaPorts: group.replicas.map(({ port }) => port),
      binding: {
        engine: 'valkey',
        mode: 'primary',
        host: '127.0.0.1',
        port: group.primary.port,
        tls: true,
        ca: this.certificates.ca,
        auth: { type: 'password', user: user.name, password: user.password },
      },
    };
  }

  /** A Valkey in cluster mode, over TLS. */
  async valkeyCluster(shards: number, replicas = 0): Promise<{ binding: CacheBinding; nodes: ClusterNode[] }> {
    const nodes = await startValkeyCluster({
      binary: await this.engines.server('valkey'),
      directory: this.folder,
      certificates: this.certificates,
      shards,
      replicas,
      started: (process) => this.processes.push(process),
    });
    return {
      nodes,
      binding: {
        engine: 'valkey',
        mode: 'cluster',
        host: '127.0.0.1',
        port: (nodes[0] as ClusterNode).port,
        tls: true,
        ca: this.certificates.ca,
        auth: { type: 'none' },
      },
    };
  }

  /** A client that may do everything on a Valkey of its own. */
  async administrator(): Promise<RedisClientType> {
    const port = await this.valkeyOf({ name: 'admin', password: 'admin-password', access: 'on ~* &* +@all' });
    return this.client(port, 'admin', 'admin-password');
  }

  /** A Valkey that is signed in to with an AUTH token. @returns its port */
  withToken(token: string): Promise<number> {
    return this.valkeyOf({ name: 'default', password: token, access: '~* &* +@all' });
  }

  private async valkeyOf(user: ValkeyUser): Promise<number> {
    const group = await startReplicationGroup({
      name: `valkey-${this.processes.length}`,
      binary: await this.engines.server('valkey'),
      directory: this.folder,
      nodes: 1,
      certificates: this.certificates,
      users: [user],
      started: (process) => this.processes.push(process),
    });
    return group.primary.port;
  }

  /** A client of a Valkey that was started here. */
  async client(port: number, username: string, password: string): Promise<RedisClientType> {
    const client: RedisClientType = createClient({
      username,
      password,
      socket: { port, host: '127.0.0.1', tls: true, ca: readFileSync(this.certificates.ca), reconnectStrategy: false },
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** Memcached nodes behind a configuration endpoint. */
  async memcached(
    nodes = 1,
    tls = false,
  ): Promise<{ binding: CacheBinding; nodes: ManagedProcess[]; ports: number[] }> {
    const cluster = await startMemcachedCluster({
      name: `memcached-${this.processes.length}`,
      binary: await this.engines.server('memcached'),
      directory: this.folder,
      nodes,
      certificates: tls ? this.certificates : undefined,
      started: (process) => this.processes.push(process),
    });
    this.closers.push(() => cluster.close());
    return {
      nodes: cluster.nodes.map(({ process }) => process),
      ports: cluster.nodes.map(({ port }) => port),
      binding: {
        engine: 'memcached',
        mode: 'discovery',
        host: 'localhost',
        port: cluster.configurationPort,
        // The certificate names the host, as ElastiCache's do.
        tls,
        ...(tls ? { ca: this.certificates.ca } : {}),
        auth: { type: 'none' },
      },
    };
  }

  /** A PostgreSQL with the database `app`; the binding signs in as its master. */
  async postgres(): Promise<{ binding: DatabaseBinding; process: ManagedProcess }> {
    const { port, process } = await startPostgres({
      name: 'test',
      binaries: await this.engines.postgres(),
      directory: join(this.folder, 'postgres'),
      masterUser: MASTER.user,
      masterPassword: MASTER.password,
      databaseName: 'app',
      certificates: this.certificates,
      started: (started) => this.processes.push(started),
    });
    return {
      process,
      binding: {
        engine: 'postgres',
        host: '127.0.0.1',
        port,
        name: 'app',
        user: MASTER.user,
        tls: true,
        ca: this.certificates.ca,
        auth: { type: 'password', password: MASTER.password },
      },
    };
  }

  async stop(): Promise<void> {
    for (const close of this.closers) {
      await close();
    }
    await Promise.all(
      this.processes.map(async (process) => {
        signal(process, 'SIGCONT');
        await process.stop();
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A binding document of these parts. */
export function bindingOf(
  caches: Readonly<Record<string, CacheBinding>>,
  databases: Readonly<Record<string, DatabaseBinding>> = {},
): Binding {
  return { version: 1, caches, databases, metricsNamespace: 'test' };
}

/** The variables with which `connect` finds a binding. */
export function variablesOf(binding: Binding): Record<string, string> {
  return { CACHE_BINDINGS: JSON.stringify(binding) };
}

/** A binding of a cache that nobody listens for. */
export async function refusedCache(engine: 'valkey' | 'memcached'): Promise<CacheBinding> {
  return {
    engine,
    mode: engine === 'valkey' ? 'primary' : 'node',
    host: '127.0.0.1',
    port: await freePort(),
    tls: false,
    auth: { type: 'none' },
  };
}

export function signal(process: ManagedProcess, name: NodeJS.Signals): void {
  if (process.pid !== undefined && process.isRunning) {
    globalThis.process.kill(process.pid, name);
  }
}

/** Stops a process as if it hung. Its threads on other cores take a moment to stop, and could still answer. */
export async function freeze(process: ManagedProcess): Promise<void> {
  signal(process, 'SIGSTOP');
  await sleep(50);
}

/** Milliseconds that a call took, with its result. */
export async function timed<T>(call: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const startedAt = performance.now();
  const result = await call();
  return { result, ms: performance.now() - startedAt };
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Tries until an assertion holds, for at most this long. */
export async function eventually(assertion: () => Promise<void> | void, withinMs = 5_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await sleep(25);
    }
  }
}
