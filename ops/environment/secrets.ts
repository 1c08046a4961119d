import { DescribeSecretCommand, ResourceNotFoundException } from '@aws-sdk/client-secrets-manager';
import type { AwsSession } from '../aws/aws-session';
import type { SecretState, StackState } from './environment-state';
import type { Gaps } from './gaps';
import { type Made, madeBy } from './made';
import { isoTime, withoutUndefined } from './plain';

/** When the secrets that stacks have made were rotated; what they hold is never asked. */
export async function secretStates(
  session: AwsSession,
  stacks: readonly StackState[],
  gaps: Gaps,
): Promise<SecretState[] | undefined> {
  const states = await gaps.ask('secrets', 'secretsmanager:DescribeSecret', () =>
    Promise.all(madeBy(stacks, 'AWS::SecretsManager::Secret').map((made) => secretState(session, made))),
  );
  return states?.filter((state) => state !== undefined);
}

/** @returns nothing for one that was deleted by hand, which is to hide no others */
async function secretState(
  session: AwsSession,
  { stack, logicalId, physicalId }: Made,
): Promise<SecretState | undefined> {
  const command = new DescribeSecretCommand({ SecretId: physicalId });
  try {
    const secret = await session.secretsManager.send(command, { abortSignal: session.signal });
    return withoutUndefined({
      name: secret.Name ?? physicalId,
      stack,
      logicalId,
      isRotated: secret.RotationEnabled === true,
      lastRotatedAt: isoTime(secret.LastRotatedDate),
      nextRotationAt: isoTime(secret.NextRotationDate),
    });
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      return undefined;
    }
    throw error;
  }
}
