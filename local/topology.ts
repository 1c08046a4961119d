import type { MemcachedCluster } from './caches/memcached-cluster';
import type { ReplicationGroup } from './caches/replication-group';
import type { ShardedGroup } from './caches/sharded-group';
import type { EngineRoom } from './engine-room';
import type { Fleet } from './fleet';
import type { LoadBalancer, LoadBalancerCounts } from './load-balancer';

/** What runs in an environment at one moment. */
export interface Topology {
  readonly environment: string;
  readonly caches: readonly TopologyCache[];
  readonly databases: ReadonlyArray<{ readonly name: string; readonly isUp: boolean }>;
  readonly instances: ReadonlyArray<{ readonly name: string; readonly isHealthy: boolean; readonly pid: number }>;
  readonly requests: LoadBalancerCounts;
}

export interface TopologyCache {
  readonly name: string;
  readonly summary: string;
  readonly nodes: readonly TopologyNode[];
}

export interface TopologyNode {
  readonly id: string;
  /** Of its shard, with cluster mode on. */
  readonly slots: string | undefined;
  readonly role: 'primary' | 'replica' | 'node';
  readonly zone: string;
  readonly isUp: boolean;
  /** Bytes that a replica is behind its primary; `undefined` where that means nothing. */
  readonly lagBytes: number | undefined;
  /** Share of reads that found something, 0 to 1; `undefined` before the first read. */
  readonly hitRatio: number | undefined;
  readonly usedBytes: number | undefined;
}

/** Asks everything that runs what it is doing; what does not answer is shown as down. */
export async function topologyOf(
  environment: string,
  room: EngineRoom,
  service: { readonly loadBalancer: LoadBalancer; readonly fleet: Fleet } | undefined,
): Promise<Topology> {
  const healthy = new Set(service?.loadBalancer.healthyPorts);
  return {
    environment,
    caches: await Promise.all(
      [...room.caches.values()].map(async ({ plan, cache, summary }) => ({
        name: plan.label,
        summary,
        nodes: 'shards' in cache ? await valkeyNodes(cache) : await memcachedNodes(cache),
      })),
    ),
    databases: [...room.databases.values()].map(({ plan, process }) => ({ name: plan.label, isUp: process.isRunning })),
    instances: (service?.fleet.instances ?? []).map(({ name, port, process }) => ({
      name,
      isHealthy: healthy.has(port),
      pid: process.pid ?? 0,
    })),
    requests: service?.loadBalancer.counts ?? { requests: 0, errors: 0 },
  };
}

async function valkeyNodes(cache: ReplicationGroup | ShardedGroup): Promise<TopologyNode[]> {
  const shards = await Promise.all(
    cache.shards.map(async ({ slots, nodes }) => {
      const asked = await Promise.all(
        nodes.map(async (node) => {
          const found = cache.all.find(({ id }) => id === node.id);
          const info = await found?.info('everything').catch(() => undefined);
          return { ...node, number: (name: string) => (info?.has(name) === true ? Number(info.get(name)) : undefined) };
        }),
      );
      const written = asked.find(({ role }) => role === 'primary')?.number('master_repl_offset');
      return asked.map(({ id, role, zone, isUp, number }): TopologyNode => {
        const [copied, used] = [number('slave_repl_offset'), number('used_memory')];
        return {
          id,
          slots,
          role,
          zone,
          isUp: isUp && used !== undefined,
          lagBytes:
            role === 'replica' && written !== undefined && copied !== undefined
              ? Math.max(0, written - copied)
              : undefined,
          hitRatio: shareOf(number('keyspace_hits'), number('keyspace_misses')),
          usedBytes: used,
        };
      });
    }),
  );
  return shards.flat();
}

/** Of reads, those that found something; `undefined` before the first. */
function shareOf(hits = 0, misses = 0): number | undefined {
  return hits + misses > 0 ? hits / (hits + misses) : undefined;
}

async function memcachedNodes(cache: MemcachedCluster): Promise<TopologyNode[]> {
  return Promise.all(
    cache.nodes.map(async ({ id, zone, isUp }): Promise<TopologyNode> => {
      const stats = await cache.all
        .find((one) => one.id === id)
        ?.stats()
        .catch(() => undefined);
      const number = (name: string) => Number(stats?.get(name) ?? 0);
      return {
        id,
        slots: undefined,
        role: 'node',
        zone,
        isUp: isUp && stats !== undefined,
        lagBytes: undefined,
        hitRatio: shareOf(number('get_hits'), number('get_misses')),
        usedBytes: stats === undefined ? undefined : number('bytes'),
      };
    }),
  );
}
