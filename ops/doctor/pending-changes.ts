import type { PendingChange } from '../environment/environment-state';

/**
 * Changes of caches that may wait for the maintenance window (API reference, PendingModifiedValues); resharding, failover,
 * AUTH tokens and the mode of encryption begin at once.
 */
const KEPT_FOR_WINDOW = new Set(['node type', 'engine version', 'nodes', 'nodes to remove']);

/** Whether a change of a cache is one that waits for its maintenance window. */
export function waitsForWindow({ what }: PendingChange): boolean {
  return KEPT_FOR_WINDOW.has(what);
}
