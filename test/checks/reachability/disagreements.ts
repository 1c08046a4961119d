import * as fc from 'fast-check';
import { connectionsIn } from '../../../assembly/reachability/connections';
import { Network } from '../../../assembly/reachability/network';
import { type Resource, Templates } from '../../../assembly/templates';
import { oracle } from './oracle';
import { anyNetwork, stacksOf } from './random-networks';

/** How often each answer was given: whether all of a client reaches a cache, and whether some of it does. */
export type Answers = Readonly<Record<'all' | 'some', Record<'open' | 'closed' | 'unknown', number>>>;

/** Judges random networks. @throws at the first that the oracle judges otherwise */
export function judgeRandomNetworks(seed: number, numRuns: number): Answers {
  const answers: Answers = { all: { open: 0, closed: 0, unknown: 0 }, some: { open: 0, closed: 0, unknown: 0 } };
  fc.assert(
    fc.property(anyNetwork, (random) => {
      const templates = new Templates({ name: 'random', stacks: stacksOf(random) });
      const network = new Network(templates, 'doubted');
      const byLabel = (label: string) => templates.resources.find((resource) => resource.label === label) as Resource;
      for (const which of ['all', 'some'] as const) {
        const [connection] = connectionsIn(network, byLabel('app/Client'), byLabel('app/Cache'), which);
        const state = connection?.state as 'open' | 'closed' | 'unknown';
        answers[which][state] += 1;

        expect([which, state]).toEqual([which, oracle(random, which)]);
      }
    }),
    { seed, numRuns },
  );
  return answers;
}
