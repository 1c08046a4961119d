import { AwsSession } from '../../ops/aws/aws-session';
import { type Deadline, deadline } from '../../ops/aws/deadline';
import { type DeployedTemplates, deployedTemplates } from '../../ops/cost/deployed';
import type { EnvironmentState, Gap } from '../../ops/environment/environment-state';
import type { Detail } from '../../ops/environment/metric-plan';
import { readEnvironment } from '../../ops/environment/read-environment';
import type { StackChoice } from '../../ops/environment/stacks';
import { EXIT, exitOf } from '../exit-codes';
import { interruption } from '../interruption';
import { type Place, placeOf } from './place';

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

/** What a command that asks about an environment works with. */
export class Operation {
  private found: Place | undefined;

  /** @param interrupted aborts when the user ends the command */
  constructor(
    private readonly environment: string | undefined,
    private readonly options: OperationArguments,
    readonly interrupted: AbortSignal,
  ) {}

  /** Reads an environment. */
  read(detail: Detail): Promise<EnvironmentState> {
    return this.ask((session) => readEnvironment(session, { ...this.choice(), detail }));
  }

  /** Reads the templates alone. */
  templates(): Promise<DeployedTemplates> {
    return this.ask((session) => deployedTemplates(session, this.choice()));
  }

  /** A session, which whoever opens it closes. @param seconds how long it may last */
  open(seconds = this.options.timeout): Promise<AwsSession> {
    const { endpointUrl } = this.place();
    return AwsSession.open({
      timeoutMs: seconds * 1_000,
      signal: this.interrupted,
      ...(this.options.region === undefined ? {} : { region: this.options.region }),
      ...(endpointUrl === undefined ? {} : { endpointUrl }),
    });
  }

  /** The end of what takes no session. */
  deadline(): Deadline {
    return deadline(this.options.timeout * 1_000, this.interrupted);
  }

  /** Asks in a session of its own, and says which calls it took where that was asked for. */
  private async ask<T extends { readonly gaps: readonly Gap[] }>(how: (session: AwsSession) => Promise<T>): Promise<T> {
    const session = await this.open();
    const answer = await how(session).finally(() => session.close());
    if (this.options.calls) {
      console.error(callsText(session.calls));
    }
    if (answer.gaps.length > 0) {
      process.exitCode = EXIT.refused;
    }
    return answer;
  }

  private choice(): StackChoice {
    const { environment, isLocal } = this.place();
    return { isLocal, stacks: this.options.stack, ...(environment === undefined ? {} : { environment }) };
  }

  private place(): Place {
    this.found ??= placeOf(this.environment, this.options);
    return this.found;
  }
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
  try {
    await run(new Operation(environment, options, interrupted));
  } catch (error) {
    process.exitCode = interrupted.aborted ? EXIT.problem : (exitOf(error) ?? EXIT.problem);
    console.error(interrupted.aborted ? 'interrupted' : (error as Error).message);
  }
}

function callsText(calls: ReadonlyMap<string, number>): string {
  const total = [...calls.values()].reduce((sum, count) => sum + count, 0);
  return `${total} calls: ${[...calls].map(([action, count]) => `${action} ${count}`).join(', ')}`;
}
