import { Problem } from '../assembly/problem';
import type { MemcachedPlan, ReplicationGroupPlan } from './cache-plans';
import type { Plan } from './plan';

/** What an update of a running environment has to do. */
export interface PlanUpdate {
  /** Whether instances have to be replaced. */
  readonly fleet: boolean;
  /** Whether anything changes in the caches and databases. */
  readonly engines: boolean;
  /** What ends, once nobody uses it any more. */
  readonly gone: ReadonlyArray<{ readonly id: string; readonly label: string }>;
}

/** What can change while a cache runs; everything else makes it another one. */
const CHANGEABLE: ReadonlySet<string> = new Set<keyof ReplicationGroupPlan | keyof MemcachedPlan>([
  'nodes',
  'users',
  'parameterGroup',
  'userGroupIds',
  'description',
  'engineVersion',
  'nodeType',
  'zones',
  'maintenanceWindow',
  'autoMinorVersionUpgrade',
  'snapshotRetentionDays',
  'snapshotWindow',
]);

/**
 * Compares two plans of one environment.
 *
 * @throws Problem that lists what has changed and cannot change while it runs
 */
export function updateOf(before: Plan, after: Plan): PlanUpdate {
  const [old, next] = [enginesOf(before), enginesOf(after)];
  const impossible = next.flatMap((engine) => {
    const was = old.find(({ id }) => id === engine.id);
    return was === undefined ? [] : fixedChanges(was, engine).map((name) => `\`${name}\` of ${engine.label}`);
  });
  if ((before.fleet === undefined) !== (after.fleet === undefined)) {
    impossible.push('whether there is a fleet');
  }
  if (impossible.length > 0) {
    throw new Problem(
      `${impossible.join(', ')} cannot change while the environment runs: end it, and start it again. Nothing was changed`,
    );
  }
  return {
    fleet: !same(before.fleet, after.fleet),
    engines: !same(old, next),
    gone: old.filter(({ id }) => !next.some((engine) => engine.id === id)).map(({ id, label }) => ({ id, label })),
  };
}

function enginesOf(plan: Plan) {
  return [...plan.replicationGroups, ...plan.serverlessCaches, ...plan.memcachedClusters, ...plan.databases];
}

function fixedChanges(before: object, after: object): string[] {
  const [was, is] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (name) => !CHANGEABLE.has(name) && !same(was[name], is[name]),
  );
}

/** Whether two plans, or parts of plans, say the same. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
