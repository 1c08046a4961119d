import { randomBytes, randomUUID } from 'node:crypto';
import type {
  Activity,
  AutoScalingGroup,
  Instance,
  TerminateInstanceInAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from './aws-error';
import type { FakeState } from './fake-state';
import type { Context } from './operation';

const DRAINING: TargetHealth = {
  State: 'draining',
  Reason: 'Target.DeregistrationInProgress',
  Description: 'Target deregistration is in progress',
};

const REGISTERED: TargetHealth = {
  State: 'initial',
  Reason: 'Elb.RegistrationInProgress',
  Description: 'Target registration is in progress',
};

/** Ends an instance: it is drained and goes, and another one takes its place unless fewer are wanted from now on. */
export function terminateInstance(
  { InstanceId, ShouldDecrementDesiredCapacity: isFewer = false }: TerminateInstanceInAutoScalingGroupType,
  { state, now, durations, timeline }: Context,
): { Activity: Activity } {
  const { group, instance } = requireInstance(state, InstanceId ?? '');
  const { AutoScalingGroupName: name = '' } = group;
  if (isFewer) {
    wantOneLess(group);
  }
  instance.LifecycleState = 'Terminating';
  setTargetHealth(state, name, instance.InstanceId ?? '', DRAINING);
  timeline.plan(now.getTime() + durations.draining, (later) => remove(later, name, instance.InstanceId ?? ''));
  if (!isFewer) {
    const other: Instance = {
      ...instance,
      InstanceId: newInstanceId(),
      LifecycleState: 'Pending',
      HealthStatus: 'Healthy',
    };
    const launched = now.getTime() + durations.launch;
    const started = launched + durations.start;
    const id = other.InstanceId ?? '';
    timeline.plan(launched, (later) => groupNamed(later, name)?.Instances?.push(other));
    timeline.plan(started, (later) => {
      setLifecycle(later, name, id, 'InService');
      setTargetHealth(later, name, id, REGISTERED);
    });
    timeline.plan(started + durations.healthCheck, (later) => setTargetHealth(later, name, id, { State: 'healthy' }));
  }
  return { Activity: activityOf(group, instance, now) };
}

function requireInstance(state: FakeState, id: string): { group: AutoScalingGroup; instance: Instance } {
  for (const group of state.autoScalingGroups) {
    const instance = group.Instances?.find(({ InstanceId }) => InstanceId === id);
    if (instance !== undefined) {
      return { group, instance };
    }
  }
  throw new AwsError('ValidationError', `Instance Id not found - No managed instance found for instance ID: ${id}`);
}

function wantOneLess(group: AutoScalingGroup): void {
  const { DesiredCapacity = 0, MinSize = 0 } = group;
  if (DesiredCapacity <= MinSize) {
    throw new AwsError(
      'ValidationError',
      `The desired capacity is the least that the group may have (${MinSize}): it cannot be decremented.`,
    );
  }
  group.DesiredCapacity = DesiredCapacity - 1;
}

function activityOf(group: AutoScalingGroup, { InstanceId }: Instance, now: Date): Activity {
  return {
    ActivityId: randomUUID(),
    AutoScalingGroupName: group.AutoScalingGroupName,
    Description: `Terminating EC2 instance: ${InstanceId}`,
    Cause: `At ${now.toISOString()} instance ${InstanceId} was taken out of service in response to a user request.`,
    StartTime: now,
    StatusCode: 'InProgress',
    Progress: 0,
  };
}

function groupNamed(state: FakeState, name: string): AutoScalingGroup | undefined {
  return state.autoScalingGroups.find(({ AutoScalingGroupName }) => AutoScalingGroupName === name);
}

function setLifecycle(state: FakeState, name: string, id: string, lifecycle: 'InService'): void {
  const instance = groupNamed(state, name)?.Instances?.find(({ InstanceId }) => InstanceId === id);
  if (instance !== undefined) {
    instance.LifecycleState = lifecycle;
  }
}

function remove(state: FakeState, name: string, id: string): void {
  const group = groupNamed(state, name);
  if (group !== undefined) {
    group.Instances = group.Instances?.filter(({ InstanceId }) => InstanceId !== id);
  }
  for (const arn of group?.TargetGroupARNs ?? []) {
    state.targetHealth[arn] = state.targetHealth[arn]?.filter(({ Target }) => Target?.Id !== id) ?? [];
  }
}

/** Of a target that there is, or of a new one. */
function setTargetHealth(state: FakeState, name: string, id: string, health: TargetHealth): void {
  for (const arn of groupNamed(state, name)?.TargetGroupARNs ?? []) {
    const targets = state.targetHealth[arn] ?? [];
    const target = targets.find(({ Target }) => Target?.Id === id);
    if (target !== undefined) {
      target.TargetHealth = health;
    } else {
      const [{ Target, HealthCheckPort } = {}] = targets;
      targets.push({ Target: { Id: id, Port: Target?.Port }, HealthCheckPort, TargetHealth: health });
    }
    state.targetHealth[arn] = targets;
  }
}

function newInstanceId(): string {
  return `i-0${randomBytes(8).toString('hex')}`;
}
