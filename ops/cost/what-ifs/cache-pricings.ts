import { backupLines, cacheNodes, leastGigabytes, millionEcpus, nodeLines } from '../caches';
import type { StackTemplate } from '../estimate';
import { reservedPriceId } from '../price-ids';
import { HOURS_A_MONTH, type Pricing } from '../resource-lines';
import type { Resource } from '../template';
import { resourceName } from './changed-stacks';

/** How much each cache would be used if it were serverless. */
export interface ServerlessUse {
  /** Data that it holds, in gigabytes, on average. No less is billed than the least of its engine. */
  readonly gigabytes: number;
  /** ElastiCache processing units that it takes each second, on average. */
  readonly ecpuPerSecond: number;
}

const NODE_TYPES = ['AWS::ElastiCache::ReplicationGroup', 'AWS::ElastiCache::CacheCluster'];

/** What caches of nodes would cost as serverless ones. @param use the least that is billed, if it is left out */
export function serverlessPricings(use: ServerlessUse | undefined): Readonly<Record<string, Pricing>> {
  return forNodes((resource, lines) => {
    const { engine } = cacheNodes(resource);
    const gigabytes = Math.max(use?.gigabytes ?? 0, leastGigabytes(engine));
    const ecpuPerSecond = use?.ecpuPerSecond ?? 0;
    const [storage, requests] = ['storage', 'requests'].map(
      (what) => engine && `elasticache-serverless/${engine}/${what}`,
    );
    const label = `serverless cache${engine === undefined ? '' : `, ${engine}`}`;
    lines.units(`${label}, ${gigabytes} GB of data`, storage, gigabytes * HOURS_A_MONTH);
    if (ecpuPerSecond === 0) {
      lines.byUse(`${label}, requests`, requests);
    } else {
      lines.units(`${label}, ${ecpuPerSecond} ECPU a second`, requests, millionEcpus(ecpuPerSecond));
    }
    backupLines(resource, lines);
  });
}

/** What caches of nodes would cost if their nodes were reserved for a year, with nothing paid upfront. */
export function reservedPricings(): Readonly<Record<string, Pricing>> {
  return forNodes((resource, lines) => {
    nodeLines(cacheNodes(resource), lines, reservedPriceId, ', reserved for a year');
    backupLines(resource, lines);
  });
}

/** The caches that have nodes, by their names, each with what would become of it. */
export function nodeCaches(stacks: readonly StackTemplate[], becomes: (resource: Resource) => string): string[] {
  return stacks.flatMap(({ name, template }) =>
    Object.entries(template.Resources).flatMap(([id, resource]) =>
      NODE_TYPES.includes(resource.Type) ? [`${resourceName(name, id, resource)}: ${becomes(resource)}`] : [],
    ),
  );
}

/** A cache's nodes in words, for example `3 × cache.m7g.large`. */
export function nodesText(resource: Resource): string {
  const { type, count } = cacheNodes(resource);
  return `${count ?? 'some'} × ${type ?? 'cache node'}`;
}

function forNodes(pricing: Pricing): Readonly<Record<string, Pricing>> {
  return Object.fromEntries(NODE_TYPES.map((type) => [type, pricing]));
}
