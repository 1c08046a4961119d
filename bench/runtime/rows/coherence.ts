import type { Bench } from '../bench';
import type { ClientName } from '../clients/registry';
import { percentile } from '../load';
import { round, type Table } from '../table';

const WRITES = 200;

const BOUND_MS = 1_000;

const CLIENTS: readonly ClientName[] = ['ours, tier', 'bentocache, tier', 'cacheable, two levels'];

/** How long a tier serves what another process has written anew: that it is kept coherent, and not only fast. */
export async function coherence(bench: Bench): Promise<Table[]> {
  const standings = [];
  for (const client of CLIENTS.filter(bench.wanted)) {
    const server = await bench.engines.start('valkey');
    const [writer, reader] = [
      await bench.workers.start('coherence', { client, port: server.port }),
      await bench.workers.start('coherence', { client, port: server.port }),
    ];
    const lags: number[] = [];
    let unseen = 0;
    for (let version = 1; version <= WRITES && unseen < 3; version += 1) {
      const id = String(version % 10);
      await reader.seen({ id, version: -1, boundMs: 2 });
      const seen = reader.seen({ id, version, boundMs: BOUND_MS });
      const writtenAt = await writer.write({ id, version });
      const seenAt = await seen;
      if (seenAt === undefined) {
        unseen += 1;
      } else {
        lags.push(Math.max(0, seenAt - writtenAt));
      }
    }
    await writer.end();
    await reader.end();
    await bench.engines.stop(server);
    lags.sort((a, b) => a - b);
    standings.push({ client, unseen, p50Ms: percentile(lags, 0.5), p99Ms: percentile(lags, 0.99) });
  }
  const time = (ms: number) => (Number.isNaN(ms) ? 'never' : round(ms));
  return [
    {
      id: 'coherence',
      title: 'In-process tier: from the return of a write in one process until another process reads it',
      measured: `${WRITES} writes; unseen: not within ${BOUND_MS / 1_000} s, after three of which no more are made.`,
      rows: standings.map(({ client, unseen, p50Ms, p99Ms }) => ({
        client,
        'p50, ms': time(p50Ms),
        'p99, ms': time(p99Ms),
        unseen,
      })),
      goals: standings
        .filter(({ client }) => client === 'ours, tier')
        .map(({ unseen }) => ({ what: 'ours: writes of another process unseen', value: unseen, atMost: 0 })),
      data: standings,
    },
  ];
}
