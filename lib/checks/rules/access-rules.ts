import {
  CACHE_CLUSTER,
  type Check,
  DATABASE,
  guide,
  REPLICATION_GROUP,
  type Rule,
  reference,
  SERVERLESS_CACHE,
} from './rule';

const USER = 'AWS::ElastiCache::User';
const USER_GROUP = 'AWS::ElastiCache::UserGroup';

/** A place for a secret. */
function secretIn(type: string, property: string, each = false): Check {
  return {
    types: [type],
    property,
    each,
    holds: ['value == null', 'is_hidden(value)', `is_hidden_at(name, "Properties.${property}", value)`],
    wrong: 'is readable in the template',
  };
}

/** Who may use a cache, and what they may do with it. */
export const ACCESS_RULES: readonly Rule[] = [
  {
    id: 'authentication',
    severity: 'error',
    must: 'Clients sign in to the cache',
    otherwise: 'every process that reaches the port reads and deletes all sessions',
    controls: {
      securityHub: ['ElastiCache.6'],
      nist: ['AC-2(1)', 'AC-3', 'AC-3(7)', 'AC-3(15)', 'AC-6'],
      pci: ['8.3.1'],
      hipaa: ['164.312(a)(1)'],
      lens: ['SEC 1', 'SEC 2'],
    },
    fix: 'userGroupIds: [userGroup.ref]',
    page: guide('Clusters.RBAC'),
    checks: [
      {
        types: [REPLICATION_GROUP],
        where: ['prop(name, ["AuthToken"]) == null'],
        property: 'UserGroupIds',
        holds: ['listed(value)'],
      },
      {
        types: [SERVERLESS_CACHE],
        where: ['engine(name) != "memcached"'],
        property: 'UserGroupId',
        holds: ['given(value)'],
      },
    ],
    relaxed: 'its security group still says who reaches it',
  },
  {
    id: 'users-instead-of-token',
    severity: 'warning',
    must: 'Each client signs in as a user of its own instead of with the one AUTH token',
    otherwise:
      'whoever has the token may do everything, and it can be taken from one client only by taking it from all',
    controls: { nist: ['AC-6'], lens: ['SEC 2'] },
    fix: 'userGroupIds: [userGroup.ref]',
    page: guide('Clusters.RBAC'),
    checks: [
      {
        types: [REPLICATION_GROUP],
        property: 'AuthToken',
        holds: ['value == null'],
        wrong: 'is all that clients sign in with',
      },
    ],
  },
  {
    id: 'secret-in-template',
    severity: 'error',
    must: 'Secrets come from Secrets Manager when the stack is deployed',
    otherwise: 'everyone who may read the template, the repository or the console reads the password',
    controls: {
      nist: ['IA-5(7)', 'SC-28'],
      pci: ['8.3.2', '8.6.2'],
      hipaa: ['164.312(d)'],
      lens: ['SEC 2'],
    },
    fix: 'authToken: secret.secretValue.unsafeUnwrap()',
    page: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html',
    checks: [
      secretIn(REPLICATION_GROUP, 'AuthToken'),
      secretIn(USER, 'Passwords', true),
      secretIn(USER, 'AuthenticationMode.Passwords', true),
      secretIn(DATABASE, 'MasterUserPassword'),
    ],
  },
  {
    id: 'user-authentication',
    severity: 'error',
    must: 'Users sign in with IAM or a password',
    otherwise: 'knowing a name is enough to be that user',
    controls: { nist: ['AC-3', 'IA-2'], pci: ['8.3.1'], hipaa: ['164.312(d)'], lens: ['SEC 2'] },
    fix: "authenticationMode: { Type: 'iam' }",
    page: guide('auth-iam'),
    checks: [
      {
        types: [USER],
        where: ['not is_off(name)'],
        property: 'NoPasswordRequired',
        holds: ['value == null', 'is_false(value)'],
      },
      {
        types: [USER],
        where: [
          'not is_off(name)',
          'prop(name, ["Passwords"]) == null',
          'not is_true(prop(name, ["NoPasswordRequired"]))',
        ],
        property: 'AuthenticationMode.Type',
        holds: ['value in {"iam", "password"}'],
      },
    ],
  },
  {
    id: 'default-user',
    severity: 'error',
    must: 'The user `default` is one of your own, which is off',
    otherwise: 'the one that AWS made has no password and may do everything: a client that names no user is that one',
    controls: { nist: ['AC-2(1)', 'AC-6'], pci: ['2.2.2'], lens: ['SEC 2'] },
    fix: 'userIds: [defaultUserThatIsOff.ref, user.ref]',
    page: guide('Clusters.RBAC'),
    checks: [
      {
        types: [USER_GROUP],
        property: 'UserIds',
        each: true,
        wrong: 'names the user that AWS made, or one that only a deploy knows',
        holds: ['is_string(value); value != "default"', 'is_object(value); not is_unknown(value)'],
      },
    ],
  },
  {
    id: 'dangerous-commands',
    severity: 'error',
    must: 'Users that applications are cannot run dangerous commands',
    otherwise: 'one FLUSHALL empties the cache for all, one KEYS stops it for seconds',
    controls: { nist: ['AC-6'], lens: ['SEC 3'] },
    fix: "accessString: 'on ~app:* -@all +@read +@write +@connection'",
    page: guide('Clusters.RBAC'),
    checks: [
      {
        types: [USER],
        where: ['not is_off(name)'],
        property: 'AccessString',
        holds: [
          'is_string(value); not regex.match(`(^|\\s)(\\+@all|allcommands|\\+@dangerous|\\+flushall|\\+flushdb|\\+keys)(\\s|$)`, lower(value))',
          'is_string(value); regex.match(`(\\+@all|allcommands).*\\s-@dangerous(\\s|$)`, lower(value)); not regex.match(`-@dangerous.*\\+@(all|dangerous)`, lower(value))',
        ],
      },
    ],
    relaxed: 'whoever develops wants to look at all keys',
  },
  {
    id: 'subnet-group',
    severity: 'error',
    must: 'The cache is in subnets that were chosen',
    otherwise: 'it is in the default VPC, whose subnets have a route to the internet',
    controls: {
      securityHub: ['ElastiCache.7'],
      nist: ['AC-4', 'AC-4(21)', 'SC-7', 'SC-7(11)', 'SC-7(16)'],
      pci: ['1.4.4'],
      lens: ['SEC 1'],
    },
    fix: 'cacheSubnetGroupName: subnetGroup.ref',
    page: guide('SubnetGroups'),
    checks: [
      { types: [REPLICATION_GROUP, CACHE_CLUSTER], property: 'CacheSubnetGroupName', holds: ['given(value)'] },
      { types: [SERVERLESS_CACHE], property: 'SubnetIds', holds: ['listed(value)'] },
    ],
  },
  {
    id: 'security-groups',
    severity: 'error',
    must: 'The cache has security groups of its own',
    otherwise: "it has the VPC's default group, and everything else that has it reaches the cache",
    controls: { securityHub: ['EC2.2'], nist: ['AC-4', 'SC-7'], pci: ['1.3.1'], lens: ['SEC 1'] },
    fix: 'securityGroupIds: [securityGroup.securityGroupId]',
    page: guide('elasticache-vpc-accessing'),
    checks: [
      { types: [REPLICATION_GROUP, SERVERLESS_CACHE], property: 'SecurityGroupIds', holds: ['listed(value)'] },
      { types: [CACHE_CLUSTER], property: 'VpcSecurityGroupIds', holds: ['listed(value)'] },
    ],
  },
  {
    id: 'default-port',
    severity: 'informational',
    must: 'The cache does not listen on the port that everybody tries first',
    otherwise: 'a scan of the network finds it at once; it is no protection by itself',
    controls: { nist: ['SC-7'] },
    fix: 'port: 26379',
    page: reference(REPLICATION_GROUP),
    checks: [
      {
        types: [REPLICATION_GROUP, CACHE_CLUSTER],
        property: 'Port',
        holds: ['not is_object(value); value != null; not number(value) in {6379, 11211}'],
      },
    ],
  },
];
