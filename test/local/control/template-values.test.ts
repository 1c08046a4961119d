import type { AssemblyStack } from '../../../assembly/assembly';
import { Templates } from '../../../assembly/templates';
import { templateValue } from '../../../local/controlled/template-values';

const stack = (id: string, outputs: AssemblyStack['outputs'] = {}): AssemblyStack => ({
  id,
  path: `dev/${id}`,
  name: `films-dev-${id}`,
  templateFile: '',
  resources: {},
  outputs,
});

const data = stack('data', { Port: { Value: { 'Fn::GetAtt': ['Cache', 'Endpoint.Port'] }, Export: { Name: 'port' } } });
const service = stack('service');
const templates = new Templates({ name: 'dev', stacks: [data, service] });
const values = new Map([
  ['data.Cache', 'sessions'],
  ['data.Cache.Endpoint.Port', '6379'],
]);

test.each<[string, AssemblyStack, unknown, string | undefined]>([
  ['a text', data, 'films', 'films'],
  ['a number', data, 7, '7'],
  ['what Ref gives', data, { Ref: 'Cache' }, 'sessions'],
  ['an attribute', data, { 'Fn::GetAtt': ['Cache', 'Endpoint.Port'] }, '6379'],
  ['an attribute in one text', data, { 'Fn::GetAtt': 'Cache.Endpoint.Port' }, '6379'],
  ['a value of another stack', service, { 'Fn::ImportValue': 'port' }, '6379'],
  ['a pseudo parameter', service, { Ref: 'AWS::StackName' }, 'films-dev-service'],
  [
    'what is joined of them',
    data,
    { 'Fn::Join': ['', ['redis://', { Ref: 'Cache' }, '.', { Ref: 'AWS::Region' }]] },
    'redis://sessions.eu-west-1',
  ],
  ['not what is joined with something unknown', data, { 'Fn::Join': ['', ['x', { Ref: 'Vpc' }]] }, undefined],
  ['not a resource of another stack by its own name', service, { Ref: 'Cache' }, undefined],
  ['not what no stack exports', service, { 'Fn::ImportValue': 'nothing' }, undefined],
  ['not what is not evaluated here', data, { 'Fn::Select': [0, ['a']] }, undefined],
])('knows %s', (_, place, value, expected) => {
  expect(templateValue(templates, values, 'eu-west-1', place, value)).toBe(expected);
});
