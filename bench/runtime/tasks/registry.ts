/** What a worker can be started for. Each is made of a setup, and gives the calls that its parent makes. */
import { coherence } from './coherence';
import { failover } from './failover';
import { growth } from './growth';
import { hits } from './hits';
import { lostCache } from './lost-cache';
import { memory } from './memory';
import { sessions } from './sessions';
import { stale } from './stale';
import { stampede } from './stampede';

export const TASKS = { coherence, failover, growth, hits, lostCache, memory, sessions, stale, stampede };

export type Tasks = typeof TASKS;
export type TaskName = keyof Tasks;
export type Task<N extends TaskName> = Awaited<ReturnType<Tasks[N]>>;
