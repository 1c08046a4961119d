import { readFileSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { Problem } from '../assembly/problem';
import type { DrillDatabase, DrillObjectCache, DrillStore, DrillTarget } from '../drill/drill-target';
import type { Endpoint } from '../local/caches/endpoint';
import type { MemcachedCluster } from '../local/caches/memcached-cluster';
import { ReplicationGroup } from '../local/caches/replication-group';
import type { ShardedGroup } from '../local/caches/sharded-group';
import type { ValkeyNode } from '../local/caches/valkey-node';
import type { BoundDatabase } from '../local/engine-room';
import type { LocalEnvironment } from '../local/environment';
import { type DatabaseBinding, parseBinding } from '../runtime/binding';

/** Lets drills break an environment that runs in this process. */
export function localDrillTarget(environment: LocalEnvironment): DrillTarget {
  const { service, address, engineRoom } = environment;
  if (service === undefined || address === undefined) {
    throw new Problem('drills need a service that runs, and no Auto Scaling group here was made by a `WebFleet`');
  }
  const { fleet } = service;
  const running = [...engineRoom.caches.values()];
  const stores = running.flatMap(({ cache, plan }) => ('shards' in cache ? [storeOf(plan.label, cache)] : []));
  const objectCaches = running.flatMap(({ cache, plan }) =>
    'shards' in cache ? [] : [objectCacheOf(plan.label, cache)],
  );
  const databases = [...engineRoom.databases.values()];
  const [database] = databases;
  const engines = [...running.map(({ summary }) => summary), ...databases.map((one) => one.process.name)];
  return {
    environment: environment.name,
    where: `on loopback, with Sentinel for promotion: ${[...new Set(engines.map(product))].join(', ')}`,
    address,
    instances: fleet.instances.length,
    stores,
    objectCaches,
    database: database === undefined ? undefined : databaseOf(environment, database),
    async settled() {
      await Promise.all(running.map(({ cache }) => cache.settled()));
      await service.loadBalancer.whenHealthy(fleet.size);
    },
    onChange(listener) {
      const stops = running.map(({ cache }) =>
        cache.onChange((change) => {
          if (change.type === 'failover') {
            listener({ kind: 'promotion', what: `${change.to} took the place of ${change.from}` });
          }
          if (change.type === 'recovered' && change.isEmpty) {
            listener({ kind: 'note', what: `${change.node} is back empty: there was nothing to copy from` });
          }
        }),
      );
      return () => {
        for (const stop of stops) {
          stop();
        }
      };
    },
    async killInstance() {
      fleet.instances[0]?.process.signal('SIGKILL');
    },
    drainInstance: () => fleet.replaceOne(),
    deploy: () => fleet.rollAgain(),
  };
}

function storeOf(name: string, cache: ReplicationGroup | ShardedGroup): DrillStore {
  const primaries = () =>
    cache.shards.map(({ nodes }) => {
      const primary = nodes.find(({ role }) => role === 'primary');
      return cache.all.find(({ id }) => id === primary?.id) as ValkeyNode;
    });
  const endpoints = (): Endpoint[] => [
    cache.endpoint,
    ...(cache instanceof ReplicationGroup && cache.reader !== undefined ? [cache.reader.endpoint] : []),
    ...cache.all.flatMap(({ endpoint }) => endpoint ?? []),
  ];
  const full = new Map<ValkeyNode, readonly [string, string]>();
  return {
    name,
    shards: cache.shards.length,
    replicas: (cache.shards[0]?.nodes.length ?? 1) - 1,
    ...faultsOf(endpoints),
    freeze: (on) => signalAll(cache.all, on),
    async flush() {
      await Promise.all(primaries().map((node) => node.command('FLUSHALL')));
    },
    async killPrimary() {
      const [primary] = primaries();
      primary?.process.signal('SIGKILL');
      await primary?.process.ended;
    },
    async killReplica() {
      const replica = cache.all.find((node) => !primaries().includes(node));
      replica?.process.signal('SIGKILL');
      await replica?.process.ended;
    },
    async fill(on) {
      for (const node of on ? cache.all : full.keys()) {
        const set = (memory: string, policy: string) =>
          node.command('CONFIG', 'SET', 'maxmemory', memory, 'maxmemory-policy', policy);
        const before = full.get(node);
        if (!on && before !== undefined) {
          await set(...before);
          full.delete(node);
        } else if (on) {
          const memory = await node.info('memory');
          full.set(node, [memory.get('maxmemory') ?? '0', memory.get('maxmemory_policy') ?? 'noeviction']);
          await set(memory.get('used_memory') ?? '0', 'noeviction');
        }
      }
    },
  };
}

function objectCacheOf(name: string, cache: MemcachedCluster): DrillObjectCache {
  return {
    name,
    get nodes() {
      return cache.all.length;
    },
    ...faultsOf(() => cache.all.map((node) => cache.endpointOf(node))),
    freeze: (on) => signalAll(cache.all, on),
    async flush() {
      await Promise.all(cache.all.map((node) => node.flush()));
    },
    async setNodes(count) {
      if (cache.all.length < count) {
        await cache.setNodes(count);
      }
    },
    async empty(index) {
      await cache.all[index]?.flush();
    },
  };
}

function faultsOf(endpoints: () => Endpoint[]) {
  return {
    partition: (on: boolean) => {
      for (const endpoint of endpoints()) {
        endpoint.blackHole(on);
      }
    },
    delay: (ms: number) => {
      for (const endpoint of endpoints()) {
        endpoint.delay(ms);
      }
    },
    reset: () => {
      for (const endpoint of endpoints()) {
        endpoint.reset();
      }
    },
    connects: () => endpoints().flatMap(({ connects }) => connects),
  };
}

function signalAll(nodes: ReadonlyArray<{ readonly process: { signal(name: NodeJS.Signals): void } }>, stop: boolean) {
  for (const { process } of nodes) {
    process.signal(stop ? 'SIGSTOP' : 'SIGCONT');
  }
}

function databaseOf(environment: LocalEnvironment, { plan, endpoint, port }: BoundDatabase): DrillDatabase {
  const [binding] = Object.values(
    parseBinding(readFileSync(environment.bindings, 'utf8'), environment.bindings).databases,
  );
  // Past the endpoint, which is what hangs in a drill.
  const login = { ...(binding as DatabaseBinding), port };
  return {
    name: plan.label,
    freeze: (on) => endpoint.blackHole(on),
    statements: () => (login.engine === 'postgres' ? postgresStatements(login) : mysqlStatements(login)),
  };
}

/** Of PostgreSQL, what it has committed or rolled back: the application's statements are transactions of their own. */
async function postgresStatements(login: DatabaseBinding): Promise<number> {
  const client = new Client({ ...loginOf(login), connectionTimeoutMillis: 1_000, query_timeout: 1_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query(
      'select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()',
    );
    return Number(rows[0].count);
  } finally {
    await client.end().catch(() => {});
  }
}

async function mysqlStatements(login: DatabaseBinding): Promise<number> {
  const connection = await createConnection({ ...loginOf(login), connectTimeout: 1_000 });
  try {
    const [rows] = await connection.query("show global status like 'Questions'");
    return Number((rows as Array<{ Value: string }>)[0]?.Value);
  } finally {
    connection.destroy();
  }
}

function loginOf({ host, port, user, name, ca, auth }: DatabaseBinding) {
  return {
    host,
    port,
    user,
    database: name,
    password: auth.type === 'password' ? auth.password : '',
    ...(ca === undefined ? {} : { ssl: { ca: readFileSync(ca, 'utf8') } }),
  };
}

/** Of `Valkey 8.0.2: primary and 1 replica`, or of `PostgreSQL 18.4 dev/data/Database`, the product. */
function product(what: string): string {
  return /^\S+ [\d.]+/.exec(what)?.[0] ?? what;
}
