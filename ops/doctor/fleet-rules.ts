import type { EnvironmentState, FleetState, InstanceState } from '../environment/environment-state';
import { becauseOf } from './gaps';
import { type DoctorRule, each, found, unknown } from './rule';
import { balancerGuide, scalingGuide } from './sources';
import { counted, listed } from './words';

/** Instances, and whether they serve. */
export const FLEET_RULES: readonly DoctorRule[] = [
  {
    id: 'fleet-serves-nothing',
    severity: 'critical',
    disposable: 'high',
    title: 'No instance of a fleet serves',
    fix: 'read the log of the application and the reason of the targets; a version that does not start is deployed back',
    source: balancerGuide('target-group-health-checks'),
    judge: each(fleets, (fleet, state) => {
      const serving = servingOf(fleet);
      if (serving === undefined) {
        return targetsUnknown(state, fleet);
      }
      return (
        fleet.desired > 0 &&
        serving === 0 &&
        found(subjectOf(fleet), `0 of ${counted(fleet.desired, 'instance')} serve`)
      );
    }),
  },
  {
    id: 'fleet-short-of-instances',
    severity: 'high',
    disposable: 'medium',
    title: 'Fewer instances of a fleet serve than are wanted',
    fix: 'DescribeScalingActivities says why none is started: capacity, quotas, a health check that fails; `instances` with several types finds more',
    source: scalingGuide('ts-as-healthchecks'),
    judge: each(fleets, (fleet, state) => {
      const serving = servingOf(fleet);
      if (serving === undefined) {
        return targetsUnknown(state, fleet);
      }
      return (
        serving > 0 &&
        serving < fleet.desired &&
        found(subjectOf(fleet), `${serving} of ${counted(fleet.desired, 'instance')} serve`)
      );
    }),
  },
  {
    id: 'target-unhealthy',
    severity: 'high',
    disposable: 'medium',
    title: 'An instance is unhealthy',
    fix: 'its log says why it does not answer `healthCheck`; Auto Scaling replaces it after the grace period',
    source: balancerGuide('target-group-health-checks'),
    judge: each(fleets, (fleet) => {
      const ill = fleet.instances.filter(({ target, health }) => target === 'unhealthy' || health === 'Unhealthy');
      return ill.length > 0 && found(subjectOf(fleet), listed(ill.map(illness)));
    }),
  },
  {
    id: 'fleet-in-one-zone',
    severity: 'high',
    disposable: 'skip',
    local: 'skip',
    title: 'All instances of a fleet are in one zone',
    fix: '`vpcSubnets` of `WebFleet` in two zones or more, and `minCapacity` of 2 or more',
    source: scalingGuide('auto-scaling-benefits'),
    judge: each(fleets, (fleet) => {
      const zones = [...new Set(fleet.instances.map(({ zone }) => zone))];
      return (
        fleet.instances.length > 1 &&
        zones.length === 1 &&
        found(
          subjectOf(fleet),
          `${fleet.instances.length} of ${fleet.instances.length} instances are in ${zones[0]}; its subnets are in ${[...fleet.zones].sort().join(', ')}`,
        )
      );
    }),
  },
  {
    id: 'fleet-at-its-maximum',
    severity: 'medium',
    disposable: 'low',
    title: 'A fleet is as large as it may be',
    fix: '`maxCapacity` of `WebFleet`; the load may need more',
    source: scalingGuide('asg-capacity-limits'),
    judge: each(
      fleets,
      (fleet) =>
        fleet.maximum > fleet.minimum &&
        fleet.desired >= fleet.maximum &&
        found(subjectOf(fleet), `${fleet.desired} instances are wanted, of at most ${fleet.maximum}`),
    ),
  },
  {
    id: 'fleet-processes-suspended',
    severity: 'medium',
    disposable: 'low',
    title: 'Processes of a fleet are suspended',
    fix: 'ResumeProcesses, unless a deployment is under way: a suspended process is not made up for',
    source: scalingGuide('as-suspend-resume-processes'),
    judge: each(
      fleets,
      (fleet) =>
        fleet.suspendedProcesses.length > 0 &&
        found(subjectOf(fleet), `${[...fleet.suspendedProcesses].sort().join(', ')} suspended`),
    ),
  },
  {
    id: 'fleet-outdated',
    severity: 'medium',
    disposable: 'low',
    title: 'Instances run an older launch template than the fleet asks for',
    fix: '`rollout` of `WebFleet` replaces them at each deployment; by hand it is StartInstanceRefresh',
    source: scalingGuide('asg-instance-refresh'),
    judge: each(fleets, (fleet) => {
      const old = fleet.instances.filter(({ isOutdated }) => isOutdated);
      return (
        old.length > 0 &&
        found(
          subjectOf(fleet),
          `${old.length} of ${counted(fleet.instances.length, 'instance')}: ${listed(old.map(({ id }) => id))}`,
        )
      );
    }),
  },
];

function fleets(state: EnvironmentState) {
  return state.fleets;
}

function subjectOf({ name }: FleetState): string {
  return `fleet ${name}`;
}

/** Instances that take requests; nothing where the load balancer tells of none of them whether it does. */
function servingOf({ instances, loadBalancer }: FleetState): number | undefined {
  const running = instances.filter(({ lifecycle, health }) => lifecycle === 'InService' && health === 'Healthy');
  if (loadBalancer === undefined) {
    return running.length;
  }
  if (instances.length > 0 && instances.every(({ target }) => target === undefined)) {
    return undefined;
  }
  return running.filter(({ target }) => target === 'healthy').length;
}

function targetsUnknown(state: EnvironmentState, fleet: FleetState) {
  return unknown(
    subjectOf(fleet),
    becauseOf(state, 'elasticloadbalancing:DescribeTargetHealth', 'the health of its targets is not known'),
  );
}

function illness({ id, zone, target, targetReason, health }: InstanceState): string {
  const judged = target === 'unhealthy' ? `the load balancer finds it unhealthy` : `Auto Scaling finds it ${health}`;
  return `${id} in ${zone}: ${judged}${targetReason === undefined ? '' : ` (${targetReason})`}`;
}
