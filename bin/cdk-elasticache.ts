#!/usr/bin/env node
import { InvalidArgumentError, program } from 'commander';
import { LocalEnvironment } from '../local/environment';
import { Problem } from '../local/problem';
import { defaultStateDirectory } from '../local/state-directory';
import manifest from '../package.json';

interface UpArguments {
  readonly environment?: string;
  readonly port?: number;
  readonly stateDir: string;
  readonly installEngines: boolean;
}

/** Exit codes, which are API. */
const EXIT = { problem: 1, usage: 2 } as const;

/** Runs the command. @param args without the program's own name */
export async function main(args: readonly string[]): Promise<void> {
  program
    .name('cdk-elasticache')
    .description('Runs what an AWS CDK app would deploy, on this machine, with real engines.')
    .version(manifest.version)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT.usage));
  program
    .command('up')
    .description('start the caches, the database, the service and the load balancer of a synthesized app')
    .argument('[assembly]', 'the cloud assembly that `cdk synth` wrote', 'cdk.out')
    .option('--environment <name>', 'the environment to run, a stage of the app (default: the only one, or dev)')
    .option('--port <number>', 'port of the load balancer (default: a free one)', parsePort)
    .option('--state-dir <path>', 'where engines and data are kept', defaultStateDirectory(process.cwd()))
    .option('--install-engines', 'install missing engines system-wide, after showing the command', false)
    .addHelpText(
      'after',
      '\nExamples:\n  $ cdk synth && cdk-elasticache up\n  $ cdk-elasticache up cdk.out --environment prod --port 8080',
    )
    .action(up);
  await program.parseAsync([...args], { from: 'user' });
}

async function up(assembly: string, options: UpArguments): Promise<void> {
  const interruption = new AbortController();
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        interruption.abort();
        resolve();
      });
    }
  });
  let environment: LocalEnvironment | undefined;
  try {
    environment = await LocalEnvironment.start({
      assembly,
      stateDirectory: options.stateDir,
      installEngines: options.installEngines,
      report: (line) => console.log(line),
      signal: interruption.signal,
      ...(options.environment === undefined ? {} : { environment: options.environment }),
      ...(options.port === undefined ? {} : { port: options.port }),
    });
    console.log(`\n  ${environment.address}\n\nCtrl-C ends it.`);
    await Promise.race([interrupted, environment.broken]);
    console.log('ending …');
  } catch (error) {
    console.error(`\n${error instanceof Problem ? error.message : (error as Error).message}`);
    process.exitCode = EXIT.problem;
  }
  await environment?.close();
  process.exit();
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('a port is a whole number from 1 to 65535');
  }
  return port;
}

if (require.main === module) {
  void main(process.argv.slice(2));
}
