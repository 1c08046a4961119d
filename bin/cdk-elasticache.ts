#!/usr/bin/env node
import { type Command, InvalidArgumentError, program } from 'commander';
import { DRILLS } from '../drill/catalogue';
import { defaultStateDirectory } from '../local/state-directory';
import manifest from '../package.json';
import { localCommands, operations } from './bundles';
import { drillAnywhere } from './drill-anywhere';
import { EXIT } from './exit-codes';

/** Runs the command. @param args without the program's own name */
export async function main(args: readonly string[]): Promise<void> {
  program
    .name('cdk-elasticache')
    .description(
      'Checks what an AWS CDK app would deploy, runs it on this machine with real engines, breaks it on purpose, and looks after what is deployed.',
    )
    .version(manifest.version)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT.usage));
  withStateDirectory(
    withEngines(program.command('up').argument('[assembly]', 'the cloud assembly that `cdk synth` wrote', 'cdk.out')),
  )
    .description('start the caches, the database, the service and the load balancer of a synthesized app')
    .option('--port <number>', 'port of the load balancer (default: a free one)', wholeNumber('a port', 1, 65_535))
    .option('--watch', 'show nodes, roles, lag, hit ratio, instances and requests while it runs', false)
    .addHelpText(
      'after',
      '\nExamples:\n  $ cdk synth && cdk-elasticache up\n  $ cdk-elasticache up cdk.out --environment prod --port 8080\n  $ cdk-elasticache up --watch',
    )
    .action((assembly, options) => localCommands().up(assembly, options));
  withAws(
    withEngines(
      program
        .command('drill')
        .argument('<name>', 'what breaks: one, several separated by commas, or all')
        .argument(
          '[where]',
          'a cloud assembly, which is run on this machine for it, or the name of an environment that is deployed or runs',
          'cdk.out',
        ),
    ),
  )
    .description('let users use an environment, break it, and report what they felt')
    .option(
      '--seconds <number>',
      'length of each part: before, during and after the fault (what counts statements takes ten at least)',
      wholeNumber('a length', 1, 600),
      10,
    )
    .option('--rate <number>', 'requests a second of all users together', wholeNumber('a rate', 1, 1_000), 25)
    .option('--path <path>', 'what users ask for, where it is not the film portal; may be given again', collect, [])
    .option('--probe <path>', 'path below which users write, read and delete, by PUT, GET and DELETE', path)
    .option('--report <file>', 'where the report goes, a page without scripts')
    .option('--url <address>', 'where users go (default: the output `Address` of a stack)', webAddress)
    .option('--group <id>', 'the replication group that fails over, where there are several')
    .option('--shard <id>', 'its shard that fails over (default: the first)')
    .option('--fleet <name>', 'the Auto Scaling group that loses an instance, where there are several')
    .option('--yes', 'do not ask, where everything may be broken', false)
    .option('--confirm <name>', 'name of the environment, in place of typing it')
    .addHelpText(
      'after',
      `\nDrills:\n${listOfDrills()}\n\nWhat is deployed can be drilled by failover and instance.\n${EXIT_CODES}\n\nExamples:\n  $ cdk-elasticache drill failover\n  $ cdk-elasticache drill all --seconds 30 --report drills.html\n  $ cdk-elasticache drill failover staging --yes\n  $ cdk-elasticache drill instance prod --confirm prod --path / --probe /probe`,
    )
    .action((name, where, options, command) => drillAnywhere(name, where, options, command));
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
      '\nExit codes: 0 nothing that must not be, 1 findings, 2 usage, 3 AWS refused, 4 AWS took too long\n\nExamples:\n  $ cdk synth && cdk-elasticache guard --dev dev\n  $ cdk-elasticache guard --environment prod --deployed\n  $ cdk-elasticache guard --baseline golden --exceptions exceptions.json --sarif guard.sarif',
    )
    .action((assembly, options) => localCommands().guard(assembly, options));
  withAws(program.command('status').argument('[environment]', 'which environment (default: the only one)'))
    .description('show what a deployed or running environment consists of, and how it is')
    .option('--watch', 'look again each five seconds', false)
    .addHelpText(
      'after',
      `\n${EXIT_CODES}\n\nExamples:\n  $ cdk-elasticache status prod\n  $ cdk-elasticache status --stack shop-data --stack shop-web --json\n  $ cdk-elasticache status dev --watch`,
    )
    .action((environment, options) => operations().status(environment, options));
  withAws(program.command('doctor').argument('[environment]', 'which environment (default: the only one)'))
    .description('say what is wrong or risky in it now, the worst first, with the evidence and the fix')
    .addHelpText(
      'after',
      `\n${EXIT_CODES}\n\nExamples:\n  $ cdk-elasticache doctor prod\n  $ cdk-elasticache doctor prod --json --timeout 120`,
    )
    .action((environment, options) => operations().doctor(environment, options));
  withAws(
    program
      .command('cost')
      .argument('[where]', 'a cloud assembly, or the name of an environment that is deployed', 'cdk.out'),
  )
    .description('say what it costs a month, line by line with sources, and what it would cost if it were otherwise')
    .option('--environment <name>', 'only this environment of the assembly (default: all)')
    .option('--prices <file>', 'prices of your own, or of another region')
    .option('--refresh <file>', 'read the prices from AWS first, and write them there')
    .option('--gigabytes <number>', 'what a serverless cache would hold', amount)
    .option('--ecpu <number>', 'ECPU a second that a serverless cache would use', amount)
    .addHelpText(
      'after',
      `\n${EXIT_CODES}\n\nExamples:\n  $ cdk synth && cdk-elasticache cost --environment prod\n  $ cdk-elasticache cost prod --refresh prices.json\n  $ cdk-elasticache cost --gigabytes 2 --ecpu 500 --json`,
    )
    .action((where, options, command) => operations().cost(where, options, command));
  await program.parseAsync([...args], { from: 'user' });
}

const EXIT_CODES =
  'Exit codes: 0 fine, 1 findings, 2 usage, 3 AWS refused or gave only a part, 4 it took longer than --timeout';

/** What every command that starts an environment takes. */
function withEngines(command: Command) {
  return command
    .option('--environment <name>', 'the environment to run, a stage of the app (default: the only one, or dev)')
    .option('--install-engines', 'install missing engines system-wide, after showing the command', false);
}

/** What every command that knows of environments on this machine takes. */
function withStateDirectory(command: Command) {
  return command.option('--state-dir <path>', 'where engines and data are kept', defaultStateDirectory(process.cwd()));
}

/** What every command that asks about a deployed environment takes. */
function withAws(command: Command) {
  return withStateDirectory(command)
    .option('--region <name>', 'region of AWS (default: AWS_REGION, or the profile’s)')
    .option('--endpoint-url <url>', 'where every service is asked, instead of AWS')
    .option('--aws', 'ask AWS, also where an environment of that name runs on this machine', false)
    .option('--stack <name>', 'a stack by its name, of an app without environments; may be given again', listed, [])
    .option('--timeout <seconds>', 'how long AWS may take for everything', wholeNumber('a time', 1, 3_600), 60)
    .option('--calls', 'say on the standard error which calls of AWS were made', false)
    .option('--json', 'print the result as JSON', false);
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

function amount(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < 0) {
    throw new InvalidArgumentError('an amount is a number from 0');
  }
  return number;
}

function listed(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, path(value)];
}

function path(value: string): string {
  if (!value.startsWith('/')) {
    throw new InvalidArgumentError('a path begins with /');
  }
  return value;
}

function webAddress(value: string): string {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) {
    throw new InvalidArgumentError('an address begins with http:// or https://');
  }
  return value;
}

if (require.main === module) {
  void main(process.argv.slice(2));
}
