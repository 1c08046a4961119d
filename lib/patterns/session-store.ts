import { Annotations, type RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { ICache } from '../cache/cache';
import { CacheCapability } from '../cache/engine';
import type { CacheLog } from '../cache/log-delivery';
import { CacheNodeType } from '../cache/node-type';
import { ReplicationGroup } from '../cache/replication-group';
import type { WebFleet } from '../fleet/web-fleet';
import { injected } from '../property-injection';
import { allowClient, type Backends, connectContainer, connectFunction } from './cache-client';

/** Properties of a `SessionStore`. */
export interface SessionStoreProps {
  /** The VPC of the clients and of the store. */
  readonly vpc: ec2.IVpc;

  /**
   * A cache that exists. Its parameters and snapshots are its owner's: sessions want `maxmemory-policy` `noeviction`.
   *
   * @default - a new Valkey replication group that is tuned for sessions
   */
  readonly cache?: ICache;

  /**
   * The subnets of a new store.
   *
   * @default - the isolated subnets where the VPC has some, else the private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The kind of machine of a new store's nodes. A session of 1 KB takes about 1.5 KB.
   *
   * @default CacheNodeType.T4G_SMALL
   */
  readonly nodeType?: CacheNodeType;

  /**
   * Replicas of a new store, 1 to 5: with one it fails over, with two it can do so twice.
   *
   * @default 2
   */
  readonly replicas?: number;

  /**
   * Days that a daily snapshot of a new store is kept, 1 to 35.
   *
   * @default 7
   */
  readonly snapshotRetentionDays?: number;

  /**
   * Key that encrypts a new store. A change replaces it.
   *
   * @default - the key of ElastiCache
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What happens to the sessions when a new store leaves the template.
   *
   * @default RemovalPolicy.SNAPSHOT
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Where a new store writes the commands that took too long.
   *
   * @default - nowhere
   */
  readonly slowLog?: CacheLog;

  /**
   * Where a new store writes the engine's own messages, failovers among them.
   *
   * @default - nowhere
   */
  readonly engineLog?: CacheLog;

  /**
   * What clients call the store.
   *
   * @default 'sessions'
   */
  readonly cacheName?: string;
}

/**
 * Sessions that every instance shares: log in on one, be known on all. Replicated over zones with automatic failover,
 * with daily snapshots, and full rather than forgetful: a session that lives is never thrown out for a new one.
 */
export class SessionStore extends Construct {
  /** Uniquely identifies this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-elasticache.SessionStore';

  /** The cache that holds the sessions. */
  public readonly cache: ICache;
  private readonly cacheName: string;

  /** @throws if a new store would have no replica */
  constructor(scope: Construct, id: string, props: SessionStoreProps) {
    super(scope, id);
    props = injected(scope, id, SessionStore.PROPERTY_INJECTION_ID, props);

    this.cacheName = props.cacheName ?? 'sessions';
    this.cache = props.cache ?? this.createCache(props);
    if (!this.cache.engine.supports(CacheCapability.MULTI_AZ)) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:sessions-without-failover',
        `${this.cache.engine} has no replicas: a node that is lost signs its users out`,
      );
    }
  }

  /** Lets a fleet keep its sessions here. */
  public useFromFleet(fleet: WebFleet): void {
    fleet.useCache(this.cacheName, this.cache);
  }

  /**
   * Lets a function keep its sessions here; it finds the binding in `CACHE_BINDINGS`.
   *
   * @throws if the function is not in a VPC
   */
  public useFromFunction(client: lambda.Function): void {
    connectFunction(client, this.backends);
  }

  /** Lets a container of an ECS service keep its sessions here; it finds the binding in `CACHE_BINDINGS`. */
  public useFromContainer(service: ecs.BaseService, container: ecs.ContainerDefinition): void {
    connectContainer(service, container, this.backends, '/');
  }

  /** Lets any other compute reach the store and sign in. Its binding is `cache.binding()`. */
  public allow(client: ec2.IConnectable, grantee: iam.IGrantable): void {
    allowClient(client, grantee, this.backends);
  }

  private createCache(props: SessionStoreProps): ReplicationGroup {
    const replicas = props.replicas ?? 2;
    if (replicas < 1) {
      throw new Error('`replicas` of a `SessionStore` must be at least 1, or a lost node signs everybody out, got 0');
    }
    return new ReplicationGroup(this, 'Cache', {
      vpc: props.vpc,
      ...(props.vpcSubnets === undefined ? {} : { vpcSubnets: props.vpcSubnets }),
      nodeType: props.nodeType ?? CacheNodeType.T4G_SMALL,
      replicas,
      // A full store refuses new sessions, and an alarm says so before; an evicting one would forget living ones.
      parameters: { 'maxmemory-policy': 'noeviction' },
      snapshotRetentionDays: props.snapshotRetentionDays ?? 7,
      ...(props.encryptionKey === undefined ? {} : { encryptionKey: props.encryptionKey }),
      ...(props.removalPolicy === undefined ? {} : { removalPolicy: props.removalPolicy }),
      ...(props.slowLog === undefined ? {} : { slowLog: props.slowLog }),
      ...(props.engineLog === undefined ? {} : { engineLog: props.engineLog }),
    });
  }

  private get backends(): Backends {
    return { caches: { [this.cacheName]: this.cache }, databases: {} };
  }
}
