/** Loads that are overtaken: the entry is written and then deleted, by anybody, before the load returns. */
import { CLIENTS, type ClientName } from '../clients/registry';

/** What the database of the benchmark holds for a key, by the order of its changes. */
interface Versioned {
  readonly version: number;
}

export async function stale(setup: { readonly client: ClientName; readonly port: number }) {
  let version = 1;
  let entered = 0;
  let release: () => void = () => {};
  let released: Promise<void> | undefined;
  let enough: () => void = () => {};
  const client = await CLIENTS[setup.client]<Versioned>(setup.port, async () => {
    const read = { version };
    entered += 1;
    enough();
    await released;
    return read;
  });
  let reads: Promise<unknown> = Promise.resolve();

  return {
    /** Begins a load of each, and returns when all have read the first version from the database. */
    async begin(ids: string[]): Promise<void> {
      version = 1;
      entered = 0;
      released = new Promise((resolve) => {
        release = resolve;
      });
      const all = new Promise<void>((resolve) => {
        enough = () => entered === ids.length && resolve();
      });
      reads = Promise.all(ids.map((id) => client.get(id)));
      await all;
    },

    /** The second version is written, and told; the third is written, and the entry deleted. */
    async overtake(ids: string[]): Promise<void> {
      for (const id of ids) {
        await client.write(id, { version: 2 });
        await client.remove(id);
      }
    },

    /** The loads return what they read. */
    async finish(): Promise<void> {
      release();
      released = undefined;
      await reads;
    },

    /** How many are not the third version now. */
    async staleOf(ids: string[]): Promise<number> {
      version = 3;
      const found = await Promise.all(ids.map((id) => client.get(id)));
      return found.filter((value) => value.version !== 3).length;
    },
  };
}
