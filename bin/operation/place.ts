import { existsSync } from 'node:fs';
import { Problem } from '../../assembly/problem';
import { StateDirectory } from '../../local/state-directory';
import type { OperationArguments } from './operation';

/** Where an environment is asked about. */
export interface Place {
  /** Name of the environment; nothing where there is one alone. */
  readonly environment?: string;
  readonly isLocal: boolean;
  readonly endpointUrl?: string;
}

/**
 * Where an environment is: one that runs here by that name comes before one that is deployed, and it is said which is
 * meant.
 *
 * @throws Problem when it is not clear
 */
export function placeOf(environment: string | undefined, options: OperationArguments): Place {
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
