import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { AwsSession } from '../aws/aws-session';
import type { SecretState, StackState } from './environment-state';
import type { Gaps } from './gaps';
import { madeBy } from './made';
import { isoTime, withoutUndefined } from './plain';

/** When the secrets that stacks have made were rotated; what they hold is never asked. */
export async function secretStates(
  session: AwsSession,
  stacks: readonly StackState[],
  gaps: Gaps,
): Promise<SecretState[] | undefined> {
  return gaps.ask('secrets', 'secretsmanager:DescribeSecret', () =>
    Promise.all(
      madeBy(stacks, 'AWS::SecretsManager::Secret').map(async ({ stack, logicalId, physicalId }) => {
        const secret = await session.secretsManager.send(new DescribeSecretCommand({ SecretId: physicalId }), {
          abortSignal: session.signal,
        });
        return withoutUndefined({
          name: secret.Name ?? physicalId,
          stack,
          logicalId,
          isRotated: secret.RotationEnabled === true,
          lastRotatedAt: isoTime(secret.LastRotatedDate),
          nextRotationAt: isoTime(secret.NextRotationDate),
        });
      }),
    ),
  );
}
