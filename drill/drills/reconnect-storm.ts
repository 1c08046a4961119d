import type { Drill } from '../drill';
import type { DrillCache, DrillTarget } from '../drill-target';
import { atMost, latencyIsBack, nothingLost, readsAnswered } from '../verdicts';

/** Connections that a process may ask for in a second, to one cache. */
const CONNECTS_PER_SECOND = 2;

/** How often every connection is reset, in milliseconds. */
const RESET_EVERY_MS = 1_000;

/** How much slower than before reads may be when all is over, in milliseconds. */
const SLACK_MS = 300;

const caches = ({ stores, objectCaches }: DrillTarget): DrillCache[] => [...stores, ...objectCaches];

export const reconnectStorm: Drill = {
  name: 'reconnect-storm',
  title: 'Every connection is reset, again and again',
  lacks: (target) => (caches(target).length === 0 ? 'no cache runs here' : undefined),
  async inject(run, keep) {
    run.mark('fault', 'every connection is reset each second');
    const from = performance.now();
    for (let passed = 0; passed < run.windows.faultMs; passed += RESET_EVERY_MS) {
      for (const cache of caches(run.target)) {
        cache.reset();
      }
      await run.wait(RESET_EVERY_MS);
    }
    const seconds = (performance.now() - from) / 1_000;
    for (const cache of caches(run.target)) {
      const asked = cache.connects().filter((at) => at >= from).length;
      keep(cache.name, asked / seconds / run.target.instances / connectionsOf(cache));
    }
  },
  judge: (evidence) => [
    readsAnswered(evidence),
    ...caches(evidence.target).map((cache) =>
      atMost(
        `connects a second of an instance to a node of ${cache.name}`,
        evidence.kept.get(cache.name),
        CONNECTS_PER_SECOND,
      ),
    ),
    latencyIsBack(evidence, SLACK_MS),
    ...nothingLost(evidence),
  ],
};

/** Nodes that an instance has connections of its own to. */
function connectionsOf(cache: DrillCache): number {
  return 'nodes' in cache ? Number(cache.nodes) : 'shards' in cache ? Number(cache.shards) : 1;
}
