import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import fc from 'fast-check';
import { isStateful } from '../../lib/checks/replacement/property-rules';
import { effectsIn, type Resources } from '../checks/replacement/deployed';

/** All but what `cdk diff` reads more closely, policies and rules of security groups: it throws at values like these. */
const types = loadAwsServiceSpecSync()
  .all('resource')
  .filter(
    ({ isStateful, scrutinizable, properties }) =>
      isStateful || [{ scrutinizable }, ...Object.values(properties)].every((each) => each.scrutinizable === undefined),
  );

/** Properties of which `cdk diff` does not know what this check knows; what is right for them, `facts.test.ts` says. */
const BETTER_KNOWN = new Set(
  Object.entries({
    'AWS::ElastiCache::ReplicationGroup': ['AuthToken', 'Engine', 'NodeGroupConfiguration', 'NumNodeGroups'],
    'AWS::ElastiCache::CacheCluster': [
      'AZMode',
      'NumCacheNodes',
      'PreferredAvailabilityZone',
      'PreferredAvailabilityZones',
    ],
    'AWS::RDS::DBInstance': [
      'AutoMinorVersionUpgrade',
      'BackupRetentionPeriod',
      'DBParameterGroupName',
      'DBSnapshotIdentifier',
      'Engine',
      'MultiAZ',
      'PerformanceInsightsKMSKeyId',
      'PreferredMaintenanceWindow',
      'SourceDBInstanceIdentifier',
      'StorageType',
    ],
  }).flatMap(([type, properties]) => properties.map((property) => `${type}.${property}`)),
);

type Properties = Readonly<Record<string, unknown>>;
type Impacts = Readonly<Record<string, ResourceImpact>>;

/** What replaces stateful resources, or may, in the words of `cdk diff`. */
function ours(before: Resources, now: Resources): Impacts {
  const impacts = { replace: ResourceImpact.WILL_REPLACE, 'may-replace': ResourceImpact.MAY_REPLACE };
  return Object.fromEntries(
    Object.entries(effectsIn(before, now)).map(([id, [effect]]) => [id, impacts[effect as keyof typeof impacts]]),
  );
}

function theirs(before: Resources, now: Resources): Impacts {
  const { resources } = fullDiff({ Resources: before }, { Resources: now });
  return Object.fromEntries(
    Object.entries(resources.changes).flatMap(([id, { changeImpact: impact }]) =>
      isStateful((now[id] as { Type: string }).Type) &&
      (impact === ResourceImpact.WILL_REPLACE || impact === ResourceImpact.MAY_REPLACE)
        ? [[id, impact]]
        : [],
    ),
  );
}

/** A resource for each property of a type and each way that it changes, before and now; their ids say which. */
function changesOf(type: string, properties: readonly string[]): [Resources, Resources] {
  const ways = properties
    .filter((property) => !BETTER_KNOWN.has(`${type}.${property}`))
    .flatMap(
      (property): Array<[string, Properties, Properties]> => [
        [`${property} changes`, { [property]: 'a' }, { [property]: 'b' }],
        [`${property} is added`, {}, { [property]: ['a'] }],
        [`${property} is removed`, { [property]: { a: 1 } }, {}],
      ],
    );
  const side = (which: 1 | 2) =>
    Object.fromEntries(ways.map((way) => [way[0], { Type: type, Properties: way[which] }]));
  return [side(1), side(2)];
}

/** With a bucket for each resource, which is replaced exactly when that is. */
function witnessed(resources: Resources): Resources {
  const witnesses = Object.keys(resources).map((id) => [
    `witness that ${id}`,
    { Type: 'AWS::S3::Bucket', Properties: { BucketName: { 'Fn::GetAtt': [id, 'Name'] } } },
  ]);
  return { ...resources, ...Object.fromEntries(witnesses) };
}

test('every property of every stateful type is judged as cdk diff judges it, each way', () => {
  let [changes, replacing] = [0, 0];
  for (const { cloudFormationType: type, properties } of types.filter((each) => each.isStateful)) {
    const [before, now] = changesOf(type, Object.keys(properties));
    const found = ours(before, now);
    expect([type, found]).toEqual([type, theirs(before, now)]);
    changes += Object.keys(before).length;
    replacing += Object.keys(found).length;
  }

  expect(changes).toBeGreaterThan(1_500);
  expect(replacing).toBeGreaterThan(400);
});

test('every property of other types is, as far as what refers to them is replaced', () => {
  const services = ['EC2', 'ElastiCache', 'KMS', 'Lambda', 'Logs', 'RDS', 'S3', 'SecretsManager', 'SNS', 'SSM'];
  let [changes, replacing] = [0, 0];
  for (const { cloudFormationType: type, properties } of types.filter(
    (each) => !each.isStateful && services.includes(each.cloudFormationType.split('::')[1] ?? ''),
  )) {
    const [before, now] = changesOf(type, Object.keys(properties).slice(0, 4)).map(witnessed) as [Resources, Resources];
    const judged = ours(before, now);
    // What is stateful to this check alone is judged as well.
    const found = Object.fromEntries(Object.entries(judged).filter(([id]) => id.startsWith('witness')));
    const expected = Object.entries(theirs(before, now)).filter(([id]) => id.startsWith('witness'));
    expect([type, found]).toEqual([type, Object.fromEntries(expected)]);
    changes += Object.keys(before).length / 2;
    replacing += Object.keys(found).length;
  }

  expect(changes).toBeGreaterThan(1_500);
  expect(replacing).toBeGreaterThan(500);
});

test('random templates of several resources that refer to each other are judged alike', () => {
  const pool = types.filter(({ cloudFormationType }) =>
    /^AWS::(DynamoDB|EC2|EFS|ElastiCache|KMS|RDS|S3|SQS)::/.test(cloudFormationType),
  );
  const ids = ['A', 'B', 'C', 'D'];
  // Not within `Fn::Join`: there `cdk diff` follows no reference.
  const value = fc.oneof(
    fc.constantFrom<unknown>('a', 'b', 1, 2, true, ['a'], { a: 'b' }),
    fc.constantFrom(...ids).map((id) => ({ Ref: id })),
    fc.constantFrom(...ids).map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })),
    fc.constantFrom(...ids).map((id) => [{ a: { Ref: id } }]),
  );
  const resource = fc.constantFrom(...pool).chain(({ cloudFormationType: type, properties }) => {
    const names = Object.keys(properties).filter((name) => !BETTER_KNOWN.has(`${type}.${name}`));
    const some = fc.dictionary(fc.constantFrom(...(names.length === 0 ? ['None'] : names)), value, { maxKeys: 4 });
    return fc.tuple(some, fc.boolean(), some).map(([before, isKept, other]) => ({
      before: { Type: type, Properties: before },
      now: { Type: type, Properties: isKept ? before : { ...before, ...other } },
    }));
  });

  fc.assert(
    fc.property(fc.tuple(resource, resource, resource, resource), (resources) => {
      const side = (which: 'before' | 'now') =>
        Object.fromEntries(resources.map((pair, index) => [ids[index] as string, pair[which]]));
      const [before, now] = [side('before'), side('now')];

      expect(ours(before, now)).toEqual(theirs(before, now));
    }),
    { seed: 20_261_123, numRuns: 400 },
  );
});
