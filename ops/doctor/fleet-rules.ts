import type { EnvironmentState, FleetState, InstanceState } from '../environment/environment-state';
import { becauseOf } from './gaps';
import { type DoctorRule, each, type Found, found, type Judge, unknown, type Verdict } from './rule';
import { balancerGuide, scalingGuide } from './sources';
import { isDeploying, stackOf } from './templates';
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
    judge: eachFleet((fleet, { serving, coming }, state) => {
      const evidence = `0 of ${counted(fleet.desired, 'instance')} serve${coming === 0 ? '' : `, and ${starting(coming)}`}`;
      const isNew = stackOf(state, fleet)?.status === 'CREATE_IN_PROGRESS' && coming > 0;
      return fleet.desired > 0 && serving === 0 && found(subjectOf(fleet), evidence, isNew ? { severity: 'low' } : {});
    }),
  },
  {
    id: 'fleet-short-of-instances',
    severity: 'high',
    disposable: 'medium',
    title: 'A fleet has fewer instances than are wanted, and none are on their way',
    fix: 'DescribeScalingActivities says why none is started: capacity, quotas; `instances` with several types finds more',
    source: scalingGuide('ts-as-instancelaunchfailure'),
    judge: eachFleet((fleet, { serving, coming, ill }, state) => {
      const there = serving + coming + ill.length;
      return (
        serving > 0 &&
        there < fleet.desired &&
        found(
          subjectOf(fleet),
          `${there} of ${counted(fleet.desired, 'instance')} are there, and ${serving} serve`,
          whileDeploying(state, fleet),
        )
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
      const { ill, coming } = countsOf(fleet);
      return (
        ill.length > 0 &&
        found(
          subjectOf(fleet),
          listed(ill.map(illness)),
          // Another one is starting in its place already.
          coming >= ill.length ? { severity: 'medium' } : {},
        )
      );
    }),
  },
  {
    id: 'fleet-starts-instances',
    severity: 'low',
    title: 'Instances of a fleet are starting',
    fix: 'wait for them: what does not become healthy is replaced after the grace period',
    source: scalingGuide('ec2-auto-scaling-lifecycle'),
    judge: each(fleets, (fleet) => {
      const { serving, coming } = countsOf(fleet);
      return (
        serving > 0 &&
        coming > 0 &&
        found(subjectOf(fleet), `${serving} of ${counted(fleet.desired, 'instance')} serve, and ${starting(coming)}`)
      );
    }),
  },
  {
    id: 'fleet-of-one-instance',
    severity: 'high',
    disposable: 'skip',
    local: 'skip',
    title: 'A fleet has one instance: when that fails, nothing serves until another has started',
    fix: '`minCapacity` of `WebFleet`: 2 or more',
    source: scalingGuide('auto-scaling-benefits'),
    judge: each(
      fleets,
      (fleet) =>
        fleet.desired === 1 && found(subjectOf(fleet), `1 instance is wanted, and at least ${fleet.minimum} always`),
    ),
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
      (fleet, state) =>
        fleet.suspendedProcesses.length > 0 &&
        found(
          subjectOf(fleet),
          `${[...fleet.suspendedProcesses].sort().join(', ')} suspended`,
          whileDeploying(state, fleet),
        ),
    ),
  },
  {
    id: 'fleet-outdated',
    severity: 'medium',
    disposable: 'low',
    title: 'Instances run an older launch template than the fleet asks for',
    fix: '`rollout` of `WebFleet` replaces them at each deployment; by hand it is StartInstanceRefresh',
    source: scalingGuide('asg-instance-refresh'),
    judge: each(fleets, (fleet, state) => {
      const old = fleet.instances.filter(({ isOutdated }) => isOutdated);
      return (
        old.length > 0 &&
        found(
          subjectOf(fleet),
          `${old.length} of ${counted(fleet.instances.length, 'instance')}: ${listed(old.map(({ id }) => id))}`,
          whileDeploying(state, fleet),
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

function starting(instances: number): string {
  return `${instances} ${instances === 1 ? 'is' : 'are'} starting`;
}

interface Counts {
  readonly serving: number;
  /** How many are being started, or wait for their first health check. */
  readonly coming: number;
  readonly ill: readonly InstanceState[];
}

function countsOf({ instances, loadBalancer }: FleetState): Counts {
  const staying = instances.filter(({ lifecycle }) => !lifecycle.startsWith('Terminat'));
  const ill = staying.filter(({ target, health }) => target === 'unhealthy' || health === 'Unhealthy');
  const well = staying.filter((instance) => !ill.includes(instance));
  const isServing = ({ lifecycle, target }: InstanceState) =>
    lifecycle === 'InService' && (loadBalancer === undefined || target === 'healthy');
  return {
    serving: well.filter(isServing).length,
    coming: well.filter(
      ({ lifecycle, target }) => lifecycle.startsWith('Pending') || (lifecycle === 'InService' && target === 'initial'),
    ).length,
    ill,
  };
}

/** Judges fleets of which it is known what serves: the load balancer tells of at least one instance whether it does. */
function eachFleet(judge: (fleet: FleetState, counts: Counts, state: EnvironmentState) => Verdict | false): Judge {
  return each(fleets, (fleet, state) => {
    const { instances, loadBalancer } = fleet;
    const isUnknown =
      loadBalancer !== undefined && instances.length > 0 && instances.every(({ target }) => target === undefined);
    return isUnknown ? targetsUnknown(state, fleet) : judge(fleet, countsOf(fleet), state);
  });
}

/** A rollout suspends processes and replaces instances one after the other. */
function whileDeploying(state: EnvironmentState, fleet: FleetState): Pick<Found, 'severity'> {
  return isDeploying(stackOf(state, fleet)) ? { severity: 'low' } : {};
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
