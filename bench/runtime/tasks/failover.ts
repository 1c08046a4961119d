/** One write after the other, at a steady pace, while the primary changes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WRITERS, type WriterName } from '../clients/writer';

export interface Pace {
  readonly everyMs: number;
  readonly durationMs: number;
  /** When writes that are still open are given up, in milliseconds after the last one. */
  readonly boundMs: number;
}

/**
 * - `acknowledged`: the caller was told that the engine has it;
 * - `withheld`: the caller was told that it is not in the cache, as a cost and not as an error;
 * - `error`: the caller had to handle an error;
 * - `pending`: no answer at all.
 */
export type WriteOutcome = 'acknowledged' | 'withheld' | 'error' | 'pending';

export interface Write {
  readonly id: string;
  readonly kind: 'increment' | 'entry';
  /** Wall-clock time. */
  readonly at: number;
  readonly tookMs: number;
  readonly outcome: WriteOutcome;
}

export async function failover(setup: { readonly client: WriterName; readonly port: number }) {
  const writer = await WRITERS[setup.client](setup.port);

  async function write(number: number, givenUp: Promise<WriteOutcome>): Promise<Write> {
    const kind = number % 2 === 0 ? 'increment' : 'entry';
    // Of one width, so that none is part of another.
    const id = `w${String(number).padStart(6, '0')}`;
    const startedAt = performance.now();
    const done = (kind === 'increment' ? writer.increment(id) : writer.writeThrough(id)).then(
      (stored): WriteOutcome => (stored ? 'acknowledged' : 'withheld'),
      (): WriteOutcome => 'error',
    );
    const outcome = await Promise.race([done, givenUp]);
    return {
      id,
      kind,
      at: performance.timeOrigin + startedAt,
      tookMs: performance.now() - startedAt,
      outcome,
    };
  }

  return {
    async run({ everyMs, durationMs, boundMs }: Pace): Promise<Write[]> {
      let giveUp: (outcome: WriteOutcome) => void = () => {};
      const givenUp = new Promise<WriteOutcome>((resolve) => {
        giveUp = resolve;
      });
      const writes: Array<Promise<Write>> = [];
      const startedAt = performance.now();
      for (let number = 0; number * everyMs < durationMs; number += 1) {
        await sleep(startedAt + number * everyMs - performance.now());
        writes.push(write(number, givenUp));
      }
      const timer = setTimeout(() => giveUp('pending'), boundMs);
      const results = await Promise.all(writes);
      clearTimeout(timer);
      return results;
    },
  };
}
