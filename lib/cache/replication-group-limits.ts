import { Token } from 'aws-cdk-lib';
import { type Limit, wholeNumber } from '../limits';
import { CacheCapability, type CacheEngine, engineLimit } from './engine';
import { networkLimits } from './network-type';
import { nodeTypeLimits } from './node-type-limits';
import { parameterGroupLimits } from './parameter-group';
import { idLimit } from './physical-name';
import { portLimit } from './port';
import { Durability, type ReplicationGroupProps } from './replication-group-props';
import { ClusterMode, type Topology } from './topology';

/** Families on which Valkey keeps writes on disk (dg/Durability.Limitations). */
const DURABLE_FAMILIES = ['r6g', 'r7g', 'r8g', 'm6g', 'm7g', 'm8g', 'c7gn', 'c8gn'];

/** Policies of r6gd nodes (dg/data-tiering). */
const TIERED_POLICIES = ['noeviction', 'volatile-lru', 'allkeys-lru', 'volatile-lfu', 'allkeys-lfu'];

/** A group's properties with their defaults filled in. */
export interface FilledProps extends ReplicationGroupProps {
  readonly engine: CacheEngine;
  readonly port: number;
  readonly snapshotRetentionDays: number;
}

/** What does not go together in a replication group; the topology has been checked before. */
export function replicationGroupLimits(props: FilledProps, topology: Topology): Limit[] {
  const { engine, nodeType } = props;
  const id = props.replicationGroupId;
  return [
    portLimit(props.port),
    wholeNumber('snapshotRetentionDays', props.snapshotRetentionDays, 0, 35),
    ...(id === undefined ? [] : [idLimit('replicationGroupId', id)]),
    {
      broken: props.description === '',
      message: '`description` must not be empty: AWS asks for one, and the construct has a default',
    },
    {
      broken: props.securityGroups?.length === 0,
      message: '`securityGroups` must not be empty: leave it out for a new group that lets nobody in',
    },
    {
      broken: props.subnetGroup !== undefined && props.vpcSubnets !== undefined,
      message: '`subnetGroup` and `vpcSubnets` exclude each other',
    },
    {
      broken: props.transitEncryptionMode !== undefined && props.transitEncryption === false,
      message: '`transitEncryptionMode` needs `transitEncryption`, which is off',
    },
    ...nodeTypeLimits(engine, nodeType),
    ...networkLimits(engine, nodeType, props.networkType, props.ipDiscovery),
    ...parameterGroupLimits(engine, topology.clusterMode !== ClusterMode.DISABLED, props),
    ...(props.slowLog === undefined ? [] : [engineLimit(engine, CacheCapability.SLOW_LOG, 'slowLog')]),
    ...(props.engineLog === undefined ? [] : [engineLimit(engine, CacheCapability.ENGINE_LOG, 'engineLog')]),
    ...tieringLimits(props),
    ...durabilityLimits(props, topology),
    ...restoreLimits(props, topology),
  ];
}

function tieringLimits({ engine, nodeType, dataTiering, parameters }: FilledProps): Limit[] {
  const policy = parameters?.['maxmemory-policy'];
  return [
    {
      broken: dataTiering === true && !nodeType.isUnresolved && !nodeType.hasDataTiering,
      message: `\`dataTiering\` needs an r6gd node type, got ${nodeType}`,
    },
    {
      broken: dataTiering === false && nodeType.hasDataTiering,
      message: `\`nodeType\` ${nodeType} always has data tiering: leave \`dataTiering\` out, or choose another family`,
    },
    ...(nodeType.hasDataTiering ? [engineLimit(engine, CacheCapability.DATA_TIERING, 'nodeType')] : []),
    {
      broken:
        nodeType.hasDataTiering &&
        policy !== undefined &&
        !Token.isUnresolved(policy) &&
        !TIERED_POLICIES.includes(policy),
      message: `parameter maxmemory-policy must be one of ${TIERED_POLICIES.join(', ')} with data tiering, got ${JSON.stringify(policy)}`,
    },
  ];
}

function durabilityLimits(
  { engine, nodeType, durability, transitEncryption }: FilledProps,
  topology: Topology,
): Limit[] {
  if (durability === undefined || durability === Durability.DISABLED) {
    return [];
  }
  return [
    engineLimit(engine, CacheCapability.DURABILITY, 'durability'),
    {
      broken: !topology.isCluster || !topology.multiAz,
      message: '`durability` needs cluster mode with Multi-AZ: give the group `shards`, and at least 1 replica a shard',
    },
    { broken: transitEncryption === false, message: '`durability` needs `transitEncryption`, which is off' },
    {
      broken: !nodeType.isUnresolved && !DURABLE_FAMILIES.includes(nodeType.family),
      message: `\`durability\` needs a node type of ${DURABLE_FAMILIES.join(', ')}, got ${nodeType}`,
    },
  ];
}

function restoreLimits({ restoreFrom, shardConfigurations }: FilledProps, topology: Topology): Limit[] {
  const files = restoreFrom?._snapshotArns.length ?? 0;
  return [
    {
      broken:
        files > 0 &&
        topology.isSharded &&
        !Token.isUnresolved(shardConfigurations) &&
        !(shardConfigurations ?? []).some(({ slots }) => slots !== undefined),
      message: '`restoreFrom` RDB files into shards needs `slots` in every one of the `shardConfigurations`',
    },
    {
      broken: files > 1 && !topology.isSharded,
      message: `\`restoreFrom\` takes one RDB file for a group without shards, got ${files}`,
    },
  ];
}
