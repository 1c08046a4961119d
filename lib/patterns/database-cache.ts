import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { bindingText } from '../binding-document';
import type { ICache } from '../cache/cache';
import { MemcachedCluster } from '../cache/memcached-cluster';
import { CacheNodeType } from '../cache/node-type';
import type { IDatabase } from '../database/database-base';
import type { WebFleet } from '../fleet/web-fleet';
import { injected } from '../property-injection';
import { allowClient, type Backends, connectContainer, connectFunction } from './cache-client';

/** Properties of a `DatabaseCache`. */
export interface DatabaseCacheProps {
  /** The VPC of the clients and of what they reach. */
  readonly vpc: ec2.IVpc;

  /** The database that is relieved: a `Database`, or `Database.fromDatabaseInstance` for one that exists. */
  readonly database: IDatabase;

  /**
   * A cache that exists, of whatever engine.
   *
   * @default - a new Memcached cluster: what is lost is loaded again
   */
  readonly cache?: ICache;

  /**
   * The subnets of a new cache.
   *
   * @default - the isolated subnets where the VPC has some, else the private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The kind of machine of a new cache's nodes.
   *
   * @default CacheNodeType.T4G_SMALL
   */
  readonly nodeType?: CacheNodeType;

  /**
   * Nodes of a new cache, 1 to 60. One that is lost takes its share of the entries along.
   *
   * @default 2
   */
  readonly nodes?: number;

  /**
   * What clients call the cache.
   *
   * @default 'objects'
   */
  readonly cacheName?: string;

  /**
   * What clients call the database.
   *
   * @default 'main'
   */
  readonly databaseName?: string;
}

/**
 * A cache in front of a database, for any compute: instances, containers, functions. Each `use` opens both to a client,
 * in security groups and permissions, and tells it how to reach them.
 */
export class DatabaseCache extends Construct {
  /** Uniquely identifies this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-elasticache.DatabaseCache';

  /** The cache. */
  public readonly cache: ICache;
  /** The database behind it. */
  public readonly database: IDatabase;
  private readonly cacheName: string;
  private readonly databaseName: string;

  constructor(scope: Construct, id: string, props: DatabaseCacheProps) {
    super(scope, id);
    props = injected(scope, id, DatabaseCache.PROPERTY_INJECTION_ID, props);

    this.cacheName = props.cacheName ?? 'objects';
    this.databaseName = props.databaseName ?? 'main';
    this.database = props.database;
    this.cache =
      props.cache ??
      new MemcachedCluster(this, 'Cache', {
        vpc: props.vpc,
        ...(props.vpcSubnets === undefined ? {} : { vpcSubnets: props.vpcSubnets }),
        nodeType: props.nodeType ?? CacheNodeType.T4G_SMALL,
        nodes: props.nodes ?? 2,
      });
  }

  /** Lets a fleet use both. Its database gets the deploy step, unless it was imported without its master's secret. */
  public useFromFleet(fleet: WebFleet): void {
    fleet.useCache(this.cacheName, this.cache);
    fleet.useDatabase(this.databaseName, this.database);
  }

  /**
   * Lets a function use both; it finds the binding in `CACHE_BINDINGS`, and needs RDS's certificates as `rds.pem` beside
   * its code.
   *
   * @throws if the function is not in a VPC
   */
  public useFromFunction(client: lambda.Function): void {
    connectFunction(client, this.backends);
  }

  /**
   * Lets a container of an ECS service use both; it finds the binding in `CACHE_BINDINGS`.
   *
   * @param certificatesDirectory where the container has RDS's certificates, as `rds.pem`
   */
  public useFromContainer(
    service: ecs.BaseService,
    container: ecs.ContainerDefinition,
    certificatesDirectory: string,
  ): void {
    connectContainer(service, container, this.backends, certificatesDirectory);
  }

  /**
   * The binding of any other compute that `allow` lets in, as JSON for its environment variable `CACHE_BINDINGS`. It
   * holds nothing secret.
   *
   * @param certificatesDirectory where the client has RDS's certificates, as `rds.pem`
   */
  public binding(certificatesDirectory: string): string {
    return bindingText(this, {
      caches: { [this.cacheName]: this.cache._bindingEntry() },
      databases: { [this.databaseName]: this.database._bindingEntry(certificatesDirectory) },
    });
  }

  /** Lets any other compute reach both and sign in. */
  public allow(client: ec2.IConnectable, grantee: iam.IGrantable): void {
    allowClient(client, grantee, this.backends);
  }

  private get backends(): Backends {
    return { caches: { [this.cacheName]: this.cache }, databases: { [this.databaseName]: this.database } };
  }
}
