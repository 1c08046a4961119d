/** Many callers of one key that the cache does not have, at the same moment in several processes. */
import { CLIENTS, type ClientName } from '../clients/registry';
import { film } from '../film';

export interface Rush {
  readonly id: string;
  readonly callers: number;
  readonly loaderMs: number;
  readonly fails: boolean;
  /** When to begin, as wall-clock time: the same moment in every process. */
  readonly at: number;
  /** When to stop waiting, in milliseconds after the beginning. */
  readonly boundMs: number;
}

/** When a load began and ended, as wall-clock time. */
export type Span = readonly [from: number, to: number];

export interface Rushed {
  readonly loads: Span[];
  readonly values: number;
  readonly errors: number;
  /** Callers without an answer when the bound was reached. */
  readonly pending: number;
  readonly tookMs: number[];
}

const ORIGIN_ERROR = 'the origin is down';

const now = () => performance.timeOrigin + performance.now();

export async function stampede(setup: { readonly client: ClientName; readonly port: number }) {
  let rush: Rush;
  let loads: Array<[number, number]> = [];
  const client = await CLIENTS[setup.client](setup.port, async (id) => {
    const span: [number, number] = [now(), Number.POSITIVE_INFINITY];
    loads.push(span);
    await new Promise((resolve) => setTimeout(resolve, rush.loaderMs));
    span[1] = now();
    if (rush.fails) {
      throw new Error(ORIGIN_ERROR);
    }
    return film(id);
  });

  return {
    async run(asked: Rush): Promise<Rushed> {
      rush = asked;
      loads = [];
      await new Promise((resolve) => setTimeout(resolve, rush.at - now() - 5));
      while (now() < rush.at) {
        // A timer is late by more than a stampede's first moments last.
      }
      const startedAt = performance.now();
      const tookMs: number[] = [];
      let values = 0;
      let errors = 0;
      const caller = async () => {
        try {
          await client.get(rush.id);
          values += 1;
        } catch (error) {
          // The origin's own error, as it is or as the cause of the library's.
          const { message, cause } = error as Error;
          if (![message, (cause as Error)?.message].includes(ORIGIN_ERROR)) {
            throw error;
          }
          errors += 1;
        }
        tookMs.push(performance.now() - startedAt);
      };
      const all = Promise.all(Array.from({ length: rush.callers }, caller));
      let timer: NodeJS.Timeout | undefined;
      const bound = new Promise((resolve) => {
        timer = setTimeout(resolve, rush.boundMs);
      });
      await Promise.race([all, bound]);
      clearTimeout(timer);
      return { loads, values, errors, pending: rush.callers - tookMs.length, tookMs };
    },
  };
}
