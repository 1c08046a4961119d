import { Annotations, RemovalPolicy, Token, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnCacheCluster } from 'aws-cdk-lib/aws-elasticache';
import type { Construct } from 'constructs';
import { atLeast, enforce, type Limit } from '../limits';
import { dataConnections } from '../network/data-connections';
import { dataSubnets, requireZones, requireZonesIn, zonesOf } from '../network/subnets';
import { injected } from '../property-injection';
import { CacheCapability, CacheEngine } from './engine';
import { MemcachedVersion } from './engine-version';
import { type IMemcachedCluster, MemcachedClusterBase } from './memcached-cluster-base';
import {
  MemcachedAzMode,
  type MemcachedClusterAttributes,
  type MemcachedClusterProps,
} from './memcached-cluster-props';
import { networkLimits } from './network-type';
import type { CacheNodeType } from './node-type';
import { nodeTypeLimits, warnOfOldNodeType } from './node-type-limits';
import { parameterGroupLimits, parameterGroupNameOf } from './parameter-group';
import { portLimit } from './port';
import { createSubnetGroup } from './subnet-group';

/** Port of Memcached. */
const DEFAULT_PORT = 11_211;

/** Nodes that one cluster may have without a higher quota, by the oldest copy of dg/quota-limits; the newest says 60. */
const NODES_QUOTA = 40;

/** Letters of a cluster's name (ElastiCache API, CreateCacheCluster.CacheClusterId). */
const LONGEST_NAME = 50;

/**
 * Memcached: independent nodes for plain objects, found through a configuration endpoint.
 *
 * Nothing is replicated and nothing survives a reboot. Memcached has no users: who reaches its port may read and write,
 * so the security group is the whole access control.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.html
 */
export class MemcachedCluster extends MemcachedClusterBase {
  /** Identifies the construct to property injectors. */
  static readonly PROPERTY_INJECTION_ID = 'cdk-elasticache.MemcachedCluster';

  /** A cluster that exists already, to be connected to, watched and bound like one that is made here. */
  static fromMemcachedClusterAttributes(
    scope: Construct,
    id: string,
    attributes: MemcachedClusterAttributes,
  ): IMemcachedCluster {
    const nodes = attributes.nodes ?? 1;
    enforce([
      { broken: Token.isUnresolved(nodes), message: '`nodes` must be a number known at synth' },
      atLeast('nodes', nodes, 1),
    ]);
    class Imported extends MemcachedClusterBase {
      readonly engine = attributes.engine ?? DEFAULT_ENGINE;
      readonly clusterId = attributes.clusterId;
      readonly endpointAddress = attributes.endpointAddress;
      readonly endpointPort = attributes.endpointPort ?? DEFAULT_PORT;
      readonly transitEncryption = attributes.transitEncryption ?? true;
      readonly connections = new ec2.Connections({
        securityGroups: attributes.securityGroups,
        defaultPort: ec2.Port.tcp(attributes.endpointPort ?? DEFAULT_PORT),
      });
      readonly _nodes = nodes;
      readonly _nodeType = attributes.nodeType;
    }
    return new Imported(scope, id);
  }

  /** Engine and version. */
  public readonly engine: CacheEngine;
  /** Access of the nodes' security groups. */
  public readonly connections: ec2.Connections;
  /** Host name of the configuration endpoint. */
  public readonly endpointAddress: string;
  /** Port of the configuration endpoint. */
  public readonly endpointPort: number;
  /** Id of the cluster. */
  public readonly clusterId: string;
  /** Whether connections are encrypted. */
  public readonly transitEncryption: boolean;
  /** The underlying resource. */
  public readonly resource: CfnCacheCluster;
  /** @internal */
  public readonly _nodes: number;
  /** @internal */
  public readonly _nodeType: CacheNodeType;

  /** @throws if the properties do not go together, in the words of the properties */
  constructor(scope: Construct, id: string, props: MemcachedClusterProps) {
    super(scope, id);
    props = injected(scope, id, MemcachedCluster.PROPERTY_INJECTION_ID, props);

    this.engine = props.engine ?? DEFAULT_ENGINE;
    this._nodes = props.nodes ?? 2;
    this._nodeType = props.nodeType;
    this.transitEncryption = props.transitEncryption ?? true;
    const port = props.port ?? DEFAULT_PORT;
    enforce(memcachedLimits(props, { engine: this.engine, nodes: this._nodes, port, tls: this.transitEncryption }));
    const place = placeOf(props, this._nodes);
    this.engine._warnIfUnknown(this);
    this.warn(props, place);

    this.connections = dataConnections(this, props.vpc, port, props.securityGroups);
    this.resource = new CfnCacheCluster(this, 'Resource', {
      clusterName: props.clusterName,
      engine: this.engine.name,
      engineVersion: this.engine.version,
      cacheNodeType: props.nodeType.name,
      numCacheNodes: this._nodes,
      azMode: place.azMode,
      // Always written: without it a later change of the number of nodes may replace the cluster.
      preferredAvailabilityZones: place.zones,
      cacheParameterGroupName: parameterGroupNameOf(this, this.engine, false, props),
      cacheSubnetGroupName:
        props.subnetGroup?.subnetGroupName ??
        createSubnetGroup(this, 'SubnetGroup', { vpc: props.vpc, vpcSubnets: props.vpcSubnets }).ref,
      vpcSecurityGroupIds: this.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
      port,
      networkType: props.networkType,
      ipDiscovery: props.ipDiscovery,
      transitEncryptionEnabled: this.transitEncryption,
      autoMinorVersionUpgrade: props.autoMinorVersionUpgrade ?? true,
      preferredMaintenanceWindow: props.maintenanceWindow?.toString(),
      notificationTopicArn: props.notificationTopic?.topicArn,
    });

    Validations.of(this.resource).acknowledge({
      id: 'AwsSolutions-AEC5',
      reason: 'another port hides nothing: the security group lets in its clients only',
    });
    // What Memcached holds can always be loaded again, and it has no snapshots that could keep it.
    this.resource.applyRemovalPolicy(RemovalPolicy.DESTROY);

    this.clusterId = this.resource.ref;
    this.endpointAddress = this.resource.attrConfigurationEndpointAddress;
    this.endpointPort = Token.asNumber(this.resource.attrConfigurationEndpointPort);
  }

  private warn({ nodeType }: MemcachedClusterProps, place: Place): void {
    warnOfOldNodeType(this, nodeType);
    if (this._nodes > NODES_QUOTA) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:nodes-quota',
        `the cluster has ${this._nodes} nodes, more than the ${NODES_QUOTA} that one may have without a higher quota`,
      );
    }
    if (place.azMode === MemcachedAzMode.CROSS_AZ && new Set(place.zones).size === 1) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:cross-az-in-one-zone',
        `\`azMode\` is CROSS_AZ, but all nodes are put into ${place.zones[0]}: name a second zone`,
      );
    }
  }
}

const DEFAULT_ENGINE = CacheEngine.memcached(MemcachedVersion.V1_6_22);

/** Where the nodes stand. */
interface Place {
  readonly azMode: MemcachedAzMode;
  readonly zones: string[];
}

function placeOf(props: MemcachedClusterProps, nodes: number): Place {
  const subnets = props.vpc.selectSubnets(props.vpcSubnets ?? dataSubnets(props.vpc));
  const given = props.availabilityZones;
  if (given !== undefined) {
    const several = Token.isUnresolved(given) ? nodes > 1 : new Set(given).size > 1;
    if (props.subnetGroup === undefined) {
      requireZonesIn(given, subnets);
    }
    return { azMode: props.azMode ?? (several ? MemcachedAzMode.CROSS_AZ : MemcachedAzMode.SINGLE_AZ), zones: given };
  }
  // Zones of an environment that is not named are tokens, one each, and can be dealt out; a list that is one token cannot.
  const known = zonesOf(subnets) ?? (Token.isUnresolved(subnets.availabilityZones) ? [] : subnets.availabilityZones);
  const zones = [...new Set(known)];
  enforce([
    {
      broken: zones.length === 0,
      message: '`availabilityZones` must be given, because the zones of the subnets are not known at synth',
    },
  ]);
  const azMode = props.azMode ?? (nodes > 1 && zones.length > 1 ? MemcachedAzMode.CROSS_AZ : MemcachedAzMode.SINGLE_AZ);
  if (azMode === MemcachedAzMode.CROSS_AZ) {
    requireZones('`azMode` CROSS_AZ', subnets, 2);
  }
  const used = azMode === MemcachedAzMode.CROSS_AZ ? zones : zones.slice(0, 1);
  return { azMode, zones: Array.from({ length: nodes }, (_, index) => used[index % used.length] as string) };
}

function memcachedLimits(
  props: MemcachedClusterProps,
  { engine, nodes, port, tls }: { engine: CacheEngine; nodes: number; port: number; tls: boolean },
): Limit[] {
  const { nodeType, azMode, availabilityZones, clusterName } = props;
  return [
    {
      broken: !engine.isMemcached,
      message: `a \`MemcachedCluster\` runs memcached only, got ${engine}: use a \`ReplicationGroup\``,
    },
    {
      broken: Token.isUnresolved(nodes),
      message: '`nodes` must be a number known at synth, because every node is given its Availability Zone',
    },
    atLeast('nodes', nodes, 1),
    portLimit(port),
    {
      broken: azMode === MemcachedAzMode.CROSS_AZ && nodes < 2,
      message: `\`azMode\` CROSS_AZ needs at least 2 nodes, got \`nodes\` of ${nodes}`,
    },
    {
      broken:
        availabilityZones !== undefined && !Token.isUnresolved(availabilityZones) && availabilityZones.length !== nodes,
      message: `\`availabilityZones\` must name one zone for each of the ${nodes} \`nodes\`, got ${availabilityZones?.length}`,
    },
    {
      broken: azMode === MemcachedAzMode.SINGLE_AZ && new Set(availabilityZones).size > 1,
      message: `\`azMode\` SINGLE_AZ puts all nodes into one zone, \`availabilityZones\` names ${new Set(availabilityZones).size}`,
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
      broken: props.subnetGroup !== undefined && availabilityZones === undefined,
      message: '`subnetGroup` needs `availabilityZones`, because the zones of a shared group are not known here',
    },
    {
      broken: tls && !engine.supports(CacheCapability.TRANSIT_ENCRYPTION),
      message: `\`transitEncryption\` needs memcached 1.6.12 or later, got ${engine}`,
    },
    {
      broken: tls && ['t1', 't2', 'm1', 'm2', 'm3', 'r3'].includes(nodeType.family),
      message: `\`transitEncryption\` needs a node type of the current generation, got ${nodeType} (dg/in-transit-encryption-mc)`,
    },
    {
      broken:
        clusterName !== undefined &&
        !Token.isUnresolved(clusterName) &&
        !(clusterName.length <= LONGEST_NAME && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/i.test(clusterName)),
      message: `\`clusterName\` must be 1 to ${LONGEST_NAME} letters, digits and single hyphens, beginning with a letter, got ${JSON.stringify(clusterName)}`,
    },
    ...nodeTypeLimits(engine, nodeType),
    ...networkLimits(engine, nodeType, props.networkType, props.ipDiscovery),
    ...parameterGroupLimits(engine, false, props),
  ];
}
