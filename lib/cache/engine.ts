/** What a cache may be asked to do beyond holding objects. */
export enum CacheCapability {
  /** Lists, sets, hashes and sorted sets: rankings, leaderboards, queues. */
  DATA_TYPES = 'lists, sets, hashes and leaderboards',
  /** Replicas of a primary. */
  REPLICATION = 'replication',
  /** Automatic failover to a replica in another Availability Zone. */
  MULTI_AZ = 'Multi-AZ with automatic failover',
  /** Data that survive a reboot: by a replica, a snapshot or durability. */
  PERSISTENCE = 'persistence',
}

/** A version of Valkey. */
export class ValkeyVersion {
  /** Valkey 7.2. */
  static readonly V7_2 = new ValkeyVersion('7.2');
  /** Valkey 8.0. */
  static readonly V8_0 = new ValkeyVersion('8.0');
  /** Valkey 8.1. */
  static readonly V8_1 = new ValkeyVersion('8.1');
  /** Valkey 8.2. */
  static readonly V8_2 = new ValkeyVersion('8.2');
  /** Valkey 9.0. */
  static readonly V9_0 = new ValkeyVersion('9.0');
  /** Valkey 9.1. */
  static readonly V9_1 = new ValkeyVersion('9.1');

  /** A version this release does not know yet, for example `9.2`. */
  static of(version: string): ValkeyVersion {
    return new ValkeyVersion(version);
  }

  /** @param version as ElastiCache writes it */
  private constructor(readonly version: string) {}
}

/** A version of Redis OSS. */
export class RedisVersion {
  /** Redis OSS 4.0.10. */
  static readonly V4_0_10 = new RedisVersion('4.0.10');
  /** Redis OSS 5.0.6. */
  static readonly V5_0_6 = new RedisVersion('5.0.6');
  /** Redis OSS 6.0. */
  static readonly V6_0 = new RedisVersion('6.0');
  /** Redis OSS 6.2. */
  static readonly V6_2 = new RedisVersion('6.2');
  /** Redis OSS 7.0. */
  static readonly V7_0 = new RedisVersion('7.0');
  /** Redis OSS 7.1. */
  static readonly V7_1 = new RedisVersion('7.1');

  /** A version this release does not know yet. */
  static of(version: string): RedisVersion {
    return new RedisVersion(version);
  }

  /** @param version as ElastiCache writes it */
  private constructor(readonly version: string) {}
}

/** A version of Memcached. */
export class MemcachedVersion {
  /** Memcached 1.4.34. */
  static readonly V1_4_34 = new MemcachedVersion('1.4.34');
  /** Memcached 1.5.16. */
  static readonly V1_5_16 = new MemcachedVersion('1.5.16');
  /** Memcached 1.6.6. */
  static readonly V1_6_6 = new MemcachedVersion('1.6.6');
  /** Memcached 1.6.12, the first with encryption in transit. */
  static readonly V1_6_12 = new MemcachedVersion('1.6.12');
  /** Memcached 1.6.17. */
  static readonly V1_6_17 = new MemcachedVersion('1.6.17');
  /** Memcached 1.6.22. */
  static readonly V1_6_22 = new MemcachedVersion('1.6.22');

  /** A version this release does not know yet. */
  static of(version: string): MemcachedVersion {
    return new MemcachedVersion(version);
  }

  /** @param version as ElastiCache writes it */
  private constructor(readonly version: string) {}
}

/** An engine and its version, as two facts, with what that engine can do. */
export class CacheEngine {
  /** Valkey: the open-source successor of Redis OSS. */
  static valkey(version: ValkeyVersion): CacheEngine {
    return new CacheEngine('valkey', version.version, ALL_CAPABILITIES);
  }

  /** Redis OSS. */
  static redis(version: RedisVersion): CacheEngine {
    return new CacheEngine('redis', version.version, ALL_CAPABILITIES);
  }

  /** Memcached: independent nodes that hold plain objects. */
  static memcached(version: MemcachedVersion): CacheEngine {
    return new CacheEngine('memcached', version.version, []);
  }

  /**
   * @param name as CloudFormation's `Engine` has it
   * @param version as CloudFormation's `EngineVersion` has it
   */
  private constructor(
    readonly name: string,
    readonly version: string,
    private readonly capabilities: CacheCapability[],
  ) {}

  /** Whether the engine can do it. */
  supports(capability: CacheCapability): boolean {
    return this.capabilities.includes(capability);
  }

  /** Whether the engine is Memcached. */
  get isMemcached(): boolean {
    return this.name === 'memcached';
  }

  /**
   * Whether users can sign in with IAM tokens: from Valkey 7.2 and Redis OSS 7.0 on.
   *
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
   */
  get supportsIam(): boolean {
    return (this.name === 'valkey' && this.isAtLeast(7, 2)) || (this.name === 'redis' && this.isAtLeast(7, 0));
  }

  /**
   * Whether connections can be encrypted: Memcached from 1.6.12 on.
   *
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption-mc.html
   */
  get supportsTransitEncryption(): boolean {
    return !this.isMemcached || this.isAtLeast(1, 6, 12);
  }

  /** Engine and version in words. */
  toString(): string {
    return `${this.name} ${this.version}`;
  }

  private isAtLeast(...wanted: number[]): boolean {
    const parts = this.version.split('.').map(Number);
    for (const [index, part] of wanted.entries()) {
      const own = parts[index] ?? 0;
      if (own !== part) {
        return own > part;
      }
    }
    return true;
  }
}

const ALL_CAPABILITIES = [
  CacheCapability.DATA_TYPES,
  CacheCapability.REPLICATION,
  CacheCapability.MULTI_AZ,
  CacheCapability.PERSISTENCE,
];
