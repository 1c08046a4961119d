import type { EnvironmentState } from '../environment/environment-state';
import { groups, judgeNodes, nodeCaches } from './caches';
import { type DoctorRule, each, found } from './rule';
import { span, sum } from './series';
import { cacheGuide, databaseGuide } from './sources';
import { figure } from './words';

/** Failed sign-ins of a node in a day; AWS suggests an alarm, and gives no number. */
const FAILED_SIGN_INS = 10;

/** Who reads what. */
export const SECURITY_RULES: readonly DoctorRule[] = [
  {
    id: 'encryption-in-transit-off',
    severity: 'high',
    disposable: 'low',
    local: 'skip',
    title: 'Connections to a cache are not encrypted',
    fix: '`transitEncryption` of `ReplicationGroup`: true, with `transitEncryptionMode` preferred first; `MemcachedCluster` needs another construct id',
    source: cacheGuide('in-transit-encryption'),
    judge: each(
      nodeCaches,
      ({ id, engine, inTransitEncryption }) => !inTransitEncryption && found(id, `${engine} is spoken in the clear`),
    ),
  },
  {
    id: 'encryption-in-transit-optional',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'A cache takes connections that are not encrypted beside those that are',
    fix: '`transitEncryptionMode` of `ReplicationGroup`: `TransitEncryptionMode.REQUIRED`, when every client speaks TLS',
    source: cacheGuide('in-transit-encryption-enable'),
    judge: each(groups, ({ id, inTransitEncryption, inTransitEncryptionMode }) =>
      inTransitEncryption && inTransitEncryptionMode === 'preferred'
        ? found(id, 'the mode of its encryption is preferred')
        : undefined,
    ),
  },
  {
    id: 'encryption-at-rest-off',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'Disks and snapshots of a cache are not encrypted',
    fix: 'a new `ReplicationGroup`, which encrypts always, with `restoreFrom` of a snapshot of this one',
    source: cacheGuide('at-rest-encryption'),
    judge: each(groups, ({ id, atRestEncryption }) => !atRestEncryption && found(id, 'encryption at rest is off')),
  },
  {
    id: 'nobody-signs-in',
    severity: 'high',
    disposable: 'low',
    local: 'skip',
    title: 'Whoever reaches a cache may read and delete everything in it',
    fix: '`userGroup` of `ReplicationGroup` and `ServerlessCache`: by default each client signs in with IAM',
    source: cacheGuide('Clusters.RBAC'),
    judge: (state) => [
      ...state.groups
        .filter(({ userGroups, authToken }) => userGroups.length === 0 && !authToken)
        .map(({ id }) => found(id, 'it has neither a user group nor an AUTH token')),
      ...state.serverless
        .filter(({ engine, userGroup }) => engine !== 'memcached' && userGroup === undefined)
        .map(({ id }) => found(id, 'it has no user group')),
    ],
  },
  {
    id: 'authentication-failures',
    severity: 'medium',
    disposable: 'low',
    title: `More than ${FAILED_SIGN_INS} sign-ins a day failed at a node`,
    fix: 'a client has an old password or the name of another user, or a stranger tries: read the `engineLog`',
    source: cacheGuide('CacheMetrics.Redis'),
    judge: each(groups, (group, state) =>
      judgeNodes(state, group, {
        metrics: ['AuthenticationFailures'],
        judge: ({ AuthenticationFailures }) => {
          const failures = sum(AuthenticationFailures);
          return failures > FAILED_SIGN_INS
            ? { worth: failures, text: `refused ${figure(failures)} sign-ins in ${span(AuthenticationFailures)}` }
            : undefined;
        },
      }),
    ),
  },
  {
    id: 'database-public',
    severity: 'critical',
    disposable: 'medium',
    local: 'skip',
    title: 'A database has a public address',
    fix: 'ModifyDBInstance with PubliclyAccessible off; `Database` never has one',
    source: databaseGuide('USER_VPC.WorkingWithRDSInstanceinaVPC'),
    judge: each(
      databases,
      ({ id, isPublic, endpoint }) =>
        isPublic && found(`database ${id}`, `${endpoint ?? 'its endpoint'} is publicly accessible`),
    ),
  },
  {
    id: 'database-unencrypted',
    severity: 'high',
    disposable: 'low',
    local: 'skip',
    title: 'Storage and snapshots of a database are not encrypted',
    fix: 'restore an encrypted copy of its snapshot into a new `Database`, which encrypts always',
    source: databaseGuide('Overview.Encryption'),
    judge: each(
      databases,
      ({ id, isEncrypted }) => !isEncrypted && found(`database ${id}`, 'its storage is not encrypted'),
    ),
  },
];

function databases(state: EnvironmentState) {
  return state.databases;
}
