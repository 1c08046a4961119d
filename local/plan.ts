import {
  DEPLOY_STEP_VARIABLE,
  type DeployStepInstructions,
  FLEET_METADATA_KEY,
  type FleetDescription,
} from '../runtime/binding';
import { type Assembly, type AssemblyStack, referencedResource, type TemplateResource } from './assembly';
import { Problem } from './problem';

export interface ReplicationGroupPlan {
  readonly kind: 'replication-group';
  readonly id: string;
  readonly engine: 'valkey' | 'redis';
  readonly nodes: number;
  readonly tls: boolean;
  readonly users: readonly UserPlan[];
}

/** Who may sign in to a replication group. */
export interface UserPlan {
  readonly name: string;
  readonly access: string;
  /** The template's secret that holds the password, where the user has one. */
  readonly secret?: string;
}

export interface MemcachedPlan {
  readonly kind: 'memcached';
  readonly id: string;
  readonly nodes: number;
  readonly tls: boolean;
}

export interface DatabasePlan {
  readonly kind: 'database';
  readonly id: string;
  readonly masterUser: string;
  readonly databaseName: string;
}

/** A step that a deploy runs before the fleet starts. */
export interface DeployStepPlan {
  readonly id: string;
  /** Directory of the function's code. */
  readonly directory: string;
  /** Module and export, for example `deploy.handler`. */
  readonly handler: string;
  readonly instructions: DeployStepInstructions;
}

export interface FleetPlan {
  readonly id: string;
  readonly instances: number;
  /** Directory of the application's asset. */
  readonly directory: string;
  readonly entry: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly deploySteps: readonly DeployStepPlan[];
  /** Names in the binding, and the resources they lead to. */
  readonly caches: Readonly<Record<string, string>>;
  readonly databases: Readonly<Record<string, string>>;
  /** The binding of the template; hosts, logins and certificates in it are the cloud's. */
  readonly binding: any;
  readonly healthCheck: HealthCheckPlan;
}

export interface HealthCheckPlan {
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly deregistrationDelayMs: number;
  readonly idleTimeoutMs: number;
}

/** What a template says should run. */
export interface Plan {
  readonly stack: string;
  readonly replicationGroups: readonly ReplicationGroupPlan[];
  readonly memcachedClusters: readonly MemcachedPlan[];
  readonly databases: readonly DatabasePlan[];
  readonly fleet: FleetPlan;
}

/** Reads out of an assembly what to run. @throws Problem when it has nothing that can be run, or more than one fleet */
export function planOf(assembly: Assembly): Plan {
  const fleets = assembly.stacks.flatMap((stack) =>
    resourcesOf(stack, 'AWS::AutoScaling::AutoScalingGroup')
      .filter(([, resource]) => resource.Metadata?.[FLEET_METADATA_KEY] !== undefined)
      .map(([id, resource]) => ({ stack, id, resource })),
  );
  const [only, ...others] = fleets;
  if (only === undefined) {
    const found = assembly.stacks.map(({ name }) => name).join(', ') || 'no stack at all';
    throw new Problem(
      `${assembly.directory} has nothing to run: no Auto Scaling group made by a \`WebFleet\` in it (found: ${found})`,
    );
  }
  if (others.length > 0) {
    throw new Problem(
      `${assembly.directory} has ${fleets.length} fleets (${fleets.map(({ stack, id }) => `${stack.name}/${id}`).join(', ')}): ` +
        'synthesize one environment at a time',
    );
  }
  const { stack } = only;
  return {
    stack: stack.name,
    replicationGroups: resourcesOf(stack, 'AWS::ElastiCache::ReplicationGroup')
      // With shards it does not run here: a fleet that uses one is told so.
      .filter(([, { Properties }]) => Properties?.NumNodeGroups === undefined)
      .map(([id, { Properties }]) => ({
        kind: 'replication-group',
        id,
        engine: Properties?.Engine,
        nodes: Number(Properties?.NumCacheClusters ?? 1),
        tls: Properties?.TransitEncryptionEnabled === true,
        users: [...usersOf(stack, Properties?.UserGroupIds ?? []), ...tokenUser(stack, Properties?.AuthToken)],
      })),
    memcachedClusters: resourcesOf(stack, 'AWS::ElastiCache::CacheCluster')
      .filter(([, { Properties }]) => Properties?.Engine === 'memcached')
      .map(([id, { Properties }]) => ({
        kind: 'memcached',
        id,
        nodes: Number(Properties?.NumCacheNodes ?? 1),
        tls: Properties?.TransitEncryptionEnabled === true,
      })),
    databases: resourcesOf(stack, 'AWS::RDS::DBInstance').map(([id, { Properties }]) => ({
      kind: 'database',
      id,
      masterUser: String(Properties?.MasterUsername ?? 'postgres'),
      databaseName: String(Properties?.DBName ?? 'postgres'),
    })),
    fleet: fleetOf(assembly, stack, only.id, only.resource),
  };
}

function fleetOf(assembly: Assembly, stack: AssemblyStack, id: string, resource: TemplateResource): FleetPlan {
  const description = resource.Metadata?.[FLEET_METADATA_KEY] as FleetDescription;
  const binding = description.binding as { caches: Record<string, any>; databases: Record<string, any> };
  const properties = resource.Properties ?? {};
  return {
    id,
    instances: Number(properties.DesiredCapacity ?? properties.MinSize ?? 1),
    directory: assembly.assetDirectory(description.application.key),
    entry: description.application.entry,
    environment: description.environment,
    deploySteps: description.deploySteps.map((step) => deployStepOf(assembly, stack, step)),
    caches: mapHosts(binding.caches, stack),
    databases: mapHosts(binding.databases, stack),
    binding,
    healthCheck: healthCheckOf(stack, properties.TargetGroupARNs ?? []),
  };
}

function deployStepOf(assembly: Assembly, stack: AssemblyStack, id: string): DeployStepPlan {
  const properties = stack.resources[id]?.Properties;
  const instructions = properties?.Environment?.Variables?.[DEPLOY_STEP_VARIABLE];
  if (properties === undefined || typeof instructions !== 'string') {
    throw new Problem(`the fleet names the deploy step ${id}, which the template does not have`);
  }
  return {
    id,
    directory: assembly.assetDirectory(properties.Code?.S3Key),
    handler: properties.Handler,
    instructions: JSON.parse(instructions),
  };
}

/** The resource behind each name of a binding. @throws Problem when a host refers to none of the template's resources */
function mapHosts(entries: Record<string, any>, stack: AssemblyStack): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entries).map(([name, { host }]) => {
      const id = referencedResource(host);
      if (id === undefined || stack.resources[id] === undefined) {
        throw new Problem(
          `the binding \`${name}\` leads to ${JSON.stringify(host)}, which is not a resource of ${stack.name}: it cannot run here`,
        );
      }
      return [name, id];
    }),
  );
}

function healthCheckOf(stack: AssemblyStack, targetGroups: readonly unknown[]): HealthCheckPlan {
  const id = referencedResource(targetGroups[0]);
  const properties = (id === undefined ? undefined : stack.resources[id]?.Properties) ?? {};
  const loadBalancers = resourcesOf(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
  const attribute = (attributes: Array<{ Key: string; Value: string }> | undefined, key: string, fallback: number) =>
    Number(attributes?.find(({ Key }) => Key === key)?.Value ?? fallback);
  return {
    path: properties.HealthCheckPath ?? '/',
    intervalMs: Number(properties.HealthCheckIntervalSeconds ?? 30) * 1_000,
    timeoutMs: Number(properties.HealthCheckTimeoutSeconds ?? 5) * 1_000,
    healthyThreshold: Number(properties.HealthyThresholdCount ?? 5),
    unhealthyThreshold: Number(properties.UnhealthyThresholdCount ?? 2),
    deregistrationDelayMs:
      attribute(properties.TargetGroupAttributes, 'deregistration_delay.timeout_seconds', 300) * 1_000,
    idleTimeoutMs:
      attribute(loadBalancers[0]?.[1].Properties?.LoadBalancerAttributes, 'idle_timeout.timeout_seconds', 60) * 1_000,
  };
}

function usersOf(stack: AssemblyStack, groups: readonly unknown[]): UserPlan[] {
  return groups.flatMap((group) => {
    const id = referencedResource(group);
    const userIds: unknown[] = (id === undefined ? undefined : stack.resources[id]?.Properties?.UserIds) ?? [];
    return userIds.flatMap((user) => {
      const userId = referencedResource(user);
      const properties = userId === undefined ? undefined : stack.resources[userId]?.Properties;
      const access = String(properties?.AccessString ?? '');
      if (properties === undefined || /(^|\s)off(\s|$)/.test(access)) {
        return [];
      }
      return [{ name: String(properties.UserName), access, ...secretOf(stack, properties.AuthenticationMode) }];
    });
  });
}

/** The user without a name, who signs in with a group's AUTH token. */
function tokenUser(stack: AssemblyStack, token: unknown): UserPlan[] {
  return token === undefined ? [] : [{ name: 'default', access: '~* &* +@all', ...secretOf(stack, token) }];
}

/** The secret that a value of the template is resolved from, a `{{resolve:secretsmanager:...}}`. */
function secretOf(stack: AssemblyStack, value: unknown): { secret?: string } {
  const ids = [...JSON.stringify(value ?? '').matchAll(/"Ref":"([^"]+)"/g)].map((match) => match[1] as string);
  const secret = ids.find((id) => stack.resources[id]?.Type === 'AWS::SecretsManager::Secret');
  return secret === undefined ? {} : { secret };
}

function resourcesOf(stack: AssemblyStack, type: string): Array<[string, TemplateResource]> {
  return Object.entries(stack.resources).filter(([, resource]) => resource.Type === type);
}
