import type { Exception, Operation } from './history';

export interface Promises {
  /** The oldest that anything may be, whatever fails: the TTL with its jitter, and what a load may take. */
  readonly boundMs: number;
  readonly exceptions: readonly Exception[];
  /** From then on all has healed, and entries of before have ended: every read must be of the newest version. */
  readonly settledAt: number;
}

export interface Violation {
  /**
   * - `stale`: older than a write that had reached the cache before the read began;
   * - `beyond the bound`: older than anything may be;
   * - `un-happened`: all had healed, and a write was not to be seen;
   * - `from nowhere`: nobody had begun to write that version.
   */
  readonly kind: 'stale' | 'beyond the bound' | 'un-happened' | 'from nowhere';
  readonly read: Operation;
  /** The newest write that the read should have seen. */
  readonly missed: Operation | undefined;
  /** How long before the read the oldest missed write had been acknowledged, in milliseconds. */
  readonly staleMs: number;
}

/** Why an older version may be read, from the strictest to the most lenient. */
export type StaleClass = 'unreached write' | 'lost by the engine' | 'reader apart';

export interface Verdict {
  readonly reads: number;
  readonly writes: number;
  readonly violations: readonly Violation[];
  /** Oldest staleness that was seen where the bound is the TTL, in milliseconds. */
  readonly oldestMs: Readonly<Record<StaleClass, number>>;
  readonly staleReads: Readonly<Record<StaleClass, number>>;
  /** Writes that the engine had acknowledged and then did not have, as far as a read has shown it. */
  readonly engineLost: number;
}

/** Looks at every read of a history in the light of the writes that had been acknowledged before it began. */
export function check(history: readonly Operation[], promises: Promises): Verdict {
  const writesOf = new Map<number, Operation[]>();
  for (const operation of history) {
    if (operation.kind === 'write') {
      const writes = writesOf.get(operation.key);
      if (writes === undefined) {
        writesOf.set(operation.key, [operation]);
      } else {
        writes.push(operation);
      }
    }
  }
  const violations: Violation[] = [];
  const oldestMs = { 'unreached write': 0, 'lost by the engine': 0, 'reader apart': 0 };
  const staleReads = { 'unreached write': 0, 'lost by the engine': 0, 'reader apart': 0 };
  const engineLost = new Set<Operation>();
  const reads = history.filter(({ kind }) => kind === 'read');

  for (const read of reads) {
    const writes = writesOf.get(read.key) ?? [];
    const source = writes.find(({ version }) => version === read.version);
    if (read.version > 0 && (source === undefined || source.invokedAt > read.completedAt)) {
      violations.push({ kind: 'from nowhere', read, missed: undefined, staleMs: 0 });
      continue;
    }
    const missed = writes.filter(({ version, completedAt }) => version > read.version && completedAt < read.invokedAt);
    if (missed.length === 0) {
      continue;
    }
    const staleOf = (operations: readonly Operation[]) =>
      read.invokedAt - Math.min(...operations.map(({ completedAt }) => completedAt));
    const newest = missed.reduce((one, other) => (other.version > one.version ? other : one));
    const staleMs = staleOf(missed);
    if (read.invokedAt >= promises.settledAt) {
      violations.push({ kind: 'un-happened', read, missed: newest, staleMs });
    } else if (staleMs > promises.boundMs) {
      violations.push({ kind: 'beyond the bound', read, missed: newest, staleMs });
    } else {
      const isLossy = (write: Operation) =>
        promises.exceptions.some((one) => one.kind === 'lossy' && meets(one, write));
      const isApart = promises.exceptions.some((one) => one.kind === 'apart' && meets(one, read));
      const told = missed.filter(({ reached }) => reached === true);
      const kept = told.filter((write) => !isLossy(write));
      if (isApart) {
        note('reader apart', staleMs);
      } else if (kept.length > 0) {
        violations.push({ kind: 'stale', read, missed: newest, staleMs: staleOf(kept) });
      } else if (told.length > 0) {
        note('lost by the engine', staleMs);
        for (const write of told) {
          engineLost.add(write);
        }
      } else {
        note('unreached write', staleMs);
      }
    }
  }

  function note(why: StaleClass, staleMs: number): void {
    oldestMs[why] = Math.max(oldestMs[why], staleMs);
    staleReads[why] += 1;
  }

  return {
    reads: reads.length,
    writes: history.length - reads.length,
    violations,
    oldestMs,
    staleReads,
    engineLost: engineLost.size,
  };
}

function meets(exception: Exception, operation: Operation): boolean {
  return (
    (exception.process === undefined || exception.process === operation.process) &&
    operation.invokedAt <= exception.to &&
    operation.completedAt >= exception.from
  );
}

/** One line for people. */
export function summary(engine: string, faults: readonly string[], verdict: Verdict): string {
  const classes = Object.entries(verdict.oldestMs).map(
    ([why, ms]) => `${why} ${verdict.staleReads[why as StaleClass]} (oldest ${ms.toFixed(0)} ms)`,
  );
  const counts = new Map<string, number>();
  for (const fault of faults) {
    counts.set(fault, (counts.get(fault) ?? 0) + 1);
  }
  return (
    `consistency on ${engine}: ${verdict.reads} reads, ${verdict.writes} writes, ` +
    `faults: ${[...counts].map(([fault, count]) => `${count} x ${fault}`).join(', ')}; ` +
    `older reads by cause: ${classes.join(', ')}; lost by the engine: ${verdict.engineLost} writes; ` +
    `violations: ${verdict.violations.length}`
  );
}
