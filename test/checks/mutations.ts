import { CACHES, type Cache, hardened, type Template } from './hardened';

/** How a control can be off. */
export type Off = 'false' | 'absent' | 'token' | 'wrong';

/** A control, where it stands in the hardened templates, and what it is when it is off. */
interface Control {
  readonly rule: string;
  /** The caches that have it; the surroundings are tried with the first alone. */
  readonly caches: readonly Cache[];
  readonly resource: string;
  /** Path below the resource. */
  readonly path: ReadonlyArray<string | number>;
  /** What it is when it is off; a way of being off that is left out does not exist for it. */
  readonly off: Partial<Record<Off, unknown>>;
}

/** One control of one cache, off in one way. */
export interface Mutation {
  readonly rule: string;
  readonly cache: Cache;
  readonly off: Off;
  readonly resource: string;
  readonly template: Template;
}

const ABSENT = Symbol('absent');
const TOKEN = { Ref: 'Unknown' };
const NUMBER = { Ref: 'UnknownNumber' };
const LIST = { Ref: 'UnknownList' };
const GROUPS: readonly Cache[] = ['valkey', 'redis'];
const NODES: readonly Cache[] = ['valkey', 'redis', 'memcached'];
const SERVERLESS = CACHES.filter((cache) => cache.startsWith('serverless'));
const WITH_USERS = CACHES.filter((cache) => !cache.endsWith('memcached'));
const FIRST: readonly Cache[] = ['valkey'];

const flag = (wrong: unknown = 'no') => ({ false: false, absent: ABSENT, token: TOKEN, wrong });
const given = (wrong: unknown = 'default') => ({ false: '', absent: ABSENT, token: TOKEN, wrong });
const listed = { false: [], absent: ABSENT, token: LIST, wrong: ['default'] };
const several = { false: [], absent: ABSENT, token: LIST, wrong: [{ 'Fn::ImportValue': 'SubnetA' }] };
const least = (wrong: number) => ({ false: 0, absent: ABSENT, token: NUMBER, wrong });

/** A property of the cache itself. */
const ofCache = (rule: string, caches: readonly Cache[], property: string, off: Control['off']): Control => ({
  rule,
  caches,
  resource: 'Cache',
  path: ['Properties', ...property.split('.')],
  off,
});

/** A property of something around the cache. */
const of = (rule: string, resource: string, property: string, off: Control['off'], caches = FIRST): Control => ({
  rule,
  caches,
  resource,
  path: ['Properties', ...property.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))],
  off,
});

const policy = (rule: string, resource: string, name: string, caches: readonly Cache[]): Control => ({
  rule,
  caches,
  resource,
  path: [name],
  off: { false: 'Delete', absent: ABSENT },
});

const LOGS = (type: string) => ({
  LogType: type,
  LogFormat: 'json',
  DestinationType: 'cloudwatch-logs',
  DestinationDetails: { CloudWatchLogsDetails: { LogGroup: 'logs' } },
});
const OPEN = { IpProtocol: 'tcp', CidrIp: '0.0.0.0/0', Description: 'everybody' };
const ingress = (port: number) => ({
  false: [{ ...OPEN, FromPort: port, ToPort: port }],
  token: [{ ...OPEN, FromPort: port, ToPort: port, CidrIp: TOKEN }],
  wrong: [{ IpProtocol: '6', FromPort: port - 1, ToPort: port + 1, CidrIpv6: '::/0' }],
});
const attribute = (index: number, rule: string, key: string, off: Control['off']): Control =>
  of(
    rule,
    'Balancer',
    `LoadBalancerAttributes.${index}`,
    Object.fromEntries(
      Object.entries(off).map(([how, value]) => [how, value === ABSENT ? ABSENT : { Key: key, Value: value }]),
    ),
  );

const CONTROLS: readonly Control[] = [
  ofCache('in-transit-encryption', NODES, 'TransitEncryptionEnabled', flag()),
  ofCache('in-transit-encryption-required', GROUPS, 'TransitEncryptionMode', {
    false: 'preferred',
    token: TOKEN,
    wrong: 'no',
  }),
  ofCache('at-rest-encryption', GROUPS, 'AtRestEncryptionEnabled', flag()),
  ofCache('customer-managed-key', [...GROUPS, ...SERVERLESS], 'KmsKeyId', { false: '', absent: ABSENT, token: TOKEN }),
  ofCache('authentication', GROUPS, 'UserGroupIds', listed),
  ofCache(
    'authentication',
    SERVERLESS.filter((cache) => !cache.endsWith('memcached')),
    'UserGroupId',
    given(),
  ),
  ofCache('users-instead-of-token', GROUPS, 'AuthToken', {
    false: '{{resolve:secretsmanager:token}}',
    token: TOKEN,
    wrong: 'a-token-that-is-written',
  }),
  ofCache('secret-in-template', GROUPS, 'AuthToken', {
    false: 'a-token-that-is-written',
    token: TOKEN,
    wrong: '{{resolve:ssm:token}}',
  }),
  of(
    'secret-in-template',
    'Nobody',
    'AuthenticationMode.Passwords',
    { false: ['written'], token: [TOKEN], wrong: LIST },
    WITH_USERS,
  ),
  of(
    'secret-in-template',
    'Web',
    'Passwords',
    { false: ['written'], token: [TOKEN], wrong: ['{{resolve:ssm:one}}'] },
    WITH_USERS,
  ),
  of('secret-in-template', 'Database', 'MasterUserPassword', {
    false: 'written',
    token: TOKEN,
    wrong: '{{resolve:ssm:one}}',
  }),
  of(
    'user-authentication',
    'Web',
    'AuthenticationMode.Type',
    { false: 'no-password-required', absent: ABSENT, token: TOKEN, wrong: 'none' },
    WITH_USERS,
  ),
  of('user-authentication', 'Web', 'NoPasswordRequired', { false: true, token: TOKEN, wrong: 'true' }, WITH_USERS),
  of('default-user', 'Users', 'UserIds.0', { false: 'default', token: TOKEN }, WITH_USERS),
  of(
    'dangerous-commands',
    'Web',
    'AccessString',
    { false: 'on ~* +@all', absent: ABSENT, token: TOKEN, wrong: 'on ~* -@all +@read +flushall' },
    WITH_USERS,
  ),
  ofCache('subnet-group', NODES, 'CacheSubnetGroupName', given()),
  ofCache('subnet-group', SERVERLESS, 'SubnetIds', listed),
  ofCache('security-groups', [...GROUPS, ...SERVERLESS], 'SecurityGroupIds', listed),
  ofCache('security-groups', ['memcached'], 'VpcSecurityGroupIds', listed),
  ofCache('default-port', NODES, 'Port', { absent: ABSENT, token: NUMBER, wrong: 6_379, false: 11_211 }),
  ofCache('automatic-failover', GROUPS, 'AutomaticFailoverEnabled', flag()),
  ofCache('multi-az', GROUPS, 'MultiAZEnabled', flag()),
  ofCache('replicas', GROUPS, 'NumCacheClusters', least(1)),
  ofCache('second-replica', GROUPS, 'NumCacheClusters', least(2)),
  of('subnet-zones', 'CacheSubnets', 'SubnetIds', several, NODES),
  ofCache('subnet-zones', SERVERLESS, 'SubnetIds', several),
  ofCache('memcached-zones', ['memcached'], 'AZMode', {
    false: 'single-az',
    absent: ABSENT,
    token: TOKEN,
    wrong: 'no',
  }),
  ofCache('memcached-nodes', ['memcached'], 'NumCacheNodes', { absent: ABSENT, token: NUMBER, wrong: 1, false: 0 }),
  ofCache('replication-group', ['memcached'], 'Engine', {
    false: 'redis',
    absent: ABSENT,
    token: TOKEN,
    wrong: 'valkey',
  }),
  ofCache('snapshots', [...GROUPS, ...SERVERLESS], 'SnapshotRetentionLimit', {
    false: 0,
    absent: ABSENT,
    token: NUMBER,
    wrong: 'none',
  }),
  policy('final-snapshot', 'Cache', 'DeletionPolicy', GROUPS),
  policy('final-snapshot', 'Cache', 'UpdateReplacePolicy', GROUPS),
  ofCache('minor-upgrades', NODES, 'AutoMinorVersionUpgrade', flag()),
  ofCache('supported-engine', ['redis'], 'EngineVersion', { false: '4.0.10', token: TOKEN, wrong: '5.0.6' }),
  ofCache('supported-engine', ['memcached'], 'EngineVersion', { false: '1.5.16', token: TOKEN, wrong: '1.6.6' }),
  ofCache('slow-log', GROUPS, 'LogDeliveryConfigurations', {
    false: [],
    absent: ABSENT,
    token: LIST,
    wrong: [LOGS('engine-log')],
  }),
  ofCache('engine-log', GROUPS, 'LogDeliveryConfigurations', {
    false: [],
    absent: ABSENT,
    token: LIST,
    wrong: [LOGS('slow-log')],
  }),
  ...CACHES.map(
    (cache): Control => ({
      rule: 'alarms',
      caches: [cache],
      resource: 'CacheAlarm',
      path: ['Properties', 'Dimensions', 0, 'Value'],
      off: { absent: ABSENT, token: TOKEN, wrong: 'another', false: '' },
    }),
  ),
  of(
    'memory-headroom',
    'CacheParameters',
    'Properties.reserved-memory-percent',
    { false: '0', token: TOKEN, wrong: '24' },
    GROUPS,
  ),
  of(
    'dead-connections',
    'CacheParameters',
    'Properties.tcp-keepalive',
    { false: '0', token: TOKEN, wrong: 'no' },
    GROUPS,
  ),
  of(
    'slow-log-threshold',
    'CacheParameters',
    'Properties.slowlog-log-slower-than',
    { false: '-1', token: TOKEN, wrong: 'no' },
    GROUPS,
  ),
  ofCache('usage-limits', SERVERLESS, 'CacheUsageLimits.DataStorage.Maximum', {
    false: 0,
    absent: ABSENT,
    token: NUMBER,
  }),
  ofCache('usage-limits', SERVERLESS, 'CacheUsageLimits.ECPUPerSecond', {
    absent: ABSENT,
    wrong: { Minimum: 1_000 },
    token: { Maximum: NUMBER },
  }),
  of('database-encryption', 'Database', 'StorageEncrypted', flag()),
  of('database-private', 'Database', 'PubliclyAccessible', { false: true, absent: ABSENT, token: TOKEN, wrong: 'yes' }),
  of('database-subnet-group', 'Database', 'DBSubnetGroupName', given()),
  of('database-security-groups', 'Database', 'VPCSecurityGroups', listed),
  of('database-multi-az', 'Database', 'MultiAZ', flag()),
  of('database-deletion-protection', 'Database', 'DeletionProtection', flag()),
  policy('database-final-snapshot', 'Database', 'DeletionPolicy', FIRST),
  policy('database-final-snapshot', 'Database', 'UpdateReplacePolicy', FIRST),
  of('database-backups', 'Database', 'BackupRetentionPeriod', least(6)),
  of('database-minor-upgrades', 'Database', 'AutoMinorVersionUpgrade', flag()),
  of('database-iam', 'Database', 'EnableIAMDatabaseAuthentication', flag()),
  of('database-logs', 'Database', 'EnableCloudwatchLogsExports', { false: [], absent: ABSENT, token: LIST }),
  of('database-monitoring', 'Database', 'MonitoringInterval', { false: 0, absent: ABSENT, token: NUMBER, wrong: 'no' }),
  of('database-snapshot-tags', 'Database', 'CopyTagsToSnapshot', flag()),
  of('database-administrator', 'Database', 'MasterUsername', {
    false: 'postgres',
    absent: ABSENT,
    token: TOKEN,
    wrong: 'Admin',
  }),
  of('database-port', 'Database', 'Port', { false: '5432', absent: ABSENT, token: NUMBER, wrong: 3_306 }),
  of('database-tls', 'DatabaseParameters', 'Parameters', {
    false: { 'rds.force_ssl': '0' },
    token: { 'rds.force_ssl': TOKEN },
    wrong: { 'rds.force_ssl': 'no' },
  }),
  of('database-tls', 'MySqlParameters', 'Parameters', {
    false: { require_secure_transport: 'OFF' },
    absent: {},
    token: { require_secure_transport: TOKEN },
    wrong: { require_secure_transport: '0' },
  }),
  of('open-data-port', 'CacheSecurityGroup', 'SecurityGroupIngress', ingress(6_379)),
  of('open-administration-port', 'FleetSecurityGroup', 'SecurityGroupIngress', ingress(22)),
  of('open-port', 'FleetSecurityGroup', 'SecurityGroupIngress', ingress(8_080)),
  ...['open-data-port', 'open-administration-port', 'open-port'].map((rule, index): Control => {
    const [port] = [[11_211, 3_389, 9_200][index] as number];
    return {
      rule,
      caches: FIRST,
      resource: 'FleetIngress',
      path: ['Properties'],
      off: {
        false: { ...OPEN, GroupId: 'sg-1', FromPort: port, ToPort: port },
        token: { ...OPEN, GroupId: 'sg-1', FromPort: port, ToPort: port, CidrIp: TOKEN },
        wrong: { GroupId: 'sg-1', IpProtocol: 'tcp', FromPort: port, ToPort: port + 1, CidrIpv6: '0:0:0:0:0:0:0:0/0' },
      },
    };
  }),
  of('instance-metadata', 'LaunchTemplate', 'LaunchTemplateData.MetadataOptions.HttpTokens', {
    false: 'optional',
    absent: ABSENT,
    token: TOKEN,
    wrong: 'no',
  }),
  of('instance-metadata-hops', 'LaunchTemplate', 'LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit', {
    token: NUMBER,
    wrong: 2,
  }),
  of('instance-public-address', 'LaunchTemplate', 'LaunchTemplateData.NetworkInterfaces.0.AssociatePublicIpAddress', {
    false: true,
    token: TOKEN,
    wrong: 'true',
  }),
  of('instance-volumes', 'LaunchTemplate', 'LaunchTemplateData.BlockDeviceMappings.0.Ebs.Encrypted', flag()),
  of('launch-template', 'Fleet', 'LaunchConfigurationName', { false: 'old', token: TOKEN }),
  of('fleet-zones', 'Fleet', 'VPCZoneIdentifier', several),
  of('fleet-zones', 'Fleet', 'AvailabilityZones', { false: [], token: LIST, wrong: ['us-east-1a'] }),
  of('fleet-health', 'Fleet', 'HealthCheckType', { false: 'EC2', absent: ABSENT, token: TOKEN, wrong: 'no' }),
  of('fleet-instance-types', 'Fleet', 'MixedInstancesPolicy', {
    absent: ABSENT,
    wrong: { LaunchTemplate: { Overrides: [{}] } },
  }),
  of('balancer-encryption', 'Http', 'DefaultActions', {
    false: [{ Type: 'forward', TargetGroupArn: 'arn' }],
    token: [{ Type: 'redirect', RedirectConfig: { Protocol: TOKEN, StatusCode: 'HTTP_301' } }],
    wrong: [{ Type: 'redirect', RedirectConfig: { Host: 'example.com', StatusCode: 'HTTP_301' } }],
  }),
  of('balancer-encryption', 'Http', 'Protocol', { token: TOKEN, absent: ABSENT }),
  of('balancer-tls-policy', 'Https', 'SslPolicy', {
    false: 'ELBSecurityPolicy-2016-08',
    absent: ABSENT,
    token: TOKEN,
    wrong: 'ELBSecurityPolicy-TLS13-1-0-2021-06',
  }),
  attribute(1, 'balancer-headers', 'routing.http.drop_invalid_header_fields.enabled', flag()),
  attribute(2, 'balancer-desync', 'routing.http.desync_mitigation_mode', {
    false: 'monitor',
    token: TOKEN,
    wrong: 'no',
  }),
  attribute(3, 'balancer-access-logs', 'access_logs.s3.enabled', flag()),
  attribute(0, 'balancer-deletion-protection', 'deletion_protection.enabled', flag()),
  of('balancer-zones', 'Balancer', 'Subnets', several),
];

/** Every control of every cache, off in every way, one at a time. */
export function mutations(): Mutation[] {
  return CONTROLS.flatMap(({ rule, caches, resource, path, off }) =>
    caches.flatMap((cache) =>
      Object.entries(off).map(([how, value]): Mutation => {
        const template = structuredClone(hardened(cache));
        change(template.Resources[resource], path, value);
        // An alarm that is off is missed at the cache.
        return { rule, cache, off: how as Off, resource: rule === 'alarms' ? 'Cache' : resource, template };
      }),
    ),
  );
}

function change(target: any, path: ReadonlyArray<string | number>, value: unknown): void {
  const [first, ...rest] = path as [string | number, ...Array<string | number>];
  if (rest.length > 0) {
    target[first] ??= {};
    change(target[first], rest, value);
  } else if (value !== ABSENT) {
    target[first] = value;
  } else if (Array.isArray(target)) {
    target.splice(Number(first), 1);
  } else {
    delete target[first];
  }
}

/** Rules about properties that CloudFormation requires: without them there is no template to scan. */
const REQUIRED = ['subnet-zones', 'memcached-nodes', 'replication-group'];

/** One mutation of each control and cache: absent where that is off, else false, or wrong. */
export function oneOfEach(): Mutation[] {
  const order = (rule: string): readonly Off[] =>
    REQUIRED.includes(rule) ? ['wrong', 'false', 'token', 'absent'] : ['absent', 'false', 'wrong', 'token'];
  const chosen = new Map<string, Mutation>();
  for (const mutation of mutations()) {
    const key = `${mutation.rule} of ${mutation.cache}`;
    const known = chosen.get(key);
    if (known === undefined || order(mutation.rule).indexOf(mutation.off) < order(mutation.rule).indexOf(known.off)) {
      chosen.set(key, mutation);
    }
  }
  return [...chosen.values()];
}

/** A template with what one resource needs alone: scanners take their time for everything in it. */
export function around({ Parameters, Resources }: Template, resource: string): Template {
  const kept = new Set([resource]);
  for (const id of kept) {
    const text = JSON.stringify(Resources[id]);
    for (const other of Object.keys(Resources)) {
      if (text.includes(`{"Ref":"${other}"}`) || text.includes(`{"Fn::GetAtt":["${other}",`)) {
        kept.add(other);
      }
    }
  }
  return {
    ...(Parameters === undefined ? {} : { Parameters }),
    Resources: Object.fromEntries([...kept].map((id) => [id, Resources[id]])),
  };
}
