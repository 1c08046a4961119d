import { Token } from 'aws-cdk-lib';

/** vCPUs of the sizes that differ from their family's rule: EC2 gives `large` two and doubles them with each size. */
const FEW_VCPUS: Readonly<Record<string, number>> = {
  't1.micro': 1,
  't2.micro': 1,
  't2.small': 1,
  'm1.small': 1,
  'm1.medium': 1,
  'm3.medium': 1,
};

/** Connections that a node takes, and the sizes that take fewer (dg/ParameterGroups.Engine, `maxclients`). */
const CONNECTIONS = 65_000;
const FEWER_CONNECTIONS: Readonly<Record<string, number>> = {
  't2.micro': 20_000,
  't2.small': 20_000,
  't2.medium': 20_000,
  't3.micro': 20_000,
  't3.small': 46_000,
  't3.medium': 46_000,
  't4g.micro': 20_000,
};

const VCPUS_OF_SIZE: Readonly<Record<string, number>> = { micro: 2, small: 2, medium: 2, large: 2, xlarge: 4 };

/** Families built before the Nitro system, which IPv6 needs (dg/network-type). */
const BEFORE_NITRO = ['t1', 't2', 'm1', 'm2', 'm3', 'm4', 'c1', 'r3', 'r4'];

/**
 * The kind of machine a cache node runs on.
 *
 * Not every region has every type, and no source at hand says which: AWS refuses at deploy time what a region lacks.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
 */
export class CacheNodeType {
  /** Burstable, Graviton2. */
  static readonly T4G_MICRO = new CacheNodeType('cache.t4g.micro');
  /** Burstable, Graviton2. */
  static readonly T4G_SMALL = new CacheNodeType('cache.t4g.small');
  /** Burstable, Graviton2. */
  static readonly T4G_MEDIUM = new CacheNodeType('cache.t4g.medium');
  /** Burstable, Intel. */
  static readonly T3_MICRO = new CacheNodeType('cache.t3.micro');
  /** Burstable, Intel. */
  static readonly T3_SMALL = new CacheNodeType('cache.t3.small');
  /** Burstable, Intel. */
  static readonly T3_MEDIUM = new CacheNodeType('cache.t3.medium');
  /** General purpose, Graviton3. */
  static readonly M7G_LARGE = new CacheNodeType('cache.m7g.large');
  /** General purpose, Graviton3. */
  static readonly M7G_XLARGE = new CacheNodeType('cache.m7g.xlarge');
  /** General purpose, Graviton3. */
  static readonly M7G_2XLARGE = new CacheNodeType('cache.m7g.2xlarge');
  /** General purpose, Graviton3. */
  static readonly M7G_4XLARGE = new CacheNodeType('cache.m7g.4xlarge');
  /** General purpose, Graviton3. */
  static readonly M7G_8XLARGE = new CacheNodeType('cache.m7g.8xlarge');
  /** General purpose, Graviton3. */
  static readonly M7G_12XLARGE = new CacheNodeType('cache.m7g.12xlarge');
  /** General purpose, Graviton3. */
  static readonly M7G_16XLARGE = new CacheNodeType('cache.m7g.16xlarge');
  /** General purpose, Graviton2. */
  static readonly M6G_LARGE = new CacheNodeType('cache.m6g.large');
  /** General purpose, Graviton2. */
  static readonly M6G_XLARGE = new CacheNodeType('cache.m6g.xlarge');
  /** General purpose, Graviton2. */
  static readonly M6G_2XLARGE = new CacheNodeType('cache.m6g.2xlarge');
  /** General purpose, Graviton2. */
  static readonly M6G_4XLARGE = new CacheNodeType('cache.m6g.4xlarge');
  /** General purpose, Graviton2. */
  static readonly M6G_8XLARGE = new CacheNodeType('cache.m6g.8xlarge');
  /** General purpose, Graviton2. */
  static readonly M6G_12XLARGE = new CacheNodeType('cache.m6g.12xlarge');
  /** General purpose, Graviton2. */
  static readonly M6G_16XLARGE = new CacheNodeType('cache.m6g.16xlarge');
  /** General purpose, Intel. */
  static readonly M5_LARGE = new CacheNodeType('cache.m5.large');
  /** General purpose, Intel. */
  static readonly M5_XLARGE = new CacheNodeType('cache.m5.xlarge');
  /** General purpose, Intel. */
  static readonly M5_2XLARGE = new CacheNodeType('cache.m5.2xlarge');
  /** General purpose, Intel. */
  static readonly M5_4XLARGE = new CacheNodeType('cache.m5.4xlarge');
  /** General purpose, Intel. */
  static readonly M5_12XLARGE = new CacheNodeType('cache.m5.12xlarge');
  /** General purpose, Intel. */
  static readonly M5_24XLARGE = new CacheNodeType('cache.m5.24xlarge');
  /** Much memory, Graviton3. */
  static readonly R7G_LARGE = new CacheNodeType('cache.r7g.large');
  /** Much memory, Graviton3. */
  static readonly R7G_XLARGE = new CacheNodeType('cache.r7g.xlarge');
  /** Much memory, Graviton3. */
  static readonly R7G_2XLARGE = new CacheNodeType('cache.r7g.2xlarge');
  /** Much memory, Graviton3. */
  static readonly R7G_4XLARGE = new CacheNodeType('cache.r7g.4xlarge');
  /** Much memory, Graviton3. */
  static readonly R7G_8XLARGE = new CacheNodeType('cache.r7g.8xlarge');
  /** Much memory, Graviton3. */
  static readonly R7G_12XLARGE = new CacheNodeType('cache.r7g.12xlarge');
  /** Much memory, Graviton3. */
  static readonly R7G_16XLARGE = new CacheNodeType('cache.r7g.16xlarge');
  /** Much memory, Graviton2. */
  static readonly R6G_LARGE = new CacheNodeType('cache.r6g.large');
  /** Much memory, Graviton2. */
  static readonly R6G_XLARGE = new CacheNodeType('cache.r6g.xlarge');
  /** Much memory, Graviton2. */
  static readonly R6G_2XLARGE = new CacheNodeType('cache.r6g.2xlarge');
  /** Much memory, Graviton2. */
  static readonly R6G_4XLARGE = new CacheNodeType('cache.r6g.4xlarge');
  /** Much memory, Graviton2. */
  static readonly R6G_8XLARGE = new CacheNodeType('cache.r6g.8xlarge');
  /** Much memory, Graviton2. */
  static readonly R6G_12XLARGE = new CacheNodeType('cache.r6g.12xlarge');
  /** Much memory, Graviton2. */
  static readonly R6G_16XLARGE = new CacheNodeType('cache.r6g.16xlarge');
  /** Much memory, Intel. */
  static readonly R5_LARGE = new CacheNodeType('cache.r5.large');
  /** Much memory, Intel. */
  static readonly R5_XLARGE = new CacheNodeType('cache.r5.xlarge');
  /** Much memory, Intel. */
  static readonly R5_2XLARGE = new CacheNodeType('cache.r5.2xlarge');
  /** Much memory, Intel. */
  static readonly R5_4XLARGE = new CacheNodeType('cache.r5.4xlarge');
  /** Much memory, Intel. */
  static readonly R5_12XLARGE = new CacheNodeType('cache.r5.12xlarge');
  /** Much memory, Intel. */
  static readonly R5_24XLARGE = new CacheNodeType('cache.r5.24xlarge');
  /** Much memory and a disk for data tiering, Graviton2. */
  static readonly R6GD_XLARGE = new CacheNodeType('cache.r6gd.xlarge');
  /** Much memory and a disk for data tiering, Graviton2. */
  static readonly R6GD_2XLARGE = new CacheNodeType('cache.r6gd.2xlarge');
  /** Much memory and a disk for data tiering, Graviton2. */
  static readonly R6GD_4XLARGE = new CacheNodeType('cache.r6gd.4xlarge');
  /** Much memory and a disk for data tiering, Graviton2. */
  static readonly R6GD_8XLARGE = new CacheNodeType('cache.r6gd.8xlarge');
  /** Much memory and a disk for data tiering, Graviton2. */
  static readonly R6GD_12XLARGE = new CacheNodeType('cache.r6gd.12xlarge');
  /** Much memory and a disk for data tiering, Graviton2. */
  static readonly R6GD_16XLARGE = new CacheNodeType('cache.r6gd.16xlarge');
  /** Much network, Graviton3. */
  static readonly C7GN_LARGE = new CacheNodeType('cache.c7gn.large');
  /** Much network, Graviton3. */
  static readonly C7GN_XLARGE = new CacheNodeType('cache.c7gn.xlarge');
  /** Much network, Graviton3. */
  static readonly C7GN_2XLARGE = new CacheNodeType('cache.c7gn.2xlarge');
  /** Much network, Graviton3. */
  static readonly C7GN_4XLARGE = new CacheNodeType('cache.c7gn.4xlarge');
  /** Much network, Graviton3. */
  static readonly C7GN_8XLARGE = new CacheNodeType('cache.c7gn.8xlarge');
  /** Much network, Graviton3. */
  static readonly C7GN_12XLARGE = new CacheNodeType('cache.c7gn.12xlarge');
  /** Much network, Graviton3. */
  static readonly C7GN_16XLARGE = new CacheNodeType('cache.c7gn.16xlarge');

  /**
   * Any node type by its name, for example `cache.r7g.4xlarge`, or a token.
   *
   * @param name starts with `cache.`
   * @throws if the name is not one of a cache's node types
   */
  static of(name: string): CacheNodeType {
    if (!Token.isUnresolved(name) && !/^cache\.[a-z0-9-]+\.[a-z0-9-]+$/.test(name)) {
      throw new Error(
        `a cache node type is written \`cache.<family>.<size>\`, for example cache.t4g.small, got ${name}`,
      );
    }
    return new CacheNodeType(name);
  }

  /** @param name as CloudFormation's `CacheNodeType` has it */
  private constructor(readonly name: string) {}

  /** Whether the name is a token, so that nothing is known of the type at synth. */
  get isUnresolved(): boolean {
    return Token.isUnresolved(this.name);
  }

  /** The family, for example `r7g`. Empty for a token. */
  get family(): string {
    return this.isUnresolved ? '' : (this.name.split('.')[1] as string);
  }

  /**
   * How many vCPUs a node has; 2 for a token, the fewest that a current type has.
   *
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
   */
  get vcpus(): number {
    const [, family, size] = this.name.split('.');
    const times = /^(\d+)xlarge$/.exec(size ?? '');
    return FEW_VCPUS[`${family}.${size}`] ?? (times === null ? (VCPUS_OF_SIZE[size ?? ''] ?? 2) : Number(times[1]) * 4);
  }

  /**
   * Connections that one node takes at most (parameter `maxclients`, dg/ParameterGroups.Engine; Memcached's
   * `max_simultaneous_connections` ends at the same number).
   */
  get maxConnections(): number {
    return FEWER_CONNECTIONS[this.name.replace(/^cache\./, '')] ?? CONNECTIONS;
  }

  /** Whether the type earns CPU credits and is slowed down when they are spent (t nodes). */
  get isBurstable(): boolean {
    return /^t\d/.test(this.family);
  }

  /** Whether the type keeps less used data on a disk, which it always does: r6gd and its successors. */
  get hasDataTiering(): boolean {
    return /^r\d+gd$/.test(this.family);
  }

  /** Whether the type is built on the Nitro system. */
  get isNitro(): boolean {
    return !BEFORE_NITRO.includes(this.family);
  }

  /** The name. */
  toString(): string {
    return this.name;
  }
}
