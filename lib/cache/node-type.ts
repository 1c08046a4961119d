/** The kind of machine a cache node runs on. */
export class CacheNodeType {
  /** 2 vCPU, 0.5 GiB, burstable, Graviton. */
  static readonly T4G_MICRO = new CacheNodeType('cache.t4g.micro');
  /** 2 vCPU, 1.37 GiB, burstable, Graviton. */
  static readonly T4G_SMALL = new CacheNodeType('cache.t4g.small');
  /** 2 vCPU, 3.09 GiB, burstable, Graviton. */
  static readonly T4G_MEDIUM = new CacheNodeType('cache.t4g.medium');
  /** 2 vCPU, 6.38 GiB, Graviton. */
  static readonly M7G_LARGE = new CacheNodeType('cache.m7g.large');
  /** 4 vCPU, 12.93 GiB, Graviton. */
  static readonly M7G_XLARGE = new CacheNodeType('cache.m7g.xlarge');
  /** 2 vCPU, 13.07 GiB, Graviton. */
  static readonly R7G_LARGE = new CacheNodeType('cache.r7g.large');
  /** 4 vCPU, 26.32 GiB, Graviton. */
  static readonly R7G_XLARGE = new CacheNodeType('cache.r7g.xlarge');
  /** 8 vCPU, 52.82 GiB, Graviton. */
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
