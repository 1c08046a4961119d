import { printable } from '../aws/problems';
import type { EnvironmentState } from '../environment/environment-state';
import type { Paint } from './terminal';

/** What is missing above, so that nobody takes it for nothing. */
export function gapLines({ gaps }: Pick<EnvironmentState, 'gaps'>, paint: Paint): string[] {
  return gaps.length === 0
    ? []
    : [
        paint('yellow', 'This is not everything: AWS did not give'),
        ...gaps.map(({ what, action, code, message }) => `  ${printable(what)} (${action}, ${code}): ${message}`),
      ];
}
