import { nameOf } from '../cache-plans';
import type {
  ControlledFleet,
  ControlledInstance,
  ControlledLoadBalancer,
  ControlledTarget,
} from '../control/controlled-resources';
import type { Fleet } from '../fleet';
import { loadBalancingOf } from '../fleet-plan';
import type { LoadBalancer, TargetHealth } from '../load-balancer';
import type { Plan } from '../plan';
import { subnetsOf } from '../subnets';
import { fleetName, hexOf, listenerArn, loadBalancerArn, loadBalancerName, targetGroupArn } from './physical-ids';

/** The fleet and the load balancer before it. */
export interface RunningService {
  readonly loadBalancer: LoadBalancer;
  readonly fleet: Fleet;
  /** Port of the load balancer. */
  readonly port: number;
  readonly startedAt: Date;
}

/** How AWS describes why a target is not healthy. */
const DESCRIPTIONS: Readonly<Record<NonNullable<TargetHealth['reason']>, string>> = {
  'Elb.InitialHealthChecking': 'Initial health checks in progress',
  'Target.DeregistrationInProgress': 'Target deregistration is in progress',
  'Target.FailedHealthChecks': 'Health checks failed',
  'Target.ResponseCodeMismatch': 'Health checks failed with another code than 200',
  'Target.Timeout': 'Request timed out',
};

const LONGEST_LAUNCH_TEMPLATE_NAME = 128;

/** What is shown of the fleet. */
export function controlledFleet(
  { fleet, loadBalancer, startedAt }: RunningService,
  plan: Plan,
  region: string,
): ControlledFleet | undefined {
  const { templates, fleet: resource } = plan.source;
  if (resource === undefined) {
    return undefined;
  }
  const { stack, properties } = resource;
  const { targetGroup } = loadBalancingOf(templates, resource);
  const template = templates.referenced(stack, properties.LaunchTemplate?.LaunchTemplateId);
  const subnets = subnetsOf(templates, stack, properties.VPCZoneIdentifier);
  const healths = new Map(loadBalancer.targetHealth.map((health) => [health.name, health]));
  const isReplacing = plan.fleet?.replacesUnhealthy === true;
  return {
    name: fleetName(templates, resource),
    createdAt: startedAt,
    minimum: Number(properties.MinSize ?? fleet.size),
    maximum: Number(properties.MaxSize ?? fleet.size),
    desired: fleet.size,
    zones: [...new Set(subnets.map(({ zone }) => zone))],
    subnets: subnets.map(({ id }) => id),
    healthCheck: isReplacing ? 'ELB' : 'EC2',
    healthCheckGraceSeconds: Number(properties.HealthCheckGracePeriod ?? 0),
    targetGroups: targetGroup === undefined ? [] : [targetGroupArn(templates, targetGroup, region)],
    launchTemplate:
      template === undefined
        ? undefined
        : {
            id: `lt-${hexOf(template.id, 17)}`,
            name: nameOf(templates, template, 'LaunchTemplateName', LONGEST_LAUNCH_TEMPLATE_NAME),
          },
    launchTemplateVersion: fleet.version,
    instances: fleet.instances.map(({ name, zone, version }): ControlledInstance => {
      const state = healths.get(name)?.state ?? 'draining';
      return {
        id: name,
        zone,
        lifecycle: LIFECYCLES[state],
        isHealthy: state !== 'unhealthy' || !isReplacing,
        launchTemplateVersion: version,
      };
    }),
    kill: (instance) => fleet.kill(instance),
  };
}

/** Of an instance, by what the load balancer makes of it. */
const LIFECYCLES: Readonly<Record<TargetHealth['state'], ControlledInstance['lifecycle']>> = {
  initial: 'Pending',
  healthy: 'InService',
  unhealthy: 'InService',
  draining: 'Terminating',
};

/** What is shown of the load balancer. */
export function controlledLoadBalancer(
  { loadBalancer, port, startedAt }: RunningService,
  plan: Plan,
  region: string,
): ControlledLoadBalancer | undefined {
  const { templates, fleet } = plan.source;
  const {
    targetGroup,
    listeners,
    loadBalancer: resource,
  } = fleet === undefined ? {} : loadBalancingOf(templates, fleet);
  const [listener] = listeners ?? [];
  if (targetGroup === undefined || resource === undefined || listener === undefined) {
    return undefined;
  }
  const { stack, properties } = resource;
  const arn = loadBalancerArn(templates, resource, region);
  return {
    name: loadBalancerName(templates, resource),
    arn,
    createdAt: startedAt,
    scheme: String(properties.Scheme ?? 'internet-facing'),
    port,
    subnets: subnetsOf(templates, stack, properties.Subnets),
    listenerArn: listenerArn(arn, listener),
    targetGroup: {
      name: loadBalancerName(templates, targetGroup),
      arn: targetGroupArn(templates, targetGroup, region),
    },
    targets: loadBalancer.targetHealth.map(
      ({ name, port: targetPort, state, reason }): ControlledTarget => ({
        id: name,
        port: targetPort,
        state,
        reason,
        description: reason === undefined ? undefined : DESCRIPTIONS[reason],
      }),
    ),
  };
}
