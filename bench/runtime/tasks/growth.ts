/** Hits of a working set that grows, in keys and in bytes. */
import { CLIENTS, type ClientName } from '../clients/registry';
import { uniform } from '../keys';
import { callersOf, type Load, type Measured } from '../load';

/** What a text takes besides itself: its object's JSON, and what a library puts around it. */
const ENVELOPE_BYTES = 80;

/** Calls in flight while the cache is filled. */
const FILLERS = 16;

export async function growth(setup: { readonly client: ClientName; readonly port: number; readonly bytes: number }) {
  const text = 'x'.repeat(setup.bytes - ENVELOPE_BYTES);
  let loads = 0;
  const client = await CLIENTS[setup.client](setup.port, async (id) => {
    loads += 1;
    return { id, text };
  });
  let filled = 0;
  return {
    /** Fills the cache up to so many keys. */
    async growTo(keys: number): Promise<void> {
      const filler = async () => {
        while (filled < keys) {
          filled += 1;
          await client.get(String(filled - 1));
        }
      };
      await Promise.all(Array.from({ length: FILLERS }, filler));
    },

    async run(load: Load): Promise<Measured & { loads: number }> {
      loads = 0;
      const measured = await callersOf((id) => client.get(id), uniform(filled), load);
      return { ...measured, loads };
    },
  };
}
