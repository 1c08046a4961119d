import type { EnvironmentState, Metrics, NodeState, ServerlessState } from '../environment/environment-state';
import { hitRatio } from '../environment/figures';
import {
  dataOf,
  groups,
  judgeNodes,
  LEAST_RECENTLY_USED,
  type NodeCache,
  type NodeRule,
  nodeCaches,
  nodesOf,
  parameter,
  parametersUnknown,
  policyOfServerless,
  withoutData,
} from './caches';
import { HIT_RATIO } from './load-rules';
import { type DoctorRule, each, type Found, found, type Judge, type Verdict } from './rule';
import { highest, last, QUARTER_SECONDS, repeated } from './series';
import { cacheGuide } from './sources';
import { counted, figure, percent, size } from './words';

/** Percent of the memory; AWS gives no number. A store that refuses writes is given more time than one that evicts. */
const MEMORY_REFUSING = 80;
const MEMORY_EVICTING = 90;

/** Percent that ElastiCache keeps by itself for snapshots and replication (dg/redis-memory-management). */
const RESERVED_PERCENT = 25;

/** Free memory of a node below which it is under pressure, and swap of one of Memcached (dg/CacheMetrics.WhichShouldIMonitor). */
const FREE_BYTES = 100_000_000;
const SWAP_BYTES = 50_000_000;

/** Percent of the entries that have a time to live below which a store that evicts only those is one that refuses. */
const VOLATILE_PERCENT = 20;

/** Entries thrown out of a node in a minute (https://github.com/aws-samples/sample-elasticache-operations-review). */
const EVICTIONS_A_MINUTE = 20;

const QUARTER_MINUTES = QUARTER_SECONDS / 60;

/** Memory of nodes. */
export const MEMORY_RULES: readonly DoctorRule[] = [
  {
    id: 'memory-full-refuses-writes',
    severity: 'high',
    disposable: 'medium',
    title: `A store that can evict next to nothing has ${MEMORY_REFUSING} % of its memory in use: full, it refuses writes`,
    fix: 'a larger `nodeType` or more `shards`, before it is full; shorter lives of what it holds',
    source: cacheGuide('CacheMetrics.WhichShouldIMonitor'),
    judge: memory(refuses, MEMORY_REFUSING),
  },
  {
    id: 'memory-full-evicts',
    severity: 'low',
    title: `A cache has ${MEMORY_EVICTING} % of its memory in use or more, and evicts when it is full`,
    fix: 'nothing while the hit ratio is good; else a larger `nodeType`, more `shards`, or shorter lives of what it holds',
    source: cacheGuide('CacheMetrics.WhichShouldIMonitor'),
    judge: memory((...of) => !refuses(...of), MEMORY_EVICTING),
  },
  {
    id: 'reserved-memory-low',
    severity: 'medium',
    disposable: 'low',
    title: `Less than ${RESERVED_PERCENT} % of the memory is kept for the snapshots that are taken`,
    fix: "`parameters` of `ReplicationGroup`: 'reserved-memory-percent': '25'",
    source: cacheGuide('redis-memory-management'),
    judge: each(groups, (group, state) => {
      const reserved = parameter(group, 'reserved-memory-percent');
      if (group.snapshotRetentionDays === 0) {
        return undefined;
      }
      if (reserved === undefined) {
        return parametersUnknown(state, group, 'reserved-memory-percent');
      }
      return (
        Number(reserved) < RESERVED_PERCENT &&
        found(
          group.id,
          `reserved-memory-percent is ${reserved}, and snapshots are kept ${counted(group.snapshotRetentionDays, 'day')}`,
        )
      );
    }),
  },
  {
    id: 'memory-pressure',
    severity: 'medium',
    disposable: 'low',
    title: 'A node has little free memory, or swaps',
    fix: 'a larger `nodeType`; of Memcached also the parameter `memcached_connections_overhead`',
    source: cacheGuide('CacheMetrics.WhichShouldIMonitor'),
    judge: each(nodeCaches, (cache, state) =>
      judgeNodes(state, cache, cache.engine === 'memcached' ? MEMCACHED_PRESSURE : STORE_PRESSURE),
    ),
  },
  {
    id: 'entries-evicted',
    severity: 'medium',
    disposable: 'low',
    title: `More than ${EVICTIONS_A_MINUTE} entries a minute are thrown out before they expire, again and again`,
    fix: 'a larger `nodeType`, more `shards` or `nodes`; sessions belong into a `SessionStore`, which evicts nothing',
    source: cacheGuide('CacheMetrics.WhichShouldIMonitor'),
    judge: (state) => [
      ...nodeCaches(state).flatMap((cache) => evictions(cache, judgeNodes(state, cache, EVICTIONS))),
      ...state.serverless.flatMap((cache) => evictionsOfServerless(state, cache)),
    ],
  },
];

/** Whether a node that is full refuses writes: policies that are called volatile evict only what has a time to live. */
function refuses(policy: string, { metrics }: NodeState): boolean {
  return policy === 'noeviction' || (isVolatile(policy) && volatilePercent(metrics) < VOLATILE_PERCENT);
}

function isVolatile(policy: string): boolean {
  return policy.startsWith('volatile-');
}

/** Entries that have a time to live, of all; 100 where there are none. */
function volatilePercent({ CurrItems = [], CurrVolatileItems = [] }: Metrics): number {
  const items = last(CurrItems);
  return items === 0 ? 100 : (last(CurrVolatileItems) / items) * 100;
}

function memory(isOf: (policy: string, node: NodeState) => boolean, threshold: number): Judge {
  return each(groups, (group, state) => {
    // Of data tiering the memory is meant to be full, and the disk is what ends.
    const name = group.dataTiering ? 'DatabaseCapacityUsagePercentage' : 'DatabaseMemoryUsagePercentage';
    const policy = parameter(group, 'maxmemory-policy');
    const evictsSome = policy !== undefined && isVolatile(policy);
    const items = evictsSome ? (['CurrItems', 'CurrVolatileItems'] as const) : [];
    const verdicts = judgeNodes(state, group, {
      metrics: [name, ...items],
      judge: (metrics, node) => {
        const most = highest(metrics[name]);
        const which = evictsSome
          ? ` with a time to live for ${percent(volatilePercent(node.metrics))} of its entries`
          : '';
        return most < threshold || (policy !== undefined && !isOf(policy, node))
          ? undefined
          : { worth: most, text: `had up to ${percent(most)} in use${which}` };
      },
    });
    return verdicts.map((verdict) =>
      'why' in verdict
        ? verdict
        : policy === undefined
          ? parametersUnknown(state, group, 'maxmemory-policy')
          : found(group.id, `${verdict.evidence}; its maxmemory-policy is ${policy}`),
    );
  });
}

const STORE_PRESSURE: NodeRule<'SwapUsage' | 'FreeableMemory'> = {
  metrics: ['SwapUsage', 'FreeableMemory'],
  judge: ({ SwapUsage, FreeableMemory }) => {
    const [swap, free] = [last(SwapUsage), last(FreeableMemory)];
    return swap > free || free < FREE_BYTES
      ? { worth: swap - free, text: `has ${size(free)} free and ${size(swap)} of swap in use` }
      : undefined;
  },
};

const MEMCACHED_PRESSURE: NodeRule<'SwapUsage'> = {
  metrics: ['SwapUsage'],
  judge: ({ SwapUsage }) => {
    const swap = last(SwapUsage);
    return swap > SWAP_BYTES ? { worth: swap, text: `has ${size(swap)} of swap in use` } : undefined;
  },
};

const EVICTIONS: NodeRule<'Evictions'> = {
  metrics: ['Evictions'],
  judge: ({ Evictions }) => evicted(Evictions),
};

function evicted(values: readonly number[]) {
  const times = repeated(values, (value) => value > EVICTIONS_A_MINUTE * QUARTER_MINUTES);
  const most = highest(values) / QUARTER_MINUTES;
  return times === undefined
    ? undefined
    : { worth: most, text: `evicted up to ${figure(most)} entries a minute, in ${times} quarters of an hour` };
}

function evictions(cache: NodeCache, verdicts: readonly Verdict[]): Verdict[] {
  const policy = cache.engine === 'memcached' ? LEAST_RECENTLY_USED : parameter(cache, 'maxmemory-policy');
  return verdicts.map((verdict) =>
    'why' in verdict ? verdict : evictionsFound(cache.id, verdict.evidence, nodesOf(cache), policy),
  );
}

function evictionsOfServerless(state: EnvironmentState, cache: ServerlessState): Verdict[] {
  const data = dataOf(cache.metrics, ['Evictions']);
  if (data === undefined) {
    return [withoutData(state, cache.id, ['Evictions'])];
  }
  const reached = evicted(data.Evictions);
  return reached === undefined
    ? []
    : [evictionsFound(cache.id, `it ${reached.text}`, [cache], policyOfServerless(cache))];
}

/** While nearly all that is looked up is found, what is evicted was not needed. */
function evictionsFound(
  id: string,
  evidence: string,
  nodes: ReadonlyArray<{ readonly metrics: Metrics }>,
  policy: string | undefined,
): Found {
  const ratio = hitRatio(nodes.map(({ metrics }) => metrics));
  const hits = ratio === undefined ? '' : `; ${percent(ratio * 100)} of the lookups hit`;
  return found(id, `${evidence}${policy === undefined ? '' : ` (${policy})`}${hits}`, {
    ...(ratio !== undefined && ratio >= HIT_RATIO ? { severity: 'low' } : {}),
  });
}
