/** What one process did. Times are milliseconds of the machine's monotonic clock, the same for all processes. */
export interface Operation {
  readonly process: number;
  readonly kind: 'read' | 'write';
  readonly key: number;
  /** What was read or written; versions of one key grow with each write that the database took. */
  readonly version: number;
  readonly invokedAt: number;
  readonly completedAt: number;
  /** Of a write: whether the runtime said that the cache was told. */
  readonly reached?: boolean;
  /** How it was done: the strategy, or the outcome of a read. */
  readonly how: string;
}

/** A time in which a promise of the runtime has an exception. */
export interface Exception {
  /**
   * - `lossy`: writes that the engine acknowledged meanwhile may be lost in a failover;
   * - `apart`: this process, or all, may read from another node than the others write to, or from none.
   */
  readonly kind: 'lossy' | 'apart';
  /** @default - all */
  readonly process?: number;
  readonly from: number;
  readonly to: number;
}

/** The clock of a history. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
