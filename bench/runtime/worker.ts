/** A process that runs one client under test, and does what its parent asks. argv: the task, its setup as JSON */
import { TASKS, type TaskName } from './tasks/registry';

interface Request {
  readonly id: number;
  readonly call: string;
  readonly argument: unknown;
}

async function main(): Promise<void> {
  const [task, setup] = process.argv.slice(2) as [TaskName, string];
  const calls = (await TASKS[task](JSON.parse(setup) as never)) as unknown as Record<
    string,
    (argument: unknown) => unknown
  >;
  process.on('message', async ({ id, call, argument }: Request) => {
    try {
      process.send?.({ id, result: await calls[call]?.(argument) });
    } catch (error) {
      process.send?.({ id, error: (error as Error).stack });
    }
  });
  // Its parent is gone.
  process.on('disconnect', () => process.exit());
  process.send?.({ id: 0 });
}

void main().catch((error) => {
  process.send?.({ id: 0, error: error.stack });
});
