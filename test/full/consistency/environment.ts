import type { DatabaseBinding } from '../../../runtime/binding';
import type { Exception } from './history';
import type { Workers } from './workers';

/** A fault: what is done, until it is over, and which promises have an exception for how long. */
export interface Fault {
  readonly name: string;
  run(workers: Workers): Promise<readonly Exception[]>;
}

/** A cache between processes, each of which reaches it on a way of its own. */
export interface Environment {
  /** The oldest that an entry gets on this engine, by its TTL with jitter, in milliseconds. */
  oldestMs(ttlMs: number): number;
  /** The variables of a process. */
  variables(process: number, database: DatabaseBinding): Record<string, string>;
  /** The names that a process can resolve at the start. */
  names(process: number): Record<string, string>;
  readonly faults: readonly Fault[];
  /**
   * Whether a process for which a node is out reads its keys from another node, where the others do not write. It finds
   * a node out by itself, also without a fault of ours: when the machine is busy.
   */
  readonly hasGutter: boolean;
  stop(): Promise<void>;
}
