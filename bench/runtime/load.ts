/** Callers that each ask again as soon as they are answered. */
import { setImmediate } from 'node:timers/promises';
import type { Ids } from './keys';

export interface Load {
  readonly concurrency: number;
  readonly durationMs: number;
}

export interface Measured {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Processor time of this process for each call, its garbage collection included. */
  readonly cpuUs: number;
}

/** One call of so many is timed: reading the clock each time would cost the fastest clients a tenth. */
const SAMPLED = 8;

/** Calls after which a caller lets the process's other work run: calls that never wait would keep it out for good. */
const YIELD_AFTER = 256;

export async function callersOf(call: (id: string) => Promise<unknown>, ids: Ids, load: Load): Promise<Measured> {
  const samples: number[] = [];
  let calls = 0;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + load.durationMs;

  async function caller(offset: number): Promise<void> {
    for (let made = offset; ; made += 1) {
      if (made % SAMPLED !== 0) {
        await call(ids());
      } else {
        const askedAt = performance.now();
        await call(ids());
        const now = performance.now();
        samples.push(now - askedAt);
        if (now > endsAt) {
          calls += made - offset + 1;
          return;
        }
        if (made % YIELD_AFTER === 0) {
          await setImmediate();
        }
      }
    }
  }

  await Promise.all(Array.from({ length: load.concurrency }, (_, index) => caller(index)));
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  samples.sort((a, b) => a - b);
  return {
    perSecond: calls / seconds,
    p50Us: percentile(samples, 0.5) * 1_000,
    p99Us: percentile(samples, 0.99) * 1_000,
    cpuUs: (user + system) / calls,
  };
}

/** @param sorted ascending */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
