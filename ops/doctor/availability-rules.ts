import type { EnvironmentState, GroupState, NodeState } from '../environment/environment-state';
import { groups, judgeNodes, nodesOf, withoutData } from './caches';
import { becauseOf } from './gaps';
import { eachPrimary } from './primaries';
import { type DoctorRule, each, found, unknown } from './rule';
import { repeated } from './series';
import { cacheGuide, databaseGuide } from './sources';
import { counted, figure, listed } from './words';

/** Seconds that a replica may be behind; AWS recommends an alarm on it, and gives no number. */
const LAG_SECONDS = 5;

/** What a node or a zone that fails would take along. */
export const AVAILABILITY_RULES: readonly DoctorRule[] = [
  {
    id: 'replicas-in-one-zone',
    severity: 'high',
    disposable: 'skip',
    local: 'skip',
    title: 'All nodes of a shard are in one zone, and the subnets have more',
    fix: '`multiAz` and `availabilityZones` of `ReplicationGroup`; a replica that is added with the zone and one that is removed move it without downtime',
    source: cacheGuide('AutoFailover'),
    judge: each(groups, (group, state) => {
      const together = group.shards.filter(({ nodes }) => zonesOf(nodes).length === 1 && nodes.length > 1);
      if (together.length === 0) {
        return undefined;
      }
      if (group.subnetZones === undefined || together.some(({ nodes }) => zonesOf(nodes)[0] === '')) {
        return zonesUnknown(state, group.id);
      }
      const evidence = together.map(
        ({ id, nodes }) => `${nodes.length} of ${nodes.length} nodes of shard ${id} are in ${zonesOf(nodes)[0]}`,
      );
      return group.subnetZones.length > 1 && found(group.id, `${listed(evidence)}; ${subnetsHave(group.subnetZones)}`);
    }),
  },
  {
    id: 'memcached-in-one-zone',
    severity: 'medium',
    disposable: 'skip',
    local: 'skip',
    title: 'All nodes of a Memcached cluster are in one zone, and the subnets have more',
    fix: '`azMode` and `availabilityZones` of `MemcachedCluster`, under another construct id: no node of a cluster moves',
    source: cacheGuide('FaultTolerance'),
    judge: each(
      ({ memcached }) => memcached,
      ({ id, nodes, subnetZones }, state) => {
        if (nodes.length < 2 || zonesOf(nodes).length !== 1) {
          return undefined;
        }
        if (subnetZones === undefined || zonesOf(nodes)[0] === '') {
          return zonesUnknown(state, id);
        }
        const evidence = `${nodes.length} of ${nodes.length} nodes are in ${zonesOf(nodes)[0]}; ${subnetsHave(subnetZones)}`;
        return subnetZones.length > 1 && found(id, evidence);
      },
    ),
  },
  {
    id: 'memcached-of-one-node',
    severity: 'medium',
    disposable: 'skip',
    local: 'skip',
    title: 'A Memcached cluster has one node',
    fix: '`nodes` of `MemcachedCluster`, or of `DatabaseCache`: 2 or more',
    source: cacheGuide('FaultTolerance'),
    judge: each(
      ({ memcached }) => memcached,
      ({ id, nodes }) =>
        nodes.length === 1 &&
        found(id, 'it has 1 node: when that is lost, every entry is, and the database gets all reads'),
    ),
  },
  {
    id: 'shard-without-replica',
    severity: 'high',
    disposable: 'skip',
    local: 'skip',
    title: 'A shard has no replica',
    fix: '`replicas` of `ReplicationGroup` and `SessionStore`, or `replicasPerShard`: 1 or more',
    source: cacheGuide('Replication'),
    judge: each(groups, ({ id, shards }) => {
      const alone = shards.filter(({ nodes }) => nodes.length === 1);
      return alone.length > 0 && found(id, listed(alone.map((shard) => `shard ${shard.id} has 1 node`)));
    }),
  },
  {
    id: 'automatic-failover-off',
    severity: 'high',
    disposable: 'low',
    local: 'skip',
    title: 'A cache has replicas, and none takes over by itself',
    fix: '`automaticFailover` of `ReplicationGroup`: true, and `multiAz`, which needs it',
    source: cacheGuide('AutoFailover'),
    judge: each(groups, (group) =>
      hasReplicas(group) && isFailoverOff(group)
        ? found(
            group.id,
            `automatic failover is ${group.automaticFailover}, Multi-AZ is ${group.multiAz}, with ${counted(replicasOf(group), 'replica')}`,
          )
        : undefined,
    ),
  },
  {
    id: 'multi-az-off',
    severity: 'high',
    disposable: 'skip',
    local: 'skip',
    title: 'Multi-AZ is off for a cache that has replicas',
    fix: '`multiAz` of `ReplicationGroup`: true',
    source: cacheGuide('AutoFailover'),
    // Without automatic failover there is no Multi-AZ: that it is off is what the rule before says.
    judge: each(groups, (group) =>
      hasReplicas(group) && group.multiAz === 'disabled' && !isFailoverOff(group)
        ? found(group.id, `Multi-AZ is disabled, with ${counted(replicasOf(group), 'replica')}`)
        : undefined,
    ),
  },
  {
    id: 'replication-lags',
    severity: 'medium',
    disposable: 'low',
    title: `A replica is more than ${LAG_SECONDS} seconds behind for a quarter of an hour, again and again`,
    fix: 'a larger `nodeType`, or more `shards`, when writes are too many for a replica; reads from it are that old, and a failover loses as much',
    source: cacheGuide('CacheMetrics.WhichShouldIMonitor'),
    judge: each(groups, (group, state) => {
      if (!hasReplicas(group)) {
        return undefined;
      }
      const telling = nodesOf(group).filter(({ role, metrics }) => role === 'replica' || metrics.ReplicationLag);
      if (telling.length === 0) {
        return withoutData(state, group.id, ['ReplicationLag']);
      }
      return judgeNodes(
        state,
        group,
        {
          metrics: ['ReplicationLag'],
          judge: ({ ReplicationLag }) => {
            const times = repeated(ReplicationLag, (seconds) => seconds > LAG_SECONDS);
            const most = Math.max(...ReplicationLag);
            return times === undefined
              ? undefined
              : {
                  worth: most,
                  text: `was up to ${figure(most)} seconds behind on average, in ${times} quarters of an hour`,
                };
          },
        },
        telling,
      );
    }),
  },
  {
    id: 'database-in-one-zone',
    severity: 'high',
    disposable: 'skip',
    local: 'skip',
    title: 'A database has no standby in another zone',
    fix: '`multiAz` of `Database`: true',
    source: databaseGuide('Concepts.MultiAZ'),
    judge: eachPrimary(
      ({ id, isMultiAz, zone }) =>
        !isMultiAz && found(`database ${id}`, `its one instance is in ${zone ?? 'a zone that RDS does not tell'}`),
    ),
  },
];

/** Zones in order; an empty name stands for one that is not known. */
function zonesOf(nodes: readonly NodeState[]): string[] {
  return [...new Set(nodes.map(({ zone }) => zone))].sort();
}

function subnetsHave(zones: readonly string[]): string {
  return `its subnets are in ${[...zones].sort().join(', ')}`;
}

function zonesUnknown(state: EnvironmentState, subject: string) {
  return unknown(
    subject,
    becauseOf(state, 'elasticache:DescribeCacheSubnetGroups', 'the zones of its nodes and subnets are not known'),
  );
}

function replicasOf({ shards }: GroupState): number {
  return shards.reduce((total, { nodes }) => total + Math.max(0, nodes.length - 1), 0);
}

function isFailoverOff({ automaticFailover }: GroupState): boolean {
  return /^disabl/.test(automaticFailover);
}

function hasReplicas(group: GroupState): boolean {
  return replicasOf(group) > 0;
}
