/** Hits: everything that is asked for is in the cache. */
import { CLIENTS, type ClientName } from '../clients/registry';
import { film } from '../film';
import { zipf } from '../keys';
import { callersOf, type Load, type Measured } from '../load';

const KEYS = 10_000;

/** Calls in flight while the cache is filled. */
const FILLERS = 64;

export async function hits(setup: { readonly client: ClientName; readonly port: number }) {
  let loads = 0;
  const client = await CLIENTS[setup.client](setup.port, async (id) => {
    loads += 1;
    return film(id);
  });
  const ids = zipf(KEYS);
  return {
    /** Asks for everything twice: an in-process tier may take only what was in the cache. */
    async fill(): Promise<void> {
      let next = 0;
      const filler = async () => {
        while (next < 2 * KEYS) {
          next += 1;
          await client.get(String((next - 1) % KEYS));
        }
      };
      await Promise.all(Array.from({ length: FILLERS }, filler));
    },

    /** `misses`: calls that had to load, because the cache did not answer in time. */
    async run(load: Load): Promise<Measured & { misses: number }> {
      loads = 0;
      const measured = await callersOf((id) => client.get(id), ids, load);
      return { ...measured, misses: loads };
    },

    /** What a caller holds: an object of its own, one that nobody can change, or one that others see changed. */
    async objects(): Promise<'own' | 'frozen' | 'shared'> {
      const [mine, yours] = await Promise.all([client.get('7'), client.get('7')]);
      try {
        mine.title = 'changed';
        mine.genres.push('changed');
      } catch {
        // Nobody can change it, as the comparison below shows.
      }
      const later = await client.get('7');
      const expected = JSON.stringify(film('7'));
      if (JSON.stringify(yours) !== expected || JSON.stringify(later) !== expected) {
        return 'shared';
      }
      return mine === yours ? 'frozen' : 'own';
    },
  };
}
