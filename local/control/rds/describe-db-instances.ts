import { createHash } from 'node:crypto';
import type { ControlledEnvironment } from '../controlled';
import type { ControlledDatabase } from '../controlled-resources';
import { Fault } from '../faults';
import { arn } from '../names';
import { pageOf, pageRequest, sortedBy } from '../pages';
import { type Answer, AnswerList } from '../query/answers';
import type { QueryOperation } from '../query/operation';

const byId = ({ id }: ControlledDatabase) => id;

export const describeDbInstances: QueryOperation<ControlledEnvironment> = (request) => {
  const id = request.identifier('DBInstanceIdentifier');
  const page = pageRequest(request);
  return ({ databases, region }) => {
    const found = sortedBy(databases, byId).filter((database) => id === undefined || database.id === id);
    if (id !== undefined && found.length === 0) {
      throw new Fault('DBInstanceNotFound', `DBInstance ${id} not found.`, 404);
    }
    const { records, marker } = pageOf(found, page, byId);
    return {
      Marker: marker,
      DBInstances: new AnswerList(
        'DBInstance',
        records.map((database) => instanceAnswer(database, region)),
      ),
    };
  };
};

/** A `DBInstance` as AWS describes it. */
function instanceAnswer(database: ControlledDatabase, region: string): Answer {
  const { parameterGroup } = database;
  return {
    DBInstanceIdentifier: database.id,
    DBInstanceClass: database.instanceClass,
    Engine: database.engine,
    EngineVersion: database.engineVersion,
    DBInstanceStatus: database.isUp ? 'available' : 'failed',
    MasterUsername: database.masterUser,
    DBName: database.databaseName,
    Endpoint: { Address: database.endpoint.host, Port: database.endpoint.port },
    AllocatedStorage: database.allocatedGibibytes,
    MaxAllocatedStorage: database.maxAllocatedGibibytes,
    StorageType: database.storageType,
    InstanceCreateTime: database.createdAt,
    BackupRetentionPeriod: database.backupRetentionDays,
    DBSecurityGroups: new AnswerList('DBSecurityGroup', []),
    VpcSecurityGroups: new AnswerList('VpcSecurityGroupMembership', []),
    DBParameterGroups: new AnswerList(
      'DBParameterGroup',
      parameterGroup === undefined ? [] : [{ DBParameterGroupName: parameterGroup, ParameterApplyStatus: 'in-sync' }],
    ),
    DBSubnetGroup: database.subnetGroup === undefined ? undefined : { DBSubnetGroupName: database.subnetGroup },
    AvailabilityZone: database.zone,
    PendingModifiedValues: {},
    MultiAZ: database.multiAz,
    AutoMinorVersionUpgrade: database.autoMinorVersionUpgrade,
    ReadReplicaDBInstanceIdentifiers: new AnswerList('ReadReplicaDBInstanceIdentifier', []),
    PubliclyAccessible: database.isPublic,
    StorageEncrypted: database.isEncrypted,
    DbiResourceId: `db-${createHash('sha256').update(database.id).digest('hex').slice(0, 26).toUpperCase()}`,
    CACertificateIdentifier: database.certificateAuthority,
    IAMDatabaseAuthenticationEnabled: database.iamAuthentication,
    DeletionProtection: database.isDeletionProtected,
    DBInstanceArn: arn('rds', region, `db:${database.id}`),
  };
}
