/** What the heap holds for calls in flight and for entries of a tier. Needs `--expose-gc`. */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { CLIENTS, type ClientName } from '../clients/registry';
import { type Film, film } from '../film';

const gc = globalThis.gc as () => void;

function heap(): number {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

export async function memory(setup: { readonly client: ClientName; readonly port: number }) {
  let entered = 0;
  let hold: Promise<void> | undefined;
  let release: () => void = () => {};
  const client = await CLIENTS[setup.client](setup.port, async (id) => {
    entered += 1;
    await hold;
    // As out of a database: with texts of its own.
    return JSON.parse(JSON.stringify(film(id)));
  });

  const ask = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => client.get(String(from + index)));

  return {
    /** Bytes for each of so many calls that have asked the cache, and were not answered yet. */
    async ofGets(count: number): Promise<number> {
      await Promise.all(ask(0, count));
      const before = heap();
      const calls = ask(0, count);
      const after = heap();
      await Promise.all(calls);
      return (after - before) / count;
    },

    /** Bytes for each of so many calls whose loader is running. */
    async ofLoads(count: number): Promise<number> {
      hold = new Promise((resolve) => {
        release = resolve;
      });
      entered = 0;
      const before = heap();
      const calls = ask(1_000_000, count);
      const giveUpAt = performance.now() + 10_000;
      while (entered < count && performance.now() < giveUpAt) {
        await setImmediate();
      }
      const after = heap();
      release();
      hold = undefined;
      await Promise.all(calls);
      if (entered < count) {
        throw new Error(`only ${entered} of ${count} loads were begun`);
      }
      return (after - before) / count;
    },

    /** Bytes for each of so many entries of the tier, and of the same objects in an array. */
    async ofEntries(count: number): Promise<{ entry: number; object: number }> {
      // A few, so that what is made once is not counted.
      await Promise.all(ask(0, 100));
      const before = heap();
      // Twice, with a pause for the news of what was stored: a tier may take only what was in the cache by then.
      for (const pauseMs of [500, 0]) {
        for (let id = 100; id < 100 + count; id += 1) {
          await client.get(String(id));
        }
        await sleep(pauseMs);
      }
      const after = heap();
      const objects: Film[] = [];
      for (let id = 100; id < 100 + count; id += 1) {
        objects.push(JSON.parse(JSON.stringify(film(String(id)))));
      }
      const plain = heap();
      return { entry: (after - before) / count, object: (plain - after) / objects.length };
    },
  };
}
