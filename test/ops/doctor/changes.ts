import type {
  AlarmState,
  DatabaseState,
  EnvironmentState,
  FleetState,
  GroupState,
  InstanceState,
  LoadBalancerState,
  MemcachedState,
  Metrics,
  NodeState,
  SecretState,
  ServerlessState,
  StackState,
} from '../../../ops/environment/environment-state';
import { healthyServerless, STORE_PARAMETERS } from './healthy-state';

/** Makes one thing of a healthy environment worse, or not known. */
export type Change = (state: EnvironmentState) => EnvironmentState;

/** Several changes after each other. */
export function all(...changes: readonly Change[]): Change {
  return (state) => changes.reduce((changed, change) => change(changed), state);
}

export function environment(change: Partial<EnvironmentState>): Change {
  return (state) => ({ ...state, ...change });
}

/** Without a part that was not asked for, or was refused. */
export function without(part: 'alarms' | 'reservations' | 'secrets'): Change {
  return ({ [part]: _, ...state }) => state;
}

export function group(change: Partial<GroupState>): Change {
  return (state) => ({ ...state, groups: state.groups.map((each) => ({ ...each, ...change })) });
}

export function groupWithout(...parts: ReadonlyArray<keyof GroupState>): Change {
  return (state) => ({ ...state, groups: state.groups.map((each) => omitted(each, parts)) });
}

/** The first nodes of the group. */
export function nodes(count: number, change: Partial<NodeState>, metrics: Metrics = {}): Change {
  return (state) => ({
    ...state,
    groups: state.groups.map((each) => {
      const first = new Set(each.shards.flatMap((shard) => shard.nodes).slice(0, count));
      const changed = (node: NodeState) =>
        first.has(node) ? { ...node, ...change, metrics: { ...node.metrics, ...metrics } } : node;
      return { ...each, shards: each.shards.map((shard) => ({ ...shard, nodes: shard.nodes.map(changed) })) };
    }),
  });
}

/** Metrics of the first node of the group. */
export function metrics(values: Metrics): Change {
  return nodes(1, {}, values);
}

/** Every node of the group without some metrics. */
export function metricsWithout(...names: readonly string[]): Change {
  return (state) => ({
    ...state,
    groups: state.groups.map((each) => ({
      ...each,
      shards: each.shards.map((shard) => ({
        ...shard,
        nodes: shard.nodes.map((node) => ({ ...node, metrics: omitted(node.metrics, names) })),
      })),
    })),
  });
}

export function parameters(change: Readonly<Record<string, string>>): Change {
  return group({
    parameters: [
      ...STORE_PARAMETERS.filter(({ name }) => change[name] === undefined),
      ...Object.entries(change).map(([name, value]) => ({ name, value, source: 'system' })),
    ],
  });
}

export function memcached(change: Partial<MemcachedState>): Change {
  return (state) => ({ ...state, memcached: state.memcached.map((each) => ({ ...each, ...change })) });
}

/** Metrics of every node of the Memcached cluster. */
export function memcachedMetrics(values: Metrics): Change {
  return (state) => ({
    ...state,
    memcached: state.memcached.map((each) => ({
      ...each,
      nodes: each.nodes.map((node) => ({ ...node, metrics: { ...node.metrics, ...values } })),
    })),
  });
}

/** A serverless cache that an alarm watches. */
export function serverless(change: Partial<ServerlessState>, values: Metrics = {}): Change {
  return (state) => {
    const healthy = healthyServerless();
    const cache = { ...healthy, ...change, metrics: { ...healthy.metrics, ...values } };
    const [alarm] = state.alarms ?? [];
    const alarms = alarm === undefined ? [] : [{ ...alarm, name: 'pages-memory', watches: ['pages'] }];
    return { ...state, serverless: [cache], alarms: [...(state.alarms ?? []), ...alarms] };
  };
}

export function database(change: Partial<DatabaseState>, values: Metrics = {}): Change {
  return (state) => ({
    ...state,
    databases: state.databases.map((each) => ({ ...each, ...change, metrics: { ...each.metrics, ...values } })),
  });
}

export function databaseWithout(...parts: ReadonlyArray<keyof DatabaseState>): Change {
  return (state) => ({ ...state, databases: state.databases.map((each) => omitted(each, parts)) });
}

export function fleet(change: Partial<FleetState>): Change {
  return (state) => ({ ...state, fleets: state.fleets.map((each) => ({ ...each, ...change })) });
}

/** The first instances of the fleet. */
export function instances(count: number, change: Partial<InstanceState>): Change {
  return (state) => ({
    ...state,
    fleets: state.fleets.map((each) => ({
      ...each,
      instances: each.instances.map((instance, index) => (index < count ? { ...instance, ...change } : instance)),
    })),
  });
}

export function balancer(change: Partial<LoadBalancerState>, values: Metrics = {}): Change {
  return (state) => ({
    ...state,
    fleets: state.fleets.map(({ loadBalancer, ...each }) =>
      loadBalancer === undefined
        ? each
        : { ...each, loadBalancer: { ...loadBalancer, ...change, metrics: { ...loadBalancer.metrics, ...values } } },
    ),
  });
}

/** The first alarm. */
export function alarm(change: Partial<AlarmState>): Change {
  return (state) => ({
    ...state,
    alarms: (state.alarms ?? []).map((each, index) => (index === 0 ? { ...each, ...change } : each)),
  });
}

export function secret(change: Partial<SecretState>): Change {
  return (state) => ({ ...state, secrets: (state.secrets ?? []).map((each) => ({ ...each, ...change })) });
}

/** The stack with the data. */
export function dataStack(change: Partial<StackState>): Change {
  return (state) => ({
    ...state,
    stacks: state.stacks.map((each) => (each.name === 'prod-data' ? { ...each, ...change } : each)),
  });
}

/** Properties that the template of one resource says beside its own; `undefined` takes one away. */
export function template(logicalId: string, change: Readonly<Record<string, unknown>>): Change {
  return (state) => ({
    ...state,
    stacks: state.stacks.map((stack) => ({
      ...stack,
      resources: stack.resources.map((resource) =>
        resource.logicalId === logicalId
          ? { ...resource, properties: { ...resource.properties, ...change } }
          : resource,
      ),
    })),
  });
}

/** A template that says nothing of a resource, so that it does not differ from it. */
export function silentTemplate(logicalId: string): Change {
  return (state) => ({
    ...state,
    stacks: state.stacks.map((stack) => ({
      ...stack,
      resources: stack.resources.map((resource) =>
        resource.logicalId === logicalId ? { ...resource, properties: {} } : resource,
      ),
    })),
  });
}

/** Stacks of which no template was given. */
export function withoutTemplates(): Change {
  return (state) => ({
    ...state,
    stacks: state.stacks.map((stack) => ({
      ...stack,
      resources: stack.resources.map(({ properties: _, ...resource }) => resource),
    })),
  });
}

function omitted<T extends object>(from: T, parts: ReadonlyArray<keyof T>): T {
  return Object.fromEntries(Object.entries(from).filter(([name]) => !parts.includes(name as keyof T))) as T;
}
