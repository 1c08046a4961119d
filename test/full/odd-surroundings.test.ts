import { CfnParameter, Duration, Fn, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import {
  AlarmThreshold,
  CacheEngine,
  CacheLog,
  CacheNodeType,
  CacheUser,
  ClientSecurityGroup,
  MemcachedCluster,
  ReplicationGroup,
  ServerlessCache,
  UserAuthentication,
  UserGroup,
  ValkeyVersion,
} from '../../lib';
import { newApp, newStack } from '../lib/stacks';

// The templates are read here, not judged by CDK's own rules.
process.env.CDK_VALIDATION = 'false';

const nodeType = CacheNodeType.R7G_LARGE;
const engine = CacheEngine.valkey(ValkeyVersion.V8_1);

/** One of everything that has a name, below an id. */
function everything(scope: Construct, vpc: ec2.IVpc): void {
  const user = new CacheUser(scope, 'User', {
    engine,
    authentication: UserAuthentication.generatedPassword({ rotateAfter: Duration.days(30) }),
  });
  const userGroup = new UserGroup(scope, 'Users', { engine, users: [user] });
  new ReplicationGroup(scope, 'Group', { vpc, nodeType, userGroup, slowLog: CacheLog.toCloudWatch() }).addAlarms();
  new MemcachedCluster(scope, 'Cluster', { vpc, nodeType }).addAlarms();
  new ServerlessCache(scope, 'Serverless', { vpc }).addAlarms();
  new ClientSecurityGroup(scope, 'Clients', { vpc });
}

test.each(['Städte', '日本語', 'a%b', 'a<b>', '1st', '-', 'with a blank', 'A'.repeat(230)])(
  'everything can stand below the id %s',
  (id) => {
    const { stack, vpc } = newStack();

    everything(new Construct(stack, id), vpc);

    const template = Template.fromStack(stack).toJSON();
    const ids = Object.values<any>(template.Resources).flatMap(({ Properties: p }) =>
      [p?.UserId, p?.UserGroupId, p?.ServerlessCacheName].filter((value) => typeof value === 'string'),
    );
    expect(ids.length).toBeGreaterThan(3);
    expect(ids.filter((value) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value) || value.length > 40)).toEqual([]);
  },
);

test('ids differ between stacks that hold the same, and below ids that differ by case only', () => {
  const app = newApp();
  const stacks = ['One', 'Two'].map((id) => {
    const stack = new Stack(app, id, { env: { region: 'us-east-1' } });
    const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a', 'us-east-1b'], natGateways: 0 });
    for (const below of ['same', 'Same']) {
      const scope = new Construct(stack, below);
      new ServerlessCache(scope, 'Cache', {
        vpc,
        vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      });
    }
    return stack;
  });
  const names = stacks.flatMap((stack) =>
    Object.values<any>(Template.fromStack(stack).toJSON().Resources).flatMap(({ Properties: p }) => [
      p?.UserId,
      p?.UserGroupId,
      p?.ServerlessCacheName,
    ]),
  );
  const fixed = names.filter((name) => typeof name === 'string');

  expect(fixed).toHaveLength(12);
  expect(new Set(fixed).size).toBe(fixed.length);
});

describe('a network of which little is known at synth', () => {
  test('subnets imported by their ids alone', () => {
    const { stack, vpc } = newStack();
    const subnets = ['subnet-1', 'subnet-2'].map((id) => ec2.Subnet.fromSubnetId(stack, id, id));

    new ReplicationGroup(stack, 'Cache', { vpc, nodeType, vpcSubnets: { subnets } });
    new MemcachedCluster(stack, 'Cluster', {
      vpc,
      nodeType,
      vpcSubnets: { subnets },
      availabilityZones: ['us-east-1a', 'us-east-1b'],
    });

    Template.fromStack(stack).allResourcesProperties('AWS::ElastiCache::SubnetGroup', {
      SubnetIds: ['subnet-1', 'subnet-2'],
    });
  });

  test('a VPC whose zones and subnets are lists of another stack', () => {
    const { stack } = newStack();
    const list = (name: string) => Fn.split(',', Fn.importValue(name));
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
      vpcId: Fn.importValue('vpc'),
      availabilityZones: list('zones'),
      privateSubnetIds: list('subnets'),
    });

    new ReplicationGroup(stack, 'Cache', { vpc, nodeType });

    expect(() => Template.fromStack(stack)).not.toThrow();
    expect(() => new MemcachedCluster(stack, 'Cluster', { vpc, nodeType })).toThrow(
      '`availabilityZones` must be given, because the zones of the subnets are not known at synth',
    );
    expect(
      () => new MemcachedCluster(stack, 'Other', { vpc, nodeType, availabilityZones: list('zones') }),
    ).not.toThrow();
  });

  test('an environment without a region, whose zones are tokens', () => {
    const stack = new Stack(newApp(), 'Anywhere');
    const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0, maxAzs: 2 });
    const vpcSubnets = { subnetType: ec2.SubnetType.PUBLIC };

    new ReplicationGroup(stack, 'Cache', { vpc, vpcSubnets, nodeType });
    new MemcachedCluster(stack, 'Cluster', { vpc, vpcSubnets, nodeType });

    Template.fromStack(stack).hasResourceProperties('AWS::ElastiCache::CacheCluster', {
      PreferredAvailabilityZones: [
        { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] },
        { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] },
      ],
    });
  });
});

test('numbers that CloudFormation fills in trip no check', () => {
  const { stack, vpc } = newStack();
  const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;

  new ServerlessCache(stack, 'Cache', {
    vpc,
    minDataStorage: Size.gibibytes(1),
    maxDataStorage: Size.gibibytes(number('Most')),
    minProcessingUnits: 1_000,
    maxProcessingUnits: number('Units'),
    snapshotRetentionDays: number('Days'),
  }).addAlarms({ evictions: AlarmThreshold.at(number('Evictions')) });
  new ReplicationGroup(stack, 'Tiered', {
    vpc,
    nodeType: CacheNodeType.R6GD_XLARGE,
    parameters: { 'maxmemory-policy': new CfnParameter(stack, 'Policy').valueAsString },
  });

  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::ElastiCache::ServerlessCache', {
    CacheUsageLimits: { DataStorage: { Maximum: { Ref: 'Most' } }, ECPUPerSecond: { Maximum: { Ref: 'Units' } } },
  });
  expect(JSON.stringify(template.toJSON())).not.toMatch(/NaN|e\+\d{3}|Token\[/);
});
