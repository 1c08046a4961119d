import { type App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { CacheNodeType, Database, FleetInstances, FleetRollout, ReplicationGroup, type WebFleetProps } from '../../lib';
import { acknowledgements, CONTROL_TOWER, findings } from './acknowledgements';
import { fleetIn } from './makers';
import { newApp, newStack, only } from './stacks';

test('instances are of IMDSv2, encrypted, without a key pair', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc);

  const data = only(stack, 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData;
  expect(data).toMatchObject({
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
    InstanceType: 't4g.small',
    BlockDeviceMappings: [{ Ebs: { Encrypted: true, VolumeType: 'gp3', DeleteOnTermination: true } }],
    NetworkInterfaces: [{ AssociatePublicIpAddress: false, DeleteOnTermination: true }],
  });
  expect(data).not.toHaveProperty('KeyName');
});

test('the group rolls, waits for signals, and asks the load balancer for health', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, { minCapacity: 2, maxCapacity: 6 });

  const group = only(stack, 'AWS::AutoScaling::AutoScalingGroup');
  expect(group.Properties).toMatchObject({ MinSize: '2', MaxSize: '6', HealthCheckType: 'ELB' });
  expect(group.UpdatePolicy.AutoScalingRollingUpdate).toMatchObject({
    MinInstancesInService: 2,
    MaxBatchSize: 1,
    WaitOnResourceSignals: true,
  });
  expect(group.CreationPolicy.ResourceSignal).toMatchObject({ Count: 2 });
});

test('the health check asks for the process and not for its caches', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc);

  expect(only(stack, 'AWS::ElasticLoadBalancingV2::TargetGroup').Properties).toMatchObject({
    HealthCheckPath: '/healthz',
    Protocol: 'HTTP',
    Port: 8080,
  });
});

test('the role may read its own application and nothing else of the account', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc);

  const policies = Object.values(
    Template.fromStack(stack).findResources('AWS::IAM::Policy', {
      Properties: { Roles: [{ Ref: Match.stringLikeRegexp('WebRole') }] },
    }),
  );
  const statements: any[] = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const of = (action: string) => statements.find(({ Action }) => [Action].flat().includes(action));
  expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
    'autoscaling:CompleteLifecycleAction',
    'autoscaling:DescribeAutoScalingInstances',
    'cloudformation:SignalResource',
    'cloudwatch:PutMetricData',
    'ec2:DescribeTags',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    's3:GetObject',
  ]);
  expect(of('logs:PutLogEvents').Resource['Fn::GetAtt'][0]).toMatch(/^WebLogs/);
  expect(of('cloudwatch:PutMetricData').Condition).toEqual({ StringEquals: { 'cloudwatch:namespace': 'Test' } });
  expect(JSON.stringify(of('s3:GetObject').Resource)).toMatch(/\/[0-9a-f]{64}\.zip"/);
});

test('no instance starts before its role may do what it needs; what it needs at its end stands after the group', () => {
  const { stack, vpc } = newStack();
  const fleet = fleetIn(stack, vpc);
  fleet.useCache('sessions', new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL }));

  const policies = Object.keys(
    Template.fromStack(stack).findResources('AWS::IAM::Policy', {
      Properties: { Roles: [{ Ref: Match.stringLikeRegexp('WebRole') }] },
    }),
  );
  const { DependsOn } = only(stack, 'AWS::AutoScaling::AutoScalingGroup');

  expect(policies).toHaveLength(3);
  expect(policies.filter((id) => !DependsOn.includes(id))).toEqual([expect.stringContaining('DrainPolicy')]);
});

const REFUSED: Array<[string, Partial<WebFleetProps>, string]> = [
  [
    'there is no certificate',
    { certificate: undefined },
    '`certificate` is missing: give one, or `domainName` and `hostedZone`, or set `insecureHttp`',
  ],
  ['there is no instance', { minCapacity: 0 }, '`minCapacity` must be between 1 and 100, got 0'],
  [
    'the most are below the fewest',
    { minCapacity: 4, maxCapacity: 2 },
    '`maxCapacity` must be between 4 and 100, got 2',
  ],
];

test.each(REFUSED)('fails if %s', (_, props, message) => {
  const { stack, vpc } = newStack();

  expect(() => fleetIn(stack, vpc, props)).toThrow(message);
});

test('fails if the stack has no region', () => {
  const stack = new Stack(newApp(), 'Anywhere');

  expect(() => fleetIn(stack, new ec2.Vpc(stack, 'Vpc'))).toThrow('a `WebFleet` needs a stack with a region');
});

describe('draining', () => {
  test('a hook holds an instance until it says that it has drained, and a minute more if it cannot', () => {
    const { stack, vpc } = newStack();

    const fleet = fleetIn(stack, vpc, { drainTimeout: Duration.seconds(90) });

    const group = stack.resolve(fleet.autoScalingGroup.autoScalingGroupName);
    Template.fromStack(stack).hasResourceProperties('AWS::AutoScaling::LifecycleHook', {
      AutoScalingGroupName: group,
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      LifecycleHookName: 'drain',
      HeartbeatTimeout: 150,
      DefaultResult: 'CONTINUE',
    });
    expect(only(stack, 'AWS::ElasticLoadBalancingV2::TargetGroup').Properties.TargetGroupAttributes).toContainEqual({
      Key: 'deregistration_delay.timeout_seconds',
      Value: '90',
    });
  });

  test('only the instances of this group may be said to have drained', () => {
    const { stack, vpc } = newStack();

    const fleet = fleetIn(stack, vpc);

    const [policy] = Object.values(
      Template.fromStack(stack).findResources('AWS::IAM::Policy', {
        Properties: { PolicyName: Match.stringLikeRegexp('Drain') },
      }),
    );
    const [statement] = policy?.Properties.PolicyDocument.Statement ?? [];
    expect(statement.Action).toBe('autoscaling:CompleteLifecycleAction');
    expect(JSON.stringify(statement.Resource)).toContain(
      JSON.stringify(stack.resolve(fleet.autoScalingGroup.autoScalingGroupName)),
    );
  });
});

test('it scales on CPU, and on requests where a target is given', () => {
  const policies = (props: Partial<WebFleetProps>) => {
    const { stack, vpc } = newStack();
    fleetIn(stack, vpc, props);
    return Object.values(Template.fromStack(stack).findResources('AWS::AutoScaling::ScalingPolicy')).map(
      ({ Properties: { TargetTrackingConfiguration: target } }) => [
        target.PredefinedMetricSpecification.PredefinedMetricType,
        target.TargetValue,
      ],
    );
  };

  expect(policies({})).toEqual([['ASGAverageCPUUtilization', 60]]);
  expect(policies({ targetCpuPercent: 40, targetRequestsPerMinute: 900 })).toEqual([
    ['ASGAverageCPUUtilization', 40],
    ['ALBRequestCountPerTarget', 900],
  ]);
});

test('machines of several kinds, a part of them Spot, replaced before AWS takes them', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, {
    instances: FleetInstances.mixed({
      types: ['m7g.medium', 'm7gd.medium', 'm8g.medium'].map((type) => new ec2.InstanceType(type)),
      onDemandBase: 2,
      spotPercentage: 75,
    }),
  });

  expect(only(stack, 'AWS::AutoScaling::AutoScalingGroup').Properties).toMatchObject({
    CapacityRebalance: true,
    MixedInstancesPolicy: {
      InstancesDistribution: {
        OnDemandBaseCapacity: 2,
        OnDemandPercentageAboveBaseCapacity: 25,
        SpotAllocationStrategy: 'price-capacity-optimized',
      },
      LaunchTemplate: {
        Overrides: [{ InstanceType: 'm7g.medium' }, { InstanceType: 'm7gd.medium' }, { InstanceType: 'm8g.medium' }],
      },
    },
  });
});

test('machines of Intel get an image of their architecture', () => {
  const image = (type: string) => {
    const { stack, vpc } = newStack();
    fleetIn(stack, vpc, { instances: FleetInstances.onDemand(new ec2.InstanceType(type)) });
    return Object.values(Template.fromStack(stack).toJSON().Parameters)
      .map(({ Default }: any) => Default)
      .filter((value) => value.includes('al2023'));
  };

  expect(image('t3.small')).toEqual([expect.stringContaining('x86_64')]);
  expect(image('t4g.small')).toEqual([expect.stringContaining('arm64')]);
});

test('a deploy can replace instances by a refresh that starts the new ones first', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, { rollout: FleetRollout.instanceRefresh({ bakeTime: Duration.minutes(10) }) });

  const group = only(stack, 'AWS::AutoScaling::AutoScalingGroup');
  expect(group.UpdatePolicy).not.toHaveProperty('AutoScalingRollingUpdate');
  expect(JSON.stringify(group.UpdatePolicy)).toContain('"MinHealthyPercentage":100');
  expect(JSON.stringify(group.UpdatePolicy)).toContain('"MaxHealthyPercentage":150');
  expect(group.Properties.InstanceMaintenancePolicy).toEqual({ MinHealthyPercentage: 100, MaxHealthyPercentage: 150 });
});

test('a warm pool, a life that ends, and the health check are passed on', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, {
    warmPool: { minSize: 1 },
    maxInstanceLifetime: Duration.days(30),
    healthCheck: {
      path: '/alive',
      interval: Duration.seconds(20),
      timeout: Duration.seconds(3),
      healthyThreshold: 3,
      unhealthyThreshold: 4,
    },
  });

  Template.fromStack(stack).hasResourceProperties('AWS::AutoScaling::WarmPool', { MinSize: 1 });
  expect(only(stack, 'AWS::AutoScaling::AutoScalingGroup').Properties.MaxInstanceLifetime).toBe(2_592_000);
  expect(only(stack, 'AWS::ElasticLoadBalancingV2::TargetGroup').Properties).toMatchObject({
    HealthCheckPath: '/alive',
    HealthCheckIntervalSeconds: 20,
    HealthCheckTimeoutSeconds: 3,
    HealthyThresholdCount: 3,
    UnhealthyThresholdCount: 4,
  });
});

test('what the user owns is used: load balancer, role, security group and bucket', () => {
  const { stack, vpc } = newStack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  const securityGroup = new ec2.SecurityGroup(stack, 'Group', { vpc });
  const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc });

  const fleet = fleetIn(stack, vpc, { role, securityGroup, loadBalancer });

  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 1);
  template.resourceCountIs('AWS::S3::Bucket', 0);
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
    LoadBalancerArn: stack.resolve(loadBalancer.loadBalancerArn),
    Port: 443,
  });
  expect(fleet.accessLogs).toBeUndefined();
  expect(only(stack, 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData.NetworkInterfaces).toMatchObject([
    { AssociatePublicIpAddress: false, Groups: [stack.resolve(securityGroup.securityGroupId)] },
  ]);
  template.hasResourceProperties('AWS::IAM::InstanceProfile', { Roles: [stack.resolve(role.roleName)] });
});

describe('a role that the user owns', () => {
  const roleIn = (stack: Stack) =>
    new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });

  test('may stand in another stack, which does not come to depend on the fleet’s', () => {
    const { stack, vpc } = newStack();
    const elsewhere = new Stack(stack.node.root as App, 'Elsewhere', { env: { region: 'us-east-1' } });

    const fleet = fleetIn(stack, vpc, { role: roleIn(elsewhere) });
    fleet.useCache('sessions', new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL }));

    const text = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(elsewhere.dependencies).toEqual([]);
    // By the namespace of the fleet's own metrics, wherever its role stands.
    expect(text).toContain('"cloudwatch:namespace":"Test"');
    expect(text).toContain('elasticache:Connect');
  });

  test('keeps the findings of what else it may do', () => {
    const { stack, vpc } = newStack();
    const role = roleIn(stack);
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'] }));

    fleetIn(stack, vpc, { role });

    expect(findings(stack.node.root as App)).toContain(
      'AwsSolutions-IAM5[Resource::*] at Test/Own/DefaultPolicy/Resource',
    );
  });
});

test('in one stack, where the rules of Control Tower see what they ask for, none of them is acknowledged', () => {
  const { stack, vpc } = newStack();

  const fleet = fleetIn(stack, vpc, { encryptionKey: new kms.Key(stack, 'Key') });
  fleet.useDatabase('main', new Database(stack, 'Database', { vpc, encryptionKey: new kms.Key(stack, 'Other') }));

  expect(acknowledgements(stack, [CONTROL_TOWER]).filter(({ reason }) => reason.includes('another stack'))).toEqual([]);
});

test('its alarms tell of failed requests and of instances that stay unhealthy', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc).addAlarms(new SnsAction(new sns.Topic(stack, 'Topic')));

  const alarms = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
  const [errors, unreachable, unhealthy] = alarms.map(({ Properties }) => Properties);
  expect(errors.Metrics.map(({ MetricStat, Expression }: any) => MetricStat?.Metric.MetricName ?? Expression)).toEqual([
    '100 * FILL(failures, 0) / requests',
    'HTTPCode_Target_5XX_Count',
    'RequestCount',
  ]);
  expect([unreachable.MetricName, unreachable.Dimensions.map(({ Name }: any) => Name), unreachable.Statistic]).toEqual([
    'HTTPCode_ELB_5XX_Count',
    ['LoadBalancer'],
    'Sum',
  ]);
  expect([unhealthy.MetricName, unhealthy.Dimensions.map(({ Name }: any) => Name).sort(), unhealthy.Statistic]).toEqual(
    ['UnHealthyHostCount', ['LoadBalancer', 'TargetGroup'], 'Minimum'],
  );
});
