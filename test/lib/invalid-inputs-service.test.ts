import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import {
  Application,
  CacheDay,
  Database,
  DatabaseEngine,
  type DatabaseProps,
  DatabaseStorage,
  FleetInstances,
  FleetRollout,
  MaintenanceWindow,
  Network,
  SnapshotWindow,
  WebFleet,
  type WebFleetProps,
} from '../../lib';
import { type Make, outcome } from './makers';
import { applicationDirectory, newStack, only } from './stacks';

const directory = applicationDirectory();

const database =
  (props: Partial<DatabaseProps>): Make =>
  (stack, vpc) =>
    new Database(stack, 'Database', { vpc, ...props });
const fleet =
  (props: Partial<WebFleetProps>): Make =>
  (stack, vpc) =>
    new WebFleet(stack, 'Web', {
      vpc,
      application: Application.fromDirectory(directory),
      ...(props.certificate === undefined && props.domainName === undefined ? { insecureHttp: true } : {}),
      ...props,
    });
const certificateOf = (region: string): Make => {
  const arn = `arn:aws:acm:${region}:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000`;
  return (stack, vpc) =>
    fleet({ certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', arn) })(stack, vpc);
};
/** A fleet in a VPC that was imported with subnets of some kinds, in some zones. */
const inVpc =
  (
    subnets: Partial<ec2.VpcAttributes>,
    zones = ['us-east-1a', 'us-east-1b'],
    props: Partial<WebFleetProps> = {},
  ): Make =>
  (stack) =>
    fleet(props)(
      stack,
      ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
        vpcId: 'vpc-1',
        availabilityZones: zones,
        ...subnets,
      }) as ec2.Vpc,
    );
const T4G_SMALL = new ec2.InstanceType('t4g.small');
const T4G_MEDIUM = new ec2.InstanceType('t4g.medium');

interface Case {
  readonly id: string;
  readonly input: Make;
  readonly control: Make;
  readonly says: string;
  readonly level?: 'warning';
}

/** Each bad input beside the nearest good one. */
const CASES: Case[] = [
  {
    id: 'r01 MultiAZ with a zone',
    input: database({ availabilityZone: 'us-east-1a' }),
    control: database({ availabilityZone: 'us-east-1a', multiAz: false }),
    says: '`availabilityZone` and `multiAz` exclude each other',
  },
  {
    id: 'r02 10 GiB',
    input: () => DatabaseStorage.gp3({ sizeGiB: 10 }),
    control: () => DatabaseStorage.gp3({ sizeGiB: 20 }),
    says: '`sizeGiB` must be between 20 and 65536, got 10',
  },
  {
    id: 'r08 a reserved master name',
    input: database({ masterUser: 'admin' }),
    control: database({ masterUser: 'admin', engine: DatabaseEngine.mysql() }),
    says: '`masterUser` must not be a reserved name',
  },
  {
    id: 'r08 a reserved name for the application',
    input: database({ applicationUser: 'rdsadmin' }),
    control: database({ applicationUser: 'rds_admin' }),
    says: '`applicationUser` must not be a reserved name',
  },
  {
    id: 'r08 the application is the master',
    input: database({ applicationUser: 'master' }),
    control: database({ applicationUser: 'master', masterUser: 'other' }),
    says: '`applicationUser` must not be a reserved name',
  },
  {
    id: 'r09 port 22',
    input: database({ port: 22 }),
    control: database({ port: 1_150 }),
    says: '`port` must be between 1150 and 65535, got 22',
  },
  {
    id: 'r11 measured every 7 seconds',
    input: database({ monitoringInterval: Duration.seconds(7) }),
    control: database({ monitoringInterval: Duration.seconds(10) }),
    says: '`monitoringInterval` must be one of 0, 1, 5, 10, 15, 30, 60 seconds, got 7',
  },
  {
    id: 'r12 insights on a machine without',
    input: database({ engine: DatabaseEngine.mysql(), performanceInsights: true }),
    control: database({ engine: DatabaseEngine.mysql(), performanceInsights: true, instanceType: T4G_MEDIUM }),
    says: '`performanceInsights` of mysql does not run on db.t4g.micro',
  },
  {
    id: 'r12 a retention of insights that are off',
    input: database({
      performanceInsights: false,
      performanceInsightRetention: rds.PerformanceInsightRetention.MONTHS_1,
    }),
    control: database({ performanceInsights: false }),
    says: '`performanceInsightRetention` is given, but `performanceInsights` is false',
  },
  {
    id: 'r14 io2 with too few operations',
    input: () => DatabaseStorage.io2({ iops: 500 }),
    control: () => DatabaseStorage.io2({ iops: 1_000 }),
    says: '`iops` must be between 1000 and 256000, got 500',
  },
  {
    id: 'r14 io2 with too many operations a GiB',
    input: () => DatabaseStorage.io2({ sizeGiB: 100, iops: 200_000 }),
    control: () => DatabaseStorage.io2({ sizeGiB: 200, iops: 200_000 }),
    says: '`iops` of io2 must be at most 1000 a GiB, got 200000 for 100 GiB',
  },
  {
    id: 'r15 speed of small storage',
    input: () => DatabaseStorage.gp3({ sizeGiB: 100, throughputMiBps: 600 }),
    control: () => DatabaseStorage.gp3({ sizeGiB: 400, throughputMiBps: 600 }),
    says: '`iops` and `throughputMiBps` of gp3 need a `sizeGiB` of at least 400, got 100',
  },
  {
    id: 'r16 a log of the other engine',
    input: database({ logExports: ['slowquery'] }),
    control: database({ logExports: ['slowquery'], engine: DatabaseEngine.mysql() }),
    says: '`logExports` of postgres may name postgresql, upgrade, iam-db-auth-error, got slowquery',
  },
  {
    id: 'r18 a short backup window',
    input: () => SnapshotWindow.parse('05:00-05:20'),
    control: () => SnapshotWindow.parse('05:00-06:00'),
    says: '60 minutes',
  },
  {
    id: 'r18 a backup within the maintenance',
    input: database({
      maintenanceWindow: MaintenanceWindow.weekly({ day: CacheDay.SUNDAY, hour: 3 }),
      backupWindow: SnapshotWindow.daily({ hour: 3 }),
    }),
    control: database({
      maintenanceWindow: MaintenanceWindow.weekly({ day: CacheDay.SUNDAY, hour: 3 }),
      backupWindow: SnapshotWindow.daily({ hour: 4 }),
    }),
    says: '`backupWindow` 03:00-04:00 must not meet `maintenanceWindow` sun:03:00-sun:04:00',
  },
  {
    id: 'r21 an unknown version',
    input: database({ engine: DatabaseEngine.postgres(rds.PostgresEngineVersion.of('99.1', '99')) }),
    control: database({}),
    says: 'is not a version that this release knows',
    level: 'warning',
  },
  {
    id: 'r22 a limit below the size',
    input: () => DatabaseStorage.gp3({ sizeGiB: 100, maxSizeGiB: 50 }),
    control: () => DatabaseStorage.gp3({ sizeGiB: 100, maxSizeGiB: 110 }),
    says: '`maxSizeGiB` must be at least a tenth above `sizeGiB` (100), got 50',
  },
  {
    id: 'rxx no backups',
    input: database({ backupRetentionDays: 0 }),
    control: database({ backupRetentionDays: 1 }),
    says: '`backupRetentionDays` must be between 1 and 35, got 0',
  },
  {
    id: 'rxx a name with capitals',
    input: database({ databaseName: 'My-App' }),
    control: database({ databaseName: 'my_app' }),
    says: '`databaseName` must be 1 to 63 characters of a-z, 0-9 and _, starting with a letter, got My-App',
  },
  {
    id: 'rxx a user too long for MySQL',
    input: database({ engine: DatabaseEngine.mysql(), applicationUser: 'a'.repeat(33) }),
    control: database({ engine: DatabaseEngine.mysql(), applicationUser: 'a'.repeat(32) }),
    says: '`applicationUser` must be 1 to 32 characters',
  },
  {
    id: 'rxx connections without TLS',
    input: database({ parameters: { 'rds.force_ssl': '0' } }),
    control: database({ parameters: { 'rds.force_ssl': '1' } }),
    says: '`parameters` must not switch rds.force_ssl off',
  },
  {
    id: 'rxx too many replicas',
    input: database({ readReplicas: 16 }),
    control: database({ readReplicas: 1 }),
    says: '`readReplicas` must be between 0 and 15, got 16',
  },
  {
    id: 'rxx one zone',
    input: database({ vpcSubnets: { availabilityZones: ['us-east-1a'], subnetType: ec2.SubnetType.PRIVATE_ISOLATED } }),
    control: database({ vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } }),
    says: 'a `Database` needs subnets in at least 2 Availability Zones, `vpcSubnets` selects 1',
  },
  {
    id: 'a01 more fewest than most',
    input: fleet({ minCapacity: 4, maxCapacity: 2 }),
    control: fleet({ minCapacity: 2, maxCapacity: 4 }),
    says: '`maxCapacity` must be between 4 and 100, got 2',
  },
  {
    id: 'a05 one machine as mixed',
    input: () => FleetInstances.mixed({ types: [T4G_SMALL] }),
    control: () => FleetInstances.mixed({ types: [T4G_SMALL, T4G_MEDIUM] }),
    says: '`types` must name 2 to 40 kinds of machines, got 1',
  },
  {
    id: 'a05 machines of two architectures',
    input: () => FleetInstances.mixed({ types: [T4G_SMALL, new ec2.InstanceType('t3.small')] }),
    control: () => FleetInstances.mixed({ types: [T4G_SMALL, T4G_MEDIUM] }),
    says: '`types` must be of one architecture, got t4g.small (arm64), t3.small (x86_64)',
  },
  {
    id: 'a05 more Spot than all',
    input: () => FleetInstances.mixed({ types: [T4G_SMALL, T4G_MEDIUM], spotPercentage: 120 }),
    control: () => FleetInstances.mixed({ types: [T4G_SMALL, T4G_MEDIUM], spotPercentage: 100 }),
    says: '`spotPercentage` must be between 0 and 100, got 120',
  },
  {
    id: 'a05 a warm pool of mixed machines',
    input: fleet({ warmPool: {}, instances: FleetInstances.mixed({ types: [T4G_SMALL, T4G_MEDIUM] }) }),
    control: fleet({ warmPool: {} }),
    says: '`warmPool` and `FleetInstances.mixed` exclude each other',
  },
  {
    id: 'a06 a life of an hour',
    input: fleet({ maxInstanceLifetime: Duration.hours(1) }),
    control: fleet({ maxInstanceLifetime: Duration.days(1) }),
    says: '`maxInstanceLifetime` must be between 86400 and 31536000 seconds, got 3600',
  },
  {
    id: 'a09 a range above 100',
    input: fleet({ minHealthyPercentage: 50, maxHealthyPercentage: 200 }),
    control: fleet({ minHealthyPercentage: 100, maxHealthyPercentage: 200 }),
    says: '`maxHealthyPercentage` must be at most 100 above `minHealthyPercentage`, got 50 and 200',
  },
  {
    id: 'a09 a refresh with a range above 100',
    input: () => FleetRollout.instanceRefresh({ minHealthyPercentage: 50, maxHealthyPercentage: 200 }),
    control: () => FleetRollout.instanceRefresh({ minHealthyPercentage: 90, maxHealthyPercentage: 190 }),
    says: '`maxHealthyPercentage` must be at most 100 above `minHealthyPercentage`, got 50 and 200',
  },
  {
    id: 'a11 one answer makes healthy',
    input: fleet({ healthCheck: { healthyThreshold: 1 } }),
    control: fleet({ healthCheck: { healthyThreshold: 2 } }),
    says: '`healthCheck.healthyThreshold` must be between 2 and 10, got 1',
  },
  {
    id: 'a11 a check slower than its interval',
    input: fleet({ healthCheck: { interval: Duration.seconds(5) } }),
    control: fleet({ healthCheck: { interval: Duration.seconds(5), timeout: Duration.seconds(4) } }),
    says: '`healthCheck.timeout` must be less than `healthCheck.interval`',
  },
  {
    id: 'a11 a path without a slash',
    input: fleet({ healthCheck: { path: 'healthz' } }),
    control: fleet({ healthCheck: { path: '/alive?now=1' } }),
    says: '`healthCheck.path` must begin with /',
  },
  {
    id: 'a12 two hours of draining',
    input: fleet({ drainTimeout: Duration.hours(2) }),
    control: fleet({ drainTimeout: Duration.hours(1) }),
    says: '`drainTimeout` must be between 0 and 3600 seconds, got 7200',
  },
  {
    id: 'a15 a load balancer in one zone',
    input: inVpc({ publicSubnetIds: ['subnet-1'], privateSubnetIds: ['subnet-2'] }, ['us-east-1a']),
    control: inVpc({ publicSubnetIds: ['subnet-1', 'subnet-2'], privateSubnetIds: ['subnet-3', 'subnet-4'] }),
    says: 'a load balancer needs subnets in at least 2 Availability Zones',
  },
  {
    id: 'a15 a VPC without public subnets',
    input: inVpc({ privateSubnetIds: ['subnet-3', 'subnet-4'] }),
    control: inVpc({ privateSubnetIds: ['subnet-3', 'subnet-4'] }, undefined, { internetFacing: false }),
    says: 'the load balancer needs subnets of the kind Public, of which `vpc` has none: add some, or set `internetFacing: false`',
  },
  {
    id: 'a08 a VPC without private subnets',
    input: inVpc({ publicSubnetIds: ['subnet-1', 'subnet-2'] }),
    control: inVpc({ publicSubnetIds: ['subnet-1', 'subnet-2'] }, undefined, {
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
    }),
    says: 'a fleet needs subnets of the kind Isolated, of which `vpc` has none: add some, or name others by `vpcSubnets`',
  },
  {
    id: 'r25 a VPC without subnets for data',
    input: (stack) =>
      database({})(
        stack,
        ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
          vpcId: 'vpc-1',
          availabilityZones: ['us-east-1a', 'us-east-1b'],
          publicSubnetIds: ['subnet-1', 'subnet-2'],
        }) as ec2.Vpc,
      ),
    control: database({}),
    says: 'what holds data needs subnets of the kind Private, of which `vpc` has none',
  },
  {
    id: 'a15 a network of one zone',
    input: (stack) => new Network(stack, 'Network', { availabilityZones: ['us-east-1a'] }),
    control: (stack) => new Network(stack, 'Network', { availabilityZones: ['us-east-1a', 'us-east-1b'] }),
    says: '`availabilityZones` must name at least two zones',
  },
  {
    id: 'a18 idle for 9000 seconds',
    input: fleet({ idleTimeout: Duration.seconds(9_000) }),
    control: fleet({ idleTimeout: Duration.seconds(4_000) }),
    says: '`idleTimeout` must be between 1 and 4000 seconds, got 9000',
  },
  {
    id: 'axx a certificate of another region',
    input: certificateOf('eu-west-1'),
    control: certificateOf('us-east-1'),
    says: '`certificate` is of eu-west-1, but the load balancer stands in us-east-1',
  },
  {
    id: 'axx a name without a zone',
    input: fleet({ domainName: 'films.example.com' }),
    control: fleet({}),
    says: '`domainName` and `hostedZone` go together',
  },
  {
    id: 'axx a range that is none',
    input: fleet({ allowFrom: ['everybody'] }),
    control: fleet({ allowFrom: ['203.0.113.0/24'] }),
    says: '`allowFrom` must be address ranges such as 203.0.113.7/32, got everybody',
  },
];

/** Rows of the list that no property of ours can say, and what shows it. */
const UNWRITABLE: Array<{ id: string; why: string; shown: () => void }> = [
  {
    id: 'r04',
    why: 'RDS makes the password; there is no property for another',
    shown: () => expect(rendered()).not.toHaveProperty('MasterUserPassword'),
  },
  { id: 'r05', why: 'as r04', shown: () => expect(rendered().ManageMasterUserPassword).toBe(true) },
  { id: 'r06', why: 'as r04', shown: () => expect(rendered().ManageMasterUserPassword).toBe(true) },
  {
    id: 'r19',
    why: 'names are CloudFormation’s, or a replacement would fail halfway',
    shown: () => expect(rendered()).not.toHaveProperty('DBInstanceIdentifier'),
  },
  {
    id: 'r24',
    why: 'the licence is the engine’s own',
    shown: () => expect(rendered()).not.toHaveProperty('LicenseModel'),
  },
  { id: 'r25', why: 'storage always has a size', shown: () => expect(rendered().AllocatedStorage).toBe('20') },
  {
    id: 'a02',
    why: 'a desired capacity would take back what scaling has added',
    shown: () => expect(group()).not.toHaveProperty('DesiredCapacity'),
  },
  {
    id: 'a04',
    why: 'a fleet makes its launch template',
    shown: () => expect(group()).toHaveProperty('LaunchTemplate'),
  },
  { id: 'a08', why: 'a fleet chooses its subnets', shown: () => expect(group().VPCZoneIdentifier).toHaveLength(2) },
  {
    id: 'a14',
    why: 'names are CloudFormation’s',
    shown: () => expect(made('AWS::ElasticLoadBalancingV2::TargetGroup')).not.toHaveProperty('Name'),
  },
  {
    id: 'a16',
    why: 'names are CloudFormation’s',
    shown: () => expect(made('AWS::ElasticLoadBalancingV2::LoadBalancer')).not.toHaveProperty('Name'),
  },
  {
    id: 'a19',
    why: 'attributes are written by CDK and this package',
    shown: () =>
      expect(
        made('AWS::ElasticLoadBalancingV2::LoadBalancer').LoadBalancerAttributes.map(({ Key }: any) => Key),
      ).toContain('routing.http.drop_invalid_header_fields.enabled'),
  },
];

function made(type: string): any {
  const { stack, vpc } = newStack();
  database({})(stack, vpc);
  fleet({})(stack, vpc);
  return only(stack, type).Properties;
}
const rendered = () => made('AWS::RDS::DBInstance');
const group = () => made('AWS::AutoScaling::AutoScalingGroup');

test.each(CASES)('$id: $says', ({ input, control, says, level }) => {
  const bad = outcome(input);
  const good = outcome(control);

  expect(level === 'warning' ? bad.warnings : bad.error).toContain(says);
  expect(bad.error === undefined).toBe(level === 'warning');
  expect(good.error).toBeUndefined();
  expect(good.warnings).not.toContain(says);
});

test.each(UNWRITABLE)('$id cannot be written: $why', ({ shown }) => {
  shown();
});

test('every row of the list on databases, groups, targets and load balancers is here', () => {
  const rows = readFileSync(join(__dirname, 'invalid-inputs.tsv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t') as [string, string, string, string])
    .filter(([, resource]) => ['DBInstance', 'AutoScalingGroup', 'TargetGroup', 'LoadBalancer'].includes(resource));
  const known = [...CASES, ...UNWRITABLE].map(({ id }) => id.slice(0, 3));

  expect(rows.length).toBeGreaterThan(30);
  expect(rows.map(([id]) => id).filter((id) => !known.includes(id))).toEqual([]);
});
