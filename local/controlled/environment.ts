import type { ControlledEnvironment } from '../control/controlled';
import type { EngineRoom } from '../engine-room';
import type { Plan } from '../plan';
import { controlledCaches } from './caches';
import { controlledDatabases } from './databases';
import { measurements } from './measurements';
import { controlledFleet, controlledLoadBalancer, type RunningService } from './service';
import type { StackRecord } from './stack-records';
import { controlledStacks } from './stacks';

/** Where templates that name no zone are said to be. */
const REGION = 'us-east-1';

/** What runs at one moment. */
export interface RunningParts {
  readonly room: EngineRoom;
  readonly plan: Plan;
  readonly stacks: readonly StackRecord[];
  /** `undefined` where no fleet runs. */
  readonly service: RunningService | undefined;
}

/** Makes what runs visible to the control endpoint. @param look tells what runs at each look */
export function controlledEnvironment(look: () => RunningParts): ControlledEnvironment {
  const { plan } = look();
  const zone = [...plan.replicationGroups, ...plan.memcachedClusters].flatMap(({ zones }) => zones)[0];
  const region = zone?.replace(/[a-z]$/, '') ?? REGION;
  const caches = () => {
    const { room, plan } = look();
    return controlledCaches(room, plan.source.templates);
  };
  return {
    region,
    get replicationGroups() {
      return caches().replicationGroups;
    },
    get memcachedClusters() {
      return caches().memcachedClusters;
    },
    get serverlessCaches() {
      return caches().serverlessCaches;
    },
    get parameterGroups() {
      return caches().parameterGroups;
    },
    get subnetGroups() {
      return caches().subnetGroups;
    },
    get stacks() {
      const { stacks, plan, room, service } = look();
      return controlledStacks(stacks, plan, room, service, region);
    },
    get databases() {
      const { room, plan } = look();
      return controlledDatabases(room, plan.source.templates);
    },
    get fleet() {
      const { service, plan } = look();
      return service === undefined ? undefined : controlledFleet(service, plan, region);
    },
    get loadBalancer() {
      const { service, plan } = look();
      return service === undefined ? undefined : controlledLoadBalancer(service, plan, region);
    },
    snapshots: look().room.snapshots,
    measure: () => {
      const { room, plan, service } = look();
      return measurements(room, plan, service, region);
    },
  };
}
