import type { Part } from './part';
import { ago, arnOf, DAY_MS, hexOf, type Place } from './place';

/** A secret that is rotated every 30 days, last ten days ago. */
export function rotatedSecret({ environment, now }: Place, logicalId: string): Part {
  const name = `${environment}-${logicalId.toLowerCase()}`;
  const arn = arnOf('secretsmanager', `secret:${name}-${hexOf(name, 6)}`);
  return {
    resources: {
      [logicalId]: { type: 'AWS::SecretsManager::Secret', physicalId: arn, properties: { GenerateSecretString: {} } },
      [`${logicalId}Rotation`]: {
        type: 'AWS::SecretsManager::RotationSchedule',
        physicalId: arn,
        properties: { SecretId: { Ref: logicalId }, RotationRules: { AutomaticallyAfterDays: 30 } },
      },
    },
    state: {
      secrets: [
        {
          ARN: arn,
          Name: name,
          RotationEnabled: true,
          RotationRules: { AutomaticallyAfterDays: 30 },
          CreatedDate: ago(now, 90 * DAY_MS),
          LastChangedDate: ago(now, 10 * DAY_MS),
          LastRotatedDate: ago(now, 10 * DAY_MS),
          NextRotationDate: ago(now, -20 * DAY_MS),
          Tags: [{ Key: 'environment', Value: environment }],
          VersionIdsToStages: { [hexOf(name, 32)]: ['AWSCURRENT'] },
        },
      ],
    },
  };
}
