import type { BenchEngines } from './engines';
import type { Workers } from './remote';
import type { Table } from './table';

/** What a benchmark is given to run with. */
export interface Bench {
  readonly engines: BenchEngines;
  readonly workers: Workers;
  /** Workers on other releases of Node, by version. */
  readonly releases: ReadonlyArray<{ readonly version: string; readonly workers: Workers }>;
  /** Whether a client takes part. */
  readonly wanted: (client: string) => boolean;
  /** Interleaved rounds, of which the median is taken. */
  readonly rounds: number;
  /** Milliseconds that each client is measured for in a round. */
  readonly durationMs: number;
}

export type Benchmark = (bench: Bench) => Promise<Table[]>;

/** Each in turn, in every round: what disturbs the machine for a while disturbs all alike. */
export async function interleaved<K, R>(
  rounds: number,
  keys: readonly K[],
  measure: (key: K, round: number) => Promise<R>,
): Promise<Map<K, R[]>> {
  const results = new Map<K, R[]>(keys.map((key) => [key, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const key of keys) {
      results.get(key)?.push(await measure(key, round));
    }
  }
  return results;
}
