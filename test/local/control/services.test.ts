import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { errorXml, send } from './raw-request';
import { refusal, StartedEndpoint } from './started-endpoint';

const SERVICES = 'autoscaling, cloudformation, elasticache, elasticloadbalancing, monitoring, rds';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

const signedFor = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=testing/20260301/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`;

test('the service that a request is signed for answers it', async () => {
  const asked = await send(started.endpoint.port, {
    headers: { authorization: signedFor('rds') },
    body: 'Action=DescribeDBInstances&Version=2014-10-31',
  });

  expect(asked.text).toMatch(/^<DescribeDBInstancesResponse xmlns="http:\/\/rds.amazonaws.com\/doc\/2014-10-31\/">/);
});

test('a service that is not there is refused with those that are, in the protocol that was spoken', async () => {
  const { status, text } = await send(started.endpoint.port, { headers: { authorization: signedFor('sts') } });
  const secrets = new SecretsManagerClient(started.configuration);
  const error = await refusal(secrets.send(new ListSecretsCommand({})));
  secrets.destroy();

  expect(status).toBe(400);
  expect(text).toMatch(errorXml('UnknownService'));
  expect(text).toContain(`does not have the service sts. It has: ${SERVICES}`);
  expect(error.name).toBe('UnknownService');
  expect(error.message).toBe(`The local environment does not have the service secretsmanager. It has: ${SERVICES}`);
});

test.each([
  'AWS4-HMAC-SHA256 Credential=testing, SignedHeaders=host, Signature=00',
  'AWS4-HMAC-SHA256 Credential=testing/20260301/us-east-1/rds, SignedHeaders=host, Signature=00',
  'AWS4-HMAC-SHA256 Credential=testing/20260301/us-east-1/rds/aws3_request, SignedHeaders=host, Signature=00',
])('refuses a credential that names no service: %s', async (authorization) => {
  const { status, text } = await send(started.endpoint.port, { headers: { authorization } });

  expect(status).toBe(400);
  expect(text).toMatch(errorXml('IncompleteSignature'));
});

test('an operation that a service does not have is refused with those that it has', async () => {
  const rds = new RDSClient(started.configuration);
  const cloudwatch = new CloudWatchClient(started.configuration);

  const ofRds = await refusal(rds.send(new DescribeDBClustersCommand({})));
  const ofCloudWatch = await refusal(cloudwatch.send(new ListMetricsCommand({})));
  rds.destroy();
  cloudwatch.destroy();

  expect(ofRds.name).toBe('InvalidAction');
  expect(ofRds.message).toBe(
    'Could not find operation DescribeDBClusters for version 2014-10-31. The local environment has: DescribeDBInstances',
  );
  expect(ofCloudWatch.name).toBe('UnknownOperationException');
  expect(ofCloudWatch.$metadata.httpStatusCode).toBe(400);
  expect(ofCloudWatch.message).toBe(
    'Could not find operation GraniteServiceVersion20100801.ListMetrics. ' +
      'The local environment has: DescribeAlarms, GetMetricData',
  );
});

test('a service is not answered in a protocol that it does not speak', async () => {
  const form = await send(started.endpoint.port, { headers: { authorization: signedFor('monitoring') } });
  const json = await send(started.endpoint.port, { headers: { 'content-type': 'application/x-amz-json-1.0' } });

  expect(form.status).toBe(415);
  expect(form.text).toContain('The service is asked in AWS JSON 1.0 only.');
  expect(json.status).toBe(415);
  expect(JSON.parse(json.text)).toEqual({
    __type: 'InvalidRequest',
    message: 'The service is asked in the query protocol only.',
  });
});
