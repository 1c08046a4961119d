import type { RemovalPolicy } from 'aws-cdk-lib';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { CacheCapability } from '../cache/engine';
import { MemcachedCluster } from '../cache/memcached-cluster';
import { CacheNodeType } from '../cache/node-type';
import { ReplicationGroup } from '../cache/replication-group';
import { Database } from '../database/database';
import type { Application } from '../fleet/application';
import { WebFleet } from '../fleet/web-fleet';

/** Properties of a `CachedWebService`. */
export interface CachedWebServiceProps {
  /** The VPC everything is in. */
  readonly vpc: ec2.IVpc;

  /** What every instance runs. It finds the caches `objects` and `sessions` and the database `main` in its binding. */
  readonly application: Application;

  /**
   * Certificate of the load balancer.
   *
   * @default - none, and then `insecureHttp` must be set
   */
  readonly certificate?: acm.ICertificate;

  /**
   * Whether the load balancer speaks plain HTTP. For development.
   *
   * @default false
   */
  readonly insecureHttp?: boolean;

  /**
   * Address ranges (CIDR) that may reach the load balancer.
   *
   * @default - everybody over HTTPS, nobody over plain HTTP
   */
  readonly allowFrom?: string[];

  /**
   * Fewest instances.
   *
   * @default 2
   */
  readonly minCapacity?: number;

  /**
   * Most instances.
   *
   * @default - twice `minCapacity`
   */
  readonly maxCapacity?: number;

  /**
   * The kind of machine of the caches' nodes.
   *
   * @default CacheNodeType.T4G_SMALL
   */
  readonly cacheNodeType?: CacheNodeType;

  /**
   * Nodes of the Memcached cluster for objects.
   *
   * @default 2
   */
  readonly objectNodes?: number;

  /**
   * Whether connections to the object cache are encrypted.
   *
   * @default true
   */
  readonly objectTransitEncryption?: boolean;

  /**
   * Replicas of the session store.
   *
   * @default 2
   */
  readonly sessionReplicas?: number;

  /**
   * Whether the database has a standby.
   *
   * @default true
   */
  readonly databaseMultiAz?: boolean;

  /**
   * Whether database and load balancer cannot be deleted.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * What happens to the data when the service leaves the template.
   *
   * @default RemovalPolicy.SNAPSHOT
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A web service with all that belongs to it: an object cache in front of a database, a session store that every
 * instance shares, the database, and the fleet that uses them.
 */
export class CachedWebService extends Construct {
  /** Memcached for objects: what is lost is loaded again. */
  public readonly objects: MemcachedCluster;
  /** Valkey for sessions and rankings: replicated, with failover. */
  public readonly sessions: ReplicationGroup;
  /** The database behind the cache. */
  public readonly database: Database;
  /** The instances and their load balancer. */
  public readonly fleet: WebFleet;

  constructor(scope: Construct, id: string, props: CachedWebServiceProps) {
    super(scope, id);

    const nodeType = props.cacheNodeType ?? CacheNodeType.T4G_SMALL;
    this.objects = new MemcachedCluster(this, 'Objects', {
      vpc: props.vpc,
      nodeType,
      nodes: props.objectNodes,
      transitEncryption: props.objectTransitEncryption,
    });
    this.sessions = new ReplicationGroup(this, 'Sessions', {
      vpc: props.vpc,
      nodeType,
      replicas: props.sessionReplicas ?? 2,
      removalPolicy: props.removalPolicy,
    });
    this.database = new Database(this, 'Database', {
      vpc: props.vpc,
      multiAz: props.databaseMultiAz,
      deletionProtection: props.deletionProtection,
      removalPolicy: props.removalPolicy,
    });
    this.fleet = new WebFleet(this, 'Fleet', {
      vpc: props.vpc,
      application: props.application,
      certificate: props.certificate,
      insecureHttp: props.insecureHttp,
      allowFrom: props.allowFrom,
      minCapacity: props.minCapacity,
      maxCapacity: props.maxCapacity,
      deletionProtection: props.deletionProtection,
    });

    this.fleet.useCache('objects', this.objects);
    this.fleet.useCache('sessions', this.sessions, { requires: [CacheCapability.DATA_TYPES] });
    this.fleet.useDatabase('main', this.database);
  }
}
