import type {
  EnvironmentState,
  GroupState,
  MemcachedState,
  Metrics,
  NodeState,
  ServerlessState,
} from '../environment/environment-state';
import { becauseOf } from './gaps';
import { found, type Unknown, unknown, type Verdict } from './rule';
import { listed, named } from './words';

/** A cache that consists of nodes. */
export type NodeCache = GroupState | MemcachedState;

export function nodeCaches(state: EnvironmentState): readonly NodeCache[] {
  return [...state.groups, ...state.memcached];
}

export function groups(state: EnvironmentState): readonly GroupState[] {
  return state.groups;
}

export function nodesOf(cache: NodeCache): readonly NodeState[] {
  return cache.engine === 'memcached' ? cache.nodes : cache.shards.flatMap(({ nodes }) => nodes);
}

/** A node of Memcached is known within its cluster only. */
export function nodeName(cache: NodeCache, node: NodeState): string {
  return cache.engine === 'memcached' ? `${cache.id} ${node.id}` : node.id;
}

/** The value of a parameter of the engine; nothing where it is not known. */
export function parameter(cache: NodeCache, name: string): string | undefined {
  return cache.parameters?.find((each) => each.name === name)?.value;
}

export function parametersUnknown(state: EnvironmentState, { id }: NodeCache, name: string): Unknown {
  return unknown(id, becauseOf(state, 'elasticache:DescribeCacheParameters', `its parameter ${name} is not known`));
}

/** What Memcached evicts. */
export const LEAST_RECENTLY_USED = 'the least recently used';

/** What a serverless cache evicts: its parameters are not to be changed (dg/RedisConfiguration). */
export function policyOfServerless({ engine }: ServerlessState): string {
  return engine === 'memcached' ? LEAST_RECENTLY_USED : 'volatile-lru';
}

/** Names of the metrics that count lookups: Memcached counts those of its command `get`. */
export function lookupsOf(engine: GroupState['engine'] | 'memcached') {
  return engine === 'memcached'
    ? ({ hits: 'GetHits', misses: 'GetMisses' } as const)
    : ({ hits: 'CacheHits', misses: 'CacheMisses' } as const);
}

/** The named metrics; nothing where one of them has no data. */
export function dataOf<Name extends string>(
  metrics: Metrics,
  names: readonly Name[],
): Readonly<Record<Name, readonly number[]>> | undefined {
  return names.every((name) => (metrics[name]?.length ?? 0) > 0)
    ? (metrics as Readonly<Record<Name, readonly number[]>>)
    : undefined;
}

export function withoutData(state: EnvironmentState, subject: string, names: readonly string[], of?: string): Unknown {
  const what = `CloudWatch has no data of ${names.join(', ')}${of === undefined ? '' : ` of ${of}`}`;
  return unknown(subject, becauseOf(state, 'cloudwatch:GetMetricData', what));
}

/** For what is judged over all nodes of a cache: how many of them were left out. */
export function someWithoutData(
  state: EnvironmentState,
  subject: string,
  names: readonly string[],
  missing: number,
  nodes: number,
): Unknown[] {
  const of = nodes === 1 ? undefined : `${missing} of ${nodes} nodes`;
  return missing === 0 ? [] : [withoutData(state, subject, names, of)];
}

/** What is wrong with a node, in words that follow its name, and how bad it is beside others. */
interface Reached {
  readonly text: string;
  readonly worth: number;
}

export interface NodeRule<Name extends string> {
  readonly metrics: readonly Name[];
  readonly judge: (metrics: Readonly<Record<Name, readonly number[]>>, node: NodeState) => Reached | undefined;
}

/** One finding for a cache, which names its nodes, the worst first; nodes without data are not judged. */
export function judgeNodes<Name extends string>(
  state: EnvironmentState,
  cache: NodeCache,
  { metrics, judge }: NodeRule<Name>,
  nodes: readonly NodeState[] = nodesOf(cache),
): Verdict[] {
  const missing: string[] = [];
  const reached = nodes.flatMap((node) => {
    const data = dataOf(node.metrics, metrics);
    if (data === undefined) {
      missing.push(nodeName(cache, node));
      return [];
    }
    const one = judge(data, node);
    return one === undefined ? [] : [{ worth: one.worth, text: `${nodeName(cache, node)} ${one.text}` }];
  });
  reached.sort((one, other) => other.worth - one.worth || (one.text < other.text ? -1 : 1));
  return [
    ...(reached.length === 0 ? [] : [found(cache.id, named(reached.map(({ text }) => text)))]),
    ...(missing.length === 0 ? [] : [withoutData(state, cache.id, metrics, listed(missing))]),
  ];
}
