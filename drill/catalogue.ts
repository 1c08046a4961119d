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

/** The drills of a name: one, several separated by commas, or all. @returns `undefined` when one of them is none */
export function drillsNamed(name: string): readonly Drill[] | undefined {
  const names = name.split(',');
  const isKnown = (one: string) => DRILLS.some((drill) => drill.name === one);
  return name === 'all'
    ? DRILLS
    : names.every(isKnown)
      ? DRILLS.filter((drill) => names.includes(drill.name))
      : undefined;
}
