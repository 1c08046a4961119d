import type { Bench } from '../bench';
import { CALLERS, type Contest, compete } from './hits';

export const MEMCACHED_HITS: Contest = {
  id: 'hits-memcached',
  title: 'Hits of getOrLoad on Memcached: 1 KB of JSON out as an object, 10,000 keys, zipf',
  engine: 'memcached',
  ours: 'ours, Memcached',
  references: ['joined raw gets + JSON, Memcached'],
  peers: ['memjs + JSON', 'keyv over memjs'],
  concurrencies: [1, CALLERS, 512],
  goals: (ratio, bestPeer) => [
    { what: 'ours to the best peer', value: ratio('ours, Memcached', bestPeer), atLeast: 1.5 },
    {
      what: 'ours to joined raw gets + JSON',
      value: ratio('ours, Memcached', 'joined raw gets + JSON, Memcached'),
      atLeast: 0.7,
    },
  ],
};

export const memcachedHits = (bench: Bench) => compete(bench, MEMCACHED_HITS);
