import type { Resource, Templates } from '../../assembly/templates';
import { nameOf } from '../cache-plans';
import type { ControlledDatabase } from '../control/controlled-resources';
import type { BoundDatabase, EngineRoom } from '../engine-room';
import { subnetsOf } from '../subnets';
import { databaseName, databaseResource } from './physical-ids';

/** Of a parameter group or a subnet group of RDS. */
const LONGEST_GROUP_NAME = 255;

/** What is shown of the databases that run. */
export function controlledDatabases(room: EngineRoom, templates: Templates): ControlledDatabase[] {
  return [...room.databases.values()].flatMap((running) =>
    databaseResource(templates, running.plan.id).map((resource) => databaseOf(running, resource, templates)),
  );
}

function databaseOf(
  { plan, process, endpoint, startedAt }: BoundDatabase,
  resource: Resource,
  templates: Templates,
): ControlledDatabase {
  const { stack, properties } = resource;
  const text = (name: string) => (properties[name] === undefined ? undefined : templates.text(stack, properties[name]));
  const number = (name: string) => (properties[name] === undefined ? undefined : Number(properties[name]));
  const groupName = (property: string) => {
    const group = templates.referenced(stack, properties[property]);
    return group === undefined ? text(property) : nameOf(templates, group, property, LONGEST_GROUP_NAME);
  };
  const subnetGroup = templates.referenced(stack, properties.DBSubnetGroupName);
  const subnets =
    subnetGroup === undefined ? [] : subnetsOf(templates, subnetGroup.stack, subnetGroup.properties.SubnetIds);
  return {
    id: databaseName(templates, resource),
    engine: plan.product,
    engineVersion: text('EngineVersion') ?? '',
    instanceClass: text('DBInstanceClass') ?? '',
    isUp: process.isRunning,
    createdAt: startedAt,
    endpoint: { host: 'localhost', port: endpoint.port },
    masterUser: plan.masterUser,
    databaseName: plan.databaseName,
    zone: text('AvailabilityZone') ?? subnets[0]?.zone,
    multiAz: isTrue(properties.MultiAZ),
    isEncrypted: isTrue(properties.StorageEncrypted),
    isPublic: isTrue(properties.PubliclyAccessible),
    isDeletionProtected: isTrue(properties.DeletionProtection),
    // What RDS does where the template says nothing.
    backupRetentionDays: number('BackupRetentionPeriod') ?? 1,
    autoMinorVersionUpgrade:
      properties.AutoMinorVersionUpgrade === undefined || isTrue(properties.AutoMinorVersionUpgrade),
    allocatedGibibytes: number('AllocatedStorage'),
    maxAllocatedGibibytes: number('MaxAllocatedStorage'),
    storageType: text('StorageType'),
    certificateAuthority: text('CACertificateIdentifier'),
    iamAuthentication: isTrue(properties.EnableIAMDatabaseAuthentication),
    parameterGroup: groupName('DBParameterGroupName'),
    subnetGroup: groupName('DBSubnetGroupName'),
  };
}

function isTrue(value: unknown): boolean {
  return String(value) === 'true';
}
