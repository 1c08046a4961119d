import type { AssemblyStack } from '../../assembly/assembly';
import { Templates } from '../../assembly/templates';
import { writeAssembly } from './write-assembly';

const BUCKET = { Type: 'AWS::S3::Bucket' };

/** Three stacks of a stage, and one of another that has the same names. */
function templates(): { all: Templates; service: AssemblyStack } {
  const assembly = writeAssembly({
    stages: {
      dev: {
        network: {
          Resources: { Shared: BUCKET, Key: BUCKET },
          Outputs: {
            KeyOut: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] }, Export: { Name: 'dev-network:Key' } },
            Stale: { Value: { Ref: 'Gone' }, Export: { Name: 'dev-network:Gone' } },
          },
        },
        data: {
          Resources: { Shared: BUCKET, One: BUCKET, Two: BUCKET },
          Outputs: {
            One: { Value: { 'Fn::GetAtt': ['One', 'Address'] }, Export: { Name: 'dev-data:One' } },
            Shared: { Value: { Ref: 'Shared' }, Export: { Name: 'dev-data:Shared' } },
            // As CDK lets a list cross stacks.
            List: {
              Value: { 'Fn::Join': ['||', [{ Ref: 'One' }, { Ref: 'Two' }]] },
              Export: { Name: 'dev-data:List' },
            },
            Endpoint: {
              Value: {
                'Fn::Join': ['', [{ 'Fn::GetAtt': ['Two', 'Address'] }, ':', { 'Fn::GetAtt': ['Two', 'Port'] }]],
              },
              Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Endpoint' } },
            },
            Passed: { Value: { 'Fn::ImportValue': 'dev-network:Key' }, Export: { Name: 'dev-data:Passed' } },
            Round: { Value: { 'Fn::ImportValue': 'dev-data:Round' }, Export: { Name: 'dev-data:Round' } },
            Plain: { Value: { Ref: 'Two' } },
          },
        },
        service: { Resources: { Shared: BUCKET, Own: BUCKET } },
      },
      prod: {
        data: { Resources: { One: BUCKET }, Outputs: { One: { Value: 'x', Export: { Name: 'prod-data:One' } } } },
      },
    },
  });
  const all = new Templates(assembly.environments[0] as (typeof assembly.environments)[number]);
  return { all, service: all.stacks[2] as AssemblyStack };
}

test.each([
  ['Ref', { Ref: 'Own' }, 'dev/service/Own'],
  ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Own', 'Endpoint.Address'] }, 'dev/service/Own'],
  ['Fn::GetAtt as a text', { 'Fn::GetAtt': 'Own.Endpoint.Address' }, 'dev/service/Own'],
  ['an import', { 'Fn::ImportValue': 'dev-data:One' }, 'dev/data/One'],
  ['an import of an import', { 'Fn::ImportValue': 'dev-data:Passed' }, 'dev/network/Key'],
  ['an import by a name that is put together', { 'Fn::ImportValue': { 'Fn::Sub': 'dev-data:One' } }, 'dev/data/One'],
  ['an import of a name with the stack’s', { 'Fn::ImportValue': 'dev-data:Endpoint' }, 'dev/data/Two'],
  ['a weak reference', { 'Fn::GetStackOutput': { StackName: 'dev-data', OutputName: 'Plain' } }, 'dev/data/Two'],
  [
    'a weak reference to another region',
    { 'Fn::GetStackOutput': { StackName: 'dev-data', OutputName: 'Plain', Region: 'eu-west-1' } },
    'dev/data/Two',
  ],
  ['Fn::Join', { 'Fn::Join': ['', ['https://', { 'Fn::ImportValue': 'dev-data:One' }, '/']] }, 'dev/data/One'],
  ['Fn::Sub', { 'Fn::Sub': 'arn:${AWS::Partition}:${Own.Id}/${!Literal}' }, 'dev/service/Own'],
  [
    'Fn::Sub with variables',
    { 'Fn::Sub': ['${Host}:6379', { Host: { 'Fn::ImportValue': 'dev-data:One' }, Unused: { Ref: 'Own' } }] },
    'dev/data/One',
  ],
  [
    'a part of a text',
    { 'Fn::Select': [0, { 'Fn::Split': [':', { 'Fn::ImportValue': 'dev-data:Endpoint' }] }] },
    'dev/data/Two',
  ],
  [
    'an element of a list that crossed stacks',
    { 'Fn::Select': [1, { 'Fn::Split': ['||', { 'Fn::ImportValue': 'dev-data:List' }] }] },
    'dev/data/Two',
  ],
  ['an element of a list', { 'Fn::Select': ['1', [{ Ref: 'Shared' }, { Ref: 'Own' }]] }, 'dev/service/Own'],
  ['an id that other stacks have too: its own', { Ref: 'Shared' }, 'dev/service/Shared'],
  ['an id that other stacks have too: the exporter’s', { 'Fn::ImportValue': 'dev-data:Shared' }, 'dev/data/Shared'],
])('follows %s', (_, value, label) => {
  const { all, service } = templates();

  expect(all.referenced(service, value)?.label).toBe(label);
});

test.each([
  ['a text', 'cache.example.com'],
  ['a parameter of AWS', { Ref: 'AWS::Region' }],
  ['a logical id of another stack', { Ref: 'One' }],
  ['an export of another environment', { 'Fn::ImportValue': 'prod-data:One' }],
  ['an export of nobody', { 'Fn::ImportValue': 'dev-data:Unknown' }],
  ['an export of what is not there', { 'Fn::ImportValue': 'dev-network:Gone' }],
  ['an output of nobody', { 'Fn::GetStackOutput': { StackName: 'dev-data', OutputName: 'Unknown' } }],
  ['what imports itself', { 'Fn::ImportValue': 'dev-data:Round' }],
  ['two resources', { 'Fn::Join': ['', [{ Ref: 'Shared' }, { Ref: 'Own' }]] }],
  ['nothing', undefined],
])('%s leads to no resource', (_, value) => {
  const { all, service } = templates();

  expect(all.referenced(service, value)).toBeUndefined();
});

test('all resources of a value, each once', () => {
  const { all, service } = templates();
  const value = [{ Ref: 'Own' }, { a: { 'Fn::GetAtt': ['Own', 'Arn'] } }, { 'Fn::ImportValue': 'dev-data:List' }];

  expect(all.references(service, value).map(({ label }) => label)).toEqual([
    'dev/service/Own',
    'dev/data/One',
    'dev/data/Two',
  ]);
});

test('the ids of resources are the assembly’s own, although their logical ids are not', () => {
  const { all } = templates();

  expect(all.all('AWS::S3::Bucket').map(({ id }) => id)).toEqual([
    'devnetwork.Shared',
    'devnetwork.Key',
    'devdata.Shared',
    'devdata.One',
    'devdata.Two',
    'devservice.Shared',
    'devservice.Own',
  ]);
});

test('a logical id alone is a stack’s own, or the only one that another has', () => {
  const { all, service } = templates();

  expect(all.named(service, 'Shared')?.label).toBe('dev/service/Shared');
  expect(all.named(service, 'Two')?.label).toBe('dev/data/Two');
  expect(all.named(all.stacks[2] as AssemblyStack, 'Nowhere')).toBeUndefined();
});

test('a text with parts that only a deploy knows', () => {
  const { all, service } = templates();
  const value = { 'Fn::Join': ['', ['{"arn":"', { Ref: 'Own' }, '","stack":"', { Ref: 'AWS::StackName' }, '"}']] };

  expect(all.text(service, value)).toBe('{"arn":"${Own}","stack":"dev-service"}');
  expect(all.text(service, { 'Fn::Sub': ['${A}-${AWS::Region}', { A: 1 }] })).toBe('1-${AWS::Region}');
});
