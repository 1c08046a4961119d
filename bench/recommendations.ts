/** A film's recommendations with and without the cache, at 32 connections through the load balancer. */
import { join } from 'node:path';
import autocannon from 'autocannon';
import { LocalEnvironment } from '../local/environment';
import { defaultStateDirectory } from '../local/state-directory';
import { PROJECT, print } from './report';

const CONNECTIONS = 32;
const SECONDS = 10;

/** Films that are asked for, one after the other. */
const FILMS = Array.from({ length: 50 }, (_, index) => 40 + index * 60);

async function load(address: string, headers: Record<string, string>): Promise<autocannon.Result> {
  return autocannon({
    url: address,
    connections: CONNECTIONS,
    duration: SECONDS,
    requests: FILMS.map((film) => ({ path: `/films/${film}/recommendations`, headers })),
  });
}

async function main(): Promise<void> {
  const environment = await LocalEnvironment.start({
    assembly: join(PROJECT, 'cdk.out'),
    stateDirectory: defaultStateDirectory(PROJECT),
    installEngines: false,
    report: () => {},
  });
  const address = environment.address as string;
  try {
    // The first round fills the cache, so that the second measures hits.
    await autocannon({
      url: address,
      connections: 4,
      amount: FILMS.length * 4,
      requests: FILMS.map((film) => ({ path: `/films/${film}/recommendations` })),
    });
    const uncached = await load(address, { 'cache-control': 'no-cache' });
    const cached = await load(address, {});
    const row = (name: string, result: autocannon.Result) => ({
      answers: name,
      'requests a second': Math.round(result.requests.average),
      'p50, ms': result.latency.p50,
      'p99, ms': result.latency.p99,
      errors: result.errors + result.non2xx,
    });
    print('recommendations', [
      row('without the cache', uncached),
      row('from the cache', cached),
      {
        answers: 'ratio',
        'requests a second': `${(cached.requests.average / uncached.requests.average).toFixed(1)} ×`,
        'p50, ms': `1 / ${(uncached.latency.p50 / cached.latency.p50).toFixed(1)}`,
        'p99, ms': `1 / ${(uncached.latency.p99 / cached.latency.p99).toFixed(1)}`,
        errors: '',
      },
    ]);
  } finally {
    await environment.close();
  }
  process.exit();
}

void main();
