import type { Assembly } from '../assembly/assembly';
import type { Resource, Templates } from '../assembly/templates';
import {
  type MemcachedPlan,
  memcachedPlan,
  type ReplicationGroupPlan,
  replicationGroupPlan,
  type ServerlessPlan,
  serverlessPlan,
} from './cache-plans';
import { chooseTemplates } from './choose-templates';
import { type FleetPlan, fleetOf } from './fleet-plan';

export interface DatabasePlan {
  readonly id: string;
  readonly label: string;
  readonly engine: 'postgres' | 'mysql';
  /** RDS's name of the engine, for example `mariadb`. */
  readonly product: string;
  readonly masterUser: string;
  readonly databaseName: string;
  /** Of its parameter group, by name. */
  readonly parameters: Readonly<Record<string, string>>;
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
  readonly serverlessCaches: readonly ServerlessPlan[];
  readonly databases: readonly DatabasePlan[];
  readonly notStarted: readonly NotStarted[];
  /** Types of resources that neither run here nor belong to one that does, with their numbers. */
  readonly notRun: ReadonlyMap<string, number>;
  /** `undefined` where no Auto Scaling group is one that is known how to run: caches and databases run alone. */
  readonly fleet: FleetPlan | undefined;
  /** What the plan was read from, for who must look further. */
  readonly source: { readonly templates: Templates; readonly fleet: Resource | undefined };
}

/** RDS's engines, and what runs for them here. */
const DATABASE_ENGINES: Readonly<Record<string, DatabasePlan['engine']>> = {
  postgres: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
};

/** Services whose resources an application asks at run time, and which do not run here. */
const ASKED_SERVICES =
  /^AWS::(AppSync|ApiGateway(V2)?|Athena|DocDB|DynamoDB|EC2::Instance|ECS::Service|EFS|EKS|Events|Firehose|Kinesis|MemoryDB|MSK|Neptune|OpenSearchService|Redshift|SNS::Topic|SQS::Queue|StepFunctions)/;

/**
 * Reads out of an assembly what to run.
 *
 * @param environment name of the environment; without it the only one that can be run, or else `dev`
 * @throws Problem when there is not exactly one such environment, or its fleet uses what cannot run here
 */
export function planOf(assembly: Assembly, environment?: string): Plan {
  const { templates, fleet, others } = chooseTemplates(assembly, environment);
  const clusters = templates.all('AWS::ElastiCache::CacheCluster');
  const instances = templates.all('AWS::RDS::DBInstance');
  const own = instances.filter((instance) => !isReplica(instance) && !isMember(instance));
  const notStarted = [
    ...instances.filter(isReplica).map((replica) => asReplica(templates, replica)),
    ...own
      .filter((instance) => engineOf(instance) === undefined)
      .map((instance) =>
        because(`${instance.properties.Engine} does not run here: PostgreSQL, MySQL and MariaDB do`)(instance),
      ),
    ...templates.all('AWS::RDS::DBCluster').map(because('Aurora and Multi-AZ clusters need AWS')),
  ];
  return {
    environment: templates.name,
    others,
    replicationGroups: [
      ...templates.all('AWS::ElastiCache::ReplicationGroup'),
      ...clusters.filter((cluster) => !isMemcached(cluster)),
    ].map((group) => replicationGroupPlan(templates, group)),
    memcachedClusters: clusters.filter(isMemcached).map((cluster) => memcachedPlan(templates, cluster)),
    serverlessCaches: templates
      .all('AWS::ElastiCache::ServerlessCache')
      .map((cache) => serverlessPlan(templates, cache)),
    databases: own.flatMap((instance) => databasePlan(templates, instance)),
    notStarted,
    notRun: count(templates.types.filter((type) => ASKED_SERVICES.test(type))),
    fleet: fleet === undefined ? undefined : fleetOf(assembly, templates, fleet, notStarted),
    source: { templates, fleet },
  };
}

function because(why: string): (resource: Resource) => NotStarted {
  return ({ id, label }) => ({ id, label, why });
}

function isMemcached({ properties }: Resource): boolean {
  return properties.Engine === 'memcached';
}

function engineOf({ properties }: Resource): DatabasePlan['engine'] | undefined {
  return DATABASE_ENGINES[String(properties.Engine)];
}

function isReplica({ properties }: Resource): boolean {
  return properties.SourceDBInstanceIdentifier !== undefined;
}

/** Of a cluster, which is told of itself. */
function isMember({ properties }: Resource): boolean {
  return properties.DBClusterIdentifier !== undefined;
}

function databasePlan(templates: Templates, instance: Resource): DatabasePlan[] {
  const engine = engineOf(instance);
  if (engine === undefined) {
    return [];
  }
  const { id, label, stack, properties } = instance;
  const group = templates.referenced(stack, properties.DBParameterGroupName);
  return [
    {
      id,
      label,
      engine,
      product: String(properties.Engine),
      masterUser: String(properties.MasterUsername ?? (engine === 'postgres' ? 'postgres' : 'admin')),
      databaseName: String(properties.DBName ?? (engine === 'postgres' ? 'postgres' : 'mysql')),
      parameters: Object.fromEntries(
        Object.entries(group?.properties.Parameters ?? {}).map(([name, value]) => [
          name,
          group === undefined ? '' : templates.text(group.stack, value),
        ]),
      ),
    },
  ];
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
  return engineOf(source) === undefined
    ? { id, label, why: `it is a read replica of ${source.label}, which does not run here` }
    : { id, label, why: `it is a read replica, and ${source.label} answers for it`, insteadId: source.id };
}

function count(types: readonly string[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const type of types) {
    numbers.set(type, (numbers.get(type) ?? 0) + 1);
  }
  return numbers;
}
