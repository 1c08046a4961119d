import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  Application,
  CacheDay,
  Database,
  DatabaseEngine,
  DatabaseStorage,
  MaintenanceWindow,
  SnapshotWindow,
  WebFleet,
} from '../../lib';
import { parseBinding } from '../../runtime/binding';
import { applicationDirectory, newStack, only, warnings } from './stacks';

const INSTANCE = 'AWS::RDS::DBInstance';

test('renders a safe database from minimal props', () => {
  const { stack, vpc } = newStack();

  new Database(stack, 'Database', { vpc });

  const instance = only(stack, INSTANCE);
  expect(instance).toMatchObject({
    DeletionPolicy: 'Snapshot',
    UpdateReplacePolicy: 'Snapshot',
    Properties: {
      Engine: 'postgres',
      DBName: 'app',
      MasterUsername: 'master',
      ManageMasterUserPassword: true,
      EnableIAMDatabaseAuthentication: true,
      StorageEncrypted: true,
      StorageType: 'gp3',
      AllocatedStorage: '20',
      MaxAllocatedStorage: 100,
      MultiAZ: true,
      PubliclyAccessible: false,
      BackupRetentionPeriod: 7,
      DeletionProtection: true,
      AutoMinorVersionUpgrade: true,
      CopyTagsToSnapshot: true,
      EnablePerformanceInsights: true,
      MonitoringInterval: 60,
      EnableCloudwatchLogsExports: ['postgresql', 'upgrade'],
    },
  });
  expect(instance.Properties).not.toHaveProperty('MasterUserPassword');
  Template.fromStack(stack).hasResourceProperties('AWS::RDS::DBParameterGroup', {
    Parameters: { 'rds.force_ssl': '1' },
  });
});

test('renders MySQL, which asks for TLS too, and insights only where the machine has them', () => {
  const { stack, vpc } = newStack();

  const database = new Database(stack, 'Database', { vpc, engine: DatabaseEngine.mysql() });

  expect(only(stack, INSTANCE).Properties).toMatchObject({
    Engine: 'mysql',
    EngineVersion: '8.4.7',
    EnableIAMDatabaseAuthentication: true,
    EnableCloudwatchLogsExports: ['error', 'slowquery'],
    EnablePerformanceInsights: false,
  });
  Template.fromStack(stack).hasResourceProperties('AWS::RDS::DBParameterGroup', {
    Family: 'mysql8.4',
    Parameters: { require_secure_transport: '1' },
  });
  expect(stack.resolve(database.connections.defaultPort?.toString())).toBe('3306');
});

test('renders every prop', () => {
  const { stack, vpc } = newStack();
  const key = new kms.Key(stack, 'Key');

  new Database(stack, 'Database', {
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Own', 'sg-0123456789abcdef0')],
    engine: DatabaseEngine.postgres(rds.PostgresEngineVersion.VER_18),
    instanceType: new ec2.InstanceType('r8g.large'),
    databaseName: 'films',
    applicationUser: 'portal',
    masterUser: 'root_of_all',
    port: 6000,
    multiAz: false,
    availabilityZone: 'us-east-1a',
    storage: DatabaseStorage.gp3({ sizeGiB: 400, maxSizeGiB: 1_000, iops: 20_000, throughputMiBps: 1_000 }),
    encryptionKey: key,
    backupRetentionDays: 35,
    maintenanceWindow: MaintenanceWindow.weekly({ day: CacheDay.SUNDAY, hour: 3 }),
    backupWindow: SnapshotWindow.daily({ hour: 5 }),
    logExports: ['postgresql', 'iam-db-auth-error'],
    parameters: { work_mem: '8192' },
    performanceInsightRetention: rds.PerformanceInsightRetention.MONTHS_1,
    monitoringInterval: Duration.seconds(15),
    deletionProtection: false,
    removalPolicy: RemovalPolicy.DESTROY,
  });

  expect(only(stack, INSTANCE)).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: {
      EngineVersion: '18',
      DBInstanceClass: 'db.r8g.large',
      DBName: 'films',
      MasterUsername: 'root_of_all',
      Port: '6000',
      VPCSecurityGroups: ['sg-0123456789abcdef0'],
      MultiAZ: false,
      AvailabilityZone: 'us-east-1a',
      AllocatedStorage: '400',
      MaxAllocatedStorage: 1_000,
      Iops: 20_000,
      StorageThroughput: 1_000,
      KmsKeyId: stack.resolve(key.keyArn),
      PerformanceInsightsKMSKeyId: stack.resolve(key.keyArn),
      PerformanceInsightsRetentionPeriod: 31,
      MasterUserSecret: { KmsKeyId: stack.resolve(key.keyArn) },
      BackupRetentionPeriod: 35,
      PreferredBackupWindow: '05:00-06:00',
      PreferredMaintenanceWindow: 'sun:03:00-sun:04:00',
      EnableCloudwatchLogsExports: ['postgresql', 'iam-db-auth-error'],
      MonitoringInterval: 15,
      DeletionProtection: false,
    },
  });
  Template.fromStack(stack).hasResourceProperties('AWS::RDS::DBParameterGroup', {
    Parameters: { 'rds.force_ssl': '1', work_mem: '8192' },
  });
});

test('io2 storage has the speed it is given', () => {
  const { stack, vpc } = newStack();

  new Database(stack, 'Database', { vpc, storage: DatabaseStorage.io2({ iops: 5_000 }) });

  expect(only(stack, INSTANCE).Properties).toMatchObject({
    StorageType: 'io2',
    AllocatedStorage: '100',
    Iops: 5_000,
  });
});

test('grantConnect lets an identity sign in as the application only', () => {
  const { stack, vpc } = newStack();
  const database = new Database(stack, 'Database', { vpc, applicationUser: 'portal' });
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });

  database.grantConnect(role);

  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  const [statement] = policy?.Properties.PolicyDocument.Statement ?? [];
  expect(statement.Action).toBe('rds-db:connect');
  expect(JSON.stringify(statement.Resource)).toContain('/portal');
  expect(JSON.stringify(statement.Resource)).not.toContain('*');
});

test('read replicas are databases that an application can use, without a deploy step', () => {
  const { stack, vpc } = newStack();
  const database = new Database(stack, 'Database', { vpc, readReplicas: 2 });
  const fleet = new WebFleet(stack, 'Web', {
    vpc,
    insecureHttp: true,
    application: Application.fromDirectory(applicationDirectory()),
  });

  fleet.useDatabase('main', database);
  fleet.useDatabase('reports', database.readReplicas[0] as (typeof database.readReplicas)[0]);

  const template = Template.fromStack(stack);
  const replicas = Object.entries(template.findResources(INSTANCE)).filter(
    ([, { Properties }]) => Properties.SourceDBInstanceIdentifier !== undefined,
  );
  const source = stack.resolve(database.instance.instanceIdentifier);
  expect(replicas.map(([, { DeletionPolicy }]) => DeletionPolicy)).toEqual(['Delete', 'Delete']);
  expect(JSON.stringify(replicas[0]?.[1].Properties.SourceDBInstanceIdentifier)).toContain(source.Ref);
  expect(replicas[0]?.[1].Properties.DBParameterGroupName).toEqual(
    (template.findResources(INSTANCE)[source.Ref] as any).Properties.DBParameterGroupName,
  );
  // RDS makes no replica of an instance whose master password it manages itself.
  expect((template.findResources(INSTANCE)[source.Ref] as any).Properties).not.toHaveProperty(
    'ManageMasterUserPassword',
    true,
  );
  template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
    RotationRules: { ScheduleExpression: 'rate(30 days)' },
  });
  template.resourceCountIs('Custom::Trigger', 1);
  const { binding } = only(stack, 'AWS::AutoScaling::AutoScalingGroup').Metadata['cdk-elasticache:fleet'];
  expect(binding.databases.reports.host['Fn::GetAtt'][0]).toBe(replicas[0]?.[0]);
});

test('its alarms tell of CPU and storage, on the right instance', () => {
  const { stack, vpc } = newStack();
  const database = new Database(stack, 'Database', { vpc, storage: DatabaseStorage.gp3({ sizeGiB: 100 }) });

  database.addAlarms(new SnsAction(new sns.Topic(stack, 'Topic')));

  const alarms = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
  const dimension = { Name: 'DBInstanceIdentifier', Value: stack.resolve(database.instance.instanceIdentifier) };
  expect(
    alarms.map(({ Properties: p }) => [p.Namespace, p.MetricName, p.Statistic, p.Threshold, p.Dimensions]),
  ).toEqual([
    ['AWS/RDS', 'CPUUtilization', 'Average', 80, [dimension]],
    ['AWS/RDS', 'FreeStorageSpace', 'Minimum', 5 * 1024 ** 3, [dimension]],
  ]);
  expect(alarms.every(({ Properties }) => Properties.AlarmActions.length === 1)).toBe(true);
});

describe('a database that exists', () => {
  const imported = (stack: Stack, attributes: Partial<rds.DatabaseInstanceAttributes> = {}) =>
    rds.DatabaseInstance.fromDatabaseInstanceAttributes(stack, 'Instance', {
      instanceIdentifier: 'films',
      instanceEndpointAddress: 'films.abc.us-east-1.rds.amazonaws.com',
      instanceResourceId: 'db-ABC',
      port: 5432,
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')],
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16 }),
      ...attributes,
    });

  test('is used with IAM tokens, and needs no deploy step where its role exists', () => {
    const { stack, vpc } = newStack();
    const directory = applicationDirectory();
    const fleet = new WebFleet(stack, 'Web', {
      vpc,
      insecureHttp: true,
      application: Application.fromDirectory(directory, { deployStep: 'none.js' }),
    });

    const database = Database.fromDatabaseInstance(stack, 'Database', {
      instance: imported(stack),
      vpc,
      databaseName: 'films',
      applicationUser: 'portal',
    });
    fleet.useDatabase('main', database);

    const template = Template.fromStack(stack);
    template.resourceCountIs('Custom::Trigger', 0);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: 'sg-0123456789abcdef0',
      FromPort: 5432,
    });
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('dbuser:db-ABC/portal');
    expect(parseBinding(stack.resolve(database.binding('main', '/var/task')), 'test').databases.main).toEqual({
      engine: 'postgres',
      host: 'films.abc.us-east-1.rds.amazonaws.com',
      port: 5432,
      name: 'films',
      user: 'portal',
      tls: true,
      ca: '/var/task/rds.pem',
      auth: { type: 'iam', region: 'us-east-1' },
    });
  });

  test('gets the deploy step where its master is known', () => {
    const { stack, vpc } = newStack();
    const fleet = new WebFleet(stack, 'Web', {
      vpc,
      insecureHttp: true,
      application: Application.fromDirectory(applicationDirectory()),
    });

    fleet.useDatabase(
      'main',
      Database.fromDatabaseInstance(stack, 'Database', {
        instance: imported(stack),
        vpc,
        databaseName: 'films',
        applicationUser: 'portal',
        masterUser: 'boss',
        masterSecret: secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'master'),
      }),
    );

    const [handler] = Object.values(
      Template.fromStack(stack).findResources('AWS::Lambda::Function', { Properties: { Handler: 'deploy.handler' } }),
    );
    expect(JSON.stringify(handler?.Properties.Environment)).toContain('\\"user\\":\\"boss\\"');
  });

  test('is used with a stored login where it has no IAM authentication', () => {
    const { stack, vpc } = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    const database = Database.fromDatabaseInstance(stack, 'Database', {
      instance: imported(stack, { instanceResourceId: undefined }),
      vpc,
      databaseName: 'films',
      applicationUser: 'portal',
      applicationSecret: secretsmanager.Secret.fromSecretCompleteArn(
        stack,
        'Secret',
        'arn:aws:secretsmanager:us-east-1:111122223333:secret:portal-AbCdEf',
      ),
    });

    database.grantConnect(role);

    expect(JSON.stringify(only(stack, 'AWS::IAM::Policy').Properties)).toContain('secretsmanager:GetSecretValue');
    expect(parseBinding(stack.resolve(database.binding('main', '/app')), 'test').databases.main?.auth).toEqual({
      type: 'secret',
      arn: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:portal-AbCdEf',
      region: 'us-east-1',
    });
  });

  test('fails if its engine is unknown or none of ours', () => {
    const { stack, vpc } = newStack();
    const rest = { vpc, databaseName: 'films', applicationUser: 'portal' };
    const mariadb = rds.DatabaseInstanceEngine.mariaDb({ version: rds.MariaDbEngineVersion.of('11.4', '11.4') });

    expect(() =>
      Database.fromDatabaseInstance(stack, 'A', { ...rest, instance: imported(stack, { engine: undefined }) }),
    ).toThrow('`engine` is missing: the instance does not say what it runs');
    expect(() => DatabaseEngine.of(mariadb)).toThrow('a `Database` is PostgreSQL or MySQL on RDS, got mariadb');
  });

  test('fails if its master has a secret and no name', () => {
    const { stack, vpc } = newStack();

    expect(() =>
      Database.fromDatabaseInstance(stack, 'Database', {
        instance: imported(stack),
        vpc,
        databaseName: 'films',
        applicationUser: 'portal',
        masterSecret: secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'master'),
      }),
    ).toThrow('`masterUser` is missing: name the master whose password is in `masterSecret`');
  });

  test('fails if nobody can be let in by IAM', () => {
    const { stack, vpc } = newStack();

    expect(() =>
      Database.fromDatabaseInstance(stack, 'Database', {
        instance: imported(stack, { instanceResourceId: undefined }),
        vpc,
        databaseName: 'films',
        applicationUser: 'portal',
      }),
    ).toThrow('`instance` has no `instanceResourceId`');
  });
});

test('warns of a version that is not known', () => {
  const { stack, vpc } = newStack();

  new Database(stack, 'New', { vpc, engine: DatabaseEngine.postgres(rds.PostgresEngineVersion.of('99.1', '99')) });
  new Database(stack, 'Known', { vpc });

  expect(warnings(stack).filter((text) => text.includes('unknown-database-version'))).toEqual([
    expect.stringContaining('postgres 99.1 is not a version that this release knows: RDS may refuse it'),
  ]);
});
