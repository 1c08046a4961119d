import { existsSync } from 'node:fs';
import { Problem } from '../../assembly/problem';
import { StateDirectory } from '../../local/state-directory';
import { AwsSession } from '../../ops/aws/aws-session';
import { AskedWronglyError, RefusedError, TimedOutError } from '../../ops/aws/problems';
import { type DeployedTemplates, deployedTemplates } from '../../ops/cost/deployed';
import type { EnvironmentState, Gap } from '../../ops/environment/environment-state';
import type { Detail } from '../../ops/environment/metric-plan';
import { readEnvironment } from '../../ops/environment/read-environment';
import { EXIT } from '../exit-codes';
import { interruption } from '../interruption';

/** What every command that asks about a deployed environment takes. */
export interface OperationArguments {
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly aws: boolean;
  readonly stack: readonly string[];
  readonly stateDir: string;
  /** How long AWS may take for everything, in seconds. */
  readonly timeout: number;
  readonly calls: boolean;
  readonly json: boolean;
}

/** Where an environment is asked about. */
interface Place {
  /** Name of the environment; nothing where there is one alone. */
  readonly environment?: string;
  readonly isLocal: boolean;
  readonly endpointUrl?: string;
}

/** What a command that asks works with. */
export interface Operation {
  /** Aborts when the user ends the command. */
  readonly interrupted: AbortSignal;
  /** A session, which is closed with the operation. @param seconds how long it may last. @default the given time */
  open(seconds?: number): Promise<AwsSession>;
  /** Asks once, and says on the standard error which calls it took where that was asked for. */
  read(detail: Detail): Promise<EnvironmentState>;
  /** The templates alone. */
  templates(): Promise<DeployedTemplates>;
}

/**
 * Runs a command about an environment, and turns what AWS refuses into an exit code and a sentence. Results go to the
 * standard output in one piece or not at all; everything else is said on the standard error.
 */
export async function operation(
  environment: string | undefined,
  options: OperationArguments,
  run: (operation: Operation) => Promise<void>,
): Promise<void> {
  const { signal: interrupted } = interruption();
  const sessions: AwsSession[] = [];
  try {
    let place: Place | undefined;
    const where = () => (place ??= placeOf(environment, options));
    const choice = () => {
      const { environment: name, isLocal } = where();
      return { isLocal, stacks: options.stack, ...(name === undefined ? {} : { environment: name }) };
    };
    const asked = <T extends { readonly gaps: readonly Gap[] }>(session: AwsSession, answer: T): T => {
      if (options.calls) {
        console.error(callsText(session.calls));
      }
      if (answer.gaps.length > 0) {
        process.exitCode = EXIT.refused;
      }
      return answer;
    };
    const endpoint = () => {
      const { endpointUrl } = where();
      return endpointUrl === undefined ? {} : { endpointUrl };
    };
    const open = async (seconds = options.timeout) => {
      const session = await AwsSession.open({
        timeoutMs: seconds * 1_000,
        signal: interrupted,
        ...(options.region === undefined ? {} : { region: options.region }),
        ...endpoint(),
      });
      sessions.push(session);
      return session;
    };
    await run({
      interrupted,
      open,
      read: async (detail) => {
        const session = await open();
        return asked(session, await readEnvironment(session, { ...choice(), detail }));
      },
      templates: async () => {
        const session = await open();
        return asked(session, await deployedTemplates(session, choice()));
      },
    });
  } catch (error) {
    process.exitCode = interrupted.aborted ? EXIT.problem : exitOf(error);
    console.error(interrupted.aborted ? 'interrupted' : (error as Error).message);
  } finally {
    for (const session of sessions) {
      session.close();
    }
  }
}

function exitOf(error: unknown): number {
  if (error instanceof AskedWronglyError || error instanceof Problem) {
    return EXIT.usage;
  }
  if (error instanceof RefusedError) {
    return EXIT.refused;
  }
  return error instanceof TimedOutError ? EXIT.timedOut : EXIT.problem;
}

/** An environment that runs here by that name comes before one that is deployed, and it is said which is meant. */
function placeOf(environment: string | undefined, options: OperationArguments): Place {
  const { endpointUrl, stateDir } = options;
  const named = environment === undefined ? {} : { environment };
  if (endpointUrl !== undefined) {
    if (options.aws) {
      throw new Problem('--aws asks AWS, and --endpoint-url somebody else: give one of them');
    }
    return { ...named, isLocal: false, endpointUrl };
  }
  const asksAws = options.aws || options.region !== undefined || options.stack.length > 0;
  const running = asksAws || !existsSync(stateDir) ? [] : new StateDirectory(stateDir).running();
  const found = running.filter(({ name }) => environment === undefined || name === environment);
  const [first, ...others] = found;
  if (first === undefined) {
    return { ...named, isLocal: false };
  }
  if (others.length > 0) {
    const addresses = found.map(({ name, controlAddress }) => `${name} at ${controlAddress}`).join(', ');
    throw new Problem(`which of those that run on this machine? --endpoint-url says it: ${addresses}; --aws asks AWS`);
  }
  console.error(`${first.name} on this machine, at ${first.controlAddress} (--aws asks AWS)`);
  return { environment: first.name, isLocal: true, endpointUrl: first.controlAddress };
}

function callsText(calls: ReadonlyMap<string, number>): string {
  const total = [...calls.values()].reduce((sum, count) => sum + count, 0);
  return `${total} calls: ${[...calls].map(([action, count]) => `${action} ${count}`).join(', ')}`;
}

/** How text is shown on the standard output: plain and uncut in a pipe. */
export function terminal() {
  const { isTTY, columns } = process.stdout;
  return {
    colour: isTTY === true && !process.env.NO_COLOR,
    width: isTTY === true ? columns : Number.POSITIVE_INFINITY,
  };
}

/** Writes a result in one piece. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
