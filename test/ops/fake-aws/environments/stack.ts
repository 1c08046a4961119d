import { StackStatus } from '@aws-sdk/client-cloudformation';
import type { FakeStack } from '../fake-state';
import type { Made } from './part';
import { ago, arnOf, DAY_MS, hexOf, type Place } from './place';

/** A stack that was made 90 days ago and deployed last a week ago. */
export function stackOf(
  place: Place,
  name: string,
  resources: Readonly<Record<string, Made>>,
  outputs: Readonly<Record<string, string>> = {},
): FakeStack {
  const { environment, isDisposable } = place;
  const tags = { environment, disposable: String(isDisposable) };
  return {
    ...plainStack(place.now, `cdk-elasticache-${environment}-${name}`, resources),
    EnableTerminationProtection: !isDisposable,
    Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

/** A stack as any app may have it, without tags. */
export function plainStack(now: Date, name: string, resources: Readonly<Record<string, Made>>): FakeStack {
  const deployedAt = ago(now, 7 * DAY_MS);
  return {
    StackId: arnOf('cloudformation', `stack/${name}/${hexOf(name, 32)}`),
    StackName: name,
    CreationTime: ago(now, 90 * DAY_MS),
    LastUpdatedTime: deployedAt,
    StackStatus: StackStatus.UPDATE_COMPLETE,
    DisableRollback: false,
    EnableTerminationProtection: false,
    Capabilities: [],
    NotificationARNs: [],
    Outputs: [],
    Parameters: [],
    Tags: [],
    resources: Object.entries(resources).map(([LogicalResourceId, { type, physicalId }]) => ({
      LogicalResourceId,
      PhysicalResourceId: physicalId,
      ResourceType: type,
      LastUpdatedTimestamp: deployedAt,
      ResourceStatus: 'UPDATE_COMPLETE',
    })),
    template: {
      Resources: Object.fromEntries(
        Object.entries(resources).map(([id, { type, properties }]) => [id, { Type: type, Properties: properties }]),
      ),
    },
  };
}
