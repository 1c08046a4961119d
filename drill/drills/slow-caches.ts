import type { Drill } from '../drill';
import type { DrillCache, DrillTarget } from '../drill-target';
import { quantile } from '../report/load-figures';
import {
  atMost,
  cacheWaits,
  during,
  latencyIsBack,
  nothingLost,
  REQUEST_BUDGET_MS,
  readsAnswered,
  writesBack,
} from '../verdicts';

/** How much longer each byte takes on a slow cache's way, in each direction, in milliseconds. */
const DELAY_MS = 100;

/** How long after the fault writes may still fail, in milliseconds: the breaker's pause and a connection's. */
const WRITES_BACK_MS = 2_000;

/** What the instance itself and a busy machine add to a request, in milliseconds. */
const OWN_TIME_MS = 100;

/** How much slower than before reads may be when all is over, in milliseconds. */
const SLACK_MS = 300;

const caches = ({ stores, objectCaches }: DrillTarget): DrillCache[] => [...stores, ...objectCaches];

const names = (target: DrillTarget) =>
  caches(target)
    .map(({ name }) => name)
    .join(' and ');

const lacksCache = (target: DrillTarget) => (caches(target).length === 0 ? 'no cache runs here' : undefined);

/** A cache that says nothing, in one of two ways. */
function silent(name: string, title: string, what: string, set: (cache: DrillCache, on: boolean) => void): Drill {
  return {
    name,
    title,
    lacks: lacksCache,
    async inject(run) {
      run.mark('fault', `${names(run.target)} ${what}`);
      for (const cache of caches(run.target)) {
        set(cache, true);
      }
      await run.wait(run.windows.faultMs);
    },
    async heal(target) {
      for (const cache of caches(target)) {
        set(cache, false);
      }
    },
    judge: (evidence) => [
      readsAnswered(evidence),
      ...cacheWaits(evidence),
      ...writesBack(evidence, 'healed', WRITES_BACK_MS),
      latencyIsBack(evidence, SLACK_MS),
      ...nothingLost(evidence),
    ],
  };
}

export const freeze: Drill = silent('freeze', 'Every cache hangs', 'hang', (cache, on) => cache.freeze(on));

export const partition: Drill = silent(
  'partition',
  'Every cache is cut off',
  'are cut off from the instances',
  (cache, on) => cache.partition(on),
);

export const slow: Drill = {
  name: 'slow',
  title: 'Every cache is slow',
  lacks: lacksCache,
  async inject(run) {
    run.mark('fault', `${names(run.target)}: ${DELAY_MS} ms more, each way`);
    for (const cache of caches(run.target)) {
      cache.delay(DELAY_MS);
    }
    await run.wait(run.windows.faultMs);
  },
  async heal(target) {
    for (const cache of caches(target)) {
      cache.delay(0);
    }
  },
  judge: (evidence) => {
    const own = during(evidence, 'browse').map(({ ms, databaseMs = 0, waitMs = 0 }) => ms - databaseMs - waitMs);
    return [
      readsAnswered(evidence),
      ...cacheWaits(evidence),
      atMost('p99 of reads, without the database', quantile(own, 0.99), REQUEST_BUDGET_MS + OWN_TIME_MS, ' ms'),
      latencyIsBack(evidence, SLACK_MS),
      ...nothingLost(evidence),
    ];
  },
};
