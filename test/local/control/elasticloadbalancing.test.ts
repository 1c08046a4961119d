import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { refusal, StartedEndpoint } from './started-endpoint';

const ARNS = 'arn:aws:elasticloadbalancing:us-east-1:000000000000';
const LOAD_BALANCER = `${ARNS}:loadbalancer/app/films/1`;
const TARGET_GROUP = `${ARNS}:targetgroup/films/3`;

let started: StartedEndpoint;
let client: ElasticLoadBalancingV2Client;

beforeEach(async () => {
  started = await StartedEndpoint.start();
  client = new ElasticLoadBalancingV2Client(started.configuration);
});

afterEach(async () => {
  client.destroy();
  await started.close();
});

test.each([
  ['all', {}],
  ['by its ARN', { LoadBalancerArns: [LOAD_BALANCER] }],
  ['by its name', { Names: ['films'] }],
])('describes load balancers: %s', async (_, input) => {
  const { LoadBalancers } = await client.send(new DescribeLoadBalancersCommand(input));

  expect(LoadBalancers).toMatchObject([
    {
      LoadBalancerArn: LOAD_BALANCER,
      LoadBalancerName: 'films',
      DNSName: 'localhost',
      State: { Code: 'active' },
      Type: 'application',
      AvailabilityZones: [{ ZoneName: 'us-east-1a', SubnetId: 'subnet-3' }],
    },
  ]);
});

test('a listener says on which port of this machine it is', async () => {
  const { Listeners } = await client.send(new DescribeListenersCommand({ LoadBalancerArn: LOAD_BALANCER }));

  expect(Listeners).toMatchObject([
    {
      ListenerArn: `${ARNS}:listener/app/films/1/2`,
      Port: 8_080,
      Protocol: 'HTTP',
      Certificates: [],
      DefaultActions: [{ Type: 'forward', TargetGroupArn: TARGET_GROUP }],
    },
  ]);
});

test('targets are healthy, or why they are not', async () => {
  const { TargetHealthDescriptions } = await client.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: TARGET_GROUP }),
  );

  expect(TargetHealthDescriptions).toEqual([
    { Target: { Id: 'i-1', Port: 20_001 }, HealthCheckPort: '20001', TargetHealth: { State: 'healthy' } },
    {
      Target: { Id: 'i-2', Port: 20_002 },
      HealthCheckPort: '20002',
      TargetHealth: {
        State: 'unhealthy',
        Reason: 'Target.FailedHealthChecks',
        Description: 'Health checks failed',
      },
    },
  ]);
});

test('what is not there is not found, each under its own code', async () => {
  const codes = await Promise.all(
    [
      new DescribeLoadBalancersCommand({ LoadBalancerArns: [LOAD_BALANCER, 'x'] }),
      new DescribeListenersCommand({ LoadBalancerArn: 'x' }),
      new DescribeListenersCommand({ ListenerArns: ['x'] }),
      new DescribeTargetHealthCommand({ TargetGroupArn: 'x' }),
    ].map(async (command) => (await refusal(client.send(command as DescribeListenersCommand))).name),
  );

  expect(codes).toEqual([
    'LoadBalancerNotFoundException',
    'LoadBalancerNotFoundException',
    'ListenerNotFoundException',
    'TargetGroupNotFoundException',
  ]);
});

test('without a fleet there is no load balancer', async () => {
  started.environment.loadBalancer = undefined;

  expect((await client.send(new DescribeLoadBalancersCommand({}))).LoadBalancers).toEqual([]);
});

test('refuses listeners of nothing, and pages beyond 400', async () => {
  expect(await refusal(client.send(new DescribeListenersCommand({})))).toMatchObject({ name: 'ValidationError' });
  expect(await refusal(client.send(new DescribeLoadBalancersCommand({ PageSize: 401 })))).toMatchObject({
    name: 'ValidationError',
    message: 'Invalid value for max records. Must be between 1 and 400',
  });
});
