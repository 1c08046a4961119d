import { alarmTopic } from './environments/alarm';
import { addressOf, type FleetOptions, fleet } from './environments/fleet';
import { type MemcachedOptions, memcached } from './environments/memcached';
import { network } from './environments/network';
import { type Part, resourcesOf, stateOf } from './environments/part';
import type { Place } from './environments/place';
import { postgres } from './environments/postgres';
import { reservation } from './environments/reservation';
import { rotatedSecret } from './environments/secret';
import { plainStack, stackOf } from './environments/stack';
import { type ValkeyOptions, valkey } from './environments/valkey';
import type { FakeState } from './fake-state';

const LARGE = 'cache.m7g.large';
const MICRO = 'cache.t4g.micro';

const SESSIONS: ValkeyOptions = {
  logicalId: 'SessionsCache',
  id: 'prod-sessions',
  clusterMode: true,
  shards: 2,
  nodesPerShard: 3,
  nodeType: LARGE,
  snapshotRetentionDays: 7,
  hasAlarms: true,
};

const OBJECTS: MemcachedOptions = {
  logicalId: 'ObjectsCache',
  id: 'prod-objects',
  nodes: 3,
  nodeType: LARGE,
  hasAlarms: true,
};

/** Cache nodes of the environment in production, without what `largeEnvironment` adds. */
const PRODUCTION_NODES = SESSIONS.shards * SESSIONS.nodesPerShard + OBJECTS.nodes;

/**
 * An environment `prod` with nothing wrong: sessions in Valkey with cluster mode on (2 shards of 3 nodes), objects in
 * Memcached (3 nodes), PostgreSQL in two zones, a fleet of 3 instances, and alarms that watch all of it.
 */
export function healthyProduction(now: Date): FakeState {
  return production(now, []);
}

/** An environment `dev` with nothing wrong: disposable, small, without alarms, with a replica of the sessions only. */
export function healthyDev(now: Date): FakeState {
  const place: Place = { environment: 'dev', isDisposable: true, now };
  const data = [
    valkey(place, {
      ...SESSIONS,
      id: 'dev-sessions',
      clusterMode: false,
      shards: 1,
      nodesPerShard: 2,
      nodeType: MICRO,
      snapshotRetentionDays: 1,
      hasAlarms: false,
    }),
    memcached(place, { ...OBJECTS, id: 'dev-objects', nodes: 1, nodeType: MICRO, hasAlarms: false }),
    postgres(place, {
      id: 'dev-database',
      instanceClass: 'db.t4g.micro',
      isMultiAz: false,
      backupRetentionDays: 1,
      allocatedGib: 20,
      maxAllocatedGib: 100,
      hasAlarms: false,
    }),
  ];
  return environmentOf(place, data, {
    id: 'dev-fleet',
    instances: 2,
    maximum: 4,
    instanceType: 't4g.small',
    hasAlarms: false,
  });
}

/**
 * A region with so many cache nodes: half of them in the production environment, which has groups of 30 nodes too, and
 * the others in groups of 3 nodes of other people, each with a stack of its own.
 *
 * @param nodes at least the 9 that production has
 */
export function largeEnvironment(nodes: number, now: Date = new Date()): FakeState {
  const place: Place = { environment: 'prod', isDisposable: false, now };
  const groups = Math.max(0, Math.floor((nodes / 2 - PRODUCTION_NODES) / 30));
  const mine = Array.from({ length: groups }, (_, index) =>
    valkey(place, { ...SESSIONS, logicalId: `Store${index}Cache`, id: `prod-store-${index}`, shards: 10 }),
  );
  const rest = nodes - PRODUCTION_NODES - groups * 30;
  const others = Array.from({ length: Math.ceil(rest / 3) }, (_, index) =>
    valkey(
      { ...place, environment: 'others' },
      {
        ...SESSIONS,
        logicalId: 'Cache',
        id: `others-${index}`,
        clusterMode: false,
        shards: 1,
        nodesPerShard: Math.min(3, rest - index * 3),
        hasAlarms: false,
      },
    ),
  );
  const stacks = others.map(({ resources }, index) => plainStack(now, `others-${index}`, resources));
  return stateOf([{ state: production(now, mine) }, { state: { stacks } }, ...others]);
}

function production(now: Date, more: readonly Part[]): FakeState {
  const place: Place = { environment: 'prod', isDisposable: false, now };
  const data = [
    alarmTopic(place),
    valkey(place, SESSIONS),
    memcached(place, OBJECTS),
    postgres(place, {
      id: 'prod-database',
      instanceClass: 'db.m7g.large',
      isMultiAz: true,
      backupRetentionDays: 35,
      allocatedGib: 100,
      maxAllocatedGib: 500,
      hasAlarms: true,
    }),
    rotatedSecret(place, 'SigningKey'),
    ...more,
  ];
  const state = environmentOf(place, data, {
    id: 'prod-fleet',
    instances: 3,
    maximum: 12,
    instanceType: 'm7g.large',
    hasAlarms: true,
  });
  const stores = state.cacheClusters.filter(({ Engine }) => Engine === 'valkey').length;
  state.reservedCacheNodes.push(
    reservation(now, 'valkey', LARGE, stores),
    reservation(now, 'memcached', LARGE, OBJECTS.nodes),
  );
  return state;
}

/** Its stacks, and all that they have made. */
function environmentOf(place: Place, data: readonly Part[], options: FleetOptions): FakeState {
  const service = fleet(place, options);
  const stacks = [
    stackOf(place, 'network', network(place)),
    stackOf(place, 'data', resourcesOf(data)),
    stackOf(place, 'service', service.resources, { Address: addressOf(options), FleetName: options.id }),
  ];
  return stateOf([{ state: { stacks } }, ...data, service]);
}
