import { RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Database, type DatabaseProps } from '../../lib';
import { newStack, only } from './stacks';

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
    },
  });
  expect(instance.Properties).not.toHaveProperty('MasterUserPassword');
  Template.fromStack(stack).hasResourceProperties('AWS::RDS::DBParameterGroup', {
    Parameters: { 'rds.force_ssl': '1' },
  });
});

test('renders every prop', () => {
  const { stack, vpc } = newStack();
  const key = new kms.Key(stack, 'Key');

  new Database(stack, 'Database', {
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    version: rds.PostgresEngineVersion.VER_18,
    instanceType: new ec2.InstanceType('r8g.large'),
    databaseName: 'films',
    applicationUser: 'portal',
    multiAz: false,
    allocatedStorageGiB: 50,
    encryptionKey: key,
    backupRetentionDays: 35,
    deletionProtection: false,
    removalPolicy: RemovalPolicy.DESTROY,
  });

  expect(only(stack, INSTANCE)).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: {
      EngineVersion: '18',
      DBInstanceClass: 'db.r8g.large',
      DBName: 'films',
      MultiAZ: false,
      AllocatedStorage: '50',
      KmsKeyId: stack.resolve(key.keyArn),
      BackupRetentionPeriod: 35,
      DeletionProtection: false,
    },
  });
});

test('grantConnect lets an identity sign in as the application only', () => {
  const { stack, vpc } = newStack();
  const database = new Database(stack, 'Database', { vpc, applicationUser: 'portal' });
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });

  database.grantConnect(role);

  const [statement] = only(stack, 'AWS::IAM::Policy').Properties.PolicyDocument.Statement;
  expect(statement.Action).toBe('rds-db:connect');
  expect(JSON.stringify(statement.Resource)).toContain('/portal');
  expect(JSON.stringify(statement.Resource)).not.toContain('*');
});

const REFUSED: Array<[string, Partial<DatabaseProps>, string]> = [
  [
    'the storage is below 20 GiB',
    { allocatedStorageGiB: 10 },
    '`allocatedStorageGiB` must be between 20 and 65536, got 10',
  ],
  ['there are no backups', { backupRetentionDays: 0 }, '`backupRetentionDays` must be between 1 and 35, got 0'],
  [
    'the database has no plain name',
    { databaseName: 'My-App' },
    '`databaseName` must be 1 to 63 characters of a-z, 0-9 and _, starting with a letter, got My-App',
  ],
  ['the role has a reserved name', { applicationUser: 'admin' }, '`applicationUser` must not be a reserved name'],
  ['the role is the master', { applicationUser: 'master' }, '`applicationUser` must not be a reserved name'],
];

test.each(REFUSED)('fails if %s', (_, props, message) => {
  const { stack, vpc } = newStack();

  expect(() => new Database(stack, 'Database', { vpc, ...props })).toThrow(message);
});
