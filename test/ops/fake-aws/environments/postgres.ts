import type { DBInstance } from '@aws-sdk/client-rds';
import { alarm } from './alarm';
import { securityGroup, securityGroupId } from './cache-parts';
import { type Part, resourcesOf, stateOf } from './part';
import { ago, arnOf, DAY_MS, GIB, hexOf, type Place, REGION, subnetOf, vpcOf, ZONES } from './place';

export interface PostgresOptions {
  /** For example `prod-database`. */
  readonly id: string;
  readonly instanceClass: string;
  readonly isMultiAz: boolean;
  readonly backupRetentionDays: number;
  readonly allocatedGib: number;
  readonly maxAllocatedGib: number;
  readonly hasAlarms: boolean;
}

const LOGICAL_ID = 'Database';
const PORT = 5432;
const CERTIFICATE_AUTHORITY = 'rds-ca-rsa2048-g1';
const MINUTE_MS = 60_000;

/** PostgreSQL with all that belongs to it. */
export function postgres(place: Place, options: PostgresOptions): Part {
  const parts = [
    securityGroup(place, `${LOGICAL_ID}SecurityGroup`),
    database(place, options),
    ...(options.hasAlarms ? alarms(place, options) : []),
  ];
  return { resources: resourcesOf(parts), state: stateOf(parts) };
}

function database(place: Place, options: PostgresOptions): Part {
  const { id } = options;
  return {
    resources: {
      [LOGICAL_ID]: {
        type: 'AWS::RDS::DBInstance',
        physicalId: id,
        properties: {
          AllocatedStorage: String(options.allocatedGib),
          AutoMinorVersionUpgrade: true,
          BackupRetentionPeriod: options.backupRetentionDays,
          CACertificateIdentifier: CERTIFICATE_AUTHORITY,
          DBInstanceClass: options.instanceClass,
          DBName: 'app',
          DeletionProtection: !place.isDisposable,
          EnableIAMDatabaseAuthentication: true,
          Engine: 'postgres',
          EngineVersion: '17',
          MaxAllocatedStorage: options.maxAllocatedGib,
          MultiAZ: options.isMultiAz,
          PubliclyAccessible: false,
          StorageEncrypted: true,
          StorageType: 'gp3',
          VPCSecurityGroups: [{ 'Fn::GetAtt': [`${LOGICAL_ID}SecurityGroup`, 'GroupId'] }],
        },
      },
    },
    state: {
      dbInstances: [instance(place, options)],
      metrics: [
        {
          namespace: 'AWS/RDS',
          dimensions: { DBInstanceIdentifier: id },
          values: {
            CPUUtilization: 18,
            DatabaseConnections: 40,
            FreeStorageSpace: options.allocatedGib * GIB * 0.6,
            FreeableMemory: options.instanceClass.startsWith('db.t') ? GIB / 2 : 4 * GIB,
            ReadIOPS: 120,
            WriteIOPS: 60,
            ...(options.instanceClass.startsWith('db.t') ? { CPUCreditBalance: 280 } : {}),
          },
        },
      ],
    },
  };
}

function instance(place: Place, options: PostgresOptions): DBInstance {
  const { environment, isDisposable, now } = place;
  const { id, isMultiAz } = options;
  return {
    DBInstanceIdentifier: id,
    DBInstanceClass: options.instanceClass,
    Engine: 'postgres',
    DBInstanceStatus: 'available',
    MasterUsername: 'master',
    DBName: 'app',
    Endpoint: { Address: `${id}.${hexOf('rds', 12)}.${REGION}.rds.amazonaws.com`, Port: PORT },
    AllocatedStorage: options.allocatedGib,
    InstanceCreateTime: ago(now, 90 * DAY_MS),
    PreferredBackupWindow: '02:00-02:30',
    BackupRetentionPeriod: options.backupRetentionDays,
    DBSecurityGroups: [],
    VpcSecurityGroups: [
      { VpcSecurityGroupId: securityGroupId(environment, `${LOGICAL_ID}SecurityGroup`), Status: 'active' },
    ],
    DBParameterGroups: [{ DBParameterGroupName: `${id}-parameters`, ParameterApplyStatus: 'in-sync' }],
    AvailabilityZone: ZONES[0],
    ...(isMultiAz ? { SecondaryAvailabilityZone: ZONES[1] } : {}),
    DBSubnetGroup: {
      DBSubnetGroupName: `${id}-subnets`,
      VpcId: vpcOf(place),
      SubnetGroupStatus: 'Complete',
      Subnets: ZONES.map((zone) => ({
        SubnetIdentifier: subnetOf(place, zone),
        SubnetAvailabilityZone: { Name: zone },
        SubnetStatus: 'Active',
      })),
    },
    PreferredMaintenanceWindow: 'sun:04:00-sun:04:30',
    PendingModifiedValues: {},
    LatestRestorableTime: ago(now, 4 * MINUTE_MS),
    MultiAZ: isMultiAz,
    EngineVersion: '17.4',
    AutoMinorVersionUpgrade: true,
    ReadReplicaDBInstanceIdentifiers: [],
    PubliclyAccessible: false,
    StatusInfos: [],
    StorageType: 'gp3',
    StorageEncrypted: true,
    DbiResourceId: `db-${hexOf(id, 26).toUpperCase()}`,
    CACertificateIdentifier: CERTIFICATE_AUTHORITY,
    CertificateDetails: { CAIdentifier: CERTIFICATE_AUTHORITY, ValidTill: ago(now, -3 * 365 * DAY_MS) },
    CopyTagsToSnapshot: true,
    MonitoringInterval: 60,
    DBInstanceArn: arnOf('rds', `db:${id}`),
    IAMDatabaseAuthenticationEnabled: true,
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    DeletionProtection: !isDisposable,
    MaxAllocatedStorage: options.maxAllocatedGib,
    TagList: [{ Key: 'environment', Value: environment }],
  };
}

function alarms(place: Place, { id, allocatedGib }: PostgresOptions): Part[] {
  const watched = { namespace: 'AWS/RDS', dimensions: [{ DBInstanceIdentifier: id }] };
  return [
    alarm(place, {
      ...watched,
      logicalId: `${LOGICAL_ID}AlarmsCpu`,
      metric: 'CPUUtilization',
      statistic: 'Average',
      threshold: 80,
    }),
    alarm(place, {
      ...watched,
      logicalId: `${LOGICAL_ID}AlarmsStorage`,
      metric: 'FreeStorageSpace',
      statistic: 'Minimum',
      isBelow: true,
      threshold: allocatedGib * GIB * 0.1,
    }),
  ];
}
