import type { EnvironmentState, GroupState, SecretState } from '../environment/environment-state';
import { groups } from './caches';
import { becauseOf } from './gaps';
import { type DoctorRule, each, found, type Judge, unknown, type Verdict } from './rule';
import { cacheGuide, secretGuide } from './sources';
import { propertiesAt, templateUnknown } from './templates';
import { DAY, day, duration, listed, since } from './words';

/** Secrets Manager rotates within the day that is due. */
const ROTATION_GRACE_DAYS = 1;

/** Security Hub asks for a rotation within 90 days (SecretsManager.4). */
const TOKEN_DAYS = 90;

/** What a secret opens. */
const OPENED_BY_SECRETS =
  /^AWS::(ElastiCache::(ReplicationGroup|User)|RDS::DB(Instance|Cluster)|SecretsManager::SecretTargetAttachment)$/;

/** Secrets that grow old. */
export const SECRET_RULES: readonly DoctorRule[] = [
  {
    id: 'rotation-overdue',
    severity: 'high',
    disposable: 'low',
    local: 'skip',
    title: 'A secret should have been rotated, and was not',
    fix: 'read the log of its rotation function, mend it, and RotateSecret',
    source: secretGuide('troubleshoot_rotation'),
    judge: eachSecret(({ name, isRotated, lastRotatedAt, nextRotationAt }, now) => {
      if (!isRotated) {
        return undefined;
      }
      if (nextRotationAt === undefined) {
        return unknown(`secret ${name}`, 'Secrets Manager does not tell when its next rotation is');
      }
      const late = since(nextRotationAt, now);
      const before = lastRotatedAt === undefined ? 'it never was' : `it last was on ${day(lastRotatedAt)}`;
      return late > ROTATION_GRACE_DAYS * DAY && found(`secret ${name}`, `it was due ${duration(late)} ago, ${before}`);
    }),
  },
  {
    id: 'rotation-off',
    severity: 'medium',
    disposable: 'skip',
    local: 'skip',
    title: 'A secret that opens a cache or a database is never rotated',
    fix: '`rotateAfter` of `AuthToken.generated()` and `UserAuthentication.generatedPassword()`; IAM needs no secret at all',
    source: secretGuide('rotating-secrets'),
    judge: eachSecret((secret, _now, state) => {
      const { name, isRotated, lastRotatedAt } = secret;
      const users = isRotated ? [] : usersOf(state, secret);
      if (users === undefined) {
        return templateUnknown(state, `secret ${name}`);
      }
      const before = lastRotatedAt === undefined ? '' : `, and last was on ${day(lastRotatedAt)}`;
      return (
        users.length > 0 && found(`secret ${name}`, `its rotation is off${before}; ${listed(users)} is opened by it`)
      );
    }),
  },
  {
    id: 'auth-token-old',
    severity: 'medium',
    disposable: 'skip',
    local: 'skip',
    title: `The AUTH token of a cache is older than its rotation says, or than ${TOKEN_DAYS} days`,
    fix: '`rotateAfter` of `AuthToken.generated()`; where it is there, the log of the rotation function says what failed',
    source: cacheGuide('auth'),
    judge: each(groups, (group, state, now) => {
      if (!group.authToken) {
        return undefined;
      }
      if (group.authTokenChangedAt === undefined) {
        return unknown(group.id, 'ElastiCache does not tell when its AUTH token changed');
      }
      const age = since(group.authTokenChangedAt, now);
      const { limit, why } = allowedAge(state, group);
      return age > limit && found(group.id, `its AUTH token is ${duration(age)} old, and ${why}`);
    }),
  },
];

function eachSecret(
  judge: (secret: SecretState, now: Date, state: EnvironmentState) => Verdict | false | undefined,
): Judge {
  return (state, now) =>
    state.secrets === undefined
      ? [unknown(state.environment, becauseOf(state, 'secretsmanager:DescribeSecret', 'its secrets are not known'))]
      : each(
          () => state.secrets ?? [],
          (secret) => judge(secret, now, state),
        )(state, now);
}

/**
 * Logical ids of the caches, their users and the databases of its stack whose templates name a secret; nothing where one
 * of the templates is not known.
 */
function usersOf(state: EnvironmentState, { stack, logicalId }: SecretState): string[] | undefined {
  const resources = state.stacks.find(({ name }) => name === stack)?.resources ?? [];
  const opened = resources.filter(({ type }) => OPENED_BY_SECRETS.test(type));
  return opened.some(({ properties }) => properties === undefined)
    ? undefined
    : opened
        .filter(({ properties }) => JSON.stringify(properties).includes(`"${logicalId}"`))
        .map((resource) => resource.logicalId);
}

/** As long as the rotation of the secret that the template takes the token from, where there is one. */
function allowedAge(state: EnvironmentState, group: GroupState): { readonly limit: number; readonly why: string } {
  const token = JSON.stringify(propertiesAt(state, group)?.AuthToken ?? '');
  const secret = state.secrets?.find(
    ({ stack, logicalId }) => stack === group.stack && token.includes(`${logicalId}"`),
  );
  const { lastRotatedAt, nextRotationAt } = secret ?? {};
  if (lastRotatedAt === undefined || nextRotationAt === undefined) {
    return { limit: TOKEN_DAYS * DAY, why: `nothing changes it after ${TOKEN_DAYS} days` };
  }
  const every = since(lastRotatedAt, new Date(nextRotationAt));
  return { limit: every + ROTATION_GRACE_DAYS * DAY, why: `its secret is rotated every ${duration(every)}` };
}
