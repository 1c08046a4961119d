import { RemovalPolicy, Token, Validations } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnCacheCluster } from 'aws-cdk-lib/aws-elasticache';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { CacheBinding } from '../../runtime/binding';
import { enforce, wholeNumber } from '../limits';
import { dataConnections } from '../network/data-connections';
import { dataSubnets, requireZones } from '../network/data-subnets';
import { CacheBase } from './cache';
import { CacheEngine, MemcachedVersion } from './engine';
import type { CacheNodeType } from './node-type';
import { createSubnetGroup } from './subnet-group';

/** Port of Memcached. */
const DEFAULT_PORT = 11_211;

/** Nodes that one cluster may have without a higher quota (dg/quota-limits.html). */
const MOST_NODES = 40;

/** Whether the nodes of a Memcached cluster stand together or apart. */
export enum MemcachedAzMode {
  /** All nodes in one Availability Zone: the cheapest traffic, and all is lost with the zone. */
  SINGLE_AZ = 'single-az',
  /** Nodes spread over the zones: the loss of a zone loses its share of the entries. */
  CROSS_AZ = 'cross-az',
}

/** Properties of a `MemcachedCluster`. */
export interface MemcachedClusterProps {
  /** The VPC the nodes are in. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets the nodes are in.
   *
   * @default - the isolated subnets where the VPC has some, else the private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Engine and version.
   *
   * @default CacheEngine.memcached(MemcachedVersion.V1_6_22)
   */
  readonly engine?: CacheEngine;

  /** The kind of machine each node runs on. */
  readonly nodeType: CacheNodeType;

  /**
   * Nodes of the cluster, 1 to 40. Each holds its own share of the entries, none is a copy of another.
   *
   * @default 2
   */
  readonly nodes?: number;

  /**
   * Whether the nodes stand in one Availability Zone or are spread.
   *
   * @default - spread, when there are two nodes or more and the subnets have two zones
   */
  readonly azMode?: MemcachedAzMode;

  /**
   * Whether connections are encrypted. Needs 1.6.12 or later.
   *
   * @default true
   */
  readonly transitEncryption?: boolean;

  /**
   * Security groups of the nodes.
   *
   * @default - a new one that lets nobody in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Port the nodes listen on. A change replaces the cluster.
   *
   * @default 11211
   */
  readonly port?: number;

  /**
   * Whether minor versions of the engine are installed in the maintenance window.
   *
   * @default true
   */
  readonly autoMinorVersionUpgrade?: boolean;
}

/**
 * Memcached: independent nodes for plain objects, found through a configuration endpoint.
 *
 * Nothing is replicated and nothing survives a reboot. Memcached has no users: who reaches its port may read and write,
 * so the security group is the whole access control.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.html
 */
export class MemcachedCluster extends CacheBase {
  /** Engine and version. */
  public readonly engine: CacheEngine;
  /** Access of the nodes' security groups. */
  public readonly connections: ec2.Connections;
  /** Host name of the configuration endpoint. */
  public readonly endpointAddress: string;
  /** Port of the configuration endpoint. */
  public readonly endpointPort: number;
  /** Whether connections are encrypted. */
  public readonly transitEncryption: boolean;
  /** The underlying resource. */
  public readonly resource: CfnCacheCluster;

  constructor(scope: Construct, id: string, props: MemcachedClusterProps) {
    super(scope, id);

    this.engine = props.engine ?? CacheEngine.memcached(MemcachedVersion.V1_6_22);
    const nodes = props.nodes ?? 2;
    const port = props.port ?? DEFAULT_PORT;
    const subnets = props.vpc.selectSubnets(props.vpcSubnets ?? dataSubnets(props.vpc));
    const zones = [...new Set(subnets.availabilityZones)];
    const azMode =
      props.azMode ?? (nodes > 1 && zones.length > 1 ? MemcachedAzMode.CROSS_AZ : MemcachedAzMode.SINGLE_AZ);
    this.transitEncryption = props.transitEncryption ?? true;
    enforce([
      {
        broken: !this.engine.isMemcached,
        message: `a \`MemcachedCluster\` runs memcached only, got ${this.engine}: use a \`ReplicationGroup\``,
      },
      {
        broken: Token.isUnresolved(nodes),
        message: '`nodes` must be a number known at synth, because every node is given its Availability Zone',
      },
      wholeNumber('nodes', nodes, 1, MOST_NODES),
      wholeNumber('port', port, 1, 65_535),
      {
        broken: azMode === MemcachedAzMode.CROSS_AZ && nodes < 2,
        message: `\`azMode\` CROSS_AZ needs at least 2 nodes, got \`nodes\` of ${nodes}`,
      },
      {
        broken: this.transitEncryption && !this.engine.supportsTransitEncryption,
        message: `\`transitEncryption\` needs memcached 1.6.12 or later, got ${this.engine}`,
      },
    ]);
    if (azMode === MemcachedAzMode.CROSS_AZ) {
      requireZones('`azMode` CROSS_AZ', subnets, 2);
    }

    this.connections = dataConnections(this, props.vpc, port, props.securityGroups);
    const usedZones = azMode === MemcachedAzMode.CROSS_AZ ? zones : zones.slice(0, 1);
    this.resource = new CfnCacheCluster(this, 'Resource', {
      engine: this.engine.name,
      engineVersion: this.engine.version,
      cacheNodeType: props.nodeType.name,
      numCacheNodes: nodes,
      azMode,
      // Always written: without it a later change of the number of nodes may replace the cluster.
      preferredAvailabilityZones: Array.from(
        { length: nodes },
        (_, index) => usedZones[index % usedZones.length] as string,
      ),
      cacheSubnetGroupName: createSubnetGroup(this, subnets).ref,
      vpcSecurityGroupIds: this.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
      port,
      transitEncryptionEnabled: this.transitEncryption,
      autoMinorVersionUpgrade: props.autoMinorVersionUpgrade ?? true,
    });

    Validations.of(this.resource).acknowledge({
      id: 'AwsSolutions-AEC5',
      reason: 'another port hides nothing: the security group lets in its clients only',
    });
    // What Memcached holds can always be loaded again, and it has no snapshots that could keep it.
    this.resource.applyRemovalPolicy(RemovalPolicy.DESTROY);

    this.endpointAddress = this.resource.attrConfigurationEndpointAddress;
    this.endpointPort = Token.asNumber(this.resource.attrConfigurationEndpointPort);
  }

  /** Memcached has no users, so there is nothing to grant: access is decided by the security groups. */
  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.drop(grantee, 'Memcached has no users');
  }

  /**
   * The cache's entry of the binding.
   *
   * @internal
   */
  public _bindingEntry(): CacheBinding {
    return {
      engine: 'memcached',
      mode: 'discovery',
      host: this.endpointAddress,
      port: this.endpointPort,
      tls: this.transitEncryption,
      auth: { type: 'none' },
    };
  }
}
