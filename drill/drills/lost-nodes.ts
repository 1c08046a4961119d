import type { Drill } from '../drill';
import type { DrillStore, FailoverStore, FailoverTarget } from '../drill-target';
import { latencyHolds, nothingFailed, nothingLost, readsAnswered, writesBack } from '../verdicts';

/** How much slower than before the slowest hundredth of reads may be, in milliseconds. */
const SLACK_MS = 300;

/** How long after the promotion writes may fail, in milliseconds. */
const WRITES_BACK_MS = 1_000;

const replicated = <Store extends FailoverStore>({
  stores,
}: {
  readonly stores: readonly Store[];
}): Store | undefined => stores.find(({ replicas }) => replicas > 0);

const lacksReplica = (target: FailoverTarget) =>
  replicated(target) === undefined ? 'no replication group here has a replica' : undefined;

export const failover: Drill<FailoverTarget> = {
  name: 'failover',
  title: 'A primary is killed',
  lacks: lacksReplica,
  async inject(run) {
    const store = replicated(run.target) as FailoverStore;
    run.mark('fault', `a primary of ${store.name} is killed`);
    await store.killPrimary();
    await run.settled();
  },
  judge: (evidence) => [
    readsAnswered(evidence),
    latencyHolds(evidence, SLACK_MS),
    ...writesBack(evidence, 'promotion', WRITES_BACK_MS),
    ...nothingLost(evidence),
  ],
};

export const replica: Drill = {
  name: 'replica',
  title: 'A replica is killed',
  lacks: lacksReplica,
  async inject(run) {
    const store = replicated(run.target) as DrillStore;
    run.mark('fault', `a replica of ${store.name} is killed`);
    await store.killReplica();
    await run.settled();
  },
  judge: (evidence) => [nothingFailed(evidence), ...nothingLost(evidence)],
};
