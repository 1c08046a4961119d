import type { Assembly } from './assembly';
import { chooseTemplates } from './choose-templates';
import { type FleetPlan, fleetOf } from './fleet-plan';
import type { Resource, Templates } from './templates';

export interface ReplicationGroupPlan {
  readonly id: string;
  readonly label: string;
  readonly engine: 'valkey' | 'redis';
  readonly nodes: number;
  readonly tls: boolean;
  readonly users: readonly UserPlan[];
  /** Of its parameter group, by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Who may sign in to a replication group. */
export interface UserPlan {
  readonly name: string;
  readonly access: string;
  /** The template's secret that holds the password, where the user has one. */
  readonly secret?: string;
}

export interface MemcachedPlan {
  readonly id: string;
  readonly label: string;
  readonly nodes: number;
  readonly tls: boolean;
  /** Of its parameter group, by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface DatabasePlan {
  readonly id: string;
  readonly label: string;
  readonly masterUser: string;
  readonly databaseName: string;
}

/** A cache or a database that the templates have, and that is not started. */
export interface NotStarted {
  readonly id: string;
  readonly label: string;
  /** Why, as the rest of a sentence. */
  readonly why: string;
  /** Id of what stands for it. */
  readonly insteadId?: string;
}

/** What the templates of an environment say should run. Ids are the whole assembly's, labels are for the reader. */
export interface Plan {
  readonly environment: string;
  /** Names of the assembly's other environments that could run. */
  readonly others: readonly string[];
  readonly replicationGroups: readonly ReplicationGroupPlan[];
  readonly memcachedClusters: readonly MemcachedPlan[];
  readonly databases: readonly DatabasePlan[];
  readonly notStarted: readonly NotStarted[];
  readonly fleet: FleetPlan;
}

/**
 * Reads out of an assembly what to run.
 *
 * @param environment name of the environment; without it the only one that can be run, or else `dev`
 * @throws Problem when there is not exactly one such environment, or its fleet uses what cannot run here
 */
export function planOf(assembly: Assembly, environment?: string): Plan {
  const { templates, fleet, others } = chooseTemplates(assembly, environment);
  const groups = templates.all('AWS::ElastiCache::ReplicationGroup');
  const clusters = templates.all('AWS::ElastiCache::CacheCluster');
  const instances = templates.all('AWS::RDS::DBInstance');
  const notStarted = [
    ...groups.filter((group) => hasShards(templates, group)).map(because('it has shards, which need AWS')),
    ...clusters
      .filter((cluster) => !isMemcached(cluster))
      .map(because('a single node of Valkey or Redis OSS does not run here: a `ReplicationGroup` does')),
    ...templates.all('AWS::ElastiCache::ServerlessCache').map(because('serverless caches need AWS')),
    ...instances.filter((instance) => isReplica(instance)).map((replica) => asReplica(templates, replica)),
    ...instances
      .filter((instance) => !isReplica(instance) && !isMember(instance) && !isPostgres(instance))
      .map((instance) => because(`${productOf(instance)} does not run here yet, PostgreSQL does`)(instance)),
    ...templates.all('AWS::RDS::DBCluster').map(because('Aurora and Multi-AZ clusters need AWS')),
  ];
  return {
    environment: templates.name,
    others,
    replicationGroups: groups
      .filter((group) => !hasShards(templates, group))
      .map(({ id, label, stack, properties }) => ({
        id,
        label,
        engine: properties.Engine,
        nodes: Number(properties.NumCacheClusters ?? 1),
        tls: properties.TransitEncryptionEnabled === true,
        users: [
          ...(properties.UserGroupIds ?? []).flatMap((group: unknown) =>
            usersOf(templates, templates.referenced(stack, group)),
          ),
          ...tokenUser(templates, stack, properties.AuthToken),
        ],
        parameters: parametersOf(templates, stack, properties.CacheParameterGroupName),
      })),
    memcachedClusters: clusters.filter(isMemcached).map(({ id, label, stack, properties }) => ({
      id,
      label,
      nodes: Number(properties.NumCacheNodes ?? 1),
      tls: properties.TransitEncryptionEnabled === true,
      parameters: parametersOf(templates, stack, properties.CacheParameterGroupName),
    })),
    databases: instances
      .filter((instance) => !isReplica(instance) && isPostgres(instance))
      .map(({ id, label, properties }) => ({
        id,
        label,
        masterUser: String(properties.MasterUsername ?? 'postgres'),
        databaseName: String(properties.DBName ?? 'postgres'),
      })),
    notStarted,
    fleet: fleetOf(assembly, templates, fleet, notStarted),
  };
}

function because(why: string): (resource: Resource) => NotStarted {
  return ({ id, label }) => ({ id, label, why });
}

function hasShards(templates: Templates, { stack, properties }: Resource): boolean {
  return (
    properties.NumNodeGroups !== undefined ||
    parametersOf(templates, stack, properties.CacheParameterGroupName)['cluster-enabled'] === 'yes'
  );
}

function isMemcached({ properties }: Resource): boolean {
  return properties.Engine === 'memcached';
}

function isPostgres({ properties }: Resource): boolean {
  return properties.Engine === 'postgres';
}

function isReplica({ properties }: Resource): boolean {
  return properties.SourceDBInstanceIdentifier !== undefined;
}

/** Of a cluster, which is told of itself. */
function isMember({ properties }: Resource): boolean {
  return properties.DBClusterIdentifier !== undefined;
}

const PRODUCTS: Readonly<Record<string, string>> = { mysql: 'MySQL', mariadb: 'MariaDB' };

function productOf({ properties }: Resource): string {
  const engine = String(properties.Engine);
  return PRODUCTS[engine] ?? engine;
}

/** A replica's source answers for it, as does the source of a replica's replica. */
function asReplica(templates: Templates, replica: Resource): NotStarted {
  const { id, label } = replica;
  let source: Resource | undefined = replica;
  for (let hops = 0; source !== undefined && isReplica(source) && hops < 8; hops += 1) {
    source = templates.referenced(source.stack, source.properties.SourceDBInstanceIdentifier);
  }
  if (source === undefined || isReplica(source)) {
    return { id, label, why: 'it is a read replica, and its source is not in this environment' };
  }
  return isPostgres(source)
    ? { id, label, why: `it is a read replica, and ${source.label} answers for it`, insteadId: source.id }
    : { id, label, why: `it is a read replica, and ${productOf(source)} does not run here yet, PostgreSQL does` };
}

/** The parameters of a group that the templates make; AWS's own groups set what the engines do anyway. */
function parametersOf(templates: Templates, stack: Resource['stack'], group: unknown): Record<string, string> {
  const found = templates.referenced(stack, group);
  return Object.fromEntries(
    Object.entries(found?.properties.Properties ?? {}).map(([name, value]) => [
      name,
      found === undefined ? '' : templates.text(found.stack, value),
    ]),
  );
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
