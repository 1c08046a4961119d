import type {
  ControlledDatabase,
  ControlledFleet,
  ControlledLoadBalancer,
  ControlledStack,
  ControlledSubnet,
} from './controlled-resources';
import type { Measurement } from './measurement';

/**
 * What the control endpoint shows of an environment and changes in it. The running caches implement it; the endpoint
 * knows nothing else of them.
 */
export interface ControlledEnvironment {
  /** For example `us-east-1`: what the templates say, or a region that no request depends on. */
  readonly region: string;
  readonly replicationGroups: readonly ControlledGroup[];
  readonly memcachedClusters: readonly ControlledMemcached[];
  readonly serverlessCaches: readonly ControlledServerless[];
  readonly parameterGroups: readonly ControlledParameterGroup[];
  readonly subnetGroups: readonly ControlledSubnetGroup[];
  readonly snapshots: ControlledSnapshots;
  readonly stacks: readonly ControlledStack[];
  readonly databases: readonly ControlledDatabase[];
  /** `undefined` where no fleet runs. */
  readonly fleet: ControlledFleet | undefined;
  /** `undefined` where no fleet runs, or its template has no load balancer. */
  readonly loadBalancer: ControlledLoadBalancer | undefined;
  /** What everything that answers counts and holds now; never rejects. */
  measure(): Promise<readonly Measurement[]>;
}

/** What happens in a cache, asked for or not, as it happens. */
export type CacheChange =
  /** A replica took a primary's place. */
  | { readonly type: 'failover'; readonly shard: string; readonly from: string; readonly to: string }
  /** A node ended, or was asked to, and is being brought back. */
  | { readonly type: 'recovering'; readonly node: string }
  /** It is back, and holds what its primary holds; without a primary to copy from it is back empty. */
  | { readonly type: 'recovered'; readonly node: string; readonly isEmpty: boolean }
  | { readonly type: 'node-added'; readonly node: string }
  | { readonly type: 'node-removed'; readonly node: string };

export type CacheChangeListener = (change: CacheChange) => void;

/** An address that clients connect to. */
export interface ControlledAddress {
  readonly host: string;
  readonly port: number;
}

/** A node of a replication group. */
export interface ControlledNode extends ControlledAddress {
  /** Member id: `<group>-001` with cluster mode off, `<group>-0001-001` with it on. */
  readonly id: string;
  readonly role: 'primary' | 'replica';
  /** Availability Zone that it would be in. */
  readonly zone: string;
  /** Whether its process runs and takes commands. */
  readonly isUp: boolean;
}

/** A node group: a primary and its replicas. */
export interface ControlledShard {
  /** For example `0001`. */
  readonly id: string;
  /** With cluster mode on, for example `0-8191`. */
  readonly slots: string | undefined;
  /** By member id. */
  readonly nodes: readonly ControlledNode[];
}

/** A replication group of Valkey or Redis OSS nodes. */
export interface ControlledGroup {
  /** Lower case, at most 40 characters. */
  readonly id: string;
  readonly description: string;
  readonly engine: 'valkey' | 'redis';
  /** What the template asks for, for example `8.1`. */
  readonly engineVersion: string;
  /** For example `cache.t4g.micro`. */
  readonly nodeType: string;
  readonly clusterMode: boolean;
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
  readonly tls: boolean;
  readonly atRestEncryption: boolean;
  /** Whether users sign in with an AUTH token. */
  readonly authToken: boolean;
  readonly userGroupIds: readonly string[];
  /** Name of its parameter group. */
  readonly parameterGroup: string;
  readonly subnetGroup: string | undefined;
  readonly snapshotRetentionDays: number;
  readonly snapshotWindow: string | undefined;
  readonly maintenanceWindow: string | undefined;
  readonly autoMinorVersionUpgrade: boolean;
  /** When it was started. */
  readonly createdAt: Date;
  /** The primary endpoint, or with cluster mode on the configuration endpoint. */
  readonly endpoint: ControlledAddress;
  /** The reader endpoint, with cluster mode off where there is a replica. */
  readonly reader: ControlledAddress | undefined;
  /** As they are now. */
  readonly shards: readonly ControlledShard[];
  /** Told of each change. @returns stops telling */
  onChange(listener: CacheChangeListener): () => void;
  /**
   * Ends the primary of a shard, and resolves once a replica has taken its place and the node is back as a replica of
   * it. What happens meanwhile is told to the listeners.
   */
  failOver(shardId: string): Promise<void>;
  /** Starts or ends replicas until every shard has so many; resolves once the new ones hold the data. */
  setReplicas(perShard: number, removed?: readonly string[]): Promise<void>;
  /** Ends a node's process and starts it again; resolves once it is back. Rejects with cluster mode on. */
  reboot(nodeId: string): Promise<void>;
}

/** A node of a Memcached cluster. */
export interface ControlledMemcachedNode extends ControlledAddress {
  /** For example `0001`. */
  readonly id: string;
  readonly zone: string;
  readonly isUp: boolean;
}

/** A Memcached cluster. */
export interface ControlledMemcached {
  /** Lower case, at most 50 characters. */
  readonly id: string;
  readonly engineVersion: string;
  readonly nodeType: string;
  readonly tls: boolean;
  readonly parameterGroup: string;
  readonly subnetGroup: string | undefined;
  readonly maintenanceWindow: string | undefined;
  readonly autoMinorVersionUpgrade: boolean;
  readonly createdAt: Date;
  /** The configuration endpoint. */
  readonly endpoint: ControlledAddress;
  /** By id. */
  readonly nodes: readonly ControlledMemcachedNode[];
  onChange(listener: CacheChangeListener): () => void;
  /** Starts nodes, or ends the given ones (the last ones when none are given); resolves once the endpoint names them. */
  setNodes(count: number, removed?: readonly string[]): Promise<void>;
  /** Restarts nodes, which lose their contents; resolves once all are back. */
  reboot(nodeIds: readonly string[]): Promise<void>;
}

/** A serverless cache. */
export interface ControlledServerless {
  readonly id: string;
  readonly description: string;
  readonly engine: 'valkey' | 'redis' | 'memcached';
  /** For example `8`. */
  readonly majorVersion: string;
  readonly userGroupId: string | undefined;
  readonly snapshotRetentionDays: number;
  readonly createdAt: Date;
  readonly endpoint: ControlledAddress;
  readonly reader: ControlledAddress | undefined;
}

/** A parameter group that a running cache uses. */
export interface ControlledParameterGroup {
  /** For example `default.valkey8`, or the one the template makes. */
  readonly name: string;
  /** For example `valkey8`. */
  readonly family: string;
  readonly parameters: readonly ControlledParameter[];
}

export interface ControlledParameter {
  readonly name: string;
  readonly value: string;
  /** Whether the template sets it. */
  readonly isUsers: boolean;
}

export interface ControlledSubnetGroup {
  readonly name: string;
  readonly description: string;
  readonly subnets: readonly ControlledSubnet[];
}

/** A snapshot that was taken. */
export interface ControlledSnapshot {
  readonly name: string;
  /** Group it is of, even when that does not run any more. */
  readonly group: string;
  readonly engine: 'valkey' | 'redis';
  readonly engineVersion: string;
  readonly nodeType: string;
  readonly source: 'manual' | 'automated';
  readonly createdAt: Date;
  readonly shards: ReadonlyArray<{ readonly id: string; readonly slots: string | undefined; readonly bytes: number }>;
}

/** Snapshots, kept between runs of the environment. */
export interface ControlledSnapshots {
  list(): readonly ControlledSnapshot[];
  /** Writes what every shard of a group holds; rejects when the name is taken. */
  create(group: ControlledGroup, name: string): Promise<ControlledSnapshot>;
}
