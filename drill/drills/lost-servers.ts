import type { Drill } from '../drill';
import type { InstanceTarget } from '../drill-target';
import { atLeast, atMost, during, faultAt, latencyIsBack, markAt, nothingFailed, nothingLost } from '../verdicts';

/** Longest that a request may wait for a database which says nothing, in milliseconds. */
const ANSWERED_WITHIN_MS = 1_000;

/**
 * Share of reads that the caches of a warm service answer alone: 98.5 % were measured on the film portal, and a page
 * whose one part had just been invalidated is refused.
 */
const CACHED_READS = 0.95;

/** Shortest hang that such a share can be judged by, in milliseconds: some hundred reads at the usual rate. */
const SHORTEST_HANG_MS = 10_000;

/** How much slower than before reads may be when all is over, in milliseconds. */
const SLACK_MS = 300;

/** Most requests that an instance can have had in flight when it was killed. */
const IN_FLIGHT = 5;

export const instance: Drill<InstanceTarget> = {
  name: 'instance',
  title: 'An instance is killed',
  async inject(run) {
    run.mark('fault', 'an instance is killed');
    await run.target.killInstance();
    await run.wait(run.windows.faultMs);
  },
  judge: (evidence) => [
    atMost('requests that failed', evidence.samples.filter(({ isOk }) => !isOk).length, IN_FLIGHT),
    ...nothingLost(evidence),
  ],
};

export const deploy: Drill = {
  name: 'deploy',
  title: 'Every instance is replaced, and one is drained',
  async inject(run) {
    run.mark('fault', 'a rolling deploy begins');
    await run.target.deploy();
    run.mark('promotion', 'the deploy is done, an instance is drained');
    await run.target.drainInstance();
  },
  judge: (evidence) => [nothingFailed(evidence), ...nothingLost(evidence)],
};

export const database: Drill = {
  name: 'database',
  title: 'The database hangs',
  lacks: ({ database: found }) => (found === undefined ? 'no database runs here' : undefined),
  async inject(run) {
    run.mark('fault', `${run.target.database?.name} hangs`);
    run.target.database?.freeze(true);
    await run.wait(Math.max(run.windows.faultMs, SHORTEST_HANG_MS));
  },
  async heal(target) {
    target.database?.freeze(false);
  },
  judge: (evidence) => {
    const [from, to] = [faultAt(evidence), markAt(evidence, 'healed') ?? 0];
    // What began just before the end is answered by a database that goes on.
    const inFault = during(evidence, 'browse', 'account', 'review', 'sign-in').filter(
      ({ atMs }) => atMs >= from && atMs <= to,
    );
    const reads = inFault.filter(({ action }) => action === 'browse');
    const refused = inFault.filter(({ isOk }) => !isOk);
    return [
      atLeast('reads answered while it hangs', reads.filter(({ isOk }) => isOk).length / reads.length, CACHED_READS),
      atMost(
        'refusals that are not 503 with retry-after',
        refused.filter(({ status, retryAfter }) => status !== 503 || retryAfter === undefined).length,
        0,
      ),
      atMost('longest wait of a request', Math.max(0, ...inFault.map(({ ms }) => ms)), ANSWERED_WITHIN_MS, ' ms'),
      latencyIsBack(evidence, SLACK_MS),
      ...nothingLost(evidence),
    ];
  },
};
