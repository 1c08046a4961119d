import type { Templates } from '../../assembly/templates';
import type { ReplicationGroupPlan } from '../cache-plans';
import type {
  ControlledEnvironment,
  ControlledGroup,
  ControlledMemcached,
  ControlledParameterGroup,
  ControlledServerless,
} from '../control/controlled';
import type { EngineRoom } from '../engine-room';
import { LOOPBACK } from '../port';
import type { RunningCache } from '../running-cache';
import { subnetsOf } from '../subnets';
import { subnetGroupName } from './physical-ids';

type RunningGroup = Extract<RunningCache, { kind: 'group' }>;
type RunningMemcached = Extract<RunningCache, { kind: 'memcached' }>;
type RunningServerless = Extract<RunningCache, { kind: 'serverless' }>;

/** What is shown of the caches that run, as they are at each look. */
export function controlledCaches(
  room: EngineRoom,
  templates: Templates,
): Pick<
  ControlledEnvironment,
  'replicationGroups' | 'memcachedClusters' | 'serverlessCaches' | 'parameterGroups' | 'subnetGroups' | 'snapshots'
> {
  const of = <K extends RunningCache['kind']>(kind: K) =>
    [...room.caches.values()].filter((running): running is Extract<RunningCache, { kind: K }> => running.kind === kind);
  return {
    replicationGroups: of('group').map((running) => groupOf(running, templates)),
    memcachedClusters: of('memcached').map((running) => memcachedOf(running, templates)),
    serverlessCaches: of('serverless').map(serverlessOf),
    parameterGroups: parameterGroupsOf([...of('group'), ...of('memcached')]),
    subnetGroups: templates.all('AWS::ElastiCache::SubnetGroup').map((group) => ({
      name: subnetGroupName(templates, group),
      description: templates.text(group.stack, group.properties.Description ?? ''),
      subnets: subnetsOf(templates, group.stack, group.properties.SubnetIds),
    })),
    snapshots: room.snapshots,
  };
}

function groupOf({ plan, cache, endpoint, startedAt }: RunningGroup, templates: Templates): ControlledGroup {
  return {
    ...described(plan, templates),
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

function memcachedOf(
  { plan, cache, endpoint, startedAt }: RunningMemcached,
  templates: Templates,
): ControlledMemcached {
  return {
    ...described(plan, templates),
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

function described(plan: Omit<ReplicationGroupPlan, 'engine'> | RunningMemcached['plan'], templates: Templates) {
  const cache = templates.resources.find(({ id }) => id === plan.id);
  const subnetGroup =
    cache === undefined ? undefined : templates.referenced(cache.stack, cache.properties.CacheSubnetGroupName);
  return {
    id: plan.name,
    engineVersion: plan.engineVersion,
    nodeType: plan.nodeType,
    tls: plan.tls,
    parameterGroup: plan.parameterGroup.name,
    subnetGroup: subnetGroup === undefined ? undefined : subnetGroupName(templates, subnetGroup),
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
