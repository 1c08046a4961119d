/**
 * The runtime beside its peers, all in one run: `npx tsx bench/runtime/main.ts [--rows hits,stampede] [--rounds 5]
 * [--duration 1000] [--clients regexp] [--json file] [--node path]... [--runtime folder]`
 */
import { rmSync, writeFileSync } from 'node:fs';
import type { Bench, Benchmark } from './bench';
import { bundleWorker } from './bundle';
import { BenchEngines } from './engines';
import { machine, warnIfBusy } from './machine';
import { otherReleases } from './node-releases';
import { readOptions } from './options';
import { Workers } from './remote';
import { coherence } from './rows/coherence';
import { failover } from './rows/failover';
import { growth } from './rows/growth';
import { lostCache } from './rows/lost-cache';
import { memcachedHits } from './rows/memcached-hits';
import { memory } from './rows/memory';
import { releases } from './rows/releases';
import { sessions } from './rows/sessions';
import { stale } from './rows/stale';
import { stampede } from './rows/stampede';
import { tier } from './rows/tier';
import { valkeyHits } from './rows/valkey-hits';
import { passes, show, type Table } from './table';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  hits: valkeyHits,
  'hits-memcached': memcachedHits,
  tier,
  coherence,
  stampede,
  'lost-cache': lostCache,
  failover,
  sessions,
  stale,
  growth,
  memory,
  releases,
};

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const names = options.rows.length === 0 ? Object.keys(BENCHMARKS) : options.rows;
  const script = await bundleWorker(options.runtime);
  const engines = new BenchEngines();
  const workers = new Workers(script);
  const releases = otherReleases(options.nodes).map(({ version, path }) => ({
    version,
    workers: new Workers(script, path),
  }));
  const { rounds, durationMs, clients } = options;
  const wanted = (client: string) => clients?.test(client) ?? true;
  const bench: Bench = { engines, workers, releases, wanted, rounds, durationMs };
  const run = { ...machine(await engines.products()), rounds: `medians of ${options.rounds} interleaved rounds` };
  console.log(Object.values(run).join('\n'));
  warnIfBusy();

  const stop = async () => {
    await Promise.all([workers, ...releases.map((release) => release.workers)].map((started) => started.close()));
    await engines.close();
    rmSync(script, { force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Engines have groups of their own, and would outlive an interrupted run.
    process.once(signal, () => void stop().finally(() => process.exit(130)));
  }

  const tables: Table[] = [];
  try {
    for (const name of names) {
      const benchmark = BENCHMARKS[name];
      if (benchmark === undefined) {
        throw new Error(`no row \`${name}\`: there are ${Object.keys(BENCHMARKS).join(', ')}`);
      }
      for (const table of await benchmark(bench)) {
        show(table);
        tables.push(table);
      }
    }
  } finally {
    await stop();
  }
  const goals = tables.flatMap((table) => table.goals);
  console.log(`\n${goals.filter(passes).length} of ${goals.length} goals met`);
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ run, tables }, null, 1)}\n`);
  }
  process.exit(goals.every(passes) ? 0 : 1);
}

void main().catch((error) => {
  console.error(error);
  process.exit(2);
});
