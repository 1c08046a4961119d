import { median } from '../../report';
import { type Bench, interleaved } from '../bench';
import type { ClientName } from '../clients/registry';
import type { EngineKind } from '../engines';
import { percentile } from '../load';
import type { Remote } from '../remote';
import { round, type Table } from '../table';
import type { Rush, Rushed, Span } from '../tasks/stampede';

const PROCESSES = 4;
const CALLERS = 500;
const LOADER_MS = 50;

/** Time for every process to be told of a rush before it begins. */
const NOTICE_MS = 100;

const BOUND_MS = 10_000;

const CLIENTS: ReadonlyArray<{ client: ClientName; engine: EngineKind; ours?: boolean }> = [
  { client: 'ours', engine: 'valkey', ours: true },
  { client: 'ours, Memcached', engine: 'memcached', ours: true },
  { client: 'ioredis + JSON', engine: 'valkey' },
  { client: 'keyv', engine: 'valkey' },
  { client: 'async-cache-dedupe', engine: 'valkey' },
  { client: 'cacheable', engine: 'valkey' },
  { client: 'cache-manager', engine: 'valkey' },
  { client: 'cachified', engine: 'valkey' },
  { client: 'bentocache', engine: 'valkey' },
];

interface Outcome {
  readonly loads: number;
  readonly atOnce: number;
  readonly values: number;
  readonly errors: number;
  readonly pending: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The fleet of one client: a process each. */
async function fleet(bench: Bench, client: ClientName, port: number): Promise<Remote<'stampede'>[]> {
  return Promise.all(Array.from({ length: PROCESSES }, () => bench.workers.start('stampede', { client, port })));
}

async function rush(processes: readonly Remote<'stampede'>[], id: string, fails: boolean): Promise<Outcome> {
  const asked: Rush = {
    id,
    fails,
    callers: CALLERS,
    loaderMs: LOADER_MS,
    at: performance.timeOrigin + performance.now() + NOTICE_MS,
    boundMs: BOUND_MS,
  };
  const results = await Promise.all(processes.map((process) => process.run(asked)));
  const sum = (of: (result: Rushed) => number) => results.reduce((total, result) => total + of(result), 0);
  const spans = results.flatMap(({ loads }) => loads);
  const took = results.flatMap(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return {
    loads: spans.length,
    atOnce: mostAtOnce(spans),
    values: sum(({ values }) => values),
    errors: sum(({ errors }) => errors),
    pending: sum(({ pending }) => pending),
    p50Ms: percentile(took, 0.5),
    p99Ms: percentile(took, 0.99),
  };
}

function mostAtOnce(spans: readonly Span[]): number {
  // An end comes before a beginning at the same moment.
  const events = spans.flatMap(([from, to]) => [
    { at: from, change: 1 },
    { at: to, change: -1 },
  ]);
  events.sort((a, b) => a.at - b.at || a.change - b.change);
  let running = 0;
  let most = 0;
  for (const { change } of events) {
    running += change;
    most = Math.max(most, running);
  }
  return most;
}

export async function stampede(bench: Bench): Promise<Table[]> {
  const clients = CLIENTS.filter(({ client }) => bench.wanted(client));
  return [await table(bench, clients, false), await table(bench, clients, true)];
}

async function table(bench: Bench, clients: typeof CLIENTS, fails: boolean): Promise<Table> {
  const servers = { valkey: await bench.engines.start('valkey'), memcached: await bench.engines.start('memcached') };
  const results = await interleaved(bench.rounds, clients, async ({ client, engine }, round) => {
    const processes = await fleet(bench, client, servers[engine].port);
    // What a first call compiles and connects is not part of it.
    await rush(processes, `90${round}`, false);
    const outcome = await rush(processes, `10${round}`, fails);
    await Promise.all(processes.map((process) => process.end()));
    return outcome;
  });
  await bench.engines.stop(servers.valkey);
  await bench.engines.stop(servers.memcached);

  const callers = PROCESSES * CALLERS;
  const standings = clients.map(({ client, engine, ours }) => {
    const outcomes = results.get(clients.find((other) => other.client === client) as (typeof CLIENTS)[number]) ?? [];
    const mid = (of: (outcome: Outcome) => number) => median(outcomes.map(of));
    // What must not happen in any round: the worst counts.
    const most = (of: (outcome: Outcome) => number) => Math.max(...outcomes.map(of));
    return {
      client,
      engine,
      ours: ours === true,
      loads: mid(({ loads }) => loads),
      mostLoads: most(({ loads }) => loads),
      atOnce: most(({ atOnce }) => atOnce),
      unanswered: most(({ values, errors }) => callers - (fails ? errors : values)),
      p50Ms: mid(({ p50Ms }) => p50Ms),
      p99Ms: mid(({ p99Ms }) => p99Ms),
    };
  });
  const bestPeer = Math.min(...standings.filter(({ ours }) => !ours).map(({ loads }) => loads));
  return {
    id: fails ? 'stampede-failing' : 'stampede',
    title: fails
      ? `Stampede on a failing loader: ${PROCESSES} processes × ${CALLERS} misses of one key, ${LOADER_MS} ms loader`
      : `Stampede: ${PROCESSES} processes × ${CALLERS} misses of one key, ${LOADER_MS} ms loader`,
    measured:
      'Loads are those of all processes; most and without an answer are the worst of the rounds; p50 and p99 are the ' +
      `time from the rush to a caller's ${fails ? 'error' : 'value'}.`,
    rows: standings.map((standing) => ({
      client: standing.client,
      engine: standing.engine,
      loads: standing.loads,
      'most loads': standing.mostLoads,
      'most at the same time': standing.atOnce,
      [fails ? 'without the error' : 'without the value']: standing.unanswered,
      'p50, ms': round(standing.p50Ms),
      'p99, ms': round(standing.p99Ms),
      'loads to best peer': (standing.loads / bestPeer).toFixed(2),
    })),
    goals: standings
      .filter(({ ours }) => ours)
      .flatMap(({ client, mostLoads, atOnce, unanswered }) =>
        fails
          ? [
              { what: `${client}: loads at the same time`, value: atOnce, atMost: 1 },
              { what: `${client}: waiters without the error`, value: unanswered, atMost: 0 },
            ]
          : [
              { what: `${client}: loads in the fleet`, value: mostLoads, atMost: 1 },
              { what: `${client}: callers without the value`, value: unanswered, atMost: 0 },
            ],
      ),
    data: standings,
  };
}
