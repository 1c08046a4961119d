import type { AwsSession } from '../aws/aws-session';
import type { Gap } from '../environment/environment-state';
import { Gaps } from '../environment/gaps';
import { chosenStacks, type StackChoice } from '../environment/stacks';
import type { StackTemplate } from './estimate';

/** The templates of an environment, as they are deployed. */
export interface DeployedTemplates {
  readonly environment: string;
  readonly region: string;
  readonly stacks: readonly StackTemplate[];
  /** Stacks that are not among them, since AWS did not give their template. */
  readonly gaps: readonly Gap[];
}

/**
 * Reads the templates of an environment.
 *
 * @throws AskedWronglyError when there is no such environment
 * @throws RefusedError when AWS does not tell which stacks there are
 */
export async function deployedTemplates(session: AwsSession, choice: StackChoice): Promise<DeployedTemplates> {
  const gaps = new Gaps(session.region);
  const { environment, stacks } = await chosenStacks(session, choice, 'doctor', gaps);
  session.throwIfOver();
  return {
    environment,
    region: session.region,
    stacks: stacks.flatMap(({ name, resources }) => {
      const known = resources.flatMap(({ logicalId, type, properties }) =>
        properties === undefined ? [] : [[logicalId, { Type: type, Properties: properties }] as const],
      );
      return known.length === 0 ? [] : [{ name, template: { Resources: Object.fromEntries(known) } }];
    }),
    gaps: gaps.list,
  };
}
