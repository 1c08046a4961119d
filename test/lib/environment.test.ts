import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import cdkJson from '../../cdk.json';
import { type Environment, type EnvironmentStage, Environments } from '../../lib';
import { PROJECT } from '../engines/folders';
import {
  acknowledgements,
  CONTROL_TOWER,
  everyAcknowledgementIsNeeded,
  findings,
  PACKS,
  type Pack,
} from './acknowledgements';
import { stageIn } from './environments';
import { masked } from './masking';
import { newApp, warnings } from './stacks';

const NAMES = ['dev', 'staging', 'prod'];
const PARTS = ['network', 'data', 'service'] as const;
const ALL_PACKS = Object.keys(PACKS) as Pack[];

const stages = Object.fromEntries(NAMES.map((name) => [name, stageIn(newApp(), name)])) as Record<
  string,
  EnvironmentStage
>;
const stage = (name: string) => stages[name] as EnvironmentStage;

describe.each(NAMES)('%s', (name) => {
  test.each(PARTS)('%s is what it was', (part) => {
    expect(masked(Template.fromStack(stage(name)[part]).toJSON())).toMatchSnapshot();
  });

  test('cdk-nag finds nothing', () => {
    const app = newApp();
    stageIn(app, name);

    expect(findings(app, name === 'prod' ? ALL_PACKS : ['AwsSolutions'])).toEqual([]);
  });

  test('no password stands in a template', () => {
    const text = PARTS.map((part) => JSON.stringify(Template.fromStack(stage(name)[part]).toJSON())).join();

    expect(text.match(/"(MasterUserPassword|AuthToken|Passwords)":/g)).toBeNull();
    expect(text.includes('"ManageMasterUserPassword":true')).toBe(true);
  });

  test('the stacks depend on each other one way: service on data on network', () => {
    const { network, data, service } = stage(name);

    expect(network.dependencies).toEqual([]);
    expect(data.dependencies).toEqual([network]);
    expect(new Set(service.dependencies)).toEqual(new Set([network, data]));
  });
});

describe('every acknowledgement of prod is needed', () => {
  everyAcknowledgementIsNeeded((app) => stageIn(app, 'prod'), ALL_PACKS);
});

describe('every acknowledgement of dev is needed', () => {
  everyAcknowledgementIsNeeded((app) => stageIn(app, 'dev'));
});

test('protection follows the environment', () => {
  const protection = (name: string) => {
    const { data, service } = stage(name);
    const [database] = Object.values(Template.fromStack(data).findResources('AWS::RDS::DBInstance'));
    const [group] = Object.values(Template.fromStack(data).findResources('AWS::ElastiCache::ReplicationGroup'));
    const [balancer] = Object.values(
      Template.fromStack(service).findResources('AWS::ElasticLoadBalancingV2::LoadBalancer'),
    );
    return {
      stacks: PARTS.map((part) => stage(name)[part].terminationProtection),
      database: [database?.DeletionPolicy, database?.Properties.DeletionProtection],
      sessions: group?.DeletionPolicy,
      balancer: balancer?.Properties.LoadBalancerAttributes.find(
        ({ Key }: any) => Key === 'deletion_protection.enabled',
      ).Value,
    };
  };

  expect(protection('prod')).toEqual({
    stacks: [true, true, true],
    database: ['Snapshot', true],
    sessions: 'Snapshot',
    balancer: 'true',
  });
  expect(protection('dev')).toEqual({
    stacks: [false, false, false],
    database: ['Delete', false],
    sessions: 'Delete',
    balancer: 'false',
  });
});

test('the load balancer of dev admits who is named, and nobody otherwise; prod admits everybody over HTTPS', () => {
  const admitted = ({ service }: EnvironmentStage) =>
    Object.values(Template.fromStack(service).findResources('AWS::EC2::SecurityGroup')).flatMap(({ Properties }) =>
      (Properties.SecurityGroupIngress ?? []).map((rule: any) => `${rule.CidrIp}:${rule.FromPort}`),
    );

  expect(admitted(stage('dev'))).toEqual([]);
  expect(admitted(stageIn(newApp(), 'dev', { allowFrom: '203.0.113.7/32' }))).toEqual(['203.0.113.7/32:80']);
  expect(admitted(stage('prod'))).toEqual(['0.0.0.0/0:443', '0.0.0.0/0:80']);
});

test('only dev warns that it speaks plain HTTP', () => {
  const plain = (name: string) => warnings(stage(name).service).filter((text) => text.includes('plain HTTP')).length;

  expect(NAMES.map(plain)).toEqual([1, 0, 0]);
});

test('everything carries the environment and whether it is disposable, by which the budget counts', () => {
  const tags = (name: string) =>
    Object.values(Template.fromStack(stage(name).data).findResources('AWS::ElastiCache::ReplicationGroup'))[0]
      ?.Properties.Tags;
  const [budget] = Object.values(Template.fromStack(stage('prod').service).findResources('AWS::Budgets::Budget'));

  expect(tags('dev')).toEqual([
    { Key: 'disposable', Value: 'true' },
    { Key: 'environment', Value: 'dev' },
  ]);
  expect(tags('prod')).toEqual([
    { Key: 'disposable', Value: 'false' },
    { Key: 'environment', Value: 'prod' },
  ]);
  const { network, data, service } = stage('prod');
  expect([network, data, service].map((stack) => stack.tags.tagValues())).toEqual(
    Array(3).fill({ disposable: 'false', environment: 'prod' }),
  );
  expect(budget?.Properties).toMatchObject({
    Budget: {
      BudgetLimit: { Amount: 2_500, Unit: 'USD' },
      CostFilters: { TagKeyValue: ['user:environment$prod'] },
    },
    NotificationsWithSubscribers: [
      { Notification: { NotificationType: 'ACTUAL', Threshold: 80 } },
      { Notification: { NotificationType: 'FORECASTED', Threshold: 100 } },
    ],
  });
});

test('with an address every alarm tells it; without one there are none', () => {
  const alarms = (name: string) =>
    [stage(name).data, stage(name).service].flatMap((stack) =>
      Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).filter(
        // Those of target tracking are Auto Scaling's own.
        ({ Properties }) => Properties.AlarmActions !== undefined,
      ),
    );

  expect(alarms('dev')).toEqual([]);
  expect(alarms('prod').length).toBeGreaterThan(10);
  Template.fromStack(stage('prod').data).hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'operators@example.com',
  });
});

describe('the examples in cdk.json', () => {
  /** What CloudFormation makes of the rules of a template, with its parameters' defaults. */
  function refusals(name: string, changes: Partial<Environment> = {}): string[] {
    const { Rules = {}, Parameters = {} } = Template.fromStack(stageIn(newApp(), name, changes).network).toJSON();
    const value = (part: any) => (part.Ref === undefined ? part : Parameters[part.Ref].Default);
    return Object.entries<any>(Rules)
      .filter(([id]) => id.startsWith('Example'))
      .flatMap(([, { Assertions }]) => Assertions)
      .filter(({ Assert }) => {
        const [left, right] = Assert['Fn::Not'][0]['Fn::Equals'].map(value);
        return left === right;
      })
      .map(({ AssertDescription }) => AssertDescription);
  }

  test('are refused at a deploy, which names the setting', () => {
    expect(refusals('prod')).toEqual([
      'prod is set to an example: give your own with -c prod.certificateArn=…, or in cdk.json under environments.prod.certificateArn',
      'prod is set to an example: give your own with -c prod.alarmEmail=…, or in cdk.json under environments.prod.alarmEmail',
    ]);
  });

  test('are refused no more when they are replaced', () => {
    const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000';

    expect(refusals('prod', { certificateArn, alarmEmail: 'operators@company.com' })).toEqual([]);
    expect(refusals('dev')).toEqual([]);
  });
});

describe('settings', () => {
  const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000';
  const withContext = (context: Record<string, unknown>) =>
    Environments.all(new App({ context: { ...cdkJson.context, ...context } }));
  const named = (context: Record<string, unknown>, name: string) =>
    withContext(context).find((environment) => environment.name === name);

  test('of the command line stand above cdk.json, and those above the table', () => {
    const environments = { ...cdkJson.context.environments, dev: { objectNodes: 3, minInstances: 3 } };

    expect(named({ environments }, 'dev')).toMatchObject({ objectNodes: 3, minInstances: 3, sessionReplicas: 1 });
    expect(named({ environments, 'dev.objectNodes': '5' }, 'dev')).toMatchObject({ objectNodes: 5, minInstances: 3 });
  });

  test('of every kind are brought into their type', () => {
    const context = {
      'dev.availabilityZones': 'us-east-1a,us-east-1c',
      'dev.egress': 'endpoints',
      'dev.instanceTypes': 'm7g.medium,m7gd.medium',
      'dev.databaseMultiAz': 'true',
      'dev.logRetentionDays': '30',
      'dev.allowFrom': '203.0.113.7/32',
    };

    expect(named(context, 'dev')).toMatchObject({
      availabilityZones: ['us-east-1a', 'us-east-1c'],
      egress: 'endpoints',
      instanceTypes: ['m7g.medium', 'm7gd.medium'],
      databaseMultiAz: true,
      logRetentionDays: 30,
      allowFrom: '203.0.113.7/32',
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      'a setting does not exist',
      { 'dev.nodes': 3 },
      'no setting `nodes` (dev.nodes), there are: alarmEmail, allowFrom, ',
    ],
    [
      'an environment does not exist',
      { 'demo.objectNodes': 3 },
      'no environment `demo`, there are: dev, staging, prod',
    ],
    [
      'one of cdk.json does not exist',
      { environments: { qa: {} } },
      'no environment `qa`, there are: dev, staging, prod',
    ],
    ['environments are no object', { environments: [] }, '`environments` of the context must be an object, got []'],
    [
      'a number is too large',
      { 'dev.sessionReplicas': '9' },
      '`dev.sessionReplicas` must be a whole number from 1 to 5, got "9"',
    ],
    ['a number is none', { 'dev.objectNodes': 'many' }, '`dev.objectNodes` must be a whole number from 1 to 60'],
    ['a choice is none', { 'dev.egress': 'vpn' }, '`dev.egress` must be one of one-nat, nat-per-zone, endpoints'],
    ['a switch is none', { 'dev.protect': 'maybe' }, '`dev.protect` must be true or false, got "maybe"'],
    ['a range is none', { 'dev.allowFrom': 'me' }, '`dev.allowFrom` must be like 203.0.113.7/32, got "me"'],
    ['there is one zone', { 'dev.availabilityZones': 'us-east-1a' }, '`dev.availabilityZones` must name at least two'],
    [
      'the zones are of another region',
      { 'dev.region': 'eu-west-1' },
      '`dev.availabilityZones` names us-east-1a, which is not in `dev.region` (eu-west-1): set both',
    ],
    [
      'the most instances are fewer than the fewest',
      { 'dev.minInstances': 9 },
      '`dev.maxInstances` must be at least `dev.minInstances` (9), got 4',
    ],
    [
      'the certificate is of another region',
      { 'prod.certificateArn': CERTIFICATE.replace('us-east-1', 'eu-west-1') },
      '`prod.certificateArn` is of eu-west-1, but `prod.region` is us-east-1: AWS takes certificates of the same region only',
    ],
    [
      'there is no certificate',
      { 'dev.insecureHttp': 'false' },
      '`dev.certificateArn` is missing: give the certificate of your domain (`-c dev.certificateArn=arn:…`)',
    ],
    [
      'plain HTTP has a certificate',
      { 'dev.certificateArn': CERTIFICATE },
      '`dev.insecureHttp` and `dev.certificateArn` exclude each other',
    ],
    [
      'prod would speak plain HTTP',
      { environments: {}, 'prod.insecureHttp': true, 'staging.certificateArn': CERTIFICATE },
      '`prod.insecureHttp` is for development: a protected environment speaks HTTPS',
    ],
  ])('fail if %s', (_, context, message) => {
    expect(() => withContext(context)).toThrow(message);
  });

  test('fail if an environment is asked for that does not exist, and say which do', () => {
    expect(() => Environments.named(newApp(), 'demo')).toThrow('no environment `demo`, there are: dev, staging, prod');
  });
});

test('a zone can be added to a network that is in use', () => {
  const ranges = (zones: string[]) =>
    Object.values(
      Template.fromStack(stageIn(newApp(), 'dev', { availabilityZones: zones }).network).findResources(
        'AWS::EC2::Subnet',
      ),
    ).map(({ Properties }) => `${Properties.AvailabilityZone} ${Properties.CidrBlock}`);
  const [two, three] = [ranges(['us-east-1a', 'us-east-1b']), ranges(['us-east-1a', 'us-east-1b', 'us-east-1c'])];

  expect(three).toHaveLength(9);
  expect(two.filter((range) => !three.includes(range))).toEqual([]);
});

test('an environment without NAT gateways has an endpoint for all that its instances ask', () => {
  const { network, service } = stageIn(newApp(), 'dev', { egress: 'endpoints' as Environment['egress'] });
  const template = Template.fromStack(network);
  const endpoints = Object.values(template.findResources('AWS::EC2::VPCEndpoint')).map(({ Properties }) => Properties);
  const services = endpoints
    .filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface')
    .map(({ ServiceName }) => String(ServiceName).split('.').at(-1));

  template.resourceCountIs('AWS::EC2::NatGateway', 0);
  expect(endpoints.filter(({ VpcEndpointType }) => VpcEndpointType === 'Gateway')).toHaveLength(1);
  expect(services.sort()).toMatchInlineSnapshot(`
[
  "autoscaling",
  "cloudformation",
  "ec2",
  "ec2messages",
  "logs",
  "monitoring",
  "secretsmanager",
  "ssm",
  "ssmmessages",
]
`);
  Template.fromStack(service).resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 1);
});

test('cdk.json carries the recommended feature flags, but for the one that defers references', () => {
  const { '@aws-cdk/core:defaultCrossStackReferences': references, environments: _, ...flags } = cdkJson.context;
  const { '@aws-cdk/core:defaultCrossStackReferences': __, ...recommended } = recommendedFlags as Record<
    string,
    unknown
  >;

  expect(flags).toEqual(recommended);
  expect(references).toBe('strong');
  expect(flags['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
});

test('the README says how many findings prod acknowledges, by pack', () => {
  const prefixes = [...ALL_PACKS.map((pack) => `${pack}-`), CONTROL_TOWER];
  const counts = prefixes.map((prefix) => acknowledgements(stage('prod'), [prefix]).length);

  expect(readFileSync(join(PROJECT, 'README.md'), 'utf8')).toContain(
    `| acknowledged in \`prod\` | ${counts.join(' | ')} |`,
  );
});
