/**
 * The kind of machine a cache node runs on.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
 */
export class CacheNodeType {
  /** Burstable, Graviton. */
  static readonly T4G_MICRO = new CacheNodeType('cache.t4g.micro');
  /** Burstable, Graviton. */
  static readonly T4G_SMALL = new CacheNodeType('cache.t4g.small');
  /** Burstable, Graviton. */
  static readonly T4G_MEDIUM = new CacheNodeType('cache.t4g.medium');
  /** General purpose, Graviton. */
  static readonly M7G_LARGE = new CacheNodeType('cache.m7g.large');
  /** General purpose, Graviton. */
  static readonly M7G_XLARGE = new CacheNodeType('cache.m7g.xlarge');
  /** Much memory, Graviton. */
  static readonly R7G_LARGE = new CacheNodeType('cache.r7g.large');
  /** Much memory, Graviton. */
  static readonly R7G_XLARGE = new CacheNodeType('cache.r7g.xlarge');
  /** Much memory, Graviton. */
  static readonly R7G_2XLARGE = new CacheNodeType('cache.r7g.2xlarge');

  /**
   * Any node type by its name, for example `cache.r7g.4xlarge`.
   *
   * @param name starts with `cache.`
   */
  static of(name: string): CacheNodeType {
    if (!/^cache\.[a-z0-9-]+\.[a-z0-9-]+$/.test(name)) {
      throw new Error(
        `a cache node type is written \`cache.<family>.<size>\`, for example cache.t4g.small, got ${name}`,
      );
    }
    return new CacheNodeType(name);
  }

  /** @param name as CloudFormation's `CacheNodeType` has it */
  private constructor(readonly name: string) {}
}
