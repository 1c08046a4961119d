import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeCacheClustersCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import type { LocalEnvironment } from '../../../local/environment';
import { pythonTools } from '../../engines/python';
import { eventually } from '../../engines/running';
import { changeTemplate, copyOfAssembly, removeFolders, stateDirectory, up } from '../local/environments';

const run = promisify(execFile);

const DATA = 'cdk-elasticache-dev-data';
const SERVICE = 'cdk-elasticache-dev-service';

let assembly: string;
let environment: LocalEnvironment;
let clients: ReturnType<typeof clientsOf>;

beforeAll(async () => {
  assembly = copyOfAssembly();
  environment = await up({ assembly, stateDirectory: stateDirectory() });
  clients = clientsOf(environment.controlAddress);
});

afterAll(async () => {
  for (const client of Object.values(clients ?? {})) {
    client.destroy();
  }
  await environment?.close();
  removeFolders();
});

function clientsOf(endpoint: string) {
  const configuration = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    maxAttempts: 1,
  };
  return {
    autoScaling: new AutoScalingClient(configuration),
    cloudFormation: new CloudFormationClient(configuration),
    cloudWatch: new CloudWatchClient(configuration),
    elastiCache: new ElastiCacheClient(configuration),
    loadBalancing: new ElasticLoadBalancingV2Client(configuration),
    rds: new RDSClient(configuration),
  };
}

/** The AWS CLI, with nothing set but where all of AWS is. */
async function aws(...args: string[]): Promise<any> {
  const { aws: program } = await pythonTools();
  const { stdout } = await run(program, [...args, '--output', 'json'], {
    env: {
      PATH: process.env.PATH,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: environment.controlAddress,
    },
  });
  return JSON.parse(stdout);
}

/** Physical ids of a stack's resources, by type. */
async function resourcesOf(stack: string): Promise<ReadonlyMap<string | undefined, string>> {
  const { StackResourceSummaries: resources = [] } = await clients.cloudFormation.send(
    new ListStackResourcesCommand({ StackName: stack }),
  );
  return new Map(
    resources.map(({ ResourceType: type, PhysicalResourceId: id }) => [type?.replace('AWS::', ''), id as string]),
  );
}

async function fleet() {
  const name = (await resourcesOf(SERVICE)).get('AutoScaling::AutoScalingGroup') as string;
  const { AutoScalingGroups: groups } = await clients.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return groups?.[0];
}

async function targets() {
  const group = (await fleet())?.TargetGroupARNs?.[0];
  const { TargetHealthDescriptions: described = [] } = await clients.loadBalancing.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: group }),
  );
  return described.map(({ Target: target, TargetHealth: health }) => [target?.Id, health?.State, health?.Reason]);
}

/** The sum of a metric of a thing since the environment runs. */
async function sumOf(Namespace: string, MetricName: string, dimensions: Readonly<Record<string, string>>) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const { MetricDataResults: results } = await clients.cloudWatch.send(
    new GetMetricDataCommand({
      MetricDataQueries: [
        { Id: 'asked', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 300, Stat: 'Sum' } },
      ],
      StartTime: new Date(Date.now() - 60 * 60_000),
      EndTime: new Date(Date.now() + 60_000),
    }),
  );
  return results?.[0]?.Values?.reduce((sum, value) => sum + value, 0) ?? 0;
}

test('CloudFormation: the stacks, with the address and the ids that other services know', async () => {
  const { Stacks: stacks = [] } = await clients.cloudFormation.send(new DescribeStacksCommand({}));
  const { TemplateBody: template } = await clients.cloudFormation.send(new GetTemplateCommand({ StackName: DATA }));
  const [data, service] = [await resourcesOf(DATA), await resourcesOf(SERVICE)];
  const { ReplicationGroups: groups } = await clients.elastiCache.send(new DescribeReplicationGroupsCommand({}));
  const outputs = stacks.flatMap(({ Outputs }) => Outputs ?? []);

  expect(stacks.map(({ StackName, StackStatus }) => [StackName, StackStatus])).toEqual([
    [DATA, 'CREATE_COMPLETE'],
    ['cdk-elasticache-dev-network', 'CREATE_COMPLETE'],
    [SERVICE, 'CREATE_COMPLETE'],
  ]);
  expect(outputs.find(({ OutputKey }) => OutputKey === 'Address')?.OutputValue).toBe(environment.address);
  expect(outputs.find(({ OutputKey }) => OutputKey === 'SessionsEndpoint')?.OutputValue).toBe('localhost');
  expect(outputs.find(({ OutputKey }) => OutputKey === 'FleetName')?.OutputValue).toBe(
    service.get('AutoScaling::AutoScalingGroup'),
  );
  expect([...data.keys()].sort()).toEqual([
    'ElastiCache::CacheCluster',
    'ElastiCache::ParameterGroup',
    'ElastiCache::ReplicationGroup',
    'ElastiCache::SubnetGroup',
    'RDS::DBInstance',
  ]);
  expect([...service.keys()].sort()).toEqual([
    'AutoScaling::AutoScalingGroup',
    'ElasticLoadBalancingV2::LoadBalancer',
    'ElasticLoadBalancingV2::TargetGroup',
  ]);
  expect(data.get('ElastiCache::ReplicationGroup')).toBe(groups?.[0]?.ReplicationGroupId);
  expect(Object.keys(JSON.parse(template ?? '').Resources)).toContain('SessionsCache063B161E');
});

test('ElastiCache: the zones that a cache’s nodes may be in', async () => {
  const { CacheClusters: clusters = [] } = await clients.elastiCache.send(new DescribeCacheClustersCommand({}));
  const { CacheSubnetGroups: groups } = await clients.elastiCache.send(
    new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: clusters[0]?.CacheSubnetGroupName }),
  );

  expect(groups?.[0]?.Subnets?.map(({ SubnetAvailabilityZone: zone }) => zone?.Name)).toEqual([
    'us-east-1a',
    'us-east-1b',
  ]);
});

test('RDS: the database, where it is', async () => {
  const { DBInstances: databases } = await clients.rds.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: (await resourcesOf(DATA)).get('RDS::DBInstance') }),
  );
  const [database] = environment.engineRoom.databases.values();

  expect(databases).toMatchObject([
    {
      DBInstanceStatus: 'available',
      Engine: 'postgres',
      EngineVersion: '17',
      DBInstanceClass: 'db.t4g.micro',
      MultiAZ: false,
      Endpoint: { Address: 'localhost', Port: database?.endpoint.port },
    },
  ]);
});

test('Elastic Load Balancing: the load balancer, where it listens, and its targets', async () => {
  const arn = (await resourcesOf(SERVICE)).get('ElasticLoadBalancingV2::LoadBalancer') as string;
  const { LoadBalancers: found } = await clients.loadBalancing.send(
    new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }),
  );
  const { Listeners: listeners } = await clients.loadBalancing.send(
    new DescribeListenersCommand({ LoadBalancerArn: arn }),
  );

  expect(`http://${found?.[0]?.DNSName}:${listeners?.[0]?.Port}`).toBe(environment.address);
  expect(await targets()).toEqual([
    ['i-local-1', 'healthy', undefined],
    ['i-local-2', 'healthy', undefined],
  ]);
});

test('CloudWatch: what the caches were asked agrees with what they say themselves', async () => {
  const groups = [...environment.engineRoom.caches.values()];
  const sessions = groups.find(({ kind }) => kind === 'group');
  const objects = groups.find(({ kind }) => kind === 'memcached');
  if (sessions?.kind !== 'group' || objects?.kind !== 'memcached') {
    throw new Error('the caches do not run');
  }
  const { name } = objects.plan;
  const node = sessions.cache.all[0]?.id as string;
  const counted = async () => ({
    objects: await sumOf('AWS/ElastiCache', 'GetHits', { CacheClusterId: name }),
    misses: await sumOf('AWS/ElastiCache', 'GetMisses', { CacheClusterId: name }),
    sessions:
      (await sumOf('AWS/ElastiCache', 'CacheHits', { CacheClusterId: node, CacheNodeId: '0001' })) +
      (await sumOf('AWS/ElastiCache', 'CacheMisses', { CacheClusterId: node })),
  });
  const before = await counted();
  for (let number = 0; number < 50; number += 1) {
    expect((await fetch(`${environment.address}/films/${1 + (number % 5)}`)).status).toBe(200);
  }

  await eventually(async () => {
    const info = await sessions.cache.all[0]?.info('stats');
    const stats = await Promise.all(objects.cache.all.map((each) => each.stats()));
    const sum = (counter: string) => stats.reduce((total, each) => total + Number(each.get(counter)), 0);
    expect(await counted()).toEqual({
      objects: sum('get_hits'),
      misses: sum('get_misses'),
      sessions: Number(info?.get('keyspace_hits')) + Number(info?.get('keyspace_misses')),
    });
  }, 10_000);

  const after = await counted();
  expect(after.objects + after.misses + after.sessions).toBeGreaterThan(
    before.objects + before.misses + before.sessions,
  );
  const [, loadBalancer = ''] =
    (await resourcesOf(SERVICE)).get('ElasticLoadBalancingV2::LoadBalancer')?.split(':loadbalancer/') ?? [];
  expect(await sumOf('AWS/ApplicationELB', 'RequestCount', { LoadBalancer: loadBalancer })).toBeGreaterThanOrEqual(50);
  const database = (await resourcesOf(DATA)).get('RDS::DBInstance') as string;
  expect(await sumOf('AWS/RDS', 'DatabaseConnections', { DBInstanceIdentifier: database })).toBeGreaterThan(0);
  expect(await sumOf('AWS/ElastiCache', 'IsMaster', { CacheClusterId: node })).toBeGreaterThan(0);
});

test('Auto Scaling: an instance is ended for real, and the load balancer goes on with another', async () => {
  const [killed, kept] = environment.service?.fleet.instances ?? [];
  expect((await fleet())?.Instances?.map((each) => [each.InstanceId, each.AvailabilityZone])).toEqual([
    ['i-local-1', 'us-east-1a'],
    ['i-local-2', 'us-east-1b'],
  ]);

  const { Activity: activity } = await clients.autoScaling.send(
    new TerminateInstanceInAutoScalingGroupCommand({
      InstanceId: killed?.name,
      ShouldDecrementDesiredCapacity: false,
    }),
  );

  expect(activity).toMatchObject({
    StatusCode: 'InProgress',
    AutoScalingGroupName: (await fleet())?.AutoScalingGroupName,
  });
  await expect(killed?.process.ended).resolves.toBe('ended by SIGKILL');
  await eventually(async () => {
    expect((await fetch(`${environment.address}/films/1`)).status).toBe(200);
    expect(await targets()).toEqual([
      [kept?.name, 'healthy', undefined],
      ['i-local-3', 'healthy', undefined],
      [killed?.name, 'draining', 'Target.DeregistrationInProgress'],
    ]);
  }, 20_000);
  const described = await fleet();
  expect(described?.Instances).toMatchObject([
    { InstanceId: kept?.name, AvailabilityZone: 'us-east-1b', LifecycleState: 'InService' },
    { InstanceId: 'i-local-3', AvailabilityZone: 'us-east-1a', LifecycleState: 'InService', HealthStatus: 'Healthy' },
  ]);
});

test('the AWS CLI works with each of the services', async () => {
  const { Stacks: stacks } = await aws('cloudformation', 'describe-stacks', '--stack-name', SERVICE);
  // Version 1 of the CLI does not look at the variable for RDS.
  const endpoint = ['--endpoint-url', environment.controlAddress];
  const { DBInstances: databases } = await aws('rds', 'describe-db-instances', ...endpoint);
  const { AutoScalingGroups: groups } = await aws('autoscaling', 'describe-auto-scaling-groups');
  const { LoadBalancers: loadBalancers } = await aws('elbv2', 'describe-load-balancers');
  const { UpdateActions: updates } = await aws('elasticache', 'describe-update-actions');
  const { MetricAlarms: alarms } = await aws('cloudwatch', 'describe-alarms');

  expect(stacks[0].StackName).toBe(SERVICE);
  expect(databases[0].DBInstanceStatus).toBe('available');
  expect(groups[0].Instances).toHaveLength(2);
  expect(loadBalancers[0].State.Code).toBe('active');
  expect([updates, alarms]).toEqual([[], []]);
});

test('a stack that an update has changed is said to be updated, and has its new template', async () => {
  const templateOf = async (StackName: string) =>
    (await clients.cloudFormation.send(new GetTemplateCommand({ StackName }))).TemplateBody ?? '';
  const before = await templateOf(DATA);
  changeTemplate(assembly, 'data', (text) => text.replace('dev/data/Sessions/Cache"', 'sessions of films"'));
  expect(await templateOf(DATA)).toBe(before);

  await environment.update(assembly);

  const { Stacks: stacks = [] } = await clients.cloudFormation.send(new DescribeStacksCommand({}));
  expect(stacks.map(({ StackStatus }) => StackStatus)).toEqual([
    'UPDATE_COMPLETE',
    'CREATE_COMPLETE',
    'CREATE_COMPLETE',
  ]);
  expect(await templateOf(DATA)).toContain('sessions of films');
});
