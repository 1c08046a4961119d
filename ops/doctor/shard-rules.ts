import type { EnvironmentState, GroupState } from '../environment/environment-state';
import { dataOf, groups, withoutData } from './caches';
import { type DoctorRule, each, found, type Verdict } from './rule';
import { highest, last, mean, sum } from './series';
import { cacheGuide } from './sources';
import { figure, size } from './words';

/** How much more than the mean a shard may have: with two shards the most is twice. AWS gives no number. */
const UNEVEN = 1.5;

/** What is not worth comparing: bytes of the largest shard, and lookups of the busiest. */
const UNEVEN_BYTES = 100_000_000;
const UNEVEN_LOOKUPS = 100_000;

/** Whether shards share the work. */
export const SHARD_RULES: readonly DoctorRule[] = [
  {
    id: 'uneven-shards',
    severity: 'medium',
    disposable: 'low',
    title: `A shard has ${UNEVEN} times the mean of the data or of the lookups`,
    fix: 'look for one key that is very large or very much asked (its hash tag), then rebalance the slots: ModifyReplicationGroupShardConfiguration',
    source: cacheGuide('redis-cluster-resharding-online'),
    judge: each(groups, (group, state) => (group.shards.length > 1 ? uneven(state, group) : undefined)),
  },
];

function uneven(state: EnvironmentState, group: GroupState): Verdict[] {
  const names = ['BytesUsedForCache', 'CacheHits', 'CacheMisses'] as const;
  const shards = group.shards.map(({ id, nodes }) => {
    const known = nodes.flatMap(({ metrics }) => dataOf(metrics, names) ?? []);
    return {
      id,
      isKnown: known.length === nodes.length,
      bytes: highest(known.map(({ BytesUsedForCache }) => last(BytesUsedForCache))),
      lookups: sum(known.map(({ CacheHits, CacheMisses }) => sum(CacheHits) + sum(CacheMisses))),
    };
  });
  if (shards.some(({ isKnown }) => !isKnown)) {
    return [withoutData(state, group.id, names, 'every node')];
  }
  const heaviest = (what: 'bytes' | 'lookups', least: number) => {
    const most = highest(shards.map((shard) => shard[what]));
    const average = mean(shards.map((shard) => shard[what]));
    const shard = shards.find((each) => each[what] === most);
    return most >= least && most >= UNEVEN * average && shard !== undefined
      ? { id: shard.id, most, average }
      : undefined;
  };
  const fullest = heaviest('bytes', UNEVEN_BYTES);
  const busiest = heaviest('lookups', UNEVEN_LOOKUPS);
  const parts = [
    ...(fullest === undefined
      ? []
      : [`shard ${fullest.id} holds ${size(fullest.most)}, the mean is ${size(fullest.average)}`]),
    ...(busiest === undefined
      ? []
      : [`shard ${busiest.id} had ${figure(busiest.most)} lookups, the mean is ${figure(busiest.average)}`]),
  ];
  return parts.length === 0 ? [] : [found(group.id, parts.join('; '))];
}
