import {
  type AutoScalingGroup,
  type Instance,
  type LaunchTemplateSpecification,
  paginateDescribeAutoScalingGroups,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeTargetHealthCommand,
  type LoadBalancer,
  paginateDescribeListeners,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsSession } from '../aws/aws-session';
import type { FleetState, InstanceState, LoadBalancerState, Metrics, StackState } from './environment-state';
import type { Gaps } from './gaps';
import { known, type Made, madeBy } from './made';
import type { Detail } from './metric-plan';
import type { MetricReader } from './metrics';
import { chunks, everyOne, withoutUndefined } from './plain';

/** The most names and ARNs that a call takes (API references). */
const MOST_NAMES = 50;
const MOST_ARNS = 20;

/** The most load balancers of a page. */
const BALANCER_PAGE = 400;

/** States of the fleets that stacks have made, and of their load balancers. */
export async function fleetStates(
  session: AwsSession,
  stacks: readonly StackState[],
  detail: Detail,
  metrics: MetricReader,
  gaps: Gaps,
): Promise<() => FleetState[]> {
  const made = madeBy(stacks, 'AWS::AutoScaling::AutoScalingGroup');
  if (made.length === 0) {
    return () => [];
  }
  const [groups = [], loadBalancers] = await Promise.all([
    gaps.ask('fleets', 'autoscaling:DescribeAutoScalingGroups', () => everyGroup(session, made)),
    loadBalancerStates(session, stacks, detail, metrics, gaps),
  ]);
  const balancerOf = await balancersByTargetGroup(session, groups, gaps);
  const fleets = await Promise.all(
    known(made, groups, ({ AutoScalingGroupName }) => AutoScalingGroupName).map(async (fleet) => {
      const targetGroups = fleet.described.TargetGroupARNs ?? [];
      const health = await targetHealth(session, targetGroups, gaps);
      const arns = targetGroups.flatMap((arn) => balancerOf.get(arn) ?? []);
      const loadBalancer = loadBalancers.find(({ arn }) => arns.includes(arn));
      return () =>
        withoutUndefined({ ...fleetState(fleet, health), loadBalancer: loadBalancer?.take() }) satisfies FleetState;
    }),
  );
  return () => fleets.map((take) => take());
}

/** ARNs of the load balancers that send requests to each target group of some fleets. */
async function balancersByTargetGroup(session: AwsSession, groups: readonly AutoScalingGroup[], gaps: Gaps) {
  const arns = [...new Set(groups.flatMap(({ TargetGroupARNs = [] }) => TargetGroupARNs))];
  const described = await gaps.ask('target groups', 'elasticloadbalancing:DescribeTargetGroups', async () => {
    const lists = await Promise.all(
      chunks(arns, MOST_ARNS).map((TargetGroupArns) =>
        everyOne(
          paginateDescribeTargetGroups(
            { client: session.loadBalancing },
            { TargetGroupArns },
            { abortSignal: session.signal },
          ),
          (page) => page.TargetGroups,
        ),
      ),
    );
    return lists.flat();
  });
  return new Map(
    described?.map(({ TargetGroupArn = '', LoadBalancerArns = [] }) => [TargetGroupArn, LoadBalancerArns]),
  );
}

async function everyGroup(session: AwsSession, made: readonly Made[]): Promise<AutoScalingGroup[]> {
  const client = { client: session.autoScaling, pageSize: 100 };
  const lists = await Promise.all(
    chunks(
      made.map(({ physicalId }) => physicalId),
      MOST_NAMES,
    ).map((AutoScalingGroupNames) =>
      everyOne(
        paginateDescribeAutoScalingGroups(client, { AutoScalingGroupNames }, { abortSignal: session.signal }),
        (page) => page.AutoScalingGroups,
      ),
    ),
  );
  return lists.flat();
}

/** The worse the earlier: what an instance is in one of its target groups counts. */
const WORST_FIRST = ['unhealthy', 'unavailable', 'draining', 'initial', 'unused', 'healthy'];

/** @returns the health of each target; `undefined` where there is no load balancer, or it did not tell */
async function targetHealth(session: AwsSession, targetGroups: readonly string[], gaps: Gaps) {
  if (targetGroups.length === 0) {
    return undefined;
  }
  const lists = await gaps.ask('health of targets', 'elasticloadbalancing:DescribeTargetHealth', () =>
    Promise.all(
      targetGroups.map((TargetGroupArn) =>
        session.loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn }), {
          abortSignal: session.signal,
        }),
      ),
    ),
  );
  const rank = ({ TargetHealth }: TargetHealthDescription) => -WORST_FIRST.indexOf(TargetHealth?.State ?? 'unused');
  const descriptions = lists?.flatMap(({ TargetHealthDescriptions = [] }) => TargetHealthDescriptions);
  // Of two with one id the later counts, which is the worse.
  return (
    descriptions &&
    new Map(
      descriptions
        .sort((one, other) => rank(one) - rank(other))
        .map((description) => [description.Target?.Id ?? '', description]),
    )
  );
}

function fleetState(
  { described: group, ...made }: Made & { described: AutoScalingGroup },
  health: ReadonlyMap<string, TargetHealthDescription> | undefined,
): FleetState {
  return {
    name: made.physicalId,
    stack: made.stack,
    logicalId: made.logicalId,
    minimum: group.MinSize ?? 0,
    maximum: group.MaxSize ?? 0,
    desired: group.DesiredCapacity ?? 0,
    zones: group.AvailabilityZones ?? [],
    suspendedProcesses: group.SuspendedProcesses?.map(({ ProcessName = '' }) => ProcessName).sort() ?? [],
    instances: (group.Instances ?? []).map((instance) =>
      instanceState(
        instance,
        wantedTemplate(group),
        health && (health.get(instance.InstanceId ?? '') ?? NOT_REGISTERED),
      ),
    ),
  };
}

/** An instance that no target group has yet. */
const NOT_REGISTERED: TargetHealthDescription = { TargetHealth: { State: 'initial' } };

/** The launch template that new instances get; nothing where that is told by no number, or by several templates. */
function wantedTemplate({
  LaunchTemplate,
  MixedInstancesPolicy,
}: AutoScalingGroup): LaunchTemplateSpecification | undefined {
  const { LaunchTemplateSpecification: mixed, Overrides = [] } = MixedInstancesPolicy?.LaunchTemplate ?? {};
  const wanted = LaunchTemplate ?? mixed;
  const isOne = Overrides.every(({ LaunchTemplateSpecification }) => LaunchTemplateSpecification === undefined);
  return isOne && wanted?.Version?.startsWith('$') === false ? wanted : undefined;
}

function instanceState(
  instance: Instance,
  wanted: LaunchTemplateSpecification | undefined,
  health: TargetHealthDescription | undefined,
): InstanceState {
  const { LaunchTemplateId, Version } = instance.LaunchTemplate ?? {};
  const { State, Reason, Description } = health?.TargetHealth ?? {};
  return withoutUndefined({
    id: instance.InstanceId ?? '',
    zone: instance.AvailabilityZone ?? '',
    type: instance.InstanceType,
    lifecycle: instance.LifecycleState ?? '',
    health: instance.HealthStatus ?? '',
    target: State,
    targetReason: [Reason, Description].filter(Boolean).join(': ') || undefined,
    isProtectedFromScaleIn: instance.ProtectedFromScaleIn === true,
    isOutdated:
      wanted !== undefined &&
      Version !== undefined &&
      (Version !== wanted.Version || (wanted.LaunchTemplateId ?? LaunchTemplateId) !== LaunchTemplateId),
  });
}

/** The load balancers, by their ARNs. */
async function loadBalancerStates(
  session: AwsSession,
  stacks: readonly StackState[],
  detail: Detail,
  metrics: MetricReader,
  gaps: Gaps,
) {
  const made = madeBy(stacks, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
  const client = { client: session.loadBalancing };
  const abort = { abortSignal: session.signal };
  // One that was deleted by hand must not hide the others, as it would in a list of names.
  const described =
    made.length === 0
      ? []
      : await gaps.ask('load balancers', 'elasticloadbalancing:DescribeLoadBalancers', () =>
          everyOne(
            paginateDescribeLoadBalancers({ ...client, pageSize: BALANCER_PAGE }, {}, abort),
            (page) => page.LoadBalancers,
          ),
        );
  return Promise.all(
    known(made, described ?? [], ({ LoadBalancerArn }) => LoadBalancerArn).map(async (one) => {
      const listeners =
        detail === 'doctor'
          ? await gaps.ask('listeners', 'elasticloadbalancing:DescribeListeners', () =>
              everyOne(
                paginateDescribeListeners(client, { LoadBalancerArn: one.physicalId }, abort),
                (page) => page.Listeners,
              ),
            )
          : undefined;
      const certificates = [
        ...new Set(
          listeners?.flatMap(({ Certificates = [] }) =>
            Certificates.flatMap(({ CertificateArn }) => CertificateArn ?? []),
          ),
        ),
      ];
      const key =
        one.described.Type === 'application'
          ? metrics.ask('loadBalancer', { LoadBalancer: one.physicalId.replace(/^.*:loadbalancer\//, '') })
          : undefined;
      const keys = certificates.map((CertificateArn) => metrics.ask('certificate', { CertificateArn }));
      return {
        arn: one.physicalId,
        take: () =>
          loadBalancerState(
            one.described,
            certificates,
            withCertificates(
              key === undefined ? {} : metrics.metricsOf(key),
              keys.map((each) => metrics.metricsOf(each)),
            ),
          ),
      };
    }),
  );
}

function loadBalancerState(
  { LoadBalancerName = '', DNSName = '', State }: LoadBalancer,
  certificates: readonly string[],
  metrics: Metrics,
): LoadBalancerState {
  return { name: LoadBalancerName, dnsName: DNSName, state: State?.Code ?? '', certificates, metrics };
}

/**
 * Metrics of a load balancer and its certificates, of which the one that expires first counts. ACM tells nothing of one
 * that has expired: where one has no days, none is told.
 */
function withCertificates(balancer: Metrics, certificates: readonly Metrics[]): Metrics {
  const days = certificates.map(({ DaysToExpiry }) => DaysToExpiry);
  const known = days.filter((values) => values !== undefined);
  const [first] = known.sort((one, other) => (one.at(-1) ?? 0) - (other.at(-1) ?? 0));
  return first === undefined || known.length < days.length ? balancer : { ...balancer, DaysToExpiry: first };
}
