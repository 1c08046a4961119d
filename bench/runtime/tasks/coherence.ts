/** One of two processes with an in-process tier each: the one writes, the other keeps reading. */
import { setImmediate } from 'node:timers/promises';
import { CLIENTS, type ClientName } from '../clients/registry';

interface Versioned {
  readonly version: number;
}

const now = () => performance.timeOrigin + performance.now();

export async function coherence(setup: { readonly client: ClientName; readonly port: number }) {
  const client = await CLIENTS[setup.client]<Versioned>(setup.port, async () => ({ version: 0 }));
  return {
    /** @returns when it was written, as wall-clock time */
    async write({ id, version }: { id: string; version: number }): Promise<number> {
      await client.write(id, { version });
      return now();
    },

    /** @returns when the version was read for the first time; `undefined` when it was not within the bound */
    async seen({
      id,
      version,
      boundMs,
    }: {
      id: string;
      version: number;
      boundMs: number;
    }): Promise<number | undefined> {
      const giveUpAt = now() + boundMs;
      while (now() < giveUpAt) {
        if ((await client.get(id)).version === version) {
          return now();
        }
        await setImmediate();
      }
      return undefined;
    },
  };
}
