import type { Assembly } from '../assembly/assembly';
import { Problem } from '../assembly/problem';
import type { Resource, Templates } from '../assembly/templates';
import {
  DEPLOY_STEP_VARIABLE,
  type DeployStepInstructions,
  FLEET_METADATA_KEY,
  type FleetDescription,
} from '../runtime/binding';
import type { NotStarted } from './plan';
import { subnetsOf } from './subnets';

/** A step that a deploy runs before the fleet starts. */
export interface DeployStepPlan {
  readonly id: string;
  readonly label: string;
  /** Directory of the function's code. */
  readonly directory: string;
  /** Module and export, for example `deploy.handler`. */
  readonly handler: string;
  readonly instructions: DeployStepInstructions;
}

/** A cache that a binding leads to. */
export interface BoundCache {
  readonly id: string;
  /** The template's secret that the application signs in with, where it does so with one. */
  readonly secret?: string;
}

export interface FleetPlan {
  readonly id: string;
  readonly instances: number;
  /** Availability Zones of its subnets; instances are spread over them. */
  readonly zones: readonly string[];
  /** Directory of the application's asset. */
  readonly directory: string;
  readonly entry: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly deploySteps: readonly DeployStepPlan[];
  /** Names in the binding, and the resources they lead to. */
  readonly caches: Readonly<Record<string, BoundCache>>;
  readonly databases: Readonly<Record<string, string>>;
  /** The binding of the template; hosts, logins and certificates in it are the cloud's. */
  readonly binding: any;
  /** Whether an instance that fails the load balancer's health check is replaced. */
  readonly replacesUnhealthy: boolean;
  readonly loadBalancer: LoadBalancerPlan;
}

export interface LoadBalancerPlan {
  /** Health check of the targets. */
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly deregistrationDelayMs: number;
  readonly idleTimeoutMs: number;
  /** Whether visitors come by HTTPS, which ends at the load balancer. */
  readonly https: boolean;
  /** Whether headers whose names are not of letters, digits and hyphens are taken out. */
  readonly dropsInvalidHeaders: boolean;
}

/** What a fleet's template says. @throws Problem when it uses what is not here, or does not run here */
export function fleetOf(
  assembly: Assembly,
  templates: Templates,
  fleet: Resource,
  notStarted: readonly NotStarted[],
): FleetPlan {
  const { stack, properties } = fleet;
  const description = fleet.metadata[FLEET_METADATA_KEY] as FleetDescription;
  const { caches, databases } = description.binding as Record<'caches' | 'databases', Record<string, any>>;
  const hosts = (entries: Record<string, any>) => mapHosts(entries, templates, fleet, notStarted);
  const cacheIds = hosts(caches);
  return {
    id: fleet.id,
    instances: Number(properties.DesiredCapacity ?? properties.MinSize ?? 1),
    zones: [...new Set(subnetsOf(templates, stack, properties.VPCZoneIdentifier).map(({ zone }) => zone))],
    directory: assembly.assetDirectory(description.application.key),
    entry: description.application.entry,
    environment: description.environment,
    deploySteps: description.deploySteps.map((id) => deployStepOf(assembly, templates, fleet, id)),
    caches: Object.fromEntries(
      Object.entries(cacheIds).map(([name, id]) => {
        const secret = templates.referenced(stack, caches[name].auth?.arn);
        return [name, { id, ...(secret === undefined ? {} : { secret: secret.id }) }];
      }),
    ),
    databases: hosts(databases),
    binding: description.binding,
    replacesUnhealthy: String(properties.HealthCheckType ?? '').includes('ELB'),
    loadBalancer: loadBalancerOf(loadBalancingOf(templates, fleet)),
  };
}

function deployStepOf(assembly: Assembly, templates: Templates, fleet: Resource, id: string): DeployStepPlan {
  const step = templates.named(fleet.stack, id);
  const instructions = step?.properties.Environment?.Variables?.[DEPLOY_STEP_VARIABLE];
  if (step === undefined || instructions === undefined) {
    throw new Problem(`${fleet.label} names the deploy step ${id}, which the templates do not have`);
  }
  return {
    id: step.id,
    label: step.label,
    directory: assembly.assetDirectory(step.properties.Code?.S3Key),
    handler: step.properties.Handler,
    instructions: JSON.parse(templates.text(step.stack, instructions)),
  };
}

/** The resource behind each name of a binding, or what stands for it. */
function mapHosts(
  entries: Record<string, any>,
  templates: Templates,
  fleet: Resource,
  notStarted: readonly NotStarted[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entries).map(([name, { host }]) => {
      const resource = templates.referenced(fleet.stack, host);
      if (resource === undefined) {
        const stacks = templates.stacks.map(({ path }) => path).join(', ');
        throw new Problem(
          `the binding \`${name}\` of ${fleet.label} leads to ${JSON.stringify(host)}, which is not a resource of ${stacks}: it cannot run here`,
        );
      }
      const left = notStarted.find(({ id }) => id === resource.id);
      if (left !== undefined && left.insteadId === undefined) {
        throw new Problem(`the fleet uses \`${name}\` (${left.label}), which does not run here: ${left.why}`);
      }
      return [name, left?.insteadId ?? resource.id];
    }),
  );
}

/** What stands before a fleet in its templates. */
export interface LoadBalancing {
  readonly targetGroup: Resource | undefined;
  /** Those that send to the target group. */
  readonly listeners: readonly Resource[];
  readonly loadBalancer: Resource | undefined;
}

export function loadBalancingOf(templates: Templates, { stack, properties }: Resource): LoadBalancing {
  const targetGroup = templates.referenced(stack, properties.TargetGroupARNs?.[0]);
  const listeners = listenersOf(templates, targetGroup);
  const [loadBalancer] = listeners.flatMap(
    (listener) => templates.referenced(listener.stack, listener.properties.LoadBalancerArn) ?? [],
  );
  return { targetGroup, listeners, loadBalancer };
}

function loadBalancerOf({ targetGroup, listeners, loadBalancer }: LoadBalancing): LoadBalancerPlan {
  const { properties = {} } = targetGroup ?? {};
  const text = (attributes: Array<{ Key: string; Value: string }> | undefined, key: string) =>
    attributes?.find(({ Key }) => Key === key)?.Value;
  const attribute = (attributes: Array<{ Key: string; Value: string }> | undefined, key: string, fallback: number) =>
    Number(text(attributes, key) ?? fallback);
  return {
    path: properties.HealthCheckPath ?? '/',
    intervalMs: Number(properties.HealthCheckIntervalSeconds ?? 30) * 1_000,
    timeoutMs: Number(properties.HealthCheckTimeoutSeconds ?? 5) * 1_000,
    healthyThreshold: Number(properties.HealthyThresholdCount ?? 5),
    unhealthyThreshold: Number(properties.UnhealthyThresholdCount ?? 2),
    deregistrationDelayMs:
      attribute(properties.TargetGroupAttributes, 'deregistration_delay.timeout_seconds', 300) * 1_000,
    idleTimeoutMs:
      attribute(loadBalancer?.properties.LoadBalancerAttributes, 'idle_timeout.timeout_seconds', 60) * 1_000,
    https: listeners.some((listener) => listener.properties.Protocol === 'HTTPS'),
    dropsInvalidHeaders:
      text(loadBalancer?.properties.LoadBalancerAttributes, 'routing.http.drop_invalid_header_fields.enabled') ===
      'true',
  };
}

/** The listeners that send to these targets, by their default action or by a rule. */
function listenersOf(templates: Templates, targets: Resource | undefined): Resource[] {
  const sends = (stack: Resource['stack'], actions: unknown) =>
    templates.references(stack, actions).some(({ id }) => id === targets?.id);
  const ruled = templates
    .all('AWS::ElasticLoadBalancingV2::ListenerRule')
    .filter(({ stack, properties }) => sends(stack, properties.Actions))
    .flatMap(({ stack, properties }) => templates.referenced(stack, properties.ListenerArn)?.id ?? []);
  return templates
    .all('AWS::ElasticLoadBalancingV2::Listener')
    .filter(({ id, stack, properties }) => ruled.includes(id) || sends(stack, properties.DefaultActions));
}
