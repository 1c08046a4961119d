import { type Bench, interleaved } from '../bench';
import type { ClientName } from '../clients/registry';
import type { EngineKind } from '../engines';
import type { Measured } from '../load';
import { medianOf } from '../medians';
import type { Remote, Workers } from '../remote';
import { type Goal, measured, round, type Table, thousands } from '../table';

export interface Contest {
  readonly id: string;
  readonly title: string;
  readonly engine: EngineKind;
  readonly ours: ClientName;
  /** What only shows what is possible: less than a cache-aside, or without its guarantees. */
  readonly references: readonly ClientName[];
  readonly peers: readonly ClientName[];
  readonly alsoOurs?: readonly ClientName[];
  readonly concurrencies: readonly number[];
  /** Goals at 64 callers, given the ratio of one client's hits to another's. */
  readonly goals: (ratio: (one: ClientName, other: ClientName) => number, bestPeer: ClientName) => Goal[];
}

type Standing = Measured & { readonly client: ClientName; readonly concurrency: number; readonly misses: number };

/** At this concurrency the goals are set. */
export const CALLERS = 64;

/** All clients of a contest, each in a process of its own, against one server. */
export async function compete(bench: Bench, contest: Contest, workers: Workers = bench.workers): Promise<Table[]> {
  const { ours, alsoOurs = [], references, peers } = contest;
  const names = [ours, ...alsoOurs, ...references, ...peers].filter(bench.wanted);
  if (names.length === 0) {
    return [];
  }
  const server = await bench.engines.start(contest.engine);
  const clients = new Map<ClientName, Remote<'hits'>>();
  const objects = new Map<ClientName, string>();
  for (const client of names) {
    const remote = await workers.start('hits', { client, port: server.port });
    await remote.fill();
    await remote.run({ concurrency: CALLERS, durationMs: bench.durationMs });
    objects.set(client, await remote.objects());
    clients.set(client, remote);
  }
  const standings: Standing[] = [];
  for (const concurrency of contest.concurrencies) {
    const results = await interleaved(bench.rounds, names, (name) =>
      (clients.get(name) as Remote<'hits'>).run({ concurrency, durationMs: bench.durationMs }),
    );
    for (const client of names) {
      const rounds = results.get(client) ?? [];
      const misses = Math.max(...rounds.map((round) => round.misses));
      standings.push({ client, concurrency, ...medianOf(rounds), misses });
    }
  }
  await Promise.all([...clients.values()].map((remote) => remote.end()));
  await bench.engines.stop(server);
  return contest.concurrencies.map((concurrency) => tableOf(contest, concurrency, standings, objects));
}

function tableOf(
  contest: Contest,
  concurrency: number,
  all: readonly Standing[],
  objects: ReadonlyMap<ClientName, string>,
): Table {
  const standings = all.filter((standing) => standing.concurrency === concurrency);
  const perSecond = (name: ClientName) => standings.find(({ client }) => client === name)?.perSecond ?? Number.NaN;
  const bestPeer = contest.peers
    .filter((peer) => standings.some(({ client }) => client === peer))
    .sort((a, b) => perSecond(b) - perSecond(a))[0] as ClientName;
  const ratio = (one: ClientName, other: ClientName) => perSecond(one) / perSecond(other);
  const kind = (name: ClientName) =>
    contest.peers.includes(name) ? 'peer' : contest.references.includes(name) ? 'reference' : 'ours';
  const ownObjects = {
    what: 'ours: objects in which a caller sees what another changed',
    value: objects.has(contest.ours) ? Number(objects.get(contest.ours) === 'shared') : Number.NaN,
    atMost: 0,
  };
  return {
    id: `${contest.id}-${concurrency}`,
    title: `${contest.title}, ${concurrency} at a time`,
    measured:
      `Best peer: ${bestPeer}. Objects: each caller's own, or one for all that is frozen, or shared: a change by one is ` +
      'seen by others. Misses: the most of a round that had to be loaded, because the cache did not answer in time.',
    rows: standings.map(({ client, perSecond, p50Us, p99Us, cpuUs, misses }) => ({
      client,
      kind: kind(client),
      'hits a second': thousands(perSecond),
      'p50, µs': round(p50Us),
      'p99, µs': round(p99Us),
      'CPU of the client, µs': round(cpuUs),
      'to best peer': ratio(client, bestPeer).toFixed(2),
      objects: objects.get(client) as string,
      misses,
    })),
    goals: concurrency === CALLERS ? measured([...contest.goals(ratio, bestPeer), ownObjects]) : [],
    data: standings.map((standing) => ({ ...standing, kind: kind(standing.client) })),
  };
}
