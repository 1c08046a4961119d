import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  Application,
  CacheCapability,
  CacheNodeType,
  Database,
  FleetInstances,
  FleetRollout,
  MemcachedCluster,
  ReplicationGroup,
  WebFleet,
  type WebFleetProps,
} from '../../lib';
import { parseBinding } from '../../runtime/binding';
import { PROJECT } from '../engines/folders';
import { applicationDirectory, newApp, newStack, only } from './stacks';

const CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000';

function fleetIn(stack: Stack, vpc: ec2.IVpc, props: Partial<WebFleetProps> = {}): WebFleet {
  const secure = props.insecureHttp
    ? {}
    : { certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE) };
  return new WebFleet(stack, 'Web', {
    vpc,
    application: Application.fromDirectory(applicationDirectory()),
    ...secure,
    ...props,
  });
}

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

test('over HTTPS everybody may come, with logs, strict parsing and protection from deletion', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc);

  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 443, Protocol: 'HTTPS' });
  const attributes = only(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties.LoadBalancerAttributes;
  expect(attributes).toEqual(
    expect.arrayContaining([
      { Key: 'deletion_protection.enabled', Value: 'true' },
      { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
      { Key: 'routing.http.desync_mitigation_mode', Value: 'strictest' },
      { Key: 'access_logs.s3.enabled', Value: 'true' },
    ]),
  );
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupIngress: [
      Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 }),
      Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 80, ToPort: 80 }),
    ],
  });
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
    Port: 80,
    DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', StatusCode: 'HTTP_301' } }],
  });
});

test('over plain HTTP nobody may come unless a range is given, and synth warns', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, { insecureHttp: true });

  Annotations.fromStack(stack).hasWarning('/Test/Web', Match.stringLikeRegexp('plain HTTP'));
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup'))).not.toContain(
    'SecurityGroupIngress',
  );
});

test('a range that is given may come', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, { insecureHttp: true, allowFrom: ['203.0.113.7/32', '2001:db8::/32'] });

  const groups = JSON.stringify(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup'));
  expect(groups).toContain('"CidrIp":"203.0.113.7/32"');
  expect(groups).toContain('"CidrIpv6":"2001:db8::/32"');
});

test('the role may read its own application and nothing else of the account', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc);

  const [policy] = Object.values(
    Template.fromStack(stack).findResources('AWS::IAM::Policy', {
      Properties: { Roles: [{ Ref: Match.stringLikeRegexp('WebRole') }] },
    }),
  );
  const statements = policy?.Properties.PolicyDocument.Statement;
  expect(statements.map(({ Action }: any) => Action)).toEqual([
    's3:GetObject',
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    'cloudwatch:PutMetricData',
    ['autoscaling:DescribeAutoScalingInstances', 'ec2:DescribeTags'],
    'cloudformation:SignalResource',
  ]);
  expect(statements[1].Resource['Fn::GetAtt'][0]).toMatch(/^WebLogs/);
  expect(statements[2].Condition).toEqual({ StringEquals: { 'cloudwatch:namespace': 'Test' } });
  expect(JSON.stringify(statements[0].Resource)).toMatch(/\/[0-9a-f]{64}\.zip"/);
});

test('no instance starts before its role may do what it needs', () => {
  const { stack, vpc } = newStack();
  const fleet = fleetIn(stack, vpc);
  fleet.useCache('sessions', new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL }));

  const [policy] = Object.keys(
    Template.fromStack(stack).findResources('AWS::IAM::Policy', {
      Properties: { Roles: [{ Ref: Match.stringLikeRegexp('WebRole') }] },
    }),
  );

  expect(only(stack, 'AWS::AutoScaling::AutoScalingGroup').DependsOn).toContain(policy);
});

test('user data fits, is of one binding, and tells CloudFormation how it ended', () => {
  const { stack, vpc } = newStack();
  const fleet = fleetIn(stack, vpc);
  fleet.useCache('sessions', new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL }));

  const data = JSON.stringify(only(stack, 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData.UserData);

  expect(data.length).toBeLessThan(16_384);
  expect(data).toContain('set -euo pipefail');
  expect(data).toContain('PrimaryEndPoint.Address');
  expect(data).toContain('cfn-signal');
  expect(data).toContain('--resource WebGroupASG');
  expect(data).toContain('nodejs24');
});

test('the scripts of the first boot are valid, and write a binding that the runtime reads', () => {
  const { stack, vpc } = newStack();
  const fleet = fleetIn(stack, vpc);
  fleet.useCache('sessions', new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL }));
  fleet.useDatabase('main', new Database(stack, 'Database', { vpc }));
  const userData = only(stack, 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData.UserData['Fn::Base64'];
  // What CloudFormation would put in: a port for a port, a name for all else.
  const script = userData['Fn::Join'][1]
    .map((part: any) => (typeof part === 'string' ? part : /Port/.test(JSON.stringify(part)) ? '1234' : 'name'))
    .join('');

  const parsed = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
  const start = spawnSync('sh', ['-n', join(PROJECT, 'lib', 'fleet', 'start.sh')], { encoding: 'utf8' });
  const [, binding] = /<<'END_OF_BINDING'\n([\s\S]*?)\nEND_OF_BINDING/.exec(script) ?? [];

  expect([parsed.status, parsed.stderr, start.status, start.stderr]).toEqual([0, '', 0, '']);
  expect(parseBinding(binding as string, 'user data')).toMatchObject({
    caches: { sessions: { mode: 'primary', host: 'name', port: 1234, auth: { type: 'iam' } } },
    databases: { main: { port: 1234, ca: '/opt/app/rds.pem', auth: { type: 'iam' } } },
  });
});

describe('useCache', () => {
  test('opens the port, grants the login and names the cache in the metadata', () => {
    const { stack, vpc } = newStack();
    const fleet = fleetIn(stack, vpc);
    const cache = new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL });

    fleet.useCache('sessions', cache);

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 6379,
      ToPort: 6379,
      SourceSecurityGroupId: stack.resolve(fleet.connections.securityGroups[0]?.securityGroupId),
      GroupId: stack.resolve(cache.connections.securityGroups[0]?.securityGroupId),
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'elasticache:Connect' })]) },
    });
    const description = only(stack, 'AWS::AutoScaling::AutoScalingGroup').Metadata['cdk-elasticache:fleet'];
    expect(description.binding.caches.sessions).toMatchObject({
      engine: 'valkey',
      host: { 'Fn::GetAtt': [expect.stringContaining('Cache'), 'PrimaryEndPoint.Address'] },
    });
  });

  test('fails if Memcached is asked for a leaderboard', () => {
    const { stack, vpc } = newStack();
    const objects = new MemcachedCluster(stack, 'Objects', { vpc, nodeType: CacheNodeType.T4G_SMALL });

    expect(() => fleetIn(stack, vpc).useCache('ranks', objects, { requires: [CacheCapability.DATA_TYPES] })).toThrow(
      'cache `ranks` is asked for lists, sets, hashes and leaderboards, which memcached 1.6.22 does not have: use a `ReplicationGroup`',
    );
  });

  test('fails if Memcached is asked for Multi-AZ', () => {
    const { stack, vpc } = newStack();
    const objects = new MemcachedCluster(stack, 'Objects', { vpc, nodeType: CacheNodeType.T4G_SMALL });

    expect(() => fleetIn(stack, vpc).useCache('x', objects, { requires: [CacheCapability.MULTI_AZ] })).toThrow(
      'asked for Multi-AZ with automatic failover, which memcached 1.6.22 does not have',
    );
  });

  test('fails if a name is used twice or is none', () => {
    const { stack, vpc } = newStack();
    const fleet = fleetIn(stack, vpc);
    const cache = new MemcachedCluster(stack, 'Objects', { vpc, nodeType: CacheNodeType.T4G_SMALL });
    fleet.useCache('objects', cache);

    expect(() => fleet.useCache('objects', cache)).toThrow('the fleet uses `objects` already');
    expect(() => fleet.useCache('my objects', cache)).toThrow("a binding's name must be 1 to 40 letters");
  });
});

describe('useDatabase', () => {
  test('makes the role in a deploy step that runs after the database and before the fleet', () => {
    const { stack, vpc } = newStack();
    const fleet = fleetIn(stack, vpc);
    const database = new Database(stack, 'Database', { vpc });

    fleet.useDatabase('main', database);

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'deploy.handler',
      Runtime: 'nodejs24.x',
      VpcConfig: Match.anyValue(),
    });
    const group = only(stack, 'AWS::AutoScaling::AutoScalingGroup');
    const [triggerId, trigger] = Object.entries(template.findResources('Custom::Trigger'))[0] as [string, any];
    expect(group.DependsOn).toContain(triggerId);
    const [databaseId] = Object.keys(template.findResources('AWS::RDS::DBInstance'));
    expect(trigger.DependsOn).toContain(databaseId);
  });

  test('the deploy step reads the master secret, the fleet never', () => {
    const { stack, vpc } = newStack();
    const fleet = fleetIn(stack, vpc);

    fleet.useDatabase('main', new Database(stack, 'Database', { vpc }));

    const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    const readers = policies.filter(([, policy]) => JSON.stringify(policy).includes('secretsmanager:'));
    expect(readers.map(([id]) => id)).toEqual([expect.stringContaining('DeploymainHandlerServiceRole')]);
  });

  test('fails if the application has no deploy step', () => {
    const { stack, vpc } = newStack();
    const directory = applicationDirectory();
    rmSync(join(directory, 'deploy.js'));
    const fleet = fleetIn(stack, vpc, { application: Application.fromDirectory(directory) });

    expect(() => fleet.useDatabase('main', new Database(stack, 'Database', { vpc }))).toThrow(
      `the application directory ${directory} has no deploy.js: \`deployStep\`, which a fleet with a database needs, must name a file in it`,
    );
  });
});

describe('an application', () => {
  test('fails if its directory does not exist', () => {
    expect(() => Application.fromDirectory('/does/not/exist')).toThrow(
      'the application directory /does/not/exist does not exist: build the application before synth',
    );
  });

  test('fails if its directory is empty', () => {
    const directory = mkdtempSync(join(tmpdir(), 'empty-'));

    expect(() => Application.fromDirectory(directory)).toThrow(`the application directory ${directory} is empty`);
  });

  test('fails if it has no entry', () => {
    const directory = mkdtempSync(join(tmpdir(), 'other-'));
    writeFileSync(join(directory, 'index.js'), '');

    expect(() => Application.fromDirectory(directory)).toThrow('has no server.js: `entry` must name a file in it');
    expect(Application.fromDirectory(directory, { entry: 'index.js' }).entry).toBe('index.js');
  });
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

test('fails if a certificate is given to plain HTTP', () => {
  const { stack, vpc } = newStack();
  const certificate = acm.Certificate.fromCertificateArn(stack, 'C', CERTIFICATE);

  expect(() => fleetIn(stack, vpc, { certificate, insecureHttp: true })).toThrow(
    '`certificate` and `insecureHttp` exclude each other',
  );
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

test('the application keeps connections open longer than the load balancer', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, { idleTimeout: Duration.seconds(120) });

  const { environment } = only(stack, 'AWS::AutoScaling::AutoScalingGroup').Metadata['cdk-elasticache:fleet'];
  expect(environment.KEEP_ALIVE_MS).toBe('125000');
  expect(only(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties.LoadBalancerAttributes).toContainEqual({
    Key: 'idle_timeout.timeout_seconds',
    Value: '120',
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

test('a hosted zone gives the certificate and the name', () => {
  const { stack, vpc } = newStack();
  const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    hostedZoneId: 'Z123',
    zoneName: 'example.com',
  });

  fleetIn(stack, vpc, { certificate: undefined, domainName: 'films.example.com', hostedZone });

  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::CertificateManager::Certificate', {
    DomainName: 'films.example.com',
    ValidationMethod: 'DNS',
  });
  template.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'films.example.com.', Type: 'A' });
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 443 });
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

test('an internal load balancer stands in the subnets of the instances', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, { internetFacing: false });

  expect(only(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties).toMatchObject({
    Scheme: 'internal',
    Subnets: only(stack, 'AWS::AutoScaling::AutoScalingGroup').Properties.VPCZoneIdentifier,
  });
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

test('fails if the user data is larger than EC2 takes', () => {
  const { stack, vpc } = newStack();
  const environment = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`NAME_${index}`, 'x'.repeat(80)]));

  fleetIn(stack, vpc, { application: Application.fromDirectory(applicationDirectory(), { environment }) });

  expect(() => Template.fromStack(stack)).toThrow(
    /the user data of the instances is \d+ bytes, more than the 16384 that EC2 takes: shorten the `environment`/,
  );
});

test('fails if the application is larger than a function takes', () => {
  const directory = applicationDirectory();
  const file = openSync(join(directory, 'model.bin'), 'w');
  // A file with a hole: it says that it is large, and takes no space.
  ftruncateSync(file, 251 * 1024 * 1024);
  closeSync(file);

  expect(() => Application.fromDirectory(directory)).toThrow('is 251 MiB, more than the 250 MiB that a function takes');
});
