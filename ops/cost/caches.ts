import { HOURS_A_MONTH, type Pricing } from './resource-lines';
import { list, object, type Resource, text, wholeNumber } from './template';

/** Gigabytes that a serverless cache is billed for at least (https://aws.eu/it/elasticache/pricing). */
const LEAST_GIGABYTES: Readonly<Record<string, number>> = { valkey: 0.1, redis: 1, memcached: 1 };

/** What caches cost. */
export const CACHES: Readonly<Record<string, Pricing>> = {
  'AWS::ElastiCache::ReplicationGroup': (resource, lines) => {
    const { Engine, CacheNodeType, SnapshotRetentionLimit } = resource.Properties ?? {};
    const nodes = nodesOfGroup(resource);
    lines.hours(...node(Engine, CacheNodeType, nodes));
    if (wholeNumber(SnapshotRetentionLimit, 0) !== 0) {
      lines.byUse('cache backups', 'elasticache/backup');
    }
  },
  'AWS::ElastiCache::CacheCluster': (resource, lines) => {
    const { Engine, CacheNodeType, NumCacheNodes } = resource.Properties ?? {};
    lines.hours(...node(Engine, CacheNodeType, wholeNumber(NumCacheNodes)));
  },
  'AWS::ElastiCache::ServerlessCache': (resource, lines) => {
    const { Engine, CacheUsageLimits, SnapshotRetentionLimit } = resource.Properties ?? {};
    const engine = text(Engine);
    const limits = object(CacheUsageLimits);
    const stored = wholeNumber(object(limits.DataStorage).Minimum, 0);
    const requests = wholeNumber(object(limits.ECPUPerSecond).Minimum, 0);
    const least = stored === undefined ? undefined : Math.max(stored, LEAST_GIGABYTES[engine ?? ''] ?? 1);
    const storagePrice = engine && `elasticache-serverless/${engine}/storage`;
    const requestPrice = engine && `elasticache-serverless/${engine}/requests`;
    lines.units('serverless cache, the least data it bills', storagePrice, least && least * HOURS_A_MONTH);
    lines.byUse('serverless cache, data beyond that', storagePrice);
    if (requests !== 0) {
      const millions = requests === undefined ? undefined : (requests * 3600 * HOURS_A_MONTH) / 1e6;
      lines.units('serverless cache, the least requests it bills', requestPrice, millions);
    }
    lines.byUse('serverless cache, requests', requestPrice);
    if (wholeNumber(SnapshotRetentionLimit, 0) !== 0) {
      lines.byUse('cache backups', 'elasticache/backup');
    }
  },
};

function node(
  engineValue: unknown,
  typeValue: unknown,
  nodes: number | undefined,
): [what: string, priceId: string | undefined, nodes: number | undefined] {
  const [engine, type] = [text(engineValue), text(typeValue)];
  const known = engine !== undefined && type !== undefined;
  return [
    `${nodes ?? 'some'} × ${type ?? 'cache node'}${engine === undefined ? '' : `, ${engine}`}`,
    known ? `elasticache/${engine}/${type}` : undefined,
    nodes,
  ];
}

function nodesOfGroup(resource: Resource): number | undefined {
  const { NumCacheClusters, NumNodeGroups, ReplicasPerNodeGroup, NodeGroupConfiguration } = resource.Properties ?? {};
  if (NumCacheClusters !== undefined) {
    return wholeNumber(NumCacheClusters);
  }
  const replicas = wholeNumber(ReplicasPerNodeGroup, 0);
  if (NodeGroupConfiguration === undefined) {
    const groups = wholeNumber(NumNodeGroups, 1);
    return groups === undefined || replicas === undefined ? undefined : groups * (1 + replicas);
  }
  let nodes: number | undefined = 0;
  for (const group of list(NodeGroupConfiguration) ?? [{ ReplicaCount: {} }]) {
    const ofGroup = wholeNumber(object(group).ReplicaCount, replicas);
    nodes = nodes === undefined || ofGroup === undefined ? undefined : nodes + 1 + ofGroup;
  }
  return nodes;
}
