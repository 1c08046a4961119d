import { statefulChanges } from '../../../lib/checks/replacement/changes';
import { effectOn, effects, effectsIn, environment, type Resources, type Template } from './deployed';

const subnets = (properties: object = {}) => ({ Type: 'AWS::ElastiCache::SubnetGroup', Properties: properties });
const group = (properties: object = {}, attributes: object = {}) => ({
  Type: 'AWS::ElastiCache::ReplicationGroup',
  Properties: properties,
  ...attributes,
});
const IN_SUBNETS = { CacheSubnetGroupName: { Ref: 'Subnets' } };

describe('what is written in another way is no change:', () => {
  test.each<[string, unknown, unknown]>([
    ['keys in another order', { a: 1, b: { c: [1], d: 2 } }, { b: { d: 2, c: [1] }, a: 1 }],
    ['a number as text', 6379, '6379'],
    ['a boolean as text', true, 'true'],
    ['an attribute in its short form', { 'Fn::GetAtt': 'A.Arn' }, { 'Fn::GetAtt': ['A', 'Arn'] }],
    ['no value', { Ref: 'AWS::NoValue' }, undefined],
    ['no value within', { a: 1, b: { Ref: 'AWS::NoValue' }, c: [{ Ref: 'AWS::NoValue' }, 1] }, { a: 1, c: [1] }],
  ])('%s', (_, before, now) => {
    expect(effectOn('AWS::ElastiCache::ReplicationGroup', { KmsKeyId: before }, { KmsKeyId: now })).toBe('none');
    expect(effectOn('AWS::ElastiCache::ReplicationGroup', { KmsKeyId: now }, { KmsKeyId: before })).toBe('none');
  });

  test.each<[string, unknown, unknown]>([
    ['a list in another order', ['a', 'b'], ['b', 'a']],
    ['a longer list', ['a'], ['a', 'a']],
    ['a key more', { a: 1 }, { a: 1, b: 2 }],
    ['another key', { a: 1 }, { b: 1 }],
    ['a list for a text', ['a'], 'a'],
    ['another attribute', { 'Fn::GetAtt': 'A.Arn' }, { 'Fn::GetAtt': ['A', 'Id'] }],
    ['a condition', 'a', { 'Fn::If': ['C', 'a', 'b'] }],
    ['another branch', { 'Fn::If': ['C', 'a', 'b'] }, { 'Fn::If': ['C', 'b', 'a'] }],
    ['nothing for false', undefined, false],
  ])('but %s is', (_, before, now) => {
    expect(effectOn('AWS::ElastiCache::ReplicationGroup', { KmsKeyId: before }, { KmsKeyId: now })).toBe('replace');
    expect(effectOn('AWS::ElastiCache::ReplicationGroup', { KmsKeyId: now }, { KmsKeyId: before })).toBe('replace');
  });

  test('a masked hash of an asset, but not another text beside it', () => {
    const steps = (text: string) => ({ BootstrapActions: [{ Name: 'n', Path: text }] });
    const [hash, other] = ['0a'.repeat(32), '1b'.repeat(32)];

    expect(effectOn('AWS::EMR::Cluster', steps('b/ASSET_HASH.sh'), steps(`b/${hash}.sh`))).toBe('none');
    expect(effectOn('AWS::EMR::Cluster', steps('b/ASSET_HASH.sh'), steps(`c/${hash}.sh`))).toBe('replace');
    expect(effectOn('AWS::EMR::Cluster', steps(`b/${hash}.sh`), steps(`b/${other}.sh`))).toBe('replace');
  });
});

test('a property within another replaces where the specification says so', () => {
  const files = (inner: object) => ({ LustreConfiguration: inner });

  expect(effectOn('AWS::FSx::FileSystem', files({ DeploymentType: 'a' }), files({ DeploymentType: 'b' }))).toBe(
    'replace',
  );
  expect(effectOn('AWS::FSx::FileSystem', files({ AutoImportPolicy: 'a' }), files({ AutoImportPolicy: 'b' }))).toBe(
    'none',
  );
});

describe('what refers to a replaced resource', () => {
  const [before, now] = [subnets({ CacheSubnetGroupName: 'a' }), subnets({ CacheSubnetGroupName: 'b' })];

  test.each<[string, unknown]>([
    ['by Ref', { Ref: 'Subnets' }],
    ['by an attribute', { 'Fn::GetAtt': ['Subnets', 'Id'] }],
    ['within a text', { 'Fn::Sub': 'x-${Subnets}' }],
    ['within a list', { 'Fn::Join': ['', ['x', { Ref: 'Subnets' }]] }],
    ['under a condition', { 'Fn::If': ['C', { Ref: 'Subnets' }, 'x'] }],
  ])('%s is replaced too', (_, value) => {
    const cache = group({ CacheSubnetGroupName: value });

    expect(effectsIn({ Subnets: before, Cache: cache }, { Subnets: now, Cache: cache })).toEqual({
      Cache: ['replace', 'CacheSubnetGroupName'],
    });
  });

  test('names what it follows from', () => {
    const [change] = statefulChanges(
      environment({ 'prod/data': { Resources: { Subnets: before, Cache: group(IN_SUBNETS) } } }),
      environment({ 'prod/data': { Resources: { Subnets: now, Cache: group(IN_SUBNETS) } } }),
    );

    expect(change?.properties).toEqual([expect.objectContaining({ replaced: 'prod/data/Subnets' })]);
  });

  test('is replaced over several steps, whatever their order', () => {
    const chain = (name: string): Resources => ({
      Cache: group({ KmsKeyId: { Ref: 'C' } }),
      C: subnets({ CacheSubnetGroupName: { Ref: 'B' } }),
      B: subnets({ CacheSubnetGroupName: { Ref: 'A' } }),
      A: subnets({ CacheSubnetGroupName: name }),
    });

    expect(effectsIn(chain('a'), chain('b'))).toEqual({ Cache: ['replace', 'KmsKeyId'] });
  });

  test('stays when the property changes in place, or the other only is updated', () => {
    const cache = group({ SecurityGroupIds: [{ Ref: 'Subnets' }] });
    const updated = subnets({ CacheSubnetGroupName: 'a', Description: 'new' });

    expect(effectsIn({ Subnets: before, Cache: cache }, { Subnets: now, Cache: cache })).toEqual({});
    expect(
      effectsIn({ Subnets: before, Cache: group(IN_SUBNETS) }, { Subnets: updated, Cache: group(IN_SUBNETS) }),
    ).toEqual({});
  });

  test('stays where the special rules say so, and may be replaced where they only may', () => {
    const database = (property: string) => ({
      Type: 'AWS::RDS::DBInstance',
      Properties: { [property]: { Ref: 'Subnets' } },
    });

    const found = ['DBParameterGroupName', 'AvailabilityZone', 'DBSubnetGroupName'].map((property) =>
      effectsIn({ Subnets: before, D: database(property) }, { Subnets: now, D: database(property) }),
    );
    expect(found).toEqual([{}, { D: ['may-replace', 'AvailabilityZone'] }, { D: ['replace', 'DBSubnetGroupName'] }]);
  });

  test('is replaced when the other became of another type under its id', () => {
    const parameters = { Type: 'AWS::ElastiCache::ParameterGroup', Properties: {} };

    expect(
      effectsIn({ Subnets: before, Cache: group(IN_SUBNETS) }, { Subnets: parameters, Cache: group(IN_SUBNETS) }),
    ).toEqual({ Cache: ['replace', 'CacheSubnetGroupName'] });
  });

  test('is not made to hang by a circle', () => {
    const circle = (name: string): Resources => ({
      A: subnets({ CacheSubnetGroupName: { 'Fn::Join': ['', [name, { Ref: 'B' }]] } }),
      B: subnets({ CacheSubnetGroupName: { Ref: 'A' } }),
      Cache: group({ CacheSubnetGroupName: { Ref: 'B' } }),
    });

    expect(effectsIn(circle('a'), circle('b'))).toEqual({ Cache: ['replace', 'CacheSubnetGroupName'] });
  });

  test('is replaced when it refers to another resource now', () => {
    const both = { One: subnets(), Two: subnets() };
    const cache = (id: string) => group({ CacheSubnetGroupName: { Ref: id } });

    expect(effectsIn({ ...both, Cache: cache('One') }, { ...both, Cache: cache('Two') })).toEqual({
      Cache: ['replace', 'CacheSubnetGroupName'],
    });
  });
});

describe('across stacks', () => {
  const key = (properties: object = {}) => ({ Type: 'AWS::KMS::Key', Properties: properties });
  const IMPORTED = { 'Fn::ImportValue': 'network:Key' };
  const READ = { 'Fn::GetStackOutput': { StackName: 'prod-network', OutputName: 'Key' } };
  const network = (id: string, resources: Resources): Template => ({
    Resources: resources,
    Outputs: { Key: { Value: { 'Fn::GetAtt': [id, 'Arn'] }, Export: { Name: 'network:Key' } } },
  });
  const app = (id: string, resources: Resources, value: unknown) => ({
    'prod/network': network(id, resources),
    'prod/data': { Resources: { Cache: group({ KmsKeyId: value }) } },
  });
  const named = (name: string) => ({
    Type: 'AWS::ElastiCache::SubnetGroup',
    Properties: { CacheSubnetGroupName: name },
  });

  test.each([
    ['an import', IMPORTED],
    ['an output that is read', READ],
  ])('%s of a resource that is replaced replaces too', (_, value) => {
    expect(effects(app('S', { S: named('a') }, value), app('S', { S: named('b') }, value))).toEqual({
      'prod/data/Cache': ['replace', 'KmsKeyId'],
    });
  });

  test('the same resource, imported before and read now, is no change', () => {
    const keys = { Key: key() };

    expect(effects(app('Key', keys, IMPORTED), app('Key', keys, READ))).toEqual({});
    expect(effects(app('Key', keys, READ), app('Key', keys, IMPORTED))).toEqual({});
  });

  test('an export that leads to another resource now is one, though its name stayed', () => {
    const keys = { One: key(), Two: key({ Description: 'two' }) };

    expect(effects(app('One', keys, IMPORTED), app('Two', keys, IMPORTED))).toEqual({
      'prod/data/Cache': ['replace', 'KmsKeyId'],
    });
  });

  test('the id of a resource of one stack is not taken for that of another', () => {
    const apart = (name: string) => ({
      'prod/a': { Resources: { Subnets: subnets({ CacheSubnetGroupName: name }) } },
      'prod/b': { Resources: { Subnets: subnets(), Cache: group(IN_SUBNETS) } },
    });

    expect(effects(apart('a'), apart('b'))).toEqual({});
  });

  test('a parameter of CloudFormation is the same in every stack', () => {
    const region = (value: unknown) => ({
      'prod/network': { Resources: {}, Outputs: { R: { Value: { Ref: 'AWS::Region' }, Export: { Name: 'r' } } } },
      'prod/data': { Resources: { Cache: group({ KmsKeyId: value }) } },
    });

    expect(effects(region({ 'Fn::ImportValue': 'r' }), region({ Ref: 'AWS::Region' }))).toEqual({});
  });

  test('exports that lead in a circle do not make it hang', () => {
    const circle = {
      'prod/network': { Resources: {}, Outputs: { R: { Value: { 'Fn::ImportValue': 'r' }, Export: { Name: 'r' } } } },
      'prod/data': { Resources: { Cache: group({ KmsKeyId: { 'Fn::ImportValue': 'r' } }) } },
    };

    expect(effects(circle, circle)).toEqual({});
  });

  test('an export of a stack that is not there is taken by its name', () => {
    const alone = (name: string) => ({
      'prod/data': { Resources: { Cache: group({ KmsKeyId: { 'Fn::ImportValue': name } }) } },
    });

    expect(effects(alone('a'), alone('a'))).toEqual({});
    expect(effects(alone('a'), alone('b'))).toEqual({ 'prod/data/Cache': ['replace', 'KmsKeyId'] });
  });
});

test('a new version of a function from an asset replaces nothing that holds data', () => {
  const app = (version: string, hash: string): Resources => ({
    Code: { Type: 'AWS::Lambda::Function', Properties: { Code: { S3Bucket: 'b', S3Key: `${hash}.zip` } } },
    [`CodeCurrentVersion${version}`]: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Code' } } },
    Trigger: {
      Type: 'Custom::Trigger',
      Properties: {
        ServiceToken: { 'Fn::GetAtt': ['Code', 'Arn'] },
        HandlerArn: { Ref: `CodeCurrentVersion${version}` },
      },
    },
    Layer: { Type: 'AWS::Lambda::LayerVersion', Properties: { Content: { S3Bucket: 'b', S3Key: `${hash}.zip` } } },
    Database: {
      Type: 'AWS::RDS::DBInstance',
      Properties: { DBName: { 'Fn::GetAtt': ['Trigger', 'Name'] } },
      DependsOn: [`CodeCurrentVersion${version}`],
    },
  });
  const deployed = app(`0000000A${'0b'.repeat(16)}`, '0c'.repeat(32));

  expect(effectsIn(deployed, app(`1111111A${'1b'.repeat(16)}`, '1c'.repeat(32)))).toEqual({});
  expect(effectsIn(app('HASH', 'ASSET_HASH'), deployed)).toEqual({});
});

describe('what is gone', () => {
  const cache = group({ Port: 6379, CacheNodeType: 't', Engine: 'valkey', ...IN_SUBNETS });
  const data = (resources: Resources) => ({ 'prod/data': { Resources: resources } });
  const successorOf = (before: Readonly<Record<string, Template>>, now: Readonly<Record<string, Template>>) =>
    statefulChanges(environment(before), environment(now)).map(({ logicalId, effect, successor }) => [
      logicalId,
      effect,
      successor && `${successor.stack.path}/${successor.logicalId}`,
    ]);

  test('is deleted, with its stack or alone, unless it holds nothing', () => {
    const before = { Cache: cache, Subnets: subnets(), Others: subnets() };

    expect(effects(data(before), data({}))).toEqual({ 'prod/data/Cache': ['delete'] });
    expect(effects(data(before), {})).toEqual({ 'prod/data/Cache': ['delete'] });
    expect(effectsIn(before, { Cache: cache, Subnets: subnets() })).toEqual({});
  });

  test('is deleted too when its id stands for another type', () => {
    expect(effectsIn({ Cache: cache }, { Cache: subnets() })).toEqual({ Cache: ['delete'] });
    expect(effectsIn({ Cache: subnets() }, { Cache: cache })).toEqual({});
  });

  test('is a rename when what is new is much like it, in its stack or in another', () => {
    const renamed = {
      Renamed: group({ ...cache.Properties, CacheSubnetGroupName: { Ref: 'Others' } }),
      Others: subnets(),
    };

    expect(successorOf(data({ Cache: cache, Subnets: subnets() }), data(renamed))).toEqual([
      ['Cache', 'delete', 'prod/data/Renamed'],
    ]);
    expect(
      successorOf(data({ Cache: cache, Subnets: subnets() }), { ...data({}), 'prod/other': { Resources: renamed } }),
    ).toEqual([['Cache', 'delete', 'prod/other/Renamed']]);
    expect(successorOf(data({ Cache: cache }), { 'prod/renamed': { Resources: { Cache: cache } } })).toEqual([
      ['Cache', 'delete', 'prod/renamed/Cache'],
    ]);
  });

  test('is none when what is new is another thing, or was there before', () => {
    const other = group({ Port: 1, CacheNodeType: 'u', Engine: 'valkey' });

    expect(successorOf(data({ Cache: cache }), data({ New: other }))).toEqual([['Cache', 'delete', undefined]]);
    expect(successorOf(data({ Cache: cache, Twin: cache }), data({ Twin: cache }))).toEqual([
      ['Cache', 'delete', undefined],
    ]);
    expect(
      successorOf(data({ Cache: cache }), data({ New: { ...cache, Type: 'AWS::ElastiCache::CacheCluster' } })),
    ).toEqual([['Cache', 'delete', undefined]]);
  });

  test('is the one that is most like it, and of those the one in its stack', () => {
    const changed = group({ ...cache.Properties, CacheNodeType: 'u' });
    const resized = group({ ...cache.Properties, CacheNodeType: 'u', SnapshotWindow: 'w' });

    expect(successorOf(data({ Cache: cache }), data({ A: changed, B: cache }))).toEqual([
      ['Cache', 'delete', 'prod/data/B'],
    ]);
    expect(
      successorOf(data({ Cache: cache }), { 'prod/a': { Resources: { A: cache } }, ...data({ B: cache }) }),
    ).toEqual([['Cache', 'delete', 'prod/data/B']]);
    expect(successorOf(data({ Cache: cache }), data({ A: resized }))).toEqual([['Cache', 'delete', undefined]]);
  });

  test('is recognised by what it refers to, and with no properties at all', () => {
    const referring = (id: string, name: string) =>
      group({
        CacheSubnetGroupName: { Ref: id },
        KmsKeyId: { 'Fn::GetAtt': [id, 'Arn'] },
        SecurityGroupIds: [{ 'Fn::ImportValue': name }],
      });
    const bucket = { Type: 'AWS::S3::Bucket' };

    expect(
      successorOf(
        data({ Cache: referring('Subnets', 'a'), Subnets: subnets() }),
        data({ New: referring('Others', 'b'), Others: subnets() }),
      ),
    ).toEqual([['Cache', 'delete', 'prod/data/New']]);
    expect(successorOf(data({ Bucket: bucket }), data({ New: bucket }))).toEqual([
      ['Bucket', 'delete', 'prod/data/New'],
    ]);
  });

  test('is a rename too when its new id stood for another type', () => {
    expect(successorOf(data({ Cache: cache, Old: subnets() }), data({ Old: cache }))).toEqual([
      ['Cache', 'delete', 'prod/data/Old'],
    ]);
  });

  test('is followed one by one: what is new is only one of them', () => {
    expect(successorOf(data({ A: cache, B: cache }), data({ C: cache }))).toEqual([
      ['A', 'delete', 'prod/data/C'],
      ['B', 'delete', undefined],
    ]);
  });

  test('may be deleted when a condition is new, and not when it goes', () => {
    const [without, conditional] = [{ Cache: cache }, { Cache: { ...cache, Condition: 'IsProd' } }];

    expect(effectsIn(without, conditional)).toEqual({ Cache: ['may-delete'] });
    expect(effectsIn(conditional, conditional)).toEqual({});
    expect(effectsIn(conditional, without)).toEqual({});
  });

  test('is not said of a stack that the app has, but that is not given', () => {
    const both = environment({ 'dev/data': { Resources: { Cache: cache } }, 'prod/data': { Resources: {} } });
    const prod = environment({ 'prod/data': { Resources: {} } });

    expect(statefulChanges(both, prod, ['dev/data'])).toEqual([]);
    expect(statefulChanges(both, prod, ['dev/other'])).toHaveLength(1);
  });
});

test('what is new is no change: a resource, a stack, all of an app', () => {
  const app = { 'prod/data': { Resources: { Cache: group() } } };

  expect(effects({}, app)).toEqual({});
  expect(effects({ 'prod/data': { Resources: {} } }, app)).toEqual({});
  expect(effects(app, { ...app, 'prod/more': { Resources: { Cache: group() } } })).toEqual({});
});

test('an update in place is told with its properties', () => {
  const [change] = statefulChanges(
    environment({ 'prod/data': { Resources: { Cache: group({ CacheNodeType: 'a', Tags: [] }) } } }),
    environment({ 'prod/data': { Resources: { Cache: group({ CacheNodeType: 'b', Tags: [] }) } } }),
  );

  expect([change?.effect, change?.properties.map(({ name }) => name)]).toEqual(['update', ['CacheNodeType']]);
});

test('loops that CloudFormation unrolls are passed over', () => {
  const loop = {
    'Fn::ForEach::Queues': ['Name', ['a', 'b'], { Q: { Type: 'AWS::SQS::Queue' } }],
  } as unknown as Resources;

  expect(effectsIn({ Cache: group(), ...loop }, { Cache: group() })).toEqual({});
});
