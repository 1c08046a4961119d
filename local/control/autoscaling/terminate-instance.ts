import { randomUUID } from 'node:crypto';
import { missingParameter, validationError } from '../faults';
import type { QueryOperation } from '../query/operation';
import type { AutoScaling } from './service';

/** Ends an instance's process at once, without draining it; the group starts another in its place. */
export const terminateInstance: QueryOperation<AutoScaling> = (request) => {
  const id = request.required('InstanceId', request.string('InstanceId'));
  const decrement = request.boolean('ShouldDecrementDesiredCapacity');
  if (decrement === undefined) {
    throw missingParameter('ShouldDecrementDesiredCapacity');
  }
  if (decrement) {
    throw validationError('The local environment keeps its desired capacity: ShouldDecrementDesiredCapacity is false.');
  }
  return ({ environment: { fleet }, clock }) => {
    const instance = fleet?.instances.find((candidate) => candidate.id === id);
    if (fleet === undefined || instance === undefined) {
      throw validationError(`Instance Id not found - No managed instance found for instance ID ${id}`);
    }
    fleet.kill(id);
    const now = clock();
    return {
      Activity: {
        ActivityId: randomUUID(),
        AutoScalingGroupName: fleet.name,
        Description: `Terminating EC2 instance: ${id}`,
        Cause: `At ${now.toISOString()} instance ${id} was taken out of service in response to a user request.`,
        StartTime: now,
        StatusCode: 'InProgress',
        Progress: 0,
        Details: JSON.stringify({ 'Availability Zone': instance.zone }),
      },
    };
  };
};
