import { HOURS_A_MONTH, type Pricing, type ResourceLines } from './resource-lines';
import { list, object, type Resource, text, wholeNumber } from './template';

/**
 * Gigabytes that a serverless cache is billed for at least, by its engine.
 *
 * @see https://aws.eu/it/elasticache/pricing
 */
const LEAST_GIGABYTES: Readonly<Record<string, number>> = { valkey: 0.1, redis: 1, memcached: 1 };

/** Millions of requests of a month of one a second. */
const MILLIONS_A_MONTH = (3_600 * HOURS_A_MONTH) / 1e6;

/** Gigabytes that a serverless cache of that engine is billed for at least. */
export function leastGigabytes(engine: string | undefined): number {
  return LEAST_GIGABYTES[engine ?? ''] ?? 1;
}

/** Millions of processing units in a month. */
export function millionEcpus(perSecond: number): number {
  return perSecond * MILLIONS_A_MONTH;
}

/** Nodes of one type that run all month. */
export interface CacheNodes {
  /** Nothing if the template does not say. */
  readonly engine: string | undefined;
  readonly type: string | undefined;
  readonly count: number | undefined;
}

/** Writes what nodes cost, by the price that is asked for; on demand by default. */
export function nodeLines(
  { engine, type, count }: CacheNodes,
  lines: ResourceLines,
  priceId: (engine: string, type: string) => string = (engine, type) => `elasticache/${engine}/${type}`,
  how = '',
): void {
  const known = engine !== undefined && type !== undefined;
  lines.hours(
    `${count ?? 'some'} × ${type ?? 'cache node'}${engine === undefined ? '' : `, ${engine}`}${how}`,
    known ? priceId(engine, type) : undefined,
    count,
  );
}

/** The nodes of a replication group or a cache cluster. */
export function cacheNodes(resource: Resource): CacheNodes {
  const { Engine, CacheNodeType, NumCacheNodes } = resource.Properties ?? {};
  const isGroup = resource.Type === 'AWS::ElastiCache::ReplicationGroup';
  const count = isGroup ? nodesOfGroup(resource) : wholeNumber(NumCacheNodes);
  return { engine: text(Engine), type: text(CacheNodeType), count };
}

/** Writes that the backups of a cache cost, if it has any. */
export function backupLines(resource: Resource, lines: ResourceLines): void {
  if (wholeNumber(resource.Properties?.SnapshotRetentionLimit, 0) !== 0) {
    lines.byUse('cache backups', 'elasticache/backup');
  }
}

/** What caches cost. */
export const CACHES: Readonly<Record<string, Pricing>> = {
  'AWS::ElastiCache::ReplicationGroup': (resource, lines) => {
    nodeLines(cacheNodes(resource), lines);
    backupLines(resource, lines);
  },
  'AWS::ElastiCache::CacheCluster': (resource, lines) => {
    nodeLines(cacheNodes(resource), lines);
  },
  'AWS::ElastiCache::ServerlessCache': (resource, lines) => {
    const { Engine, CacheUsageLimits } = resource.Properties ?? {};
    const engine = text(Engine);
    const limits = object(CacheUsageLimits);
    const stored = wholeNumber(object(limits.DataStorage).Minimum, 0);
    const requests = wholeNumber(object(limits.ECPUPerSecond).Minimum, 0);
    const least = stored === undefined ? undefined : Math.max(stored, leastGigabytes(engine));
    const storagePrice = engine && `elasticache-serverless/${engine}/storage`;
    const requestPrice = engine && `elasticache-serverless/${engine}/requests`;
    lines.units('serverless cache, the least data it bills', storagePrice, least && least * HOURS_A_MONTH);
    lines.byUse('serverless cache, data beyond that', storagePrice);
    if (requests !== 0) {
      const millions = requests === undefined ? undefined : millionEcpus(requests);
      lines.units('serverless cache, the least requests it bills', requestPrice, millions);
    }
    lines.byUse('serverless cache, requests', requestPrice);
    backupLines(resource, lines);
  },
};

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
