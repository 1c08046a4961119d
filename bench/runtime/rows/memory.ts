import { median } from '../../report';
import { type Bench, interleaved } from '../bench';
import type { ClientName } from '../clients/registry';
import type { EngineKind } from '../engines';
import { round, type Table } from '../table';

const COUNT = 10_000;

const IN_FLIGHT: ReadonlyArray<{ client: ClientName; engine: EngineKind }> = [
  { client: 'ours, unlimited loads', engine: 'valkey' },
  { client: 'ours, Memcached, unlimited loads', engine: 'memcached' },
  { client: 'raw client + JSON', engine: 'valkey' },
  { client: 'joined raw gets + JSON', engine: 'valkey' },
  { client: 'ioredis + JSON', engine: 'valkey' },
];

const TIERS: readonly ClientName[] = [
  'ours, tier',
  'bentocache, tier',
  'bentocache, tier of objects',
  'cacheable, two levels',
  'lru-cache',
];

type Kind = 'ofGets' | 'ofLoads';

export async function memory(bench: Bench): Promise<Table[]> {
  return [await inFlight(bench), await tiers(bench)];
}

/** One figure of a process that was started for it. */
async function once<T>(bench: Bench, client: ClientName, engine: EngineKind, kind: Kind | 'ofEntries'): Promise<T> {
  const server = await bench.engines.start(engine);
  const remote = await bench.workers.start('memory', { client, port: server.port }, ['--expose-gc']);
  const result = await remote[kind](COUNT);
  await remote.end();
  await bench.engines.stop(server);
  return result as T;
}

async function inFlight(bench: Bench): Promise<Table> {
  const clients = IN_FLIGHT.filter(({ client }) => bench.wanted(client));
  const measure = (kind: Kind) =>
    interleaved(bench.rounds, clients, ({ client, engine }) => once<number>(bench, client, engine, kind));
  const gets = await measure('ofGets');
  const loads = await measure('ofLoads');
  const standings = clients.map((client) => ({
    ...client,
    getBytes: median(gets.get(client) as number[]),
    loadBytes: median(loads.get(client) as number[]),
  }));
  return {
    id: 'memory-in-flight',
    title: `Memory of a call in flight, ${COUNT.toLocaleString('en')} at once`,
    measured:
      'Heap and buffers after a collection, over the calls: while the cache is asked, and while the loader runs.',
    rows: standings.map(({ client, engine, getBytes, loadBytes }) => ({
      client,
      engine,
      'asking the cache, bytes': round(getBytes),
      'loading, bytes': round(loadBytes),
    })),
    goals: [],
    data: standings,
  };
}

async function tiers(bench: Bench): Promise<Table> {
  const names = TIERS.filter(bench.wanted);
  const results = await interleaved(bench.rounds, names, (client) =>
    once<{ entry: number; object: number }>(bench, client, 'valkey', 'ofEntries'),
  );
  const standings = names.map((client) => {
    const rounds = results.get(client) ?? [];
    return {
      client,
      entryBytes: median(rounds.map(({ entry }) => entry)),
      objectBytes: median(rounds.map(({ object }) => object)),
    };
  });
  return {
    id: 'memory-tier',
    title: `Memory of an entry of the in-process tier, ${COUNT.toLocaleString('en')} entries`,
    measured: 'Heap and buffers after a collection, over the entries; the object alone is the same one in an array.',
    rows: standings.map(({ client, entryBytes, objectBytes }) => ({
      client,
      'entry, bytes': round(entryBytes),
      'object alone, bytes': round(objectBytes),
      'beyond the object, bytes': Math.round(entryBytes - objectBytes),
    })),
    goals: [],
    data: standings,
  };
}
