import { createClient } from '@redis/client';
import { Endpoint } from '../../../local/caches/endpoint';
import { median } from '../../report';
import { type Bench, interleaved } from '../bench';
import { HOST } from '../clients/client';
import type { WriterName } from '../clients/writer';
import type { Server } from '../engines';
import { percentile } from '../load';
import { round, type Table } from '../table';
import type { Write } from '../tasks/failover';

const WRITERS: readonly WriterName[] = [
  'ours',
  'ioredis as it comes',
  'ioredis, reconnectOnError 2',
  'node-redis as it comes',
  '@keyv/redis',
];

const PACE = { everyMs: 5, durationMs: 3_000, boundMs: 3_000 };

/** When the primary changes, in milliseconds after the first write. */
const CHANGE_AT_MS = 1_000;

const now = () => performance.timeOrigin + performance.now();

/** A write as a figure shows it. */
export interface TimelineWrite {
  /** From the change of the primary to the write, in milliseconds. */
  readonly afterMs: number;
  readonly tookMs: number;
  readonly outcome: Write['outcome'] | 'lost';
}

/** What a new primary holds. */
interface Kept {
  readonly scores: ReadonlyMap<string, number>;
  readonly values: readonly string[];
}

interface Drill {
  readonly timeline: readonly TimelineWrite[];
  readonly errors: number;
  readonly pending: number;
  readonly withheld: number;
  /** Acknowledged, not kept, and asked for before the old primary had stopped to take writes: replication is asynchronous. */
  readonly lostByEngine: number;
  /** Acknowledged, not kept, and asked for later: nobody had it. */
  readonly lostByClient: number;
  readonly twice: number;
  /** The longest time without a write that was acknowledged and kept. */
  readonly outageMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export async function failover(bench: Bench): Promise<Table[]> {
  const names = WRITERS.filter(bench.wanted);
  const results = await interleaved(bench.rounds, names, (client) => drill(bench, client));
  const standings = names.map((client) => {
    const drills = results.get(client) as Drill[];
    const mid = (of: (drill: Drill) => number) => median(drills.map(of));
    const most = (of: (drill: Drill) => number) => Math.max(...drills.map(of));
    return {
      client,
      errors: most(({ errors, pending }) => errors + pending),
      withheld: most(({ withheld }) => withheld),
      lostByClient: most(({ lostByClient }) => lostByClient),
      lostByEngine: most(({ lostByEngine }) => lostByEngine),
      twice: most(({ twice }) => twice),
      outageMs: mid(({ outageMs }) => outageMs),
      p50Ms: mid(({ p50Ms }) => p50Ms),
      p99Ms: mid(({ p99Ms }) => p99Ms),
      timeline: drills[0]?.timeline,
    };
  });
  const fewestErrors = Math.min(...standings.filter(({ client }) => client !== 'ours').map(({ errors }) => errors));
  return [
    {
      id: 'failover',
      title: `Failover behind one endpoint that moves: a write each ${PACE.everyMs} ms for ${PACE.durationMs / 1_000} s`,
      measured:
        'A replica is promoted, the old primary demoted, its connections stay open. Half of the writes are increments ' +
        'of a leaderboard, half are entries. Worst of the rounds; outage, p50 and p99 are medians. Withheld: the caller ' +
        'was told that the entry is not in the cache. Lost: acknowledged and not on the new primary.',
      rows: standings.map((standing) => ({
        client: standing.client,
        writes: Math.ceil(PACE.durationMs / PACE.everyMs),
        'errors and unanswered': standing.errors,
        withheld: standing.withheld,
        'lost by the client': standing.lostByClient,
        'lost by the engine': standing.lostByEngine,
        'applied twice': standing.twice,
        'outage, ms': round(standing.outageMs),
        'p50, ms': round(standing.p50Ms),
        'p99, ms': round(standing.p99Ms),
        'errors of the best peer': fewestErrors,
      })),
      goals: standings
        .filter(({ client }) => client === 'ours')
        .flatMap(({ errors, lostByClient }) => [
          { what: 'ours: errors to callers', value: errors, atMost: 0 },
          { what: 'ours: acknowledged writes missing that the engine kept', value: lostByClient, atMost: 0 },
        ]),
      data: standings,
    },
  ];
}

async function drill(bench: Bench, client: WriterName): Promise<Drill> {
  const [primary, replica] = (await bench.engines.replicated(2)) as [Server, Server];
  const endpoint = await Endpoint.to(primary.port);
  const remote = await bench.workers.start('failover', { client, port: endpoint.port });
  const [old, next] = [await administrator(primary.port), await administrator(replica.port)];

  const running = remote.run(PACE);
  await new Promise((resolve) => setTimeout(resolve, CHANGE_AT_MS));
  const changedAt = now();
  await next.sendCommand(['REPLICAOF', 'NO', 'ONE']);
  await old.sendCommand(['REPLICAOF', HOST, String(replica.port)]);
  const demotedAt = now();
  endpoint.moveTo(replica.port);
  const writes = await running;

  const result = judge(writes, await kept(next), changedAt, demotedAt);
  old.destroy();
  next.destroy();
  await remote.end();
  endpoint.close();
  await bench.engines.stop(replica);
  await bench.engines.stop(primary);
  return result;
}

async function administrator(port: number) {
  const client = createClient({ socket: { host: HOST, port, reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Every member and every value, under whatever key a client keeps them. */
async function kept(primary: Awaited<ReturnType<typeof administrator>>): Promise<Kept> {
  const scores = new Map<string, number>();
  const values: string[] = [];
  for (const key of await primary.keys('*')) {
    const type = await primary.type(key);
    if (type === 'zset') {
      for (const { value, score } of await primary.zRangeWithScores(key, 0, -1)) {
        scores.set(value, score);
      }
    } else if (type === 'string') {
      values.push((await primary.get(key)) as string);
    }
  }
  return { scores, values };
}

function judge(writes: readonly Write[], { scores, values }: Kept, changedAt: number, demotedAt: number): Drill {
  const ids = new Set(values.flatMap((value) => value.match(/w\d{6}/g) ?? []));
  const acknowledged = writes.filter(({ outcome }) => outcome === 'acknowledged');
  const isKept = ({ id }: Write) => scores.has(id) || ids.has(id);
  const lost = acknowledged.filter((write) => !isKept(write));
  const count = (wanted: Write['outcome']) => writes.filter(({ outcome }) => outcome === wanted).length;
  const done = acknowledged.filter(isKept).map(({ at, tookMs }) => at + tookMs);
  const first = writes[0]?.at as number;
  const last = (writes.at(-1) as Write).at;
  const moments = [first, ...done.sort((a, b) => a - b), Math.max(last, ...done)];
  const took = writes.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return {
    timeline: writes.map((write) => ({
      afterMs: write.at - changedAt,
      tookMs: write.tookMs,
      outcome: lost.includes(write) ? 'lost' : write.outcome,
    })),
    errors: count('error'),
    pending: count('pending'),
    withheld: count('withheld'),
    lostByEngine: lost.filter(({ at }) => at < demotedAt).length,
    lostByClient: lost.filter(({ at }) => at >= demotedAt).length,
    twice: [...scores.values()].filter((score) => score > 1).length,
    outageMs: Math.max(...moments.slice(1).map((at, index) => at - (moments[index] as number))),
    p50Ms: percentile(took, 0.5),
    p99Ms: percentile(took, 0.99),
  };
}
