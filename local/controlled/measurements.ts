import type { MemcachedCluster } from '../caches/memcached-cluster';
import type { ReplicationGroup } from '../caches/replication-group';
import type { ShardedGroup } from '../caches/sharded-group';
import type { Dimensions, Measurement } from '../control/measurement';
import type { EngineRoom } from '../engine-room';
import { loadBalancingOf } from '../fleet-plan';
import type { Plan } from '../plan';
import type { RunningCache } from '../running-cache';
import { type Counters, memcachedMeasurements, valkeyMeasurements } from './engine-measurements';
import { databaseName, databaseResource, loadBalancerArn } from './physical-ids';
import type { RunningService } from './service';

/** What everything that runs counts and holds now. What does not answer is left out. */
export async function measurements(
  room: EngineRoom,
  plan: Plan,
  service: RunningService | undefined,
  region: string,
): Promise<Measurement[]> {
  const caches = await Promise.all([...room.caches.values()].map(ofCache));
  return [
    ...caches.flat(),
    ...ofDatabases(room, plan),
    ...(service === undefined ? [] : ofLoadBalancer(service, plan, region)),
  ];
}

/** CloudWatch has nothing of the nodes of a serverless cache. */
async function ofCache(running: RunningCache): Promise<Measurement[]> {
  switch (running.kind) {
    case 'group':
      return ofGroup(running.cache);
    case 'memcached':
      return ofCluster(running.plan.name, running.cache);
    case 'serverless':
      return [];
  }
}

async function ofGroup(cache: ReplicationGroup | ShardedGroup): Promise<Measurement[]> {
  const shards = await Promise.all(
    cache.shards.map(async ({ nodes }) => {
      const asked = await Promise.all(
        nodes.map(async ({ id, role }) => {
          const node = cache.all.find((one) => one.id === id);
          const info = await node?.info('default').catch(() => undefined);
          return { id, role, info, ports: node === undefined ? [] : [node.port, node.clientPort] };
        }),
      );
      const primary = asked.find(({ role }) => role === 'primary')?.info;
      return asked.flatMap(({ id, ports, info }) =>
        info === undefined ? [] : valkeyMeasurements(nodeDimensions(id, '0001'), info, { primary, ports }),
      );
    }),
  );
  return shards.flat();
}

async function ofCluster(name: string, cache: MemcachedCluster): Promise<Measurement[]> {
  const nodes = await Promise.all(
    cache.all.map(async (node): Promise<Measurement[]> => {
      const stats: Counters | undefined = await node.stats().catch(() => undefined);
      return stats === undefined ? [] : memcachedMeasurements(nodeDimensions(name, node.id), stats);
    }),
  );
  return nodes.flat();
}

/** CloudWatch has the metrics of ElastiCache by node, and by cache cluster. */
function nodeDimensions(cluster: string, node: string): Measurement['dimensions'] {
  return [{ CacheClusterId: cluster, CacheNodeId: node }, { CacheClusterId: cluster }];
}

function ofDatabases(room: EngineRoom, plan: Plan): Measurement[] {
  const { templates } = plan.source;
  return [...room.databases].flatMap(([id, { endpoint }]) =>
    databaseResource(templates, id).map(
      (resource): Measurement => ({
        namespace: 'AWS/RDS',
        name: 'DatabaseConnections',
        dimensions: [{ DBInstanceIdentifier: databaseName(templates, resource) }],
        value: endpoint.open,
        kind: 'level',
        life: id,
      }),
    ),
  );
}

function ofLoadBalancer({ loadBalancer }: RunningService, plan: Plan, region: string): Measurement[] {
  const { templates, fleet } = plan.source;
  const { loadBalancer: resource } = fleet === undefined ? {} : loadBalancingOf(templates, fleet);
  if (resource === undefined) {
    return [];
  }
  const [, name = ''] = loadBalancerArn(templates, resource, region).split(':loadbalancer/');
  const dimensions: [Dimensions] = [{ LoadBalancer: name }];
  const of = (metric: string, kind: Measurement['kind'], value: number): Measurement => ({
    namespace: 'AWS/ApplicationELB',
    name: metric,
    dimensions,
    value,
    kind,
    life: name,
  });
  return [
    of('RequestCount', 'count', loadBalancer.counts.requests),
    of('HTTPCode_Target_5XX_Count', 'event', loadBalancer.errorsBy.targets),
    of('HTTPCode_ELB_5XX_Count', 'event', loadBalancer.errorsBy.itself),
  ];
}
