import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { refusal, START, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;
let client: AutoScalingClient;

beforeEach(async () => {
  started = await StartedEndpoint.start();
  client = new AutoScalingClient(started.configuration);
});

afterEach(async () => {
  client.destroy();
  await started.close();
});

const groups = async (...AutoScalingGroupNames: string[]) =>
  (await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames }))).AutoScalingGroups;

const terminate = (InstanceId: string, ShouldDecrementDesiredCapacity: boolean | undefined) =>
  client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }));

test('describes the group and its instances', async () => {
  expect(await groups('films-fleet')).toMatchObject([
    {
      AutoScalingGroupName: 'films-fleet',
      MinSize: 2,
      MaxSize: 4,
      DesiredCapacity: 2,
      AvailabilityZones: ['us-east-1a', 'us-east-1b'],
      HealthCheckType: 'ELB',
      TargetGroupARNs: ['arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/films/3'],
      LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '2' },
      SuspendedProcesses: [],
      Instances: [
        { InstanceId: 'i-1', LifecycleState: 'InService', HealthStatus: 'Healthy', LaunchTemplate: { Version: '2' } },
        {
          InstanceId: 'i-2',
          AvailabilityZone: 'us-east-1b',
          HealthStatus: 'Unhealthy',
          LaunchTemplate: { Version: '1' },
          ProtectedFromScaleIn: false,
        },
      ],
    },
  ]);
  expect(await groups()).toHaveLength(1);
});

test('leaves out a group that is not there, as Auto Scaling does', async () => {
  expect(await groups('other')).toEqual([]);
  started.environment.fleet = undefined;
  expect(await groups()).toEqual([]);
});

test('ends an instance, and answers the activity', async () => {
  const { Activity } = await terminate('i-2', false);

  expect(started.environment.killed).toEqual(['i-2']);
  expect(Activity).toMatchObject({
    AutoScalingGroupName: 'films-fleet',
    Description: 'Terminating EC2 instance: i-2',
    StartTime: START,
    StatusCode: 'InProgress',
    Progress: 0,
  });
});

test('refuses to end what is not there, to end up with fewer, and a request that does not say', async () => {
  expect(await refusal(terminate('i-9', false))).toMatchObject({
    name: 'ValidationError',
    message: 'Instance Id not found - No managed instance found for instance ID i-9',
  });
  expect(await refusal(terminate('i-1', true))).toMatchObject({
    name: 'ValidationError',
    message: 'The local environment keeps its desired capacity: ShouldDecrementDesiredCapacity is false.',
  });
  expect(await refusal(terminate('i-1', undefined))).toMatchObject({ name: 'ValidationError' });
  expect(started.environment.killed).toEqual([]);
});

test('pages hold between 1 and 100 groups', async () => {
  const of = (MaxRecords: number) => client.send(new DescribeAutoScalingGroupsCommand({ MaxRecords }));

  expect((await of(1)).AutoScalingGroups).toHaveLength(1);
  expect(await refusal(of(101))).toMatchObject({
    name: 'ValidationError',
    message: 'Invalid value for max records. Must be between 1 and 100',
  });
});
