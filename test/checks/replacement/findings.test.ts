import { join } from 'node:path';
import { Assembly } from '../../../assembly/assembly';
import type { Finding } from '../../../lib/checks/finding';
import { type Comparison, replacementFindings } from '../../../lib/checks/replacement/findings';
import { PROJECT } from '../../engines/folders';
import { environment, type Resources } from './deployed';
import { directoryOf, fileOf } from './directories';

const GROUP = 'AWS::ElastiCache::ReplicationGroup';
const resource = (type: string, properties: object = {}, attributes: object = {}) => ({
  Type: type,
  Properties: properties,
  ...attributes,
});

/** What is found between two templates of `prod/data`. */
function findings(before: Resources, now: Resources, comparison: Partial<Comparison> = {}): Finding[] {
  const baseline = directoryOf({ 'prod/data.template.json': { Resources: before } });
  return replacementFindings(environment({ 'prod/data': { Resources: now } }), { baseline, ...comparison });
}

/** The one finding when properties of a resource change. */
function findingOn(type: string, before: object, now: object, attributes: object = {}): Finding {
  const [finding, ...others] = findings(
    { R: resource(type, before, attributes) },
    { R: resource(type, now, attributes) },
  );
  expect(others).toEqual([]);
  return finding as Finding;
}

const lossOn = (type: string, before: object, now: object, attributes: object = {}) =>
  findingOn(type, before, now, attributes).description.replace(/^.*?\. /, '');

const deletionOf = (type: string, properties: object = {}, attributes: object = {}) =>
  findings({ R: resource(type, properties, attributes) }, {})[0] as Finding;

test('a replacement is an error with the property, what is lost, the safe way and the source', () => {
  expect(
    findingOn(GROUP, { ReplicasPerNodeGroup: 1 }, { ReplicasPerNodeGroup: 2 }, { UpdateReplacePolicy: 'Snapshot' }),
  ).toEqual({
    rule: 'stateful-replaced',
    severity: 'error',
    description:
      'The replication group prod/data/R is replaced: `ReplicasPerNodeGroup` changes from 1 to 2. The old one is deleted after a last snapshot (UpdateReplacePolicy), and the new one starts empty: what it held has to be restored, and what is written after the snapshot is lost.',
    fix: expect.stringMatching(/IncreaseReplicaCount .*`group\.autoScaleReplicas\(\{ minCapacity, maxCapacity \}\)`/),
    templatePath: '/cdk.out/prod-data.template.json',
    logicalId: 'R',
    location: 'Properties.ReplicasPerNodeGroup',
    metadata: { source: expect.stringMatching(/^@aws-cdk\/aws-service-spec \d/) },
  });
});

test('all properties that replace are named, and none that does not', () => {
  const { description, metadata } = findingOn(
    GROUP,
    { Port: 1, Engine: 'valkey', NumCacheClusters: 1, KmsKeyId: { Ref: 'Key' } },
    { Port: 2, Engine: 'redis', NumCacheClusters: 2, SnapshotName: 'nightly' },
  );

  expect(description).toContain(
    '`Engine` changes from valkey to redis, `KmsKeyId` is removed: Key, `Port` changes from 1 to 2 and `SnapshotName` is added: nightly.',
  );
  expect(description).toContain('starts with what `SnapshotName` names, without what was written since');
  expect(description).not.toContain('NumCacheClusters');
  expect(metadata?.source).toMatch(/AWS::ElastiCache::ReplicationGroup, Engine: .*; @aws-cdk\/aws-service-spec/);
});

test('where only AWS knows, it is a warning', () => {
  const finding = findingOn('AWS::RDS::DBInstance', { AvailabilityZone: 'a' }, { AvailabilityZone: 'b' });

  expect(finding).toMatchObject({ rule: 'stateful-may-be-replaced', severity: 'warning' });
  expect(finding.description).toMatch(/^The database prod\/data\/R may be replaced: `AvailabilityZone` changes/);
});

test('what follows from another replacement says so', () => {
  const subnets = (name: string) => resource('AWS::ElastiCache::SubnetGroup', { CacheSubnetGroupName: name });
  const cache = resource(GROUP, { CacheSubnetGroupName: { Ref: 'Subnets' } });
  const [finding] = findings({ Subnets: subnets('a'), R: cache }, { Subnets: subnets('b'), R: cache });

  expect(finding?.description).toContain('`CacheSubnetGroupName` refers to prod/data/Subnets, which is replaced.');
  expect(finding?.fix).toBe('leave prod/data/Subnets as it is deployed, or build a second one beside it');
});

describe('what is lost with a replacement', () => {
  const port = (attributes: object = {}) => lossOn(GROUP, { Port: 1 }, { Port: 2 }, attributes);

  test('depends on the UpdateReplacePolicy', () => {
    expect(port()).toBe('Lost with the old one: its data, and the new one starts empty.');
    expect(port({ UpdateReplacePolicy: 'Delete' })).toBe(port());
    expect(port({ UpdateReplacePolicy: 'Retain' })).toBe(
      'The old one stays, billed and outside of CloudFormation (UpdateReplacePolicy), and the new one starts empty.',
    );
    expect(port({ DeletionPolicy: 'Retain' })).toBe(port());
  });

  test('is told by the weaker policy where the two differ', () => {
    const [before, now] = [
      { R: resource(GROUP, { Port: 1 }, { UpdateReplacePolicy: 'Retain' }) },
      { R: resource(GROUP, { Port: 2 }, { UpdateReplacePolicy: 'Delete' }) },
    ];

    expect(findings(before, now)[0]?.description).toContain('Lost with the old one');
    expect(
      findings({ R: { ...now.R, Properties: { Port: 1 } } }, { R: { ...before.R, Properties: { Port: 2 } } })[0]
        ?.description,
    ).toContain('Lost with the old one');
  });

  test('is access for users, and a snapshot is spared where there is one', () => {
    expect(lossOn('AWS::ElastiCache::User', { UserName: 'a' }, { UserName: 'b' })).toBe(
      'Lost with the old one: the access of who signs in as it.',
    );
    expect(
      lossOn(
        'AWS::ElastiCache::ServerlessCache',
        { KmsKeyId: 'a', FinalSnapshotName: 'last' },
        { KmsKeyId: 'b', FinalSnapshotName: 'last' },
      ),
    ).toContain('its data, but for the snapshot that `FinalSnapshotName` names, and the new one starts empty');
  });

  test.each([
    [GROUP, 'ReplicationGroupId', 'Port'],
    ['AWS::ElastiCache::CacheCluster', 'ClusterName', 'Port'],
    ['AWS::ElastiCache::ServerlessCache', 'ServerlessCacheName', 'KmsKeyId'],
    ['AWS::ElastiCache::User', 'UserId', 'Engine'],
    ['AWS::RDS::DBInstance', 'DBInstanceIdentifier', 'Port'],
  ])('of a %s with a fixed %s is the deploy as well', (type, name, property) => {
    const halfway = `The deploy fails halfway as well: the name in \`${name}\` is taken as long as the old one is there.`;

    expect(lossOn(type, { [name]: 'n', [property]: 1 }, { [name]: 'n', [property]: 2 })).toContain(halfway);
    expect(lossOn(type, { [name]: 'n', [property]: 1 }, { [name]: 'm', [property]: 2 })).not.toContain('halfway');
    expect(lossOn(type, { [property]: 1 }, { [property]: 2 })).not.toContain('halfway');
  });
});

describe('a deletion', () => {
  test('is an error, with what the deployed policy keeps', () => {
    expect(deletionOf(GROUP)).toMatchObject({
      rule: 'stateful-deleted',
      severity: 'error',
      description:
        'The replication group prod/data/R is deleted: it is not in its template any more. Lost with it: its data (its deployed DeletionPolicy deletes it).',
      fix: expect.stringContaining('`DeletionPolicy: Retain`'),
      templatePath: '/cdk.out/prod-data.template.json',
      logicalId: 'R',
      metadata: { source: 'CloudFormation: DeletionPolicy attribute' },
    });
    expect(deletionOf(GROUP, {}, { DeletionPolicy: 'Snapshot' })).toMatchObject({
      severity: 'error',
      description: expect.stringContaining('A last snapshot is kept'),
    });
  });

  test.each(['Retain', 'RetainExceptOnCreate'])('is a warning with %s', (policy) => {
    expect(deletionOf(GROUP, {}, { DeletionPolicy: policy })).toMatchObject({
      rule: 'stateful-deleted',
      severity: 'warning',
      description: expect.stringContaining('It stays, billed and outside of CloudFormation'),
    });
  });

  test('of a database without a policy leaves a snapshot, if it is not of a cluster', () => {
    expect(deletionOf('AWS::RDS::DBInstance').description).toContain('A last snapshot is kept');
    expect(deletionOf('AWS::RDS::DBCluster').description).toContain('A last snapshot is kept');
    expect(deletionOf('AWS::RDS::DBInstance', { DBClusterIdentifier: 'c' }).description).toContain('Lost with it');
    expect(deletionOf('AWS::RDS::DBInstance', {}, { DeletionPolicy: 'Delete' }).description).toContain('Lost with it');
  });

  test('names a protection that is on, and another thing that is lost', () => {
    expect(deletionOf('AWS::RDS::DBInstance', { DeletionProtection: true }).description).toContain('protection');
    expect(deletionOf('AWS::RDS::DBInstance', { DeletionProtection: false }).description).not.toContain('protection');
    expect(deletionOf('AWS::Logs::LogGroup').description).toMatch(/^The Logs log group .* its logs \(/);
    expect(deletionOf('AWS::Cognito::UserPool').description).toMatch(/^The Cognito user pool .* its users \(/);
  });

  test('that is a rename says what to keep', () => {
    const cache = resource(GROUP, { Port: 1, Engine: 'valkey' });
    const [finding] = findings({ R: cache }, { Other: cache });

    expect(finding?.description).toContain(
      'prod/data/R was renamed to Other: CloudFormation deletes the one and creates the other. Lost with it',
    );
    expect(finding?.description).toMatch(/ The new one starts empty\.$/);
    expect(finding?.fix).toMatch(/overrideLogicalId\('R'\).*`cdk refactor`/);
    expect(finding?.logicalId).toBe('R');
  });

  test('that is a rename is an error with Retain too: the old one stays, but nobody uses it', () => {
    const cache = resource(GROUP, { Port: 1 }, { DeletionPolicy: 'Retain' });

    expect(findings({ R: cache }, { Other: cache })[0]?.severity).toBe('error');
    expect(findings({ R: cache }, {})[0]?.severity).toBe('warning');
  });

  test('that is a rename under a fixed name fails the deploy as well', () => {
    const named = (type: string, name: string) =>
      resource(type, { ReplicationGroupId: name, Port: 1, a: 1, b: 2, c: 3 });
    const user = resource('AWS::ElastiCache::User', { UserId: 'web' });

    expect(findings({ R: named(GROUP, 'n') }, { Other: named(GROUP, 'n') })[0]?.description).toContain('fails halfway');
    expect(findings({ R: named(GROUP, 'n') }, { Other: named(GROUP, 'm') })[0]?.description).toMatch(
      /renamed to Other.*starts empty\.$/,
    );
    expect(findings({ R: user }, { Other: user })[0]?.description).toMatch(
      /signs in as it \([^)]*\)\. The deploy fails/,
    );
  });

  test('that is a move says where to', () => {
    const cache = resource(GROUP, { Port: 1 });
    const baseline = directoryOf({ 'prod/data.template.json': { Resources: { R: cache } } });
    const [finding] = replacementFindings(
      environment({ 'prod/data': { Resources: {} }, 'prod/other': { Resources: { R: cache } } }),
      { baseline },
    );

    expect(finding?.description).toContain('prod/data/R was moved to prod/other/R');
    expect(finding?.fix).toMatch(/^keep it in prod\/data, .*`cdk refactor`$/);
  });

  test('by another type under its id says so', () => {
    const [finding] = findings({ R: resource(GROUP) }, { R: resource('AWS::EC2::SecurityGroup') });

    expect(finding?.description).toContain('is deleted: its logical id stands for AWS::EC2::SecurityGroup now');
    expect(finding?.fix).toBe('give what is new another construct id, and remove R in a deploy of its own');
  });

  test('by a stack that is gone points at the template that still has it', () => {
    const baseline = directoryOf({ 'prod/data.template.json': { Resources: { R: resource(GROUP) } } });
    const [finding] = replacementFindings(environment({ 'prod/web': { Resources: {} } }), { baseline });

    expect(finding).toMatchObject({
      rule: 'stateful-deleted',
      severity: 'error',
      templatePath: join(baseline, 'prod', 'data.template.json'),
      logicalId: 'R',
    });
    expect(finding?.description).toContain('has no stack in the app any more: it is left as it is, and deleted with');
    expect(
      replacementFindings(environment({ 'prod/web': { Resources: {} } }), { baseline, otherStacks: ['prod/data'] }),
    ).toEqual([]);
  });

  test('by a condition is a warning', () => {
    const [finding] = findings({ R: resource(GROUP) }, { R: resource(GROUP, {}, { Condition: 'IsProd' }) });

    expect(finding).toMatchObject({ rule: 'stateful-may-be-replaced', severity: 'warning' });
    expect(finding?.description).toContain('may be deleted: it is there only if `IsProd` holds, which is new');
  });
});

test('no secret is shown, whatever the property is called and wherever it is', () => {
  const secrets = [
    findingOn(GROUP, {}, { AuthToken: 'hunter2hunter2' }),
    findingOn(GROUP, { AuthToken: 'hunter2hunter2' }, { UserGroupIds: ['u'] }),
    findingOn(
      'AWS::EMR::Cluster',
      { KerberosAttributes: { KdcAdminPassword: 'hunter2', Realm: 'a' } },
      { KerberosAttributes: { KdcAdminPassword: 'hunter2', Realm: 'b' } },
    ),
  ];

  expect(JSON.stringify(secrets)).not.toContain('hunter2');
  expect(secrets[0]?.description).toContain('`AuthToken` is added.');
  expect(secrets[1]?.description).toContain('`AuthToken` is removed.');
  expect(secrets[2]?.description).toContain('"Realm":"b"');
});

test('long values are cut, references are named', () => {
  const { description } = findingOn(
    GROUP,
    { KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] }, SnapshotArns: ['a'.repeat(500)] },
    { KmsKeyId: { 'Fn::ImportValue': 'network:Key' }, SnapshotArns: ['b'] },
  );

  expect(description).toContain('`KmsKeyId` changes from Key.Arn to network:Key');
  expect(description).toContain(`\`SnapshotArns\` changes from ["${'a'.repeat(27)}…${'a'.repeat(28)}"] to ["b"]`);
});

test('two properties with one safe way name it once, those with others all of them', () => {
  const { fix } = findingOn(
    GROUP,
    { Port: 1, KmsKeyId: 1, ReplicasPerNodeGroup: 1 },
    { Port: 2, KmsKeyId: 2, ReplicasPerNodeGroup: 2 },
  );

  expect(fix.match(/beside the old/g)).toHaveLength(1);
  expect(fix).toContain('IncreaseReplicaCount');
});

test('every property of ElastiCache that replaces has a safe way of its own or of its type', () => {
  const fixes = [
    ['AWS::ElastiCache::ReplicationGroup', 'NumNodeGroups', /UseOnlineResharding/],
    ['AWS::ElastiCache::ReplicationGroup', 'NodeGroupConfiguration', /UseOnlineResharding.*IncreaseReplicaCount/],
    ['AWS::ElastiCache::ReplicationGroup', 'Port', /beside the old.*SnapshotSource\.snapshot/],
    ['AWS::ElastiCache::CacheCluster', 'NumCacheNodes', /PreferredAvailabilityZones/],
    ['AWS::ElastiCache::ServerlessCache', 'SubnetIds', /restoreFromSnapshotArns/],
    ['AWS::ElastiCache::User', 'UserName', /second user/],
    ['AWS::ElastiCache::UserGroup', 'Engine', /second group/],
    ['AWS::RDS::DBInstance', 'Port', /DBSnapshotIdentifier/],
    ['AWS::S3::Bucket', 'BucketName', /beside the old/],
  ] as const;

  for (const [type, property, fix] of fixes) {
    expect([property, findingOn(type, { [property]: 1 }, { [property]: 2 }).fix]).toEqual([
      property,
      expect.stringMatching(fix),
    ]);
  }
});

describe('an exception', () => {
  const [before, now] = [{ R: resource(GROUP, { Port: 1 }) }, { R: resource(GROUP, { Port: 2 }) }];
  const exception = (more: object = {}) => ({
    stack: 'prod/data',
    resource: 'R',
    change: 'replace',
    until: '2026-12-01',
    reason: 'planned',
    ...more,
  });
  const rules = (entries: object[], old: Resources = before, current: Resources = now) =>
    findings(old, current, { exceptions: fileOf(entries) }).map(({ rule }) => rule);

  beforeEach(() => {
    jest.useFakeTimers({ now: new Date('2026-11-28T12:00:00Z') });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  test('lets its change through, by its properties or all', () => {
    expect(rules([exception()])).toEqual([]);
    expect(rules([exception({ properties: ['Port', 'Engine'] })])).toEqual([]);
    expect(rules([exception({ change: 'delete' })], before, {})).toEqual([]);
    expect(rules([exception({ change: 'delete' })], before, { R: { ...before.R, Condition: 'C' } })).toEqual([]);
  });

  test.each([
    ['another stack', { stack: 'prod/web' }],
    ['another resource', { resource: 'S' }],
    ['another change', { change: 'delete' }],
    ['other properties', { properties: ['Engine'] }],
  ])('of %s lets nothing through and is told as unused', (_, more) => {
    expect(rules([exception(more)])).toEqual(['stateful-replaced', 'exception-unused']);
  });

  test('for one property lets no other through', () => {
    const two = { R: resource(GROUP, { Port: 2, Engine: 'redis' }) };

    expect(rules([exception({ properties: ['Port'] })], before, two)).toContain('stateful-replaced');
    expect(rules([exception()], before, two)).toEqual([]);
  });

  test('counts until the end of its last day, in UTC', () => {
    jest.setSystemTime(new Date('2026-12-01T23:59:59Z'));
    expect(rules([exception()])).toEqual([]);

    jest.setSystemTime(new Date('2026-12-02T00:00:00Z'));
    const [finding, ...others] = findings(before, now, { exceptions: fileOf([exception()]) });
    expect(others).toEqual([]);
    expect(finding?.description).toMatch(/ An exception for it ended on 2026-12-01\.$/);
  });

  test('that has ended gives way to one that counts', () => {
    expect(rules([exception({ until: '2026-01-01' }), exception()])).toEqual([]);
  });

  test('that nothing uses is told, but not that of a stack that is not given', () => {
    const unused = fileOf([exception({ change: 'delete' })]);
    const [finding] = findings(before, before, { exceptions: unused });

    expect(finding).toMatchObject({
      rule: 'exception-unused',
      severity: 'informational',
      description:
        'The exception that lets prod/data/R be deleted until 2026-12-01 is not used: nothing does that to it.',
      templatePath: '/cdk.out/prod-data.template.json',
      logicalId: 'R',
    });
    expect(
      findings(before, before, { exceptions: fileOf([exception({ stack: 'dev' })]), otherStacks: ['dev'] }),
    ).toEqual([]);
  });
});

test('a baseline that holds the templates of this synth is refused: it would never differ', () => {
  expect(() => replacementFindings(environment({ 'prod/data': { Resources: {} } }), { baseline: '/cdk.out' })).toThrow(
    '`baseline` /cdk.out is where the templates of this synth are',
  );
  expect(() => replacementFindings(environment({ 'prod/data': { Resources: {} } }), { baseline: '/cdk' })).toThrow(
    'is no directory',
  );
});

test('this tree replaces nothing of what golden/ holds', () => {
  const { environments } = new Assembly(join(PROJECT, 'cdk.out'));

  expect(replacementFindings(environments, { baseline: join(PROJECT, 'golden') })).toEqual([]);
});
