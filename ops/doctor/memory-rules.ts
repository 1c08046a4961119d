import type { EnvironmentState, GroupState, MemcachedState, Metrics } from '../environment/environment-state';
import { dataOf, groups, judgeNodes, type NodeRule, nodeCaches, nodesOf, parameter, someWithoutData } from './caches';
import { becauseOf } from './gaps';
import { type DoctorRule, each, found, type Judge, unknown, type Verdict } from './rule';
import { highest, last, span, sum } from './series';
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

/** Entries thrown out in a day; AWS gives no number: some are normal in a cache, and none in a store. */
const EVICTIONS = 1_000;

/** Memory of nodes. */
export const MEMORY_RULES: readonly DoctorRule[] = [
  {
    id: 'memory-full-refuses-writes',
    severity: 'high',
    disposable: 'medium',
    title: `A store that evicts nothing has ${MEMORY_REFUSING} % of its memory in use or more: full, it refuses every write`,
    fix: 'a larger `nodeType` or more `shards`, before it is full; shorter lives of what it holds',
    source: cacheGuide('CacheMetrics.WhichShouldIMonitor'),
    judge: memory((policy) => policy === 'noeviction', MEMORY_REFUSING),
  },
  {
    id: 'memory-full-evicts',
    severity: 'low',
    title: `A cache has ${MEMORY_EVICTING} % of its memory in use or more, and evicts when it is full`,
    fix: 'nothing while the hit ratio is good; else a larger `nodeType`, more `shards`, or shorter lives of what it holds',
    source: cacheGuide('CacheMetrics.WhichShouldIMonitor'),
    judge: memory((policy) => policy !== 'noeviction', MEMORY_EVICTING),
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
    title: 'A node is short of memory and swaps',
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
    title: `More than ${figure(EVICTIONS)} entries a day are thrown out before they expire`,
    fix: 'a larger `nodeType`, more `shards` or `nodes`; sessions belong into a `SessionStore`, which evicts nothing',
    source: cacheGuide('CacheMetrics.WhichShouldIMonitor'),
    judge: (state) => [
      ...nodeCaches(state).flatMap((cache) => {
        const policy = cache.engine === 'memcached' ? 'the least recently used' : parameter(cache, 'maxmemory-policy');
        return evictions(state, cache.id, nodesOf(cache), policy);
      }),
      ...state.serverless.flatMap((cache) => evictions(state, cache.id, [cache], undefined)),
    ],
  },
];

function memory(isOf: (policy: string) => boolean, threshold: number): Judge {
  return each(groups, (group, state) => {
    if (group.dataTiering) {
      return unknown(group.id, 'part of its data is on disk, so that its memory is meant to be full');
    }
    const policy = parameter(group, 'maxmemory-policy');
    const verdicts = judgeNodes(state, group, {
      metrics: ['DatabaseMemoryUsagePercentage'],
      judge: ({ DatabaseMemoryUsagePercentage }) => {
        const most = highest(DatabaseMemoryUsagePercentage);
        return most < threshold ? undefined : { worth: most, text: `had up to ${percent(most)} in use` };
      },
    });
    return verdicts.flatMap((verdict) =>
      'why' in verdict
        ? verdict
        : policy === undefined
          ? parametersUnknown(state, group, 'maxmemory-policy')
          : isOf(policy)
            ? found(group.id, `${verdict.evidence}; its maxmemory-policy is ${policy}`)
            : [],
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

function evictions(
  state: EnvironmentState,
  id: string,
  nodes: ReadonlyArray<{ readonly metrics: Metrics }>,
  policy: string | undefined,
): Verdict[] {
  const known = nodes.flatMap(({ metrics }) => dataOf(metrics, ['Evictions']) ?? []);
  const thrown = sum(known.map(({ Evictions }) => sum(Evictions)));
  const covered = known.map(({ Evictions }) => Evictions).sort((one, other) => other.length - one.length)[0] ?? [];
  const items = sum(nodes.map(({ metrics }) => last(metrics.CurrItems ?? [])));
  return [
    ...(thrown > EVICTIONS
      ? [
          found(
            id,
            `${figure(thrown)} entries were evicted in ${span(covered)}${items === 0 ? '' : `, with ${figure(items)} held`}${policy === undefined ? '' : ` (${policy})`}`,
          ),
        ]
      : []),
    ...someWithoutData(state, id, ['Evictions'], nodes.length - known.length, nodes.length),
  ];
}

function parametersUnknown(state: EnvironmentState, { id }: GroupState | MemcachedState, name: string) {
  return unknown(id, becauseOf(state, 'elasticache:DescribeCacheParameters', `its parameter ${name} is not known`));
}
