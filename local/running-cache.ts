import { mkdirSync } from 'node:fs';
import type { MemcachedPlan, ReplicationGroupPlan, ServerlessPlan, UserPlan } from './cache-plans';
import type { CacheUser } from './caches/cache-options';
import { MemcachedCluster } from './caches/memcached-cluster';
import { memcachedSwitches } from './caches/memcached-switches';
import { nodeMemoryBytes } from './caches/node-memory';
import { ReplicationGroup } from './caches/replication-group';
import { ShardedGroup } from './caches/sharded-group';
import type { Certificates } from './certificates';
import { takenParameters } from './engine-parameters';
import { type EngineBinary, type Engines, requireVersion } from './engines';
import type { CacheEndpoint, CacheLogin } from './local-binding';
import type { ManagedProcess } from './managed-process';
import { newSecret } from './secret';
import { counted } from './wording';

/** A cache of the templates that runs. */
export type RunningCache = {
  /** For the binding. */
  readonly endpoint: CacheEndpoint;
  readonly startedAt: Date;
  /** What it is in one line, for example `Valkey 8.0.2: primary and 1 replica`. */
  readonly summary: string;
  /** Parameters that are not applied here. */
  readonly leftParameters: readonly string[];
} & (
  | { readonly kind: 'group'; readonly plan: ReplicationGroupPlan; readonly cache: ReplicationGroup | ShardedGroup }
  | { readonly kind: 'memcached'; readonly plan: MemcachedPlan; readonly cache: MemcachedCluster }
  | { readonly kind: 'serverless'; readonly plan: ServerlessPlan; readonly cache: ShardedGroup | MemcachedCluster }
);

/** What every cache is started with. */
export interface CacheSurroundings {
  readonly engines: Engines;
  readonly certificates: Certificates;
  /** A folder for a cache's files. */
  readonly folder: (id: string) => string;
  /** Files of a snapshot. */
  readonly snapshot: (name: string) => readonly string[];
  readonly started: (process: ManagedProcess) => void;
  readonly failed: (error: Error) => void;
}

export async function startGroup(plan: ReplicationGroupPlan, around: CacheSurroundings): Promise<RunningCache> {
  const binary = await valkeyBinary(around.engines);
  const logins = loginsFor(plan.users);
  const { taken, refused } = await takenParameters(binary, plan.parameterGroup.parameters);
  const options = {
    ...shared(plan, binary, around, logins),
    certificates: plan.tls ? around.certificates : undefined,
    memoryBytes: nodeMemoryBytes(plan.nodeType),
    zones: plan.zones,
    parameters: durable(plan, taken),
    isDurable: plan.durability !== undefined,
  };
  const files = plan.snapshotName === undefined ? undefined : around.snapshot(plan.snapshotName);
  const standIn = plan.engine === 'valkey' && binary.product.startsWith('Redis') ? ', standing in for Valkey' : '';
  const startedAt = new Date();
  const { shards, nodes } = plan;
  if (shards !== undefined) {
    const cache = await ShardedGroup.start({
      ...options,
      shards: shards.count,
      replicasPerShard: nodes - 1,
      ...(shards.slots === undefined ? {} : { slots: shards.slots }),
      ...(files === undefined ? {} : { restoreFrom: files }),
    });
    const summary = `${binary.product}${standIn}: ${counted(shards.count, 'shard')} of a primary and ${counted(nodes - 1, 'replica')}`;
    const endpoint = { port: cache.endpoint.port, logins };
    return { kind: 'group', plan, cache, endpoint, startedAt, summary, leftParameters: refused };
  }
  const cache = await ReplicationGroup.start({
    ...options,
    nodes,
    automaticFailover: plan.automaticFailover,
    ...(files?.[0] === undefined ? {} : { restoreFrom: files[0] }),
  });
  const { reader } = cache;
  return {
    kind: 'group',
    plan,
    cache,
    endpoint: { port: cache.endpoint.port, logins, ...(reader === undefined ? {} : { readerHost: reader.host }) },
    startedAt,
    summary: `${binary.product}${standIn}: primary and ${counted(nodes - 1, 'replica')}`,
    leftParameters: refused,
  };
}

/** A cluster that nobody sees the nodes of. */
export async function startServerless(plan: ServerlessPlan, around: CacheSurroundings): Promise<RunningCache> {
  const startedAt = new Date();
  if (plan.engine === 'memcached') {
    const binary = await memcachedBinary(around.engines);
    const cache = await MemcachedCluster.start({
      ...shared(plan, binary, around, []),
      certificates: around.certificates,
      nodes: 1,
    });
    const endpoint = { port: cache.all[0]?.port as number, logins: [] };
    return {
      kind: 'serverless',
      plan,
      cache,
      endpoint,
      startedAt,
      summary: `${binary.product}, standing in for a serverless cache`,
      leftParameters: [],
    };
  }
  const binary = await valkeyBinary(around.engines);
  const logins = loginsFor(plan.users);
  const cache = await ShardedGroup.start({
    ...shared(plan, binary, around, logins),
    certificates: around.certificates,
    shards: 1,
    replicasPerShard: 1,
  });
  return {
    kind: 'serverless',
    plan,
    cache,
    endpoint: { port: cache.endpoint.port, logins },
    startedAt,
    summary: `${binary.product}: a cluster, standing in for a serverless cache`,
    leftParameters: [],
  };
}

export async function startMemcached(plan: MemcachedPlan, around: CacheSurroundings): Promise<RunningCache> {
  const binary = await memcachedBinary(around.engines);
  const { switches, left } = memcachedSwitches(plan.parameterGroup.parameters);
  const startedAt = new Date();
  const cache = await MemcachedCluster.start({
    ...shared(plan, binary, around, []),
    certificates: plan.tls ? around.certificates : undefined,
    memoryBytes: nodeMemoryBytes(plan.nodeType),
    zones: plan.zones,
    switches,
    nodes: plan.nodes,
  });
  return {
    kind: 'memcached',
    plan,
    cache,
    endpoint: { port: cache.endpoint.port, logins: [] },
    startedAt,
    summary: `${binary.product}: ${counted(plan.nodes, 'node')}`,
    leftParameters: left,
  };
}

/** Older ones know neither access rules by subcommand nor TLS with clusters as it is used here. */
async function valkeyBinary(engines: Engines): Promise<EngineBinary> {
  return requireVersion(await engines.server('valkey'), [7, 0]);
}

/** Older ones do not speak the meta protocol, which the runtime's client needs. */
async function memcachedBinary(engines: Engines): Promise<EngineBinary> {
  return requireVersion(await engines.server('memcached'), [1, 6, 12]);
}

function shared(
  plan: { readonly id: string; readonly label: string; readonly name: string },
  binary: EngineBinary,
  around: CacheSurroundings,
  logins: ReadonlyArray<CacheLogin & { readonly access: string }>,
) {
  const directory = around.folder(plan.id);
  mkdirSync(directory, { recursive: true });
  return {
    name: plan.name,
    label: plan.label,
    binary,
    directory,
    users: logins.map(({ name, password, access }): CacheUser => ({ name, password, access })),
    started: around.started,
    failed: around.failed,
  };
}

/** A password for each user, also for those who sign in with IAM tokens, which no engine here could check. */
function loginsFor(users: readonly UserPlan[]): Array<CacheLogin & { readonly access: string }> {
  return users.map(({ name, access, secret }) => ({
    name,
    access,
    password: newSecret(),
    ...(secret === undefined ? {} : { secret }),
  }));
}

function durable(
  { durability }: ReplicationGroupPlan,
  parameters: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return durability === undefined
    ? parameters
    : { ...parameters, appendfsync: durability === 'sync' ? 'always' : 'everysec' };
}
