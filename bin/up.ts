import { LocalEnvironment, updateRunning } from '../local/environment';
import { EXIT } from './exit-codes';
import { interruption } from './interruption';
import { watch } from './watch';

export interface UpArguments {
  readonly environment?: string;
  readonly port?: number;
  readonly stateDir: string;
  readonly installEngines: boolean;
  readonly watch: boolean;
}

/** Starts an environment and keeps it until it is interrupted; one that runs already is brought in line and left. */
export async function up(assembly: string, options: UpArguments): Promise<void> {
  const { signal, happened } = interruption();
  const shared = {
    assembly,
    stateDirectory: options.stateDir,
    report: (line: string) => console.log(line),
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  };
  let environment: LocalEnvironment | undefined;
  try {
    const running = await updateRunning(shared);
    if (running !== undefined) {
      console.log(
        `\n${running.name} runs already, and is up to date:\n\n  ${running.address ?? running.controlAddress}`,
      );
      return;
    }
    environment = await LocalEnvironment.start({
      ...shared,
      installEngines: options.installEngines,
      signal,
      ...(options.port === undefined ? {} : { port: options.port }),
    });
    console.log(greeting(environment));
    const stopWatching = options.watch ? watch(environment) : () => {};
    await Promise.race([happened, environment.broken]).finally(stopWatching);
    console.log('ending …');
  } catch (error) {
    console.error(`\n${(error as Error).message}`);
    process.exitCode = EXIT.problem;
  }
  await environment?.close();
  process.exit();
}

function greeting(environment: LocalEnvironment): string {
  const lines =
    environment.address === undefined
      ? [`  CACHE_BINDINGS_FILE=${environment.bindings}   lets an application of yours use them`]
      : [`  ${environment.address}`];
  return [
    '',
    ...lines,
    `  ${environment.controlAddress}   AWS's APIs (aws elasticache … --endpoint-url)`,
    '',
    'Ctrl-C ends it; `up` again brings it in line with what was synthesized since.',
  ].join('\n');
}
