import { freeze } from '../../../test/engines/running';
import { median } from '../../report';
import type { Bench } from '../bench';
import type { ClientName } from '../clients/registry';
import type { EngineKind, Server } from '../engines';
import { percentile } from '../load';
import { round, type Table } from '../table';
import { BOUND_MS, NEXT_CALLERS, type Waited } from '../tasks/lost-cache';

type Fault = 'refused' | 'frozen';

interface Competitor {
  readonly client: ClientName;
  readonly engine: EngineKind;
  readonly ours?: boolean;
}

const OURS: readonly Competitor[] = [
  { client: 'ours', engine: 'valkey', ours: true },
  { client: 'ours, Memcached', engine: 'memcached', ours: true },
];

const PEERS: readonly Competitor[] = (
  [
    'ioredis + JSON',
    'node-redis as it comes + JSON',
    'async-cache-dedupe',
    'keyv',
    'cacheable',
    'cacheable, non-blocking',
    'cache-manager',
    'cachified',
    'bentocache',
    'bentocache, tuned',
  ] as const
).map((client) => ({ client, engine: 'valkey' }));

const MEMCACHED_PEERS: readonly Competitor[] = [{ client: 'memjs + JSON', engine: 'memcached' }];

/** Time for a client to see that its connection is gone. */
const NOTICED_MS = 100;

/** A timer is late by so much on a busy machine. */
const TIMER_SLACK_MS = 5;

export async function lostCache(bench: Bench): Promise<Table[]> {
  return [await table(bench, 'refused'), await table(bench, 'frozen')];
}

/** Competitors of one group share the server and its loss. */
async function lose(bench: Bench, group: readonly Competitor[], fault: Fault): Promise<Map<Competitor, Waited>> {
  const results = new Map<Competitor, Waited>();
  const servers = new Map<EngineKind, Server>();
  for (const engine of new Set(group.map((competitor) => competitor.engine))) {
    servers.set(engine, await bench.engines.start(engine));
  }
  const started = [];
  for (const competitor of group) {
    const { port } = servers.get(competitor.engine) as Server;
    const remote = await bench.workers.start('lostCache', { client: competitor.client, port });
    await remote.warmUp();
    started.push({ competitor, remote });
  }
  for (const { process } of servers.values()) {
    if (fault === 'frozen') {
      await freeze(process);
    } else {
      globalThis.process.kill(process.pid as number, 'SIGKILL');
    }
  }
  await new Promise((resolve) => setTimeout(resolve, NOTICED_MS));
  await Promise.all(
    started.map(async ({ competitor, remote }) => {
      results.set(competitor, await remote.run());
      await remote.end();
    }),
  );
  for (const server of servers.values()) {
    await bench.engines.stop(server);
  }
  return results;
}

async function table(bench: Bench, fault: Fault): Promise<Table> {
  const competitors = [...OURS, ...PEERS, ...MEMCACHED_PEERS].filter(({ client }) => bench.wanted(client));
  const results = new Map<Competitor, Waited[]>(competitors.map((competitor) => [competitor, []]));
  // Ours one at a time, because its figures are of microseconds; the peers together, because theirs are of seconds.
  const groups = [...OURS.map((competitor) => [competitor]), [...PEERS, ...MEMCACHED_PEERS]].map((group) =>
    group.filter((competitor) => competitors.includes(competitor)),
  );
  for (let round = 0; round < bench.rounds; round += 1) {
    for (const group of groups) {
      for (const [competitor, waited] of await lose(bench, group, fault)) {
        results.get(competitor)?.push(waited);
      }
    }
  }
  const standings = competitors.map((competitor) => {
    const rounds = results.get(competitor) as Waited[];
    const sorted = rounds.map(({ nextMs }) => [...nextMs].sort((a, b) => a - b));
    return {
      ...competitor,
      firstMs: median(rounds.map(({ firstMs }) => firstMs)),
      nextP50Ms: median(sorted.map((next) => percentile(next, 0.5))),
      nextP99Ms: median(sorted.map((next) => percentile(next, 0.99))),
      errors: Math.max(...rounds.map(({ errors }) => errors)),
    };
  });
  const bestPeer = Math.min(...standings.filter(({ ours }) => !ours).map(({ nextP50Ms }) => nextP50Ms));
  const firstGoalMs = fault === 'refused' ? 5 : 100 + TIMER_SLACK_MS;
  const time = (ms: number) => (ms >= BOUND_MS ? `> ${BOUND_MS / 1_000} s` : round(ms));
  return {
    id: `lost-cache-${fault}`,
    title: `A cache that is ${fault === 'refused' ? 'gone (connections refused)' : 'frozen (SIGSTOP)'}: extra time of a call`,
    measured:
      `The first caller, then ${NEXT_CALLERS} more, one each 10 ms; the loader answers at once; a call is given up after ` +
      `${BOUND_MS / 1_000} s. Errors: the most of the ${NEXT_CALLERS + 1} calls that ended in one.`,
    rows: standings.map(({ client, engine, firstMs, nextP50Ms, nextP99Ms, errors }) => ({
      client,
      engine,
      'first, ms': time(firstMs),
      'next, p50, ms': time(nextP50Ms),
      'next, p99, ms': time(nextP99Ms),
      errors,
      'next to best peer': (nextP50Ms / bestPeer).toFixed(2),
    })),
    goals: standings
      .filter(({ ours }) => ours)
      .flatMap(({ client, firstMs, nextP50Ms, errors }) => [
        { what: `${client}: first caller, ms`, value: firstMs, atMost: firstGoalMs },
        { what: `${client}: median of the next callers, ms`, value: nextP50Ms, atMost: 1 },
        { what: `${client}: errors to callers`, value: errors, atMost: 0 },
      ]),
    data: standings,
  };
}
