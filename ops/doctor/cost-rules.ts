import type { EnvironmentState, Metrics } from '../environment/environment-state';
import { dataOf, lookupsOf, nodeCaches, nodesOf, parameter, withoutData } from './caches';
import { becauseOf } from './gaps';
import { reservedUnits } from './node-types';
import { type DoctorRule, found, unknown, type Verdict } from './rule';
import { mean, QUARTER_SECONDS, sum } from './series';
import { cacheGuide } from './sources';
import { counted, DAY, figure, since } from './words';

/** Days that a node runs before it is likely to stay; a reservation is for a year at least. */
const RESERVABLE_DAYS = 30;

/** Hits for each read of the database's storage below which a cache saves it little; AWS gives no number. */
const SAVED_SHARE = 0.1;

/** Reads a second of a database below which nothing is to be saved. */
const DATABASE_READS = 1;

/** What a reservation does not tell. */
const BESIDE = '; reservations of the account may be meant for others, and Savings Plans are not seen';

/** What costs more than it must. */
export const COST_RULES: readonly DoctorRule[] = [
  {
    id: 'reserved-nodes',
    severity: 'low',
    disposable: 'skip',
    local: 'skip',
    title: `Nodes run for more than ${RESERVABLE_DAYS} days at the price on demand`,
    fix: 'PurchaseReservedCacheNodesOffering for those that stay: one of a large size covers smaller ones of its family',
    source: cacheGuide('CacheNodes.Reserved'),
    judge: (state, now) => {
      if (state.reservations === undefined) {
        const why = becauseOf(state, 'elasticache:DescribeReservedCacheNodes', 'its reservations are not known');
        return [unknown(state.environment, why)];
      }
      return [...reservable(state, now), ...ofUnknownAge(state)];
    },
  },
  {
    id: 'cache-saves-little',
    severity: 'low',
    disposable: 'skip',
    local: 'skip',
    title: `The caches answer less than ${SAVED_SHARE * 100} % as often as the databases read from their disks`,
    fix: '`remember()` of the runtime around the queries that are asked most; a cache that saves nothing is a cost only',
    source: cacheGuide('WhatIs'),
    judge: (state) => {
      const caches = evictingCaches(state);
      if (caches.length === 0 || state.databases.length === 0) {
        return [];
      }
      const reads = state.databases.flatMap(({ metrics }) => dataOf(metrics, ['ReadIOPS']) ?? []);
      const hits = caches.flatMap(({ nodes, hits }) => nodes.map(({ metrics }) => dataOf(metrics, [hits])?.[hits]));
      const known = hits.filter((values) => values !== undefined);
      if (reads.length < state.databases.length || known.length < hits.length) {
        return [withoutData(state, state.environment, ['hits', 'ReadIOPS'], 'its caches and databases')];
      }
      const perSecond = sum(known.map((values) => mean(values) / QUARTER_SECONDS));
      const readPerSecond = sum(reads.map(({ ReadIOPS }) => mean(ReadIOPS)));
      if (readPerSecond < DATABASE_READS || perSecond >= SAVED_SHARE * readPerSecond) {
        return [];
      }
      const isPolicyUnknown = state.groups.some((group) => parameter(group, 'maxmemory-policy') === undefined);
      const figures = `${figure(perSecond)} hits a second, while the databases read from their disks ${figure(readPerSecond)} times a second`;
      return isPolicyUnknown
        ? [unknown(state.environment, 'which of its groups are caches is not known: their maxmemory-policy is not')]
        : [found(state.environment, figures)];
    },
  },
];

interface RunningNode {
  readonly nodeType: string;
  /** Redis OSS and Valkey share their reservations: one bought for Redis OSS goes on with Valkey. */
  readonly engine: 'memcached' | 'store';
  readonly createdAt: string | undefined;
}

function runningNodes(state: EnvironmentState): RunningNode[] {
  return nodeCaches(state).flatMap((cache) =>
    nodesOf(cache).map((node) => ({
      nodeType: cache.nodeType,
      engine: engineOf(cache.engine),
      createdAt: node.createdAt,
    })),
  );
}

function engineOf(engine: string): RunningNode['engine'] {
  return engine === 'memcached' ? 'memcached' : 'store';
}

/** One finding for each node type of which some nodes are neither young nor reserved. */
function reservable(state: EnvironmentState, now: Date): Verdict[] {
  const left = new Map<string, number>();
  const pool = (engine: string, family: string) => `${engine} ${family}`;
  for (const { engine, nodeType, count, endsAt } of state.reservations ?? []) {
    const of = reservedUnits(nodeType);
    if (of !== undefined && (endsAt === undefined || since(endsAt, now) < 0)) {
      const key = pool(engineOf(engine), of.family);
      left.set(key, (left.get(key) ?? 0) + of.units * count);
    }
  }
  const byType = new Map<string, { nodes: number; nodeType: string; engine: string; old: number }>();
  for (const { engine, nodeType, createdAt } of runningNodes(state)) {
    const type = byType.get(`${engine} ${nodeType}`) ?? { nodes: 0, nodeType, engine, old: 0 };
    type.nodes += 1;
    type.old += createdAt !== undefined && since(createdAt, now) > RESERVABLE_DAYS * DAY ? 1 : 0;
    byType.set(`${engine} ${nodeType}`, type);
  }
  return [...byType.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, { nodes, nodeType, engine, old }]) => {
      const of = reservedUnits(nodeType);
      if (of === undefined) {
        return [];
      }
      const key = pool(engine, of.family);
      const covered = Math.min(nodes, Math.floor((left.get(key) ?? 0) / of.units));
      left.set(key, (left.get(key) ?? 0) - covered * of.units);
      const open = Math.min(old, nodes - covered);
      const which = engine === 'memcached' ? 'Memcached' : 'Valkey and Redis OSS';
      return open > 0
        ? [
            found(
              nodeType,
              `${open} of ${counted(nodes, 'node')} of ${which} are older than ${RESERVABLE_DAYS} days and not reserved${BESIDE}`,
            ),
          ]
        : [];
    });
}

function ofUnknownAge(state: EnvironmentState): Verdict[] {
  const nodes = runningNodes(state).filter(({ createdAt }) => createdAt === undefined).length;
  return nodes === 0 ? [] : [unknown(state.environment, `when ${counted(nodes, 'node')} were made is not known`)];
}

interface EvictingCache {
  readonly nodes: ReadonlyArray<{ readonly metrics: Metrics }>;
  readonly hits: 'CacheHits' | 'GetHits';
}

/** Caches that may stand before a database; a store that evicts nothing holds what is nowhere else. */
function evictingCaches(state: EnvironmentState): EvictingCache[] {
  return [
    ...nodeCaches(state)
      .filter(
        (cache) =>
          cache.engine === 'memcached' || (parameter(cache, 'maxmemory-policy') ?? 'noeviction') !== 'noeviction',
      )
      .map((cache) => ({ nodes: nodesOf(cache), hits: lookupsOf(cache.engine).hits })),
    ...state.serverless.map((cache) => ({ nodes: [cache], hits: lookupsOf(cache.engine).hits })),
  ];
}
