import type { Certificates } from '../certificates';
import type { EngineBinary } from '../engines';
import type { ManagedProcess } from '../managed-process';

/** Who may sign in to a cache. */
export interface CacheUser {
  readonly name: string;
  readonly password: string;
  /** Access string as the template has it, for example `on ~* +@all`. */
  readonly access: string;
}

/** What every Valkey or Redis cache here is started with. */
export interface ValkeyOptions {
  /** Replication group id, which its nodes' names begin with. */
  readonly name: string;
  /** What messages call it, for example `dev/data/Sessions`. */
  readonly label: string;
  readonly binary: EngineBinary;
  readonly directory: string;
  /** `undefined` where the template switches TLS off. */
  readonly certificates: Certificates | undefined;
  /** When empty, everybody may do everything, as without a user group. */
  readonly users: readonly CacheUser[];
  /** Further lines of the configuration, by name, which stand above the defaults of ElastiCache's parameter groups. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Data that a node may hold. */
  readonly memoryBytes?: number;
  /** Availability Zones, which the nodes take in turn. */
  readonly zones?: readonly string[];
  /** Whether writes go to append-only files, as with ElastiCache's durability. Without it a node that ends keeps nothing. */
  readonly isDurable?: boolean;
  /** Told each process that was started. */
  readonly started: (process: ManagedProcess) => void;
  /** Told that the cache cannot be brought back. */
  readonly failed?: (error: Error) => void;
}
