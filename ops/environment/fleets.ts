import { type AutoScalingGroup, type Instance, paginateDescribeAutoScalingGroups } from '@aws-sdk/client-auto-scaling';
import {
  DescribeTargetHealthCommand,
  type LoadBalancer,
  paginateDescribeListeners,
  paginateDescribeLoadBalancers,
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
  const fleets = await Promise.all(
    known(made, groups, ({ AutoScalingGroupName }) => AutoScalingGroupName).map(async (fleet) => {
      const health = await targetHealth(session, fleet.described.TargetGroupARNs ?? [], gaps);
      const loadBalancer = loadBalancers.find(({ stack }) => stack === fleet.stack) ?? loadBalancers[0];
      return () =>
        withoutUndefined({ ...fleetState(fleet, health), loadBalancer: loadBalancer?.take() }) satisfies FleetState;
    }),
  );
  return () => fleets.map((take) => take());
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

async function targetHealth(session: AwsSession, targetGroups: readonly string[], gaps: Gaps) {
  const lists = await gaps.ask('health of targets', 'elasticloadbalancing:DescribeTargetHealth', () =>
    Promise.all(
      targetGroups.map((TargetGroupArn) =>
        session.loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn }), {
          abortSignal: session.signal,
        }),
      ),
    ),
  );
  const descriptions = lists?.flatMap(({ TargetHealthDescriptions = [] }) => TargetHealthDescriptions) ?? [];
  return new Map(descriptions.map((description) => [description.Target?.Id ?? '', description]));
}

function fleetState(
  { described: group, ...made }: Made & { described: AutoScalingGroup },
  health: ReadonlyMap<string, TargetHealthDescription>,
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
      instanceState(instance, wantedTemplate(group), health.get(instance.InstanceId ?? '')),
    ),
  };
}

/** Version of the launch template that new instances get; nothing where it is `$Latest`, which no instance tells. */
function wantedTemplate({ LaunchTemplate, MixedInstancesPolicy }: AutoScalingGroup): string | undefined {
  const { Version } = LaunchTemplate ?? MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification ?? {};
  return Version?.startsWith('$') ? undefined : Version;
}

function instanceState(
  instance: Instance,
  wanted: string | undefined,
  health: TargetHealthDescription | undefined,
): InstanceState {
  const version = instance.LaunchTemplate?.Version;
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
    isOutdated: wanted !== undefined && version !== undefined && version !== wanted,
  });
}

/** The load balancers, each with the stack it is of. */
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
  const described = await gaps.ask('load balancers', 'elasticloadbalancing:DescribeLoadBalancers', async () => {
    const lists = await Promise.all(
      chunks(
        made.map(({ physicalId }) => physicalId),
        MOST_ARNS,
      ).map((LoadBalancerArns) =>
        everyOne(paginateDescribeLoadBalancers(client, { LoadBalancerArns }, abort), (page) => page.LoadBalancers),
      ),
    );
    return lists.flat();
  });
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
      const keys = [
        metrics.ask('loadBalancer', { LoadBalancer: one.physicalId.replace(/^.*:loadbalancer\//, '') }),
        ...certificates.map((CertificateArn) => metrics.ask('certificate', { CertificateArn })),
      ];
      return {
        stack: one.stack,
        take: () =>
          loadBalancerState(one.described, certificates, mergedMetrics(keys.map((key) => metrics.metricsOf(key)))),
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

/** Of several certificates, the one that expires first counts. */
function mergedMetrics(all: readonly Metrics[]): Metrics {
  const merged: Record<string, readonly number[]> = {};
  for (const [name, values] of all.flatMap((metrics) => Object.entries(metrics))) {
    const before = merged[name];
    merged[name] = before === undefined || (values.at(-1) ?? 0) < (before.at(-1) ?? 0) ? values : before;
  }
  return merged;
}
