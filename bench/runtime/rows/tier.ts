import type { Bench } from '../bench';
import { CALLERS, compete } from './hits';

export const tier = (bench: Bench) =>
  compete(bench, {
    id: 'tier',
    title: 'Hits of an in-process tier over Valkey, coherence on: 10,000 keys, zipf',
    engine: 'valkey',
    ours: 'ours, tier',
    references: ['lru-cache'],
    peers: ['bentocache, tier', 'bentocache, tier of objects', 'cacheable, two levels'],
    concurrencies: [1, CALLERS],
    goals: (ratio, bestPeer) => [{ what: 'ours to the best peer', value: ratio('ours, tier', bestPeer), atLeast: 5 }],
  });
