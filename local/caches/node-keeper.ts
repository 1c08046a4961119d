import { ProcessFailed } from '../managed-process';
import type { Changes } from './changes';

/** So many starts of a node that fail in a row end the cache. */
const MOST_FAILURES = 3;

/** A process that can be started again. */
export interface KeptNode {
  readonly id: string;
  readonly process: { readonly name: string; readonly ended: Promise<string>; readonly isStopping: boolean };
}

export interface NodeKeeperOptions<T> {
  readonly changes: Changes;
  /** Starts a node that ended. @returns whether it is back without its data */
  readonly bringBack: (node: T) => Promise<{ readonly isEmpty: boolean }>;
  /** Told that a node does not come back. */
  readonly failed: (error: Error) => void;
}

/** Brings back nodes that end unasked, as ElastiCache replaces them, and tells of it. */
export class NodeKeeper<T extends KeptNode> {
  private readonly recovering = new Map<T, Promise<void>>();
  private readonly kept = new Set<T>();
  private closed = false;

  constructor(private readonly options: NodeKeeperOptions<T>) {}

  /** Watches a node from now on. */
  keep(node: T): void {
    this.kept.add(node);
    const { process } = node;
    void process.ended.then(async () => {
      // Who has another process by now was brought back already.
      if (this.kept.has(node) && !process.isStopping && !this.closed && node.process === process) {
        await this.recovering.get(node);
        if (node.process === process && this.kept.has(node) && !this.closed) {
          await this.recover(node, () => this.retry(node));
        }
      }
    });
  }

  /** Lets a node end for good. */
  leave(node: T): void {
    this.kept.delete(node);
  }

  isRecovering(node: T): boolean {
    return this.recovering.has(node);
  }

  /** Runs a recovery and tells of it. */
  recover(node: T, run: () => Promise<{ readonly isEmpty: boolean }>): Promise<void> {
    const { process } = node;
    const recovery = run()
      .then(({ isEmpty }) => {
        this.recovering.delete(node);
        this.options.changes.tell({ type: 'recovered', node: node.id, isEmpty });
        if (node.process !== process) {
          this.keep(node);
        }
      })
      .catch((error: Error) => {
        this.recovering.delete(node);
        if (this.kept.has(node) && !this.closed) {
          this.options.failed(error);
        }
      });
    this.recovering.set(node, recovery);
    this.options.changes.tell({ type: 'recovering', node: node.id });
    return recovery;
  }

  /** Resolves once no node is being brought back. */
  async settled(): Promise<void> {
    // A node that has just ended is noticed in the next turn.
    await new Promise((resolve) => setTimeout(resolve, 5));
    while (this.recovering.size > 0) {
      await Promise.all(this.recovering.values());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close(): void {
    this.closed = true;
    this.kept.clear();
  }

  private async retry(node: T): Promise<{ readonly isEmpty: boolean }> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.options.bringBack(node);
      } catch (error) {
        if (this.closed || !this.kept.has(node)) {
          return { isEmpty: false };
        }
        if (failures >= MOST_FAILURES) {
          throw error instanceof ProcessFailed ? error : new Error(`${node.process.name}: ${(error as Error).message}`);
        }
      }
    }
  }
}
