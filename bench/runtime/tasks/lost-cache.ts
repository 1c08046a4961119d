/** Callers of a cache that is lost: the loader answers at once, so that all the time they take is the cache's doing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENTS, type ClientName } from '../clients/registry';
import { film } from '../film';

/** When a call counts as never answered. */
export const BOUND_MS = 6_000;

export const NEXT_CALLERS = 50;

/** Milliseconds from one caller to the next. */
const EVERY_MS = 10;

export interface Waited {
  readonly firstMs: number;
  /** How many calls of all ended in an error. */
  readonly errors: number;
  readonly nextMs: number[];
}

export async function lostCache(setup: { readonly client: ClientName; readonly port: number }) {
  const client = await CLIENTS[setup.client](setup.port, async (id) => film(id));
  let errors = 0;

  async function call(id: number): Promise<number> {
    const startedAt = performance.now();
    const answered = client.get(String(id)).catch(() => {
      errors += 1;
    });
    const given = new AbortController();
    await Promise.race([answered, sleep(BOUND_MS, undefined, { signal: given.signal })]);
    const tookMs = performance.now() - startedAt;
    given.abort();
    return tookMs;
  }

  return {
    /** Hits and misses, so that nothing is done for the first time when the cache is lost. */
    async warmUp(): Promise<void> {
      for (let id = 0; id < 500; id += 1) {
        await client.get(String(id % 250));
      }
    },

    async run(): Promise<Waited> {
      const firstMs = await call(1);
      const calls: Array<Promise<number>> = [];
      for (let index = 0; index < NEXT_CALLERS; index += 1) {
        calls.push(call(2 + index));
        await sleep(EVERY_MS);
      }
      return { firstMs, nextMs: await Promise.all(calls), errors };
    },
  };
}
