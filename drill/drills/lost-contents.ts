import type { Drill, DrillEvidence, DrillRun } from '../drill';
import type { DrillCache, DrillTarget } from '../drill-target';
import { atMost, faultAt, latencyIsBack, markAt, nothingLost, readsAnswered } from '../verdicts';

/** How much slower than before reads may be when all is over, in milliseconds. */
const SLACK_MS = 300;

/**
 * People who ask for the same page at the same moment. Far more of them keep two cores so busy that an instance does not
 * get to its cache's answer within the budget, and asks the database: 300 were measured to load a page up to four times.
 */
const CROWD = 50;

/** A quarter of the cache is one node of so many. */
const QUARTERS = 4;

/** Caches of what can be loaded again. Sessions cannot. */
const loadable = ({ objectCaches, stores }: DrillTarget): DrillCache[] =>
  objectCaches.length > 0 ? [...objectCaches] : [...stores];

const lacksObjects = ({ objectCaches }: DrillTarget) =>
  objectCaches.length === 0 ? 'no Memcached cluster runs here' : undefined;

/** Statements a second before the fault, and while it lasted. */
function databaseRates(evidence: DrillEvidence): { normal: number; during: number } {
  const mean = (counts: readonly number[]) => counts.reduce((sum, one) => sum + one, 0) / Math.max(1, counts.length);
  const [from, to] = [faultAt(evidence), markAt(evidence, 'healed') ?? 0].map((at) => Math.floor(at / 1_000));
  return { normal: mean(evidence.statements.slice(0, from)), during: mean(evidence.statements.slice(from, to)) };
}

/** Everybody asks for one page at once. @returns how many of them asked the database, and how many got no answer */
async function crowd(run: DrillRun, path: string): Promise<{ loads: number; failed: number }> {
  const answers = await Promise.all(Array.from({ length: CROWD }, () => run.users.ask(path)));
  return {
    loads: answers.filter(({ databaseMs = 0 }) => databaseMs > 0).length,
    failed: answers.filter(({ isOk }) => !isOk).length,
  };
}

export const flush: Drill = {
  name: 'flush',
  title: 'The object cache forgets everything',
  lacks: lacksObjects,
  async inject(run, keep) {
    run.mark('fault', 'every entry is gone');
    await Promise.all(loadable(run.target).map((cache) => cache.flush()));
    const { loads } = await crowd(run, run.users.hotPath);
    keep('loads', loads);
    await run.wait(run.windows.faultMs);
  },
  judge: (evidence) => [
    readsAnswered(evidence),
    atMost(
      `loads of the hottest page, asked for ${CROWD} times at once`,
      evidence.kept.get('loads'),
      evidence.target.instances,
    ),
    latencyIsBack(evidence, SLACK_MS, 0.99),
    ...nothingLost(evidence),
  ],
};

export const stampede: Drill = {
  name: 'stampede',
  title: 'A crowd asks for what is in no cache',
  lacks: lacksObjects,
  async inject(run, keep) {
    let [loads, failed] = [0, 0];
    run.mark('fault', `${CROWD} people ask for one page, three times`);
    for (let time = 0; time < 3; time += 1) {
      const asked = await crowd(run, run.users.coldPath() ?? run.users.hotPath);
      loads = Math.max(loads, asked.loads);
      failed += asked.failed;
      await run.wait(run.windows.faultMs / 3);
    }
    keep('loads', loads);
    keep('failed', failed);
  },
  judge: (evidence) => [
    atMost('loads of the page, the most of three times', evidence.kept.get('loads'), 1),
    atMost('people in the crowd without an answer', evidence.kept.get('failed'), 0),
    readsAnswered(evidence),
    ...nothingLost(evidence),
  ],
};

export const partialCold: Drill = {
  name: 'partial-cold',
  title: 'A quarter of the object cache is empty, three times',
  countsStatements: true,
  lacks: lacksObjects,
  async prepare({ target }) {
    await Promise.all(target.objectCaches.map((cache) => cache.setNodes(QUARTERS)));
  },
  async inject(run) {
    run.mark('fault', `one node of ${QUARTERS} is emptied, then another, then another`);
    for (let time = 0; time < 3; time += 1) {
      for (const cache of run.target.objectCaches) {
        await cache.empty(time % cache.nodes);
      }
      await run.wait(run.windows.faultMs / 3);
    }
  },
  judge: (evidence) => {
    const { normal, during } = databaseRates(evidence);
    return [
      readsAnswered(evidence),
      atMost('statements of the database a second, while it lasted', during, 2 * normal),
      latencyIsBack(evidence, SLACK_MS),
      ...nothingLost(evidence),
    ];
  },
};

export const full: Drill = {
  name: 'full',
  title: 'The session store is full',
  lacks: ({ stores }) => (stores.length === 0 ? 'no Valkey or Redis OSS cache runs here' : undefined),
  async inject(run) {
    run.mark('fault', 'the store takes nothing more');
    await Promise.all(run.target.stores.map((store) => store.fill(true)));
    await run.wait(run.windows.faultMs);
  },
  async heal(target) {
    await Promise.all(target.stores.map((store) => store.fill(false)));
  },
  judge: (evidence) => {
    const to = markAt(evidence, 'healed') ?? Number.POSITIVE_INFINITY;
    const from = faultAt(evidence);
    const refused = evidence.samples.filter(({ atMs, isOk }) => atMs >= from && atMs <= to && !isOk);
    return [
      readsAnswered(evidence),
      atMost('refusals with another status than 503', refused.filter(({ status }) => status !== 503).length, 0),
      latencyIsBack(evidence, SLACK_MS),
      ...nothingLost(evidence),
    ];
  },
};
