import type { Bench } from '../bench';
import type { Table } from '../table';
import { CALLERS, type Contest, compete } from './hits';
import { MEMCACHED_HITS } from './memcached-hits';
import { VALKEY_HITS } from './valkey-hits';

/** The fastest peers, whichever release of Node it is. */
const FASTEST = ['ioredis + JSON', 'async-cache-dedupe', 'async-cache-dedupe, auto-pipelined', 'keyv', 'memjs + JSON'];

/** The hits at 64 callers on the other releases of Node. */
export async function releases(bench: Bench): Promise<Table[]> {
  if (bench.releases.length === 0) {
    console.log('\nNode releases: skipped, no other binary is in .cdk-elasticache/node/ or named with --node');
  }
  const tables: Table[] = [];
  for (const { version, workers } of bench.releases) {
    for (const contest of [VALKEY_HITS, MEMCACHED_HITS]) {
      tables.push(...(await compete(bench, on(version, contest), workers)));
    }
  }
  return tables;
}

function on(version: string, contest: Contest): Contest {
  return {
    ...contest,
    id: `${contest.id}-${version}`,
    title: `Node ${version}: ${contest.title}`,
    peers: contest.peers.filter((peer) => FASTEST.includes(peer)),
    concurrencies: [CALLERS],
  };
}
