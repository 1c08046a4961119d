import type { Drill } from './drill';
import { flush, full, partialCold, stampede } from './drills/lost-contents';
import { failover, replica } from './drills/lost-nodes';
import { database, deploy, instance } from './drills/lost-servers';
import { reconnectStorm } from './drills/reconnect-storm';
import { freeze, partition, slow } from './drills/slow-caches';

/** Every drill, in the order in which `all` runs them: what takes contents away comes last. */
export const DRILLS: readonly Drill[] = [
  replica,
  failover,
  freeze,
  partition,
  slow,
  reconnectStorm,
  instance,
  deploy,
  database,
  stampede,
  flush,
  partialCold,
  full,
];

/** The drills of a name: one, or all. @returns `undefined` when there is none */
export function drillsNamed(name: string): readonly Drill[] | undefined {
  const found = name === 'all' ? DRILLS : DRILLS.filter((drill) => drill.name === name);
  return found.length === 0 ? undefined : found;
}
