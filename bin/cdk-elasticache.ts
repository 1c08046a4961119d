#!/usr/bin/env node
import { InvalidArgumentError, program } from 'commander';
import { DRILLS } from '../drill/catalogue';
import { defaultStateDirectory } from '../local/state-directory';
import manifest from '../package.json';
import { drill } from './drill';
import { EXIT } from './exit-codes';
import { guard } from './guard';
import { up } from './up';

/** Runs the command. @param args without the program's own name */
export async function main(args: readonly string[]): Promise<void> {
  program
    .name('cdk-elasticache')
    .description(
      'Checks what an AWS CDK app would deploy, runs it on this machine with real engines, and breaks it on purpose.',
    )
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
  program
    .command('guard')
    .argument('[assembly]', 'the cloud assembly that `cdk synth` wrote', 'cdk.out')
    .description('find what is unsafe, unreachable or destructive in a synthesized app, before it is deployed')
    .option('--environment <name>', 'only this environment, a stage of the app (default: all)')
    .option(
      '--dev <name>',
      'an environment that is held to the profile for development; may be given again',
      listed,
      [],
    )
    .option('--baseline <directory>', 'what is deployed: golden templates, or another assembly')
    .option('--deployed', 'fetch what is deployed from CloudFormation first, and compare with that', false)
    .option('--endpoint-url <url>', 'where CloudFormation is asked, instead of AWS')
    .option('--exceptions <file>', 'changes that are let through until a day')
    .option('--consumer <id>', 'who must reach the caches and databases; may be given again', listed, [])
    .option('--allow <id>', 'who may reach them without having to; may be given again', listed, [])
    .option('--who-can', 'print who reaches which cache and database', false)
    .option('--picture <file>', 'draw the paths as an SVG')
    .option('--sarif <file>', 'write the findings as SARIF 2.1.0, for code scanning')
    .option('--json', 'print the findings as JSON', false)
    .option('--all', 'show what is informational too', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing that must not be, 1 findings, 2 usage, 3 AWS refused\n\nExamples:\n  $ cdk synth && cdk-elasticache guard --dev dev\n  $ cdk-elasticache guard --environment prod --deployed\n  $ cdk-elasticache guard --baseline golden --exceptions exceptions.json --sarif guard.sarif',
    )
    .action(guard);
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

function listed(value: string, before: readonly string[]): string[] {
  return [...before, value];
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
