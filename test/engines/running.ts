import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type RedisClientType } from '@redis/client';
import type { CacheUser } from '../../local/caches/cache-options';
import { ConfigurationEndpoint } from '../../local/caches/configuration-endpoint';
import { MemcachedNode } from '../../local/caches/memcached-node';
import { ShardedGroup } from '../../local/caches/sharded-group';
import { INTERNAL_USER, type ValkeyNode } from '../../local/caches/valkey-node';
import { type Certificates, makeCertificates } from '../../local/certificates';
import { Engines } from '../../local/engines';
import type { ManagedProcess } from '../../local/managed-process';
import { freePort, LOOPBACK } from '../../local/port';
import { startPostgres } from '../../local/postgres';
import type { Binding, CacheBinding, DatabaseBinding } from '../../runtime/binding';
import { engineFolder, testFolder } from './folders';
import { INTERNAL_PASSWORD, startNodes } from './valkey-nodes';

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
  async valkey(nodes = 1): Promise<{
    binding: CacheBinding;
    primary: ManagedProcess;
    replicaPorts: number[];
    /** Starts the primary again after it ended. It keeps nothing. */
    restart: () => Promise<void>;
  }> {
    const user = { name: 'web', password: 'web-password', access: 'on ~* &* +@all -@admin -@dangerous' };
    const [primary, ...replicas] = (await this.nodes([user], nodes)) as [ValkeyNode, ...ValkeyNode[]];
    return {
      primary: primary.process,
      restart: () => primary.restart(),
      replicaPorts: replicas.map(({ port }) => port),
      binding: {
        engine: 'valkey',
        mode: 'primary',
        host: '127.0.0.1',
        port: primary.port,
        tls: true,
        ca: this.certificates.ca,
        auth: { type: 'password', user: user.name, password: user.password },
      },
    };
  }

  /** A Valkey in cluster mode, over TLS. */
  async valkeyCluster(shards: number, replicas = 0): Promise<{ binding: CacheBinding; nodes: readonly ValkeyNode[] }> {
    const name = `cluster-${this.processes.length}`;
    const group = await ShardedGroup.start({
      name,
      label: name,
      users: [],
      binary: await this.engines.server('valkey'),
      directory: this.folder,
      certificates: this.certificates,
      shards,
      replicasPerShard: replicas,
      started: (process) => this.processes.push(process),
    });
    this.closers.push(() => group.close());
    return {
      nodes: group.all,
      binding: {
        engine: 'valkey',
        mode: 'cluster',
        host: '127.0.0.1',
        port: group.endpoint.port,
        tls: true,
        ca: this.certificates.ca,
        auth: { type: 'none' },
      },
    };
  }

  /** A client that may do everything on a Valkey of its own. */
  async administrator(): Promise<RedisClientType> {
    const [node] = (await this.nodes([], 1)) as [ValkeyNode];
    return this.client(node.port, INTERNAL_USER, INTERNAL_PASSWORD);
  }

  /** A Valkey that is signed in to with an AUTH token. @returns its port */
  async withToken(token: string): Promise<number> {
    const [node] = (await this.nodes([{ name: 'default', password: token, access: '~* &* +@all' }], 1)) as [ValkeyNode];
    return node.port;
  }

  private async nodes(users: readonly CacheUser[], count: number): Promise<ValkeyNode[]> {
    const nodes = await startNodes(
      {
        name: `valkey-${this.processes.length}`,
        binary: await this.engines.server('valkey'),
        directory: this.folder,
        certificates: this.certificates,
        users,
        started: (process) => this.processes.push(process),
      },
      count,
    );
    this.closers.push(async () => {
      for (const node of nodes) {
        node.disconnect();
      }
    });
    return nodes;
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
    const name = `memcached-${this.processes.length}`;
    const options = {
      name,
      label: name,
      binary: await this.engines.server('memcached'),
      directory: this.folder,
      certificates: tls ? this.certificates : undefined,
      started: (process: ManagedProcess) => this.processes.push(process),
    };
    const started = await Promise.all(
      Array.from({ length: nodes }, (_, index) => MemcachedNode.start(options, index + 1)),
    );
    const ports = started.map(({ port }) => port);
    const endpoint = await ConfigurationEndpoint.of(
      ports.map((port) => ({ host: 'localhost', ip: LOOPBACK, port })),
      options.certificates,
    );
    this.closers.push(async () => endpoint.close());
    return {
      nodes: started.map(({ process }) => process),
      ports,
      binding: {
        engine: 'memcached',
        mode: 'discovery',
        host: 'localhost',
        port: endpoint.port,
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
