import type { Clock } from '../clock';
import type { CacheChange } from '../controlled';

export type NodeState = 'available' | 'creating' | 'recovering';

/** What the nodes of a cache are at, by what has been told of them. */
export class NodeStates {
  /** When each was added, of those that are there. */
  private readonly added: Map<string, Date>;
  private readonly recovering = new Set<string>();

  constructor(
    ids: readonly string[],
    createdAt: Date,
    private readonly clock: Clock,
  ) {
    this.added = new Map(ids.map((id) => [id, createdAt]));
  }

  note(change: CacheChange): void {
    switch (change.type) {
      case 'node-added':
        this.added.set(change.node, this.clock());
        break;
      case 'node-removed':
        this.added.delete(change.node);
        this.recovering.delete(change.node);
        break;
      case 'recovering':
        this.recovering.add(change.node);
        break;
      case 'recovered':
        this.recovering.delete(change.node);
        break;
    }
  }

  of({ id, isUp }: { readonly id: string; readonly isUp: boolean }): NodeState {
    if (!this.added.has(id)) {
      return 'creating';
    }
    return isUp && !this.recovering.has(id) ? 'available' : 'recovering';
  }

  /** `undefined` while it is created. */
  createdAt(id: string): Date | undefined {
    return this.added.get(id);
  }
}
