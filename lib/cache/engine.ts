import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Limit } from '../limits';
import {
  compareVersions,
  knownVersions,
  type MemcachedVersion,
  type RedisVersion,
  type ValkeyVersion,
} from './engine-version';

/** What an engine may be asked to do beyond holding objects. */
export enum CacheCapability {
  /** Lists, sets, hashes and sorted sets: rankings, leaderboards, queues. */
  DATA_TYPES = 'lists, sets, hashes and leaderboards',
  /** Replicas of a primary. */
  REPLICATION = 'replication',
  /** Automatic failover to a replica in another Availability Zone. */
  MULTI_AZ = 'Multi-AZ with automatic failover',
  /** Data that survive a reboot: by a replica, a snapshot or durability. */
  PERSISTENCE = 'persistence',
  /** Data spread over shards, each with its primary and replicas. */
  CLUSTER_MODE = 'cluster mode',
  /** A change of cluster mode from disabled by way of compatible to enabled, without a new group. */
  CLUSTER_MODE_MIGRATION = 'a change of cluster mode',
  /** Encrypted connections. */
  TRANSIT_ENCRYPTION = 'encryption in transit',
  /** Encrypted disks and snapshots. */
  AT_REST_ENCRYPTION = 'encryption at rest',
  /** A password for the whole cache, the AUTH token. */
  AUTH_TOKEN = 'AUTH tokens',
  /** Users with rules of what each may do (role-based access control). */
  USERS = 'users (role-based access control)',
  /** Users that sign in with IAM tokens instead of passwords. */
  IAM = 'IAM authentication',
  /** Slow commands written to a log. */
  SLOW_LOG = 'slow log',
  /** The engine's own messages written to a log. */
  ENGINE_LOG = 'engine log',
  /** Less used data kept on disk (r6gd nodes). */
  DATA_TIERING = 'data tiering',
  /** Writes that are on disk in several Availability Zones before, or soon after, they are acknowledged. */
  DURABILITY = 'durability',
  /** Addresses of IPv6. */
  IPV6 = 'IPv6',
  /** Serverless caches. */
  SERVERLESS = 'serverless caches',
}

/** The version from which on an engine can do something; an engine that is not named cannot. */
type Since = Readonly<Partial<Record<EngineName, string>>>;

type EngineName = 'valkey' | 'redis' | 'memcached';

/**
 * Sources, all below https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/: SelectEngine, in-transit-encryption,
 * in-transit-encryption-mc, at-rest-encryption, auth, Clusters.RBAC, auth-iam, Log_Delivery, data-tiering,
 * modify-cluster-mode, network-type. `0` is every version that ElastiCache still offers.
 */
const SINCE: Readonly<Record<CacheCapability, Since>> = {
  [CacheCapability.DATA_TYPES]: { valkey: '0', redis: '0' },
  [CacheCapability.REPLICATION]: { valkey: '0', redis: '0' },
  [CacheCapability.MULTI_AZ]: { valkey: '0', redis: '0' },
  [CacheCapability.PERSISTENCE]: { valkey: '0', redis: '0' },
  [CacheCapability.CLUSTER_MODE]: { valkey: '0', redis: '3.2.4' },
  [CacheCapability.CLUSTER_MODE_MIGRATION]: { valkey: '7.2', redis: '7.0' },
  [CacheCapability.TRANSIT_ENCRYPTION]: { valkey: '0', redis: '3.2.6', memcached: '1.6.12' },
  [CacheCapability.AT_REST_ENCRYPTION]: { valkey: '0', redis: '3.2.6' },
  [CacheCapability.AUTH_TOKEN]: { valkey: '0', redis: '3.2.6' },
  [CacheCapability.USERS]: { valkey: '7.2', redis: '6.0' },
  [CacheCapability.IAM]: { valkey: '7.2', redis: '7.0' },
  [CacheCapability.SLOW_LOG]: { valkey: '7.2', redis: '6.0' },
  [CacheCapability.ENGINE_LOG]: { valkey: '7.2', redis: '6.2' },
  [CacheCapability.DATA_TIERING]: { valkey: '7.2', redis: '6.2' },
  [CacheCapability.DURABILITY]: { valkey: '9.0' },
  [CacheCapability.IPV6]: { valkey: '7.2', redis: '6.2', memcached: '1.6.6' },
  [CacheCapability.SERVERLESS]: { valkey: '7.2', redis: '7.0', memcached: '1.6.22' },
};

/** An engine and its version, as two facts, and what that engine can do. */
export class CacheEngine {
  /**
   * Valkey: the open-source successor of Redis OSS.
   *
   * @throws if the version is one of Redis OSS
   */
  static valkey(version: ValkeyVersion): CacheEngine {
    if (compareVersions(version.version, '7.2') < 0) {
      throw new Error(
        `valkey starts with version 7.2, got ${version.version}, which is a version of Redis OSS: use \`CacheEngine.redis(...)\``,
      );
    }
    return new CacheEngine('valkey', version.version);
  }

  /** Redis OSS. */
  static redis(version: RedisVersion): CacheEngine {
    return new CacheEngine('redis', version.version);
  }

  /**
   * Memcached: independent nodes that hold plain objects.
   *
   * @throws if the version is not one of Memcached's 1.x
   */
  static memcached(version: MemcachedVersion): CacheEngine {
    if (!version.version.startsWith('1.')) {
      throw new Error(`a version of memcached starts with 1, got ${version.version}`);
    }
    return new CacheEngine('memcached', version.version);
  }

  /**
   * @param name as CloudFormation's `Engine` has it
   * @param version as CloudFormation's `EngineVersion` has it
   */
  private constructor(
    readonly name: string,
    readonly version: string,
    private readonly before?: CacheEngine,
  ) {}

  /**
   * Says that the cache ran Redis OSS and goes on as Valkey, in place: its data, its endpoint names and its users stay,
   * the addresses behind the names change, and there is no way back. Users and user groups stay those of Redis OSS,
   * which Valkey takes; without this the cache would be upgraded all the same, and its users replaced under it. Keep it for
   * as long as the cache lives.
   *
   * ```ts
   * CacheEngine.valkey(ValkeyVersion.V8_1).upgradedInPlaceFrom(CacheEngine.redis(RedisVersion.V7_1))
   * ```
   *
   * @throws if this is not Valkey, or the other not Redis OSS
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement.HowTo.html
   */
  upgradedInPlaceFrom(before: CacheEngine): CacheEngine {
    if (this.name !== 'valkey' || before.name !== 'redis') {
      throw new Error(`only redis can be upgraded in place, and only to valkey, got ${before} to ${this}`);
    }
    return new CacheEngine(this.name, this.version, before);
  }

  /** Engine of the cache's users: `redis` for a cache that was upgraded in place, else the engine's name. */
  get usersEngineName(): string {
    return this.before?.name ?? this.name;
  }

  /** Whether the engine, in this version, can do it. */
  supports(capability: CacheCapability): boolean {
    const since = SINCE[capability][this.name as EngineName];
    return since !== undefined && compareVersions(this.version, since) >= 0;
  }

  /** Which engines can do it, in words: `valkey 7.2 or redis 7.0 or later`. */
  static whichSupport(capability: CacheCapability): string {
    const names = Object.entries(SINCE[capability]).map(([name, since]) => (since === '0' ? name : `${name} ${since}`));
    const later = Object.values(SINCE[capability]).some((since) => since !== '0');
    return `${names.join(' or ')}${later ? ' or later' : ''}`;
  }

  /** Whether the engine is Memcached. */
  get isMemcached(): boolean {
    return this.name === 'memcached';
  }

  /** The first part of the version. */
  get majorVersion(): string {
    return this.version.split('.')[0] as string;
  }

  /** Whether this release knows the version. Constructs warn of one that it does not, and take it. */
  get isKnown(): boolean {
    return this.version.endsWith('.x') || knownVersions(this.name).includes(this.version);
  }

  /**
   * The parameter-group family of the version, for example `valkey8`, `redis6.x` or `memcached1.6`.
   *
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
   */
  get parameterGroupFamily(): string {
    const [major, minor] = this.version.split('.');
    switch (this.name) {
      case 'memcached':
        return `memcached${major}.${minor}`;
      case 'redis':
        return Number(major) >= 7 ? `redis${major}` : major === '6' ? 'redis6.x' : `redis${major}.${minor}`;
      default:
        return `valkey${major}`;
    }
  }

  /** Engine and version in words. */
  toString(): string {
    return `${this.name} ${this.version}`;
  }

  /**
   * Warns of a version that this release does not know, which may have rules that it does not know either.
   *
   * @internal
   */
  _warnIfUnknown(scope: IConstruct): void {
    if (!this.isKnown) {
      Annotations.of(scope).addWarningV2(
        'cdk-elasticache:unknown-engine-version',
        `this release does not know ${this} (known: ${knownVersions(this.name).join(', ')}): it is checked like the newest of them`,
      );
    }
  }
}

/** Refuses what an engine cannot do, and says which can. */
export function engineLimit(engine: CacheEngine, capability: CacheCapability, property: string): Limit {
  return {
    broken: !engine.supports(capability),
    message: `\`${property}\` needs an engine with ${capability} (${CacheEngine.whichSupport(capability)}), got ${engine}`,
  };
}
