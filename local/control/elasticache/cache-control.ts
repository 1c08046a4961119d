import type { Clock } from '../clock';
import type { CacheChange, CacheChangeListener } from '../controlled';
import type { EventLog } from './event-log';
import { type NodeState, NodeStates } from './node-states';

/** What a cache cluster is at, as AWS spells it. */
export type CacheClusterStatus =
  | 'available'
  | 'creating'
  | 'modifying'
  | 'rebooting cache cluster nodes'
  | 'snapshotting';

/** What was asked of a cache and is being done. */
interface Activity {
  readonly status: CacheClusterStatus;
  /** Nodes that it is done to. */
  readonly nodes: readonly string[];
}

export interface ControlOptions {
  readonly events: EventLog;
  readonly clock: Clock;
  /** Told what was accepted and could not be done. */
  readonly report: (line: string) => void;
}

/** What the caches that are controlled have in common. */
export interface ControlledCache {
  readonly id: string;
  readonly createdAt: Date;
  onChange(listener: CacheChangeListener): () => void;
}

interface Node {
  readonly id: string;
  readonly isUp: boolean;
}

/** A cache, what it is at, and the events that come of what happens in it. */
export abstract class CacheControl<C extends ControlledCache = ControlledCache> {
  protected readonly events: EventLog;
  protected readonly clock: Clock;
  protected activity: Activity | undefined;
  private readonly states: NodeStates;
  private readonly report: (line: string) => void;
  private readonly stop: () => void;
  private isClosed = false;

  constructor(
    protected cache: C,
    nodes: readonly string[],
    options: ControlOptions,
  ) {
    this.events = options.events;
    this.clock = options.clock;
    this.report = options.report;
    this.states = new NodeStates(nodes, cache.createdAt, options.clock);
    this.stop = cache.onChange((change) => {
      this.states.note(change);
      // A reboot has events of its own, which are written where it is asked for.
      if (!('node' in change && change.type.startsWith('recover') && this.isRebooting(change.node))) {
        this.log(change);
      }
    });
  }

  get id(): string {
    return this.cache.id;
  }

  /** Whether a cache is this one, and not another that was started under its id. */
  isOf({ id, createdAt }: ControlledCache): boolean {
    return id === this.id && createdAt.getTime() === this.cache.createdAt.getTime();
  }

  /** Takes the cache as it is described now. */
  look(cache: C): void {
    this.cache = cache;
  }

  stateOf(node: Node): NodeState | 'rebooting' {
    return this.isRebooting(node.id) ? 'rebooting' : this.states.of(node);
  }

  /** When a node was created, as far as it is. */
  nodeCreatedAt(id: string): Date | undefined {
    return this.states.createdAt(id);
  }

  close(): void {
    this.isClosed = true;
    this.stop();
  }

  /** Writes the events of a change. */
  protected abstract log(change: CacheChange): void;

  /** Does what was accepted, which the answer does not wait for. The cache is available again when it is done. */
  protected begin(what: string, activity: Activity, work: () => Promise<void>): void {
    this.activity = activity;
    const finish = async () => {
      try {
        await work();
      } catch (error) {
        // The caches end with the endpoint, and whatever was being done to them fails.
        if (!this.isClosed) {
          this.report(`! ${what} of ${this.id} has failed: ${(error as Error).message}`);
        }
      } finally {
        this.activity = undefined;
      }
    };
    void finish();
  }

  private isRebooting(node: string): boolean {
    return this.activity?.status === 'rebooting cache cluster nodes' && this.activity.nodes.includes(node);
  }
}
