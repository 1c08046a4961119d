import type { FakeState } from '../fake-state';
import { ACCOUNT, REGION } from './place';

/** A resource of a stack. */
export interface Made {
  readonly type: string;
  readonly physicalId: string;
  /** As a template has them. */
  readonly properties: Record<string, unknown>;
}

/** Something that a stack makes, and what the region has of it. */
export interface Part {
  /** By logical id. */
  readonly resources: Readonly<Record<string, Made>>;
  readonly state: Partial<FakeState>;
}

export function resourcesOf(parts: readonly Part[]): Record<string, Made> {
  return Object.assign({}, ...parts.map(({ resources }) => resources));
}

/** All that the region has of some parts. */
export function stateOf(parts: ReadonlyArray<Pick<Part, 'state'>>): FakeState {
  const states = parts.map(({ state }) => state);
  const all = <Name extends keyof FakeState>(name: Name) =>
    states.flatMap((state): unknown => state[name] ?? []) as unknown as FakeState[Name];
  const byName = <Name extends keyof FakeState>(name: Name) =>
    Object.assign({}, ...states.map((state) => state[name])) as FakeState[Name];
  return {
    region: REGION,
    account: ACCOUNT,
    stacks: all('stacks'),
    replicationGroups: all('replicationGroups'),
    cacheClusters: all('cacheClusters'),
    serverlessCaches: all('serverlessCaches'),
    cacheParameters: byName('cacheParameters'),
    cacheSubnetGroups: all('cacheSubnetGroups'),
    updateActions: all('updateActions'),
    snapshots: all('snapshots'),
    reservedCacheNodes: all('reservedCacheNodes'),
    events: all('events'),
    dbInstances: all('dbInstances'),
    autoScalingGroups: all('autoScalingGroups'),
    loadBalancers: all('loadBalancers'),
    listeners: all('listeners'),
    targetHealth: byName('targetHealth'),
    alarms: all('alarms'),
    compositeAlarms: all('compositeAlarms'),
    metrics: all('metrics'),
    secrets: all('secrets'),
  };
}
