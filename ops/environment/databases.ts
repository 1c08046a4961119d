import { type DBInstance, type PendingModifiedValues, paginateDescribeDBInstances } from '@aws-sdk/client-rds';
import type { AwsSession } from '../aws/aws-session';
import { changes } from './cache-states';
import type { DatabaseState, PendingChange, StackState } from './environment-state';
import type { Gaps } from './gaps';
import { known, type Made, madeBy } from './made';
import type { MetricReader } from './metrics';
import { everyOne, isoTime, withoutUndefined } from './plain';

/** The most that RDS gives in a page. */
const PAGE = 100;

const GIBIBYTE = 1024 ** 3;

/** States of the databases that stacks have made; their metrics are read when the states are taken. */
export async function databaseStates(
  session: AwsSession,
  stacks: readonly StackState[],
  metrics: MetricReader,
  gaps: Gaps,
): Promise<() => DatabaseState[]> {
  const made = madeBy(stacks, 'AWS::RDS::DBInstance');
  const described =
    made.length === 0
      ? []
      : await gaps.ask('databases', 'rds:DescribeDBInstances', () =>
          everyOne(
            paginateDescribeDBInstances({ client: session.rds, pageSize: PAGE }, {}, { abortSignal: session.signal }),
            (page) => page.DBInstances,
          ),
        );
  const states = known(made, described ?? [], ({ DBInstanceIdentifier }) => DBInstanceIdentifier).map((one) =>
    databaseState(one, metrics),
  );
  return () => states.map((take) => take());
}

function databaseState({ described: database, ...made }: Made & { described: DBInstance }, metrics: MetricReader) {
  const key = metrics.ask('database', { DBInstanceIdentifier: made.physicalId });
  const { Address, Port } = database.Endpoint ?? {};
  return (): DatabaseState =>
    withoutUndefined({
      id: made.physicalId,
      stack: made.stack,
      logicalId: made.logicalId,
      status: database.DBInstanceStatus ?? '',
      engine: database.Engine ?? '',
      engineVersion: database.EngineVersion ?? '',
      instanceClass: database.DBInstanceClass ?? '',
      zone: database.AvailabilityZone,
      isMultiAz: database.MultiAZ === true,
      readReplicaOf: database.ReadReplicaSourceDBInstanceIdentifier,
      isEncrypted: database.StorageEncrypted === true,
      isPublic: database.PubliclyAccessible === true,
      isDeletionProtected: database.DeletionProtection === true,
      backupRetentionDays: database.BackupRetentionPeriod ?? 0,
      latestRestorableAt: isoTime(database.LatestRestorableTime),
      allocatedBytes: (database.AllocatedStorage ?? 0) * GIBIBYTE,
      maxAllocatedBytes:
        database.MaxAllocatedStorage === undefined ? undefined : database.MaxAllocatedStorage * GIBIBYTE,
      endpoint: Address === undefined ? undefined : `${Address}:${Port}`,
      certificateAuthority: database.CertificateDetails?.CAIdentifier ?? database.CACertificateIdentifier,
      certificateValidUntil: isoTime(database.CertificateDetails?.ValidTill),
      autoMinorVersionUpgrade: database.AutoMinorVersionUpgrade === true,
      isSupportExtended: extendedSupport(database.EngineLifecycleSupport),
      iamAuthentication: database.IAMDatabaseAuthenticationEnabled === true,
      pending: pendingOf(database.PendingModifiedValues ?? {}),
      parameterStatus: database.DBParameterGroups?.[0]?.ParameterApplyStatus,
      createdAt: isoTime(database.InstanceCreateTime),
      metrics: metrics.metricsOf(key),
    });
}

/** Of a password that waits only that it does: what it is to be is not for a state to tell. */
function pendingOf(pending: PendingModifiedValues): PendingChange[] {
  const { AllocatedStorage, MultiAZ, Iops, BackupRetentionPeriod, MasterUserPassword } = pending;
  return changes({
    'instance class': pending.DBInstanceClass,
    storage: AllocatedStorage === undefined ? undefined : `${AllocatedStorage} GiB`,
    'storage type': pending.StorageType,
    'input and output a second': Iops === undefined ? undefined : `${Iops}`,
    'engine version': pending.EngineVersion,
    'Multi-AZ': MultiAZ === undefined ? undefined : `${MultiAZ}`,
    'days that backups are kept': BackupRetentionPeriod === undefined ? undefined : `${BackupRetentionPeriod}`,
    'certificate authority': pending.CACertificateIdentifier,
    'master password': MasterUserPassword === undefined ? undefined : 'another',
  });
}

/** `open-source-rds-extended-support`, or the same with `-disabled` (RDS API reference, CreateDBInstance). */
function extendedSupport(told: string | undefined): boolean | undefined {
  return told === undefined ? undefined : !told.endsWith('-disabled');
}
