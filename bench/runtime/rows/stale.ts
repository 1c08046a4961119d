import type { Bench } from '../bench';
import type { ClientName } from '../clients/registry';
import type { EngineKind } from '../engines';
import { percentile } from '../load';
import { round, type Table } from '../table';

const ROUNDS = 1_000;

/** Keys whose loads are overtaken together: fewer than a cache-aside with a limit lets load at once. */
const BATCH = 10;

type Writer = 'the same process' | 'another process';

const CLIENTS: ReadonlyArray<{ client: ClientName; engine: EngineKind; ours?: boolean }> = [
  { client: 'ours', engine: 'valkey', ours: true },
  { client: 'ours, Memcached', engine: 'memcached', ours: true },
  { client: 'ioredis + JSON', engine: 'valkey' },
  { client: 'async-cache-dedupe', engine: 'valkey' },
  { client: 'keyv', engine: 'valkey' },
  { client: 'cacheable', engine: 'valkey' },
  { client: 'cache-manager', engine: 'valkey' },
  { client: 'cachified', engine: 'valkey' },
  { client: 'bentocache', engine: 'valkey' },
  { client: 'memjs + JSON', engine: 'memcached' },
];

export async function stale(bench: Bench): Promise<Table[]> {
  const standings = [];
  for (const { client, engine, ours } of CLIENTS.filter(({ client }) => bench.wanted(client))) {
    const here = await overtaken(bench, client, engine, 'the same process');
    const elsewhere = await overtaken(bench, client, engine, 'another process');
    const batches = [...here.batchMs, ...elsewhere.batchMs].sort((a, b) => a - b);
    standings.push({
      client,
      engine,
      ours: ours === true,
      here: here.stale,
      elsewhere: elsewhere.stale,
      p50Ms: percentile(batches, 0.5) / BATCH,
      p99Ms: percentile(batches, 0.99) / BATCH,
    });
  }
  const best = Math.min(...standings.filter(({ ours }) => !ours).map(({ here, elsewhere }) => here + elsewhere));
  return [
    {
      id: 'stale',
      title: `Stale for good: the entry is written and deleted during a load, ${ROUNDS.toLocaleString('en')} loads`,
      measured:
        'Stale: a read after all is over returns what the overtaken load returned. Written and deleted by the process ' +
        'that loads, and by another one. p50 and p99 are of a write and a delete.',
      rows: standings.map((standing) => ({
        client: standing.client,
        engine: standing.engine,
        'stale, same process': standing.here,
        'stale, another process': standing.elsewhere,
        'p50, ms': round(standing.p50Ms),
        'p99, ms': round(standing.p99Ms),
        'best peer, of both': best,
      })),
      goals: standings
        .filter(({ ours }) => ours)
        .map(({ client, here, elsewhere }) => ({ what: `${client}: stale reads`, value: here + elsewhere, atMost: 0 })),
      data: standings,
    },
  ];
}

async function overtaken(bench: Bench, client: ClientName, engine: EngineKind, by: Writer) {
  const server = await bench.engines.start(engine);
  const reader = await bench.workers.start('stale', { client, port: server.port });
  const writer = by === 'the same process' ? reader : await bench.workers.start('stale', { client, port: server.port });
  const batchMs: number[] = [];
  let count = 0;
  for (let first = 0; first < ROUNDS; first += BATCH) {
    const ids = Array.from({ length: BATCH }, (_, index) => String(first + index));
    await reader.begin(ids);
    const startedAt = performance.now();
    await writer.overtake(ids);
    batchMs.push(performance.now() - startedAt);
    await reader.finish();
    count += await reader.staleOf(ids);
  }
  await reader.end();
  await writer.end();
  await bench.engines.stop(server);
  return { stale: count, batchMs };
}
