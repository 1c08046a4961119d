import type { RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ICache } from '../cache/cache';
import { CacheCapability } from '../cache/engine';
import type { CacheNodeType } from '../cache/node-type';
import { Database } from '../database/database';
import type { IDatabase } from '../database/database-base';
import type { DatabaseStorage } from '../database/database-storage';
import { WebFleet } from '../fleet/web-fleet';
import type { WebFleetProps } from '../fleet/web-fleet-props';
import { given, injected } from '../property-injection';
import { DatabaseCache } from './database-cache';
import { SessionStore } from './session-store';

/** Properties of a `CachedWebService`: those of its fleet, and of what the fleet uses. */
export interface CachedWebServiceProps extends WebFleetProps {
  /**
   * The subnets of caches and database.
   *
   * @default - the isolated subnets where the VPC has some, else the private ones
   */
  readonly dataSubnets?: ec2.SubnetSelection;

  /**
   * A database that exists.
   *
   * @default - a new one
   */
  readonly database?: IDatabase;

  /**
   * An object cache that exists.
   *
   * @default - a new Memcached cluster
   */
  readonly objects?: ICache;

  /**
   * A session store that exists; it must have data types, which rankings need.
   *
   * @default - a new Valkey replication group
   */
  readonly sessions?: ICache;

  /**
   * The kind of machine of new caches' nodes.
   *
   * @default CacheNodeType.T4G_SMALL
   */
  readonly cacheNodeType?: CacheNodeType;

  /**
   * Nodes of a new object cache.
   *
   * @default 2
   */
  readonly objectNodes?: number;

  /**
   * Replicas of a new session store.
   *
   * @default 2
   */
  readonly sessionReplicas?: number;

  /**
   * The kind of machine of a new database.
   *
   * @default - db.t4g.micro
   */
  readonly databaseInstanceType?: ec2.InstanceType;

  /**
   * Whether a new database has a standby.
   *
   * @default true
   */
  readonly databaseMultiAz?: boolean;

  /**
   * What a new database keeps its data on.
   *
   * @default DatabaseStorage.gp3()
   */
  readonly databaseStorage?: DatabaseStorage;

  /**
   * What happens to new data when the service leaves the template.
   *
   * @default RemovalPolicy.SNAPSHOT
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A web service with all that belongs to it: an object cache in front of a database, a session store that every
 * instance shares, the database, and the fleet that uses them. Its application finds the caches `objects` and `sessions`
 * and the database `main` in its binding.
 */
export class CachedWebService extends Construct {
  /** Uniquely identifies this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-elasticache.CachedWebService';

  /** The cache for objects: what is lost is loaded again. */
  public readonly objects: ICache;
  /** The cache for sessions and rankings: replicated, with failover. */
  public readonly sessions: ICache;
  /** The database behind the cache. */
  public readonly database: IDatabase;
  /** The instances and their load balancer. */
  public readonly fleet: WebFleet;

  constructor(scope: Construct, id: string, props: CachedWebServiceProps) {
    super(scope, id);
    props = injected(scope, id, CachedWebService.PROPERTY_INJECTION_ID, props);

    const { vpc, dataSubnets: vpcSubnets, removalPolicy, cacheNodeType: nodeType } = props;
    const shared = { vpc, vpcSubnets };
    this.database =
      props.database ??
      new Database(
        this,
        'Database',
        given({
          ...shared,
          instanceType: props.databaseInstanceType,
          multiAz: props.databaseMultiAz,
          storage: props.databaseStorage,
          deletionProtection: props.deletionProtection,
          removalPolicy,
        }),
      );
    const databaseCache = new DatabaseCache(
      this,
      'Objects',
      given({ ...shared, database: this.database, cache: props.objects, nodeType, nodes: props.objectNodes }),
    );
    this.objects = databaseCache.cache;
    this.sessions = new SessionStore(
      this,
      'Sessions',
      given({ ...shared, cache: props.sessions, nodeType, replicas: props.sessionReplicas, removalPolicy }),
    ).cache;
    this.fleet = new WebFleet(this, 'Fleet', props);

    databaseCache.useFromFleet(this.fleet);
    this.fleet.useCache('sessions', this.sessions, { requires: [CacheCapability.DATA_TYPES] });
  }
}
