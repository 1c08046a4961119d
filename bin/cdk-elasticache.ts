#!/usr/bin/env node
import { InvalidArgumentError, program } from 'commander';
import { DRILLS } from '../drill/catalogue';
import { defaultStateDirectory } from '../local/state-directory';
import manifest from '../package.json';
import { drill } from './drill';
import { EXIT } from './exit-codes';
import { up } from './up';

/** Runs the command. @param args without the program's own name */
export async function main(args: readonly string[]): Promise<void> {
  program
    .name('cdk-elasticache')
    .description('Runs what an AWS CDK app would deploy, on this machine, with real engines, and breaks it on purpose.')
    .version(manifest.version)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT.usage));
  withEnvironment(program.command('up'))
    .description('start the caches, the database, the service and the load balancer of a synthesized app')
    .option('--port <number>', 'port of the load balancer (default: a free one)', wholeNumber('a port', 1, 65_535))
    .option('--watch', 'show nodes, roles, lag, hit ratio, instances and requests while it runs', false)
    .addHelpText(
      'after',
      '\nExamples:\n  $ cdk synth && cdk-elasticache up\n  $ cdk-elasticache up cdk.out --environment prod --port 8080\n  $ cdk-elasticache up --watch',
    )
    .action(up);
  withEnvironment(program.command('drill').argument('<name>', 'what breaks, or all'))
    .description('start an environment, let users use it, break it, and report what they felt')
    .option(
      '--seconds <number>',
      'length of each part: before, during and after the fault',
      wholeNumber('a length', 1, 600),
      10,
    )
    .option('--rate <number>', 'requests a second of all users together', wholeNumber('a rate', 1, 1_000), 25)
    .option('--path <path>', 'what users ask for, where it is not the film portal; may be given again', collect, [])
    .option('--report <file>', 'where the report goes, a page without scripts')
    .option('--json', 'print the results as JSON', false)
    .addHelpText(
      'after',
      `\nDrills:\n${listOfDrills()}\n\nExamples:\n  $ cdk-elasticache drill failover\n  $ cdk-elasticache drill all --seconds 30 --report drills.html`,
    )
    .action((name, assembly, options) => drill(name, assembly, options));
  await program.parseAsync([...args], { from: 'user' });
}

/** What every command that starts an environment takes. */
function withEnvironment(command: typeof program) {
  return command
    .argument('[assembly]', 'the cloud assembly that `cdk synth` wrote', 'cdk.out')
    .option('--environment <name>', 'the environment to run, a stage of the app (default: the only one, or dev)')
    .option('--state-dir <path>', 'where engines and data are kept', defaultStateDirectory(process.cwd()))
    .option('--install-engines', 'install missing engines system-wide, after showing the command', false);
}

function listOfDrills(): string {
  const width = Math.max(...DRILLS.map(({ name }) => name.length));
  return DRILLS.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n');
}

function wholeNumber(what: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < least || number > most) {
      throw new InvalidArgumentError(`${what} is a whole number from ${least} to ${most}`);
    }
    return number;
  };
}

function collect(value: string, before: readonly string[]): string[] {
  if (!value.startsWith('/')) {
    throw new InvalidArgumentError('a path begins with /');
  }
  return [...before, value];
}

if (require.main === module) {
  void main(process.argv.slice(2));
}
