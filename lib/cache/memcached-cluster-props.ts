import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { CacheEngine } from './engine';
import type { CacheIpDiscovery, CacheNetworkType } from './network-type';
import type { CacheNodeType } from './node-type';
import type { IParameterGroup } from './parameter-group';
import type { MaintenanceWindow } from './schedule';
import type { ISubnetGroup } from './subnet-group';

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
   * A subnet group that other caches share, in place of `vpcSubnets`; then `availabilityZones` must be given. A change
   * replaces the cluster.
   *
   * @default - a new one of `vpcSubnets`
   */
  readonly subnetGroup?: ISubnetGroup;

  /**
   * Engine and version.
   *
   * @default CacheEngine.memcached(MemcachedVersion.V1_6_22)
   */
  readonly engine?: CacheEngine;

  /**
   * The kind of machine each node runs on. AWS does not change it for a cluster that exists: another needs another
   * construct id, and starts empty.
   */
  readonly nodeType: CacheNodeType;

  /**
   * Nodes of the cluster, at least 1; more than 40 may need a higher quota. Each holds its own share of the entries, none is a copy of another.
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
   * Availability Zones of the nodes, one each. A zone that is added or taken away moves no node.
   *
   * @default - those of the subnets in turn, or one of them with SINGLE_AZ
   */
  readonly availabilityZones?: string[];

  /**
   * Whether connections are encrypted. Needs 1.6.12 or later, and no t2 nodes.
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
   * Port the nodes listen on: 1150 to 65535, but for 8005. A change replaces the cluster.
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

  /**
   * When AWS may install updates.
   *
   * @default - chosen by AWS
   */
  readonly maintenanceWindow?: MaintenanceWindow;

  /**
   * Parameters of the engine, checked against the family of its version.
   *
   * @default - the engine's own
   */
  readonly parameters?: { [name: string]: string };

  /**
   * A parameter group that other caches share, in place of `parameters`.
   *
   * @default - a new one with `parameters`, or AWS's own of the family
   */
  readonly parameterGroup?: IParameterGroup;

  /**
   * Kind of addresses. A change replaces the cluster.
   *
   * @default - IPv4
   */
  readonly networkType?: CacheNetworkType;

  /**
   * Kind of addresses that clients are told. With encrypted connections they are told host names, and it has no effect.
   *
   * @default - what `networkType` says
   */
  readonly ipDiscovery?: CacheIpDiscovery;

  /**
   * Topic that is told of scaling and maintenance. It must belong to the same account.
   *
   * @default - none
   */
  readonly notificationTopic?: sns.ITopic;

  /**
   * Name of the cluster: 1 to 50 letters, digits and single hyphens, beginning with a letter. A fixed name makes a
   * replacement fail, and a change of it replaces the cluster.
   *
   * @default - a name that CloudFormation makes
   */
  readonly clusterName?: string;
}

/** What is known of a Memcached cluster that exists already. */
export interface MemcachedClusterAttributes {
  /** Id of the cluster. */
  readonly clusterId: string;

  /** Host name of the configuration endpoint. */
  readonly endpointAddress: string;

  /**
   * Port of the configuration endpoint.
   *
   * @default 11211
   */
  readonly endpointPort?: number;

  /**
   * Engine and version.
   *
   * @default CacheEngine.memcached(MemcachedVersion.V1_6_22)
   */
  readonly engine?: CacheEngine;

  /**
   * Nodes of the cluster; for metrics and alarms.
   *
   * @default 1
   */
  readonly nodes?: number;

  /**
   * The kind of machine each node runs on; for alarms.
   *
   * @default - not known: alarms that depend on it are judged as for a large node
   */
  readonly nodeType?: CacheNodeType;

  /**
   * Whether connections are encrypted.
   *
   * @default true
   */
  readonly transitEncryption?: boolean;

  /**
   * Security groups of the nodes.
   *
   * @default - none: `connections` cannot let anybody in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
}
