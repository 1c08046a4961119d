import type { Resource, Templates } from '../assembly/templates';
import { subnetsOf } from './subnets';

/** What the templates say of a cache. */
export interface CachePlan {
  readonly id: string;
  /** What the reader knows it by, for example `dev/data/Sessions`. */
  readonly label: string;
  /** What AWS would call it: its id, of lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly engineVersion: string;
  readonly nodeType: string;
  readonly tls: boolean;
  /** Availability Zones that its nodes take in turn. */
  readonly zones: readonly string[];
  readonly parameterGroup: ParameterGroupPlan;
  readonly maintenanceWindow: string | undefined;
  readonly autoMinorVersionUpgrade: boolean;
}

export interface ParameterGroupPlan {
  /** For example `default.valkey8`. */
  readonly name: string;
  /** For example `valkey8`. */
  readonly family: string;
  /** What the templates set, by name; AWS's own groups set what the engines do anyway. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ReplicationGroupPlan extends CachePlan {
  readonly engine: 'valkey' | 'redis';
  readonly description: string;
  /** Nodes of the group, or of each shard. */
  readonly nodes: number;
  /** With cluster mode on. */
  readonly shards: ShardsPlan | undefined;
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
  readonly atRestEncryption: boolean;
  readonly users: readonly UserPlan[];
  readonly userGroupIds: readonly string[];
  /** Whether users sign in with an AUTH token. */
  readonly authToken: boolean;
  readonly durability: 'sync' | 'async' | undefined;
  readonly snapshotRetentionDays: number;
  readonly snapshotWindow: string | undefined;
  /** Snapshot that it begins with. */
  readonly snapshotName: string | undefined;
}

export interface ShardsPlan {
  readonly count: number;
  /** Of each shard, where the template says so. */
  readonly slots: readonly string[] | undefined;
}

export interface ServerlessPlan {
  readonly id: string;
  readonly label: string;
  readonly name: string;
  readonly engine: 'valkey' | 'redis' | 'memcached';
  readonly description: string;
  readonly majorVersion: string;
  readonly users: readonly UserPlan[];
  readonly userGroupId: string | undefined;
  readonly snapshotRetentionDays: number;
}

export interface MemcachedPlan extends CachePlan {
  readonly nodes: number;
}

/** Who may sign in to a replication group. */
export interface UserPlan {
  readonly name: string;
  readonly access: string;
  /** The template's secret that holds the password, where the user has one. */
  readonly secret?: string;
}

/** Longest names that AWS gives: of a replication group, of any other cache. */
const LONGEST_NAME = { group: 40, other: 50 };

export function replicationGroupPlan(templates: Templates, resource: Resource): ReplicationGroupPlan {
  const { stack, properties } = resource;
  const shards = shardsOf(templates, resource);
  return {
    ...cachePlan(templates, resource, 'ReplicationGroupId', LONGEST_NAME.group),
    engine: properties.Engine === 'valkey' ? 'valkey' : 'redis',
    description: String(properties.ReplicationGroupDescription ?? ''),
    nodes: shards === undefined ? Number(properties.NumCacheClusters ?? properties.NumCacheNodes ?? 1) : shards.nodes,
    shards,
    automaticFailover: properties.AutomaticFailoverEnabled === true || shards !== undefined,
    multiAz: properties.MultiAZEnabled === true,
    atRestEncryption: properties.AtRestEncryptionEnabled === true,
    users: [
      ...(properties.UserGroupIds ?? []).flatMap((group: unknown) =>
        usersOf(templates, templates.referenced(stack, group)),
      ),
      ...tokenUser(templates, stack, properties.AuthToken),
    ],
    userGroupIds: (properties.UserGroupIds ?? []).map((group: unknown) => idOf(templates, stack, group, 'UserGroupId')),
    authToken: properties.AuthToken !== undefined,
    durability: ['sync', 'async'].find((durability) => durability === properties.Durability) as 'sync' | undefined,
    snapshotRetentionDays: Number(properties.SnapshotRetentionLimit ?? 0),
    snapshotWindow: optionalText(properties.SnapshotWindow),
    snapshotName: optionalText(properties.SnapshotName),
  };
}

export function memcachedPlan(templates: Templates, resource: Resource): MemcachedPlan {
  return {
    ...cachePlan(templates, resource, 'ClusterName', LONGEST_NAME.other),
    nodes: Number(resource.properties.NumCacheNodes ?? 1),
  };
}

export function serverlessPlan(templates: Templates, resource: Resource): ServerlessPlan {
  const { stack, properties, id, label } = resource;
  return {
    id,
    label,
    name: nameOf(templates, resource, 'ServerlessCacheName', LONGEST_NAME.group),
    engine: properties.Engine,
    description: String(properties.Description ?? ''),
    majorVersion: String(properties.MajorEngineVersion ?? ''),
    users: usersOf(templates, templates.referenced(stack, properties.UserGroupId)),
    userGroupId:
      properties.UserGroupId === undefined ? undefined : idOf(templates, stack, properties.UserGroupId, 'UserGroupId'),
    snapshotRetentionDays: Number(properties.SnapshotRetentionLimit ?? 0),
  };
}

function cachePlan(templates: Templates, resource: Resource, idProperty: string, longest: number): CachePlan {
  const { id, label, stack, properties } = resource;
  return {
    id,
    label,
    name: nameOf(templates, resource, idProperty, longest),
    engineVersion: String(properties.EngineVersion ?? ''),
    nodeType: String(properties.CacheNodeType ?? ''),
    tls: properties.TransitEncryptionEnabled === true,
    zones: zonesOf(templates, resource),
    parameterGroup: parameterGroupOf(templates, stack, properties.CacheParameterGroupName),
    maintenanceWindow: optionalText(properties.PreferredMaintenanceWindow),
    autoMinorVersionUpgrade: properties.AutoMinorVersionUpgrade !== false,
  };
}

/** The name that the template gives a resource, or one like those that CloudFormation makes. */
export function nameOf(templates: Templates, resource: Resource, property: string, longest: number): string {
  const given = resource.properties[property];
  const name = given === undefined ? resource.label : templates.text(resource.stack, given);
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, longest)
    .replace(/-+$/, '');
}

function idOf(templates: Templates, stack: Resource['stack'], value: unknown, property: string): string {
  const found = templates.referenced(stack, value);
  return found === undefined ? templates.text(stack, value) : templates.text(found.stack, found.properties[property]);
}

/** Zones that the template names, or those of the cache's subnets. */
function zonesOf(templates: Templates, { stack, properties }: Resource): string[] {
  const named = properties.PreferredCacheClusterAZs ?? properties.PreferredAvailabilityZones;
  if (Array.isArray(named)) {
    return named.map((zone) => templates.text(stack, zone));
  }
  const group = templates.referenced(stack, properties.CacheSubnetGroupName);
  return group === undefined
    ? []
    : subnetsOf(templates, group.stack, group.properties.SubnetIds).map(({ zone }) => zone);
}

function shardsOf(templates: Templates, resource: Resource): (ShardsPlan & { readonly nodes: number }) | undefined {
  const { stack, properties } = resource;
  const { name, parameters } = parameterGroupOf(templates, stack, properties.CacheParameterGroupName);
  const configurations: Array<Record<string, unknown>> = properties.NodeGroupConfiguration ?? [];
  const isClustered =
    properties.NumNodeGroups !== undefined ||
    configurations.length > 0 ||
    parameters['cluster-enabled'] === 'yes' ||
    name.endsWith('.cluster.on') ||
    properties.ClusterMode === 'enabled';
  if (!isClustered) {
    return undefined;
  }
  const slots = configurations.flatMap(({ Slots }) => (typeof Slots === 'string' ? [Slots] : []));
  const count = Number(properties.NumNodeGroups ?? (configurations.length || 1));
  const replicas = properties.ReplicasPerNodeGroup ?? configurations[0]?.ReplicaCount;
  const nodes = replicas === undefined ? Number(properties.NumCacheClusters ?? 1) : 1 + Number(replicas);
  return { count, nodes, slots: slots.length === count ? slots : undefined };
}

function parameterGroupOf(templates: Templates, stack: Resource['stack'], group: unknown): ParameterGroupPlan {
  const found = templates.referenced(stack, group);
  if (found === undefined) {
    const name = group === undefined ? '' : templates.text(stack, group);
    return { name, family: name.replace(/^default\./, '').replace(/\.cluster\.on$/, ''), parameters: {} };
  }
  return {
    name: nameOf(templates, found, 'CacheParameterGroupName', 255),
    family: String(found.properties.CacheParameterGroupFamily ?? ''),
    parameters: Object.fromEntries(
      Object.entries(found.properties.Properties ?? {}).map(([name, value]) => [
        name,
        templates.text(found.stack, value),
      ]),
    ),
  };
}

function usersOf(templates: Templates, group: Resource | undefined): UserPlan[] {
  return (group?.properties.UserIds ?? []).flatMap((userId: unknown) => {
    const user = group === undefined ? undefined : templates.referenced(group.stack, userId);
    const access = String(user?.properties.AccessString ?? '');
    if (user === undefined || /(^|\s)off(\s|$)/.test(access)) {
      return [];
    }
    const { UserName: name, AuthenticationMode: mode } = user.properties;
    return [{ name: templates.text(user.stack, name), access, ...secretOf(templates, user.stack, mode) }];
  });
}

/** The user without a name, who signs in with a group's AUTH token. */
function tokenUser(templates: Templates, stack: Resource['stack'], token: unknown): UserPlan[] {
  return token === undefined ? [] : [{ name: 'default', access: '~* &* +@all', ...secretOf(templates, stack, token) }];
}

/** The secret that a value of the template is resolved from, a `{{resolve:secretsmanager:...}}`. */
function secretOf(templates: Templates, stack: Resource['stack'], value: unknown): { secret?: string } {
  const secret = templates.references(stack, value).find(({ type }) => type === 'AWS::SecretsManager::Secret');
  return secret === undefined ? {} : { secret: secret.id };
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
