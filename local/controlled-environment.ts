import type { ReplicationGroupPlan } from './cache-plans';
import type {
  ControlledEnvironment,
  ControlledGroup,
  ControlledMemcached,
  ControlledParameterGroup,
  ControlledServerless,
} from './control/controlled';
import type { EngineRoom } from './engine-room';
import type { Plan } from './plan';
import { LOOPBACK } from './port';
import type { RunningCache } from './running-cache';

type RunningGroup = Extract<RunningCache, { kind: 'group' }>;
type RunningMemcached = Extract<RunningCache, { kind: 'memcached' }>;
type RunningServerless = Extract<RunningCache, { kind: 'serverless' }>;

/** Where templates that name no zone are said to be. */
const REGION = 'us-east-1';

/** Makes what runs visible to the control endpoint, as it is at each look. */
export function controlledEnvironment(room: EngineRoom, plan: Plan): ControlledEnvironment {
  const of = <K extends RunningCache['kind']>(kind: K) =>
    [...room.caches.values()].filter((running): running is Extract<RunningCache, { kind: K }> => running.kind === kind);
  const zone = [...plan.replicationGroups, ...plan.memcachedClusters].flatMap(({ zones }) => zones)[0];
  return {
    region: zone?.replace(/[a-z]$/, '') ?? REGION,
    get replicationGroups() {
      return of('group').map(groupOf);
    },
    get memcachedClusters() {
      return of('memcached').map(memcachedOf);
    },
    get serverlessCaches() {
      return of('serverless').map(serverlessOf);
    },
    get parameterGroups() {
      return parameterGroupsOf([...of('group'), ...of('memcached')]);
    },
    snapshots: room.snapshots,
  };
}

function groupOf({ plan, cache, endpoint, startedAt }: RunningGroup): ControlledGroup {
  return {
    ...described(plan),
    description: plan.description,
    engine: plan.engine,
    clusterMode: plan.shards !== undefined,
    automaticFailover: plan.automaticFailover,
    multiAz: plan.multiAz,
    atRestEncryption: plan.atRestEncryption,
    authToken: plan.authToken,
    userGroupIds: plan.userGroupIds,
    snapshotRetentionDays: plan.snapshotRetentionDays,
    snapshotWindow: plan.snapshotWindow,
    createdAt: startedAt,
    endpoint: { host: 'localhost', port: endpoint.port },
    get reader() {
      return 'reader' in cache ? cache.reader : undefined;
    },
    get shards() {
      return cache.shards;
    },
    onChange: (listener) => cache.onChange(listener),
    failOver: (shard) => cache.failOver(shard),
    setReplicas: (perShard, removed) => cache.setReplicas(perShard, removed),
    reboot: (node) => cache.reboot(node),
  };
}

function memcachedOf({ plan, cache, endpoint, startedAt }: RunningMemcached): ControlledMemcached {
  return {
    ...described(plan),
    createdAt: startedAt,
    endpoint: { host: 'localhost', port: endpoint.port },
    get nodes() {
      return cache.nodes;
    },
    onChange: (listener) => cache.onChange(listener),
    setNodes: (count, removed) => cache.setNodes(count, removed),
    reboot: (nodes) => cache.reboot(nodes),
  };
}

function serverlessOf({ plan, endpoint, startedAt }: RunningServerless): ControlledServerless {
  return {
    id: plan.name,
    description: plan.description,
    engine: plan.engine,
    majorVersion: plan.majorVersion,
    userGroupId: plan.userGroupId,
    snapshotRetentionDays: plan.snapshotRetentionDays,
    createdAt: startedAt,
    endpoint: { host: LOOPBACK, port: endpoint.port },
    reader: undefined,
  };
}

function described(plan: Omit<ReplicationGroupPlan, 'engine'> | RunningMemcached['plan']) {
  return {
    id: plan.name,
    engineVersion: plan.engineVersion,
    nodeType: plan.nodeType,
    tls: plan.tls,
    parameterGroup: plan.parameterGroup.name,
    maintenanceWindow: plan.maintenanceWindow,
    autoMinorVersionUpgrade: plan.autoMinorVersionUpgrade,
  };
}

function parameterGroupsOf(caches: ReadonlyArray<RunningGroup | RunningMemcached>): ControlledParameterGroup[] {
  const groups = new Map<string, ControlledParameterGroup>();
  for (const { plan } of caches) {
    const { name, family, parameters } = plan.parameterGroup;
    groups.set(name, {
      name,
      family,
      parameters: Object.entries(parameters).map(([parameter, value]) => ({ name: parameter, value, isUsers: true })),
    });
  }
  return [...groups.values()];
}
