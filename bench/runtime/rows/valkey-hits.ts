import type { Bench } from '../bench';
import { CALLERS, type Contest, compete } from './hits';

export const VALKEY_HITS: Contest = {
  id: 'hits-valkey',
  title: 'Hits of getOrLoad on Valkey: 1 KB of JSON out as an object, 10,000 keys, zipf',
  engine: 'valkey',
  ours: 'ours',
  alsoOurs: ['ours, joining off'],
  references: ['raw client + JSON', 'joined raw gets + JSON'],
  peers: [
    'ioredis + JSON',
    'ioredis auto-pipelined + JSON',
    'node-redis as it comes + JSON',
    'async-cache-dedupe',
    'async-cache-dedupe, auto-pipelined',
    'keyv',
    'cacheable',
    'cache-manager',
    'cachified',
    'bentocache',
    'bentocache, auto-pipelined',
  ],
  concurrencies: [1, CALLERS, 512],
  goals: (ratio, bestPeer) => [
    { what: 'ours to the best peer', value: ratio('ours', bestPeer), atLeast: 1.5 },
    { what: 'ours to joined raw gets + JSON', value: ratio('ours', 'joined raw gets + JSON'), atLeast: 0.7 },
    {
      what: 'ours with joining off to the raw client + JSON',
      value: ratio('ours, joining off', 'raw client + JSON'),
      atLeast: 0.75,
    },
  ],
};

export const valkeyHits = (bench: Bench) => compete(bench, VALKEY_HITS);
