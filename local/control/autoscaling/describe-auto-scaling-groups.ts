import type { ControlledFleet } from '../controlled-resources';
import { arn } from '../names';
import { type PageLimits, pageOf, pageRequest } from '../pages';
import { type Answer, AnswerList } from '../query/answers';
import type { QueryOperation } from '../query/operation';
import type { AutoScaling } from './service';

const LIMITS: PageLimits = { min: 1, max: 100, default: 50 };

/** Groups that are asked for and not there are left out, as Auto Scaling does. */
export const describeAutoScalingGroups: QueryOperation<AutoScaling> = (request) => {
  const names = request.list('AutoScalingGroupNames') ?? [];
  const page = pageRequest(request, LIMITS, { size: 'MaxRecords', marker: 'NextToken' });
  return ({ environment: { fleet, region } }) => {
    const fleets = fleet !== undefined && (names.length === 0 || names.includes(fleet.name)) ? [fleet] : [];
    const { records, marker } = pageOf(fleets, page, ({ name }) => name);
    return {
      NextToken: marker,
      AutoScalingGroups: new AnswerList(
        'member',
        records.map((each) => groupAnswer(each, region)),
      ),
    };
  };
};

/** An `AutoScalingGroup` as AWS describes it. */
function groupAnswer(fleet: ControlledFleet, region: string): Answer {
  const { launchTemplate } = fleet;
  const launched = (version: number): Answer | undefined =>
    launchTemplate === undefined
      ? undefined
      : { LaunchTemplateId: launchTemplate.id, LaunchTemplateName: launchTemplate.name, Version: version };
  return {
    AutoScalingGroupName: fleet.name,
    AutoScalingGroupARN: arn('autoscaling', region, `autoScalingGroup::autoScalingGroupName/${fleet.name}`),
    LaunchTemplate: launched(fleet.launchTemplateVersion),
    MinSize: fleet.minimum,
    MaxSize: fleet.maximum,
    DesiredCapacity: fleet.desired,
    DefaultCooldown: 300,
    AvailabilityZones: new AnswerList('member', fleet.zones),
    LoadBalancerNames: new AnswerList('member', []),
    TargetGroupARNs: new AnswerList('member', fleet.targetGroups),
    HealthCheckType: fleet.healthCheck,
    HealthCheckGracePeriod: fleet.healthCheckGraceSeconds,
    Instances: new AnswerList(
      'member',
      fleet.instances.map((instance) => ({
        InstanceId: instance.id,
        AvailabilityZone: instance.zone,
        LifecycleState: instance.lifecycle,
        HealthStatus: instance.isHealthy ? 'Healthy' : 'Unhealthy',
        LaunchTemplate: launched(instance.launchTemplateVersion),
        ProtectedFromScaleIn: false,
      })),
    ),
    CreatedTime: fleet.createdAt,
    SuspendedProcesses: new AnswerList('member', []),
    VPCZoneIdentifier: fleet.subnets.join(','),
    EnabledMetrics: new AnswerList('member', []),
    Tags: new AnswerList('member', []),
    TerminationPolicies: new AnswerList('member', ['Default']),
    NewInstancesProtectedFromScaleIn: false,
  };
}
