import { DescribeCacheParametersCommand, InvalidParameterValueException } from '@aws-sdk/client-elasticache';
import { refusal, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

test.each([
  [undefined, ['maxmemory-policy', 'timeout']],
  ['user', ['maxmemory-policy']],
  ['system', ['timeout']],
  ['engine-default', []],
])('lists the parameters whose source is %s', async (Source, names) => {
  const { Parameters } = await started.client.send(
    new DescribeCacheParametersCommand({ CacheParameterGroupName: 'sessions-parameters', Source }),
  );

  expect(Parameters?.map(({ ParameterName }) => ParameterName)).toEqual(names);
});

test('tells the value of a parameter and whose it is', async () => {
  const { Parameters } = await started.client.send(
    new DescribeCacheParametersCommand({ CacheParameterGroupName: 'sessions-parameters', Source: 'user' }),
  );

  expect(Parameters).toEqual([{ ParameterName: 'maxmemory-policy', ParameterValue: 'volatile-ttl', Source: 'user' }]);
});

test('refuses a source of parameters that AWS does not document', async () => {
  const error = await refusal(
    started.client.send(
      new DescribeCacheParametersCommand({ CacheParameterGroupName: 'sessions-parameters', Source: 'mine' }),
    ),
  );

  expect(error).toBeInstanceOf(InvalidParameterValueException);
  expect(error.$metadata.httpStatusCode).toBe(400);
});

test('asks for the parameter that is missing', async () => {
  const error = await refusal(
    started.client.send(new DescribeCacheParametersCommand({ CacheParameterGroupName: undefined })),
  );

  expect(error.name).toBe('MissingParameter');
  expect(error.message).toBe('The request must contain the parameter CacheParameterGroupName');
});
