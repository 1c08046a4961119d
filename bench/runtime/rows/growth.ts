import { type Bench, interleaved } from '../bench';
import type { ClientName } from '../clients/registry';
import type { EngineKind } from '../engines';
import type { Measured } from '../load';
import { medianOf } from '../medians';
import type { Remote } from '../remote';
import { round, type Table } from '../table';

interface Step {
  readonly keys: number;
  readonly bytes: number;
  readonly concurrency: number;
}

const KEYS: readonly Step[] = [1_000, 10_000, 100_000, 1_000_000].map((keys) => ({
  keys,
  bytes: 100,
  concurrency: 64,
}));

/** No more than 100 MB, and large values a few at a time, as they are asked for. */
const VALUES: readonly Step[] = [
  { bytes: 100, keys: 1_000, concurrency: 64 },
  { bytes: 1_000, keys: 1_000, concurrency: 64 },
  { bytes: 10_000, keys: 1_000, concurrency: 64 },
  { bytes: 100_000, keys: 1_000, concurrency: 8 },
  { bytes: 1_000_000, keys: 100, concurrency: 8 },
];

const CLIENTS: Readonly<Record<EngineKind, { ours: ClientName; references: readonly ClientName[] }>> = {
  valkey: { ours: 'ours', references: ['raw client + JSON', 'joined raw gets + JSON'] },
  memcached: { ours: 'ours, Memcached', references: ['joined raw gets + JSON, Memcached'] },
};

type Hits = Measured & { loads: number };

export async function growth(bench: Bench): Promise<Table[]> {
  const engines = (['valkey', 'memcached'] as const).filter((engine) => bench.wanted(CLIENTS[engine].ours));
  const tables: Table[] = [];
  for (const engine of engines) {
    tables.push(await table(bench, engine));
  }
  return tables;
}

async function table(bench: Bench, engine: EngineKind): Promise<Table> {
  const { ours, references } = CLIENTS[engine];
  const names = [ours, ...references].filter(bench.wanted);
  const standings = await grow(bench, engine, names, KEYS);
  for (const step of VALUES) {
    standings.push(...(await grow(bench, engine, names, [step])));
  }
  return {
    id: `growth-${engine}`,
    title: `Cost of a hit on ${engine === 'valkey' ? 'Valkey' : 'Memcached'} as the working set grows`,
    measured:
      'Keys asked for at random, all as often; µs a hit is one second over the hits of it. Misses: of the hits of the ' +
      'last round, how many had to be loaded, because the cache did not answer in time.',
    rows: standings.map(({ step, results }) => {
      const cost = (name: ClientName) => 1e6 / (results.get(name)?.perSecond ?? Number.NaN);
      return {
        keys: step.keys,
        'bytes a value': step.bytes,
        callers: step.concurrency,
        ...Object.fromEntries(names.map((name) => [`${name}, µs a hit`, round(cost(name))])),
        ...Object.fromEntries(references.map((name) => [`ours to ${name}`, (cost(ours) / cost(name)).toFixed(2)])),
        'ours, p50, µs': round(results.get(ours)?.p50Us ?? Number.NaN),
        'ours, p99, µs': round(results.get(ours)?.p99Us ?? Number.NaN),
        misses: results.get(ours)?.loads ?? Number.NaN,
      };
    }),
    goals: [],
    data: standings.map(({ step, results }) => ({ ...step, results: Object.fromEntries(results) })),
  };
}

/** Clients with one server, filled further from step to step. */
async function grow(bench: Bench, engine: EngineKind, names: readonly ClientName[], steps: readonly Step[]) {
  const server = await bench.engines.start(engine);
  const clients = new Map<ClientName, Remote<'growth'>>();
  const { bytes } = steps[0] as Step;
  for (const client of names) {
    clients.set(client, await bench.workers.start('growth', { client, port: server.port, bytes }));
  }
  const standings = [];
  for (const step of steps) {
    for (const client of clients.values()) {
      await client.growTo(step.keys);
      await client.run({ concurrency: step.concurrency, durationMs: bench.durationMs / 2 });
    }
    const results = await interleaved(bench.rounds, names, (name) =>
      (clients.get(name) as Remote<'growth'>).run({
        concurrency: step.concurrency,
        durationMs: bench.durationMs / 2,
      }),
    );
    standings.push({ step, results: new Map(names.map((name) => [name, medianOf(results.get(name) as Hits[])])) });
  }
  await Promise.all([...clients.values()].map((client) => client.end()));
  await bench.engines.stop(server);
  return standings;
}
