import { join } from 'node:path';
import { ManagedProcess, ProcessFailed } from './managed-process';

/** Longest that a deploy step may take, in milliseconds. */
const TIMEOUT_MS = 120_000;

/** Runs a function's handler to its end, as the deploy does before the fleet starts. */
export async function runDeployStep(step: {
  readonly name: string;
  readonly directory: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly started: (process: ManagedProcess) => void;
}): Promise<void> {
  const [module, method] = step.handler.split('.') as [string, string];
  const script = `require(${JSON.stringify(join(step.directory, `${module}.js`))})[${JSON.stringify(method)}]()
    .then(() => process.exit(0), (error) => { console.error(error); process.exit(1); })`;
  const run = new ManagedProcess({
    name: step.name,
    command: process.execPath,
    args: ['-e', script],
    cwd: step.directory,
    logFile: step.logFile,
    environment: { PATH: process.env.PATH ?? '', ...step.environment },
  });
  step.started(run);
  const timer = setTimeout(() => void run.stop(), TIMEOUT_MS);
  const how = await run.ended;
  clearTimeout(timer);
  if (how !== 'ended with status 0') {
    throw new ProcessFailed(run, how);
  }
}
