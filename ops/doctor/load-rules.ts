import type { CacheState, EnvironmentState, GroupState, Metrics } from '../environment/environment-state';
import {
  dataOf,
  judgeNodes,
  lookupsOf,
  type NodeCache,
  type NodeRule,
  nodeCaches,
  nodesOf,
  parameter,
  parametersUnknown,
  someWithoutData,
} from './caches';
import { mostCreditsOf, vcpusOf } from './node-types';
import { type DoctorRule, each, found, type Verdict } from './rule';
import { highest, inARow, last, repeated, sum } from './series';
import { cacheGuide } from './sources';
import { counted, figure, percent } from './words';

/** Percent of the CPU; of small nodes divided by their vCPUs (dg/CacheMetrics.WhichShouldIMonitor). */
const CPU_PERCENT = 90;

/** From here on the engine's own metric tells more than the host's (dg/CacheMetrics.WhichShouldIMonitor). */
const VCPUS_OF_ENGINE_METRIC = 4;

/** Share of hits below which a cache is of little use (dg/CacheMetrics.Redis: about 0.8). */
export const HIT_RATIO = 0.8;

/** Lookups in a day below which a ratio says nothing. */
const LOOKUPS = 1_000;

/** Quarters of an hour in a row in which packets were held back: a burst is over sooner. */
const QUARTERS_IN_A_ROW = 4;

/** Share of the most credits that a type saves; at none it is slowed down to its baseline. AWS gives no number. */
const CREDIT_SHARE = 0.1;

/** Work of nodes, and whether it is of use. */
export const LOAD_RULES: readonly DoctorRule[] = [
  {
    id: 'engine-busy',
    severity: 'high',
    disposable: 'medium',
    local: 'skip',
    title: `The CPU of a node was busy to ${CPU_PERCENT} % for a quarter of an hour, again and again: commands wait`,
    fix: 'more `replicas` for reads, more `shards` or `nodes` for writes, or a larger `nodeType`; look for slow commands in the `slowLog`',
    source: cacheGuide('CacheMetrics.WhichShouldIMonitor'),
    judge: each(nodeCaches, (cache, state) => judgeNodes(state, cache, cpuOf(cache))),
  },
  {
    id: 'network-allowance-exceeded',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'The bandwidth of a node was used up for an hour or more: packets waited or were dropped',
    fix: 'a larger `nodeType`, more `shards` or `nodes`; large values may be compressed by the runtime',
    source: cacheGuide('CacheMetrics.HostLevel'),
    judge: each(nodeCaches, (cache, state) => judgeNodes(state, cache, NETWORK)),
  },
  {
    id: 'cpu-credits-low',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: `A burstable node has ${CREDIT_SHARE * 100} % of its CPU credits or less, and does not earn more than it spends`,
    fix: '`nodeType`: a family that is not burstable, such as `CacheNodeType.M7G_LARGE`',
    source: cacheGuide('CacheNodes.SupportedTypes'),
    judge: each(nodeCaches, (cache, state) => {
      const most = mostCreditsOf(cache.nodeType);
      return most === undefined ? undefined : judgeNodes(state, cache, creditsOf(most));
    }),
  },
  {
    id: 'hit-ratio-low',
    severity: 'medium',
    disposable: 'low',
    title: `A cache answers less than ${HIT_RATIO * 100} % of what it is asked`,
    fix: 'longer lives of entries, more memory where they are evicted, and other keys where each is asked once',
    source: cacheGuide('CacheMetrics.Redis'),
    judge: (state) => [
      ...state.groups.flatMap((group) => hitRatioOfGroup(state, group)),
      ...state.memcached.flatMap((cache) => hitRatio(state, cache, cache.nodes)),
      ...state.serverless.flatMap((cache) => hitRatio(state, cache, [cache])),
    ],
  },
];

function cpuOf({ engine, nodeType }: NodeCache): NodeRule<'CPUUtilization' | 'EngineCPUUtilization'> {
  const vcpus = vcpusOf(nodeType);
  if (engine === 'memcached') {
    return cpu('CPUUtilization', CPU_PERCENT, '');
  }
  return vcpus >= VCPUS_OF_ENGINE_METRIC
    ? cpu('EngineCPUUtilization', CPU_PERCENT, '')
    : cpu('CPUUtilization', CPU_PERCENT / vcpus, ` of ${counted(vcpus, 'vCPU')}, of which the engine uses one`);
}

function cpu<Name extends string>(metric: Name, threshold: number, which: string): NodeRule<Name> {
  return {
    metrics: [metric],
    judge: (metrics) => {
      const times = repeated(metrics[metric], (value) => value >= threshold);
      const most = highest(metrics[metric]);
      return times === undefined
        ? undefined
        : { worth: most, text: `was up to ${percent(most)} busy on average${which}, in ${times} quarters of an hour` };
    },
  };
}

const NETWORK: NodeRule<'NetworkBandwidthInAllowanceExceeded' | 'NetworkBandwidthOutAllowanceExceeded'> = {
  metrics: ['NetworkBandwidthInAllowanceExceeded', 'NetworkBandwidthOutAllowanceExceeded'],
  judge: ({ NetworkBandwidthInAllowanceExceeded: came, NetworkBandwidthOutAllowanceExceeded: went }) => {
    const isOver = (value: number) => value > 0;
    const times = Math.max(inARow(came, isOver), inARow(went, isOver));
    return times < QUARTERS_IN_A_ROW
      ? undefined
      : {
          worth: sum(came) + sum(went),
          text: `queued or dropped ${figure(sum(came))} packets in and ${figure(sum(went))} out, ${times} quarters of an hour in a row`,
        };
  },
};

function creditsOf(most: number): NodeRule<'CPUCreditBalance'> {
  return {
    metrics: ['CPUCreditBalance'],
    judge: ({ CPUCreditBalance }) => {
      const left = last(CPUCreditBalance);
      const isEarning = left > (CPUCreditBalance[0] ?? 0);
      return left <= most * CREDIT_SHARE && !isEarning
        ? { worth: -left, text: `has ${figure(left)} of ${figure(most)} CPU credits left` }
        : undefined;
    },
  };
}

/** A store that evicts nothing holds what is nowhere else: what it does not have is not to be had, and no fault of it. */
function hitRatioOfGroup(state: EnvironmentState, group: GroupState): Verdict[] {
  const policy = parameter(group, 'maxmemory-policy');
  if (policy === 'noeviction') {
    return [];
  }
  return hitRatio(state, group, nodesOf(group)).map((verdict) =>
    policy === undefined && !('why' in verdict) ? parametersUnknown(state, group, 'maxmemory-policy') : verdict,
  );
}

/** Over all nodes: replicas answer reads too. */
function hitRatio(
  state: EnvironmentState,
  { id, engine }: Pick<CacheState, 'id' | 'engine'>,
  nodes: ReadonlyArray<{ readonly metrics: Metrics }>,
): Verdict[] {
  const { hits: hitName, misses: missName } = lookupsOf(engine);
  const known = nodes.flatMap(({ metrics }) => dataOf(metrics, [hitName, missName]) ?? []);
  const hits = sum(known.map((data) => sum(data[hitName])));
  const misses = sum(known.map((data) => sum(data[missName])));
  const ratio = hits / (hits + misses);
  return [
    ...(hits + misses >= LOOKUPS && ratio < HIT_RATIO
      ? [found(id, `${percent(ratio * 100)} hits: ${figure(hits)} hits and ${figure(misses)} misses`)]
      : []),
    ...someWithoutData(state, id, [hitName, missName], nodes.length - known.length, nodes.length),
  ];
}
