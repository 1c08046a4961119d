import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../assembly/problem';
import { statusText } from '../ops/status/status-text';
import { type Operation, type OperationArguments, operation } from './operation/operation';
import { print, terminal } from './operation/output';

export interface StatusArguments extends OperationArguments {
  readonly watch: boolean;
}

/** How long AWS is left alone between two looks, in milliseconds: metrics have one value a minute. */
const LOOK_EVERY_MS = 5_000;

/** Shows what an environment consists of, and how it is. */
export async function status(environment: string | undefined, options: StatusArguments): Promise<void> {
  await operation(environment, options, async (running) => {
    if (options.watch) {
      if (options.json) {
        throw new Problem('--watch shows a picture that changes, and --json writes one result: give one of them');
      }
      if (process.stdout.isTTY !== true) {
        throw new Problem('--watch shows a picture that changes, which needs a terminal');
      }
      await watch(running);
      return;
    }
    const state = await running.read('status');
    print(options.json ? JSON.stringify(state, null, 2) : statusText(state, terminal()));
  });
}

async function watch(running: Operation): Promise<void> {
  const { interrupted } = running;
  const { default: update } = await import('log-update');
  let last = '';
  while (!interrupted.aborted) {
    const [text, problem] = await running.read('status').then(
      (state) => [statusText(state, terminal()), undefined] as const,
      (error) => [last, error as Error] as const,
    );
    if (problem !== undefined && last === '') {
      throw problem;
    }
    last = text;
    // One look that AWS refuses is no reason to look no longer.
    update(problem === undefined || interrupted.aborted ? text : `${text}\n${problem.message}`);
    await sleep(LOOK_EVERY_MS, undefined, { signal: interrupted }).catch(() => {});
  }
  update.done();
}
