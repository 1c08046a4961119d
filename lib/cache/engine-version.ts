/**
 * A version of Valkey.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
 */
export class ValkeyVersion {
  /** Valkey 7.2. */
  static readonly V7_2 = new ValkeyVersion('7.2');
  /** Valkey 8.0. */
  static readonly V8_0 = new ValkeyVersion('8.0');
  /** Valkey 8.1. */
  static readonly V8_1 = new ValkeyVersion('8.1');
  /** Valkey 8.2. */
  static readonly V8_2 = new ValkeyVersion('8.2');
  /** Valkey 9.0, the first with durability. */
  static readonly V9_0 = new ValkeyVersion('9.0');
  /** Valkey 9.1. */
  static readonly V9_1 = new ValkeyVersion('9.1');

  /**
   * A version this release does not know yet, for example `9.2`. Constructs warn of it and take it.
   *
   * @throws if it is not written as a version
   */
  static of(version: string): ValkeyVersion {
    return new ValkeyVersion(requireVersion('valkey', version));
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
  /** Redis OSS 6.0, the first with users. */
  static readonly V6_0 = new RedisVersion('6.0');
  /** Redis OSS 6.2. */
  static readonly V6_2 = new RedisVersion('6.2');
  /** Redis OSS 7.0, the first with IAM tokens. */
  static readonly V7_0 = new RedisVersion('7.0');
  /** Redis OSS 7.1. */
  static readonly V7_1 = new RedisVersion('7.1');

  /**
   * A version this release does not know yet. Constructs warn of it and take it.
   *
   * @throws if it is not written as a version
   */
  static of(version: string): RedisVersion {
    return new RedisVersion(requireVersion('redis', version));
  }

  /** @param version as ElastiCache writes it */
  private constructor(readonly version: string) {}
}

/** A version of Memcached. */
export class MemcachedVersion {
  /** Memcached 1.4.5. */
  static readonly V1_4_5 = new MemcachedVersion('1.4.5');
  /** Memcached 1.4.14. */
  static readonly V1_4_14 = new MemcachedVersion('1.4.14');
  /** Memcached 1.4.24. */
  static readonly V1_4_24 = new MemcachedVersion('1.4.24');
  /** Memcached 1.4.33. */
  static readonly V1_4_33 = new MemcachedVersion('1.4.33');
  /** Memcached 1.4.34. */
  static readonly V1_4_34 = new MemcachedVersion('1.4.34');
  /** Memcached 1.5.10. */
  static readonly V1_5_10 = new MemcachedVersion('1.5.10');
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

  /**
   * A version this release does not know yet. Constructs warn of it and take it.
   *
   * @throws if it is not written as a version
   */
  static of(version: string): MemcachedVersion {
    return new MemcachedVersion(requireVersion('memcached', version));
  }

  /** @param version as ElastiCache writes it */
  private constructor(readonly version: string) {}
}

/** Orders two versions: negative if the first is older, 0 if they are the same. `6.x` stands for the newest 6. */
export function compareVersions(one: string, other: string): number {
  const left = parts(one);
  const right = parts(other);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** The versions of an engine that this release knows, oldest first. */
export function knownVersions(engine: string): readonly string[] {
  return KNOWN[engine] ?? [];
}

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  valkey: versionsOf(ValkeyVersion),
  redis: versionsOf(RedisVersion),
  memcached: versionsOf(MemcachedVersion),
};

function versionsOf(versions: object): string[] {
  return Object.values(versions)
    .flatMap((value) => (typeof value?.version === 'string' ? [value.version as string] : []))
    .sort(compareVersions);
}

function parts(version: string): number[] {
  return version.split('.').map((part) => (part === 'x' ? Number.MAX_SAFE_INTEGER : Number(part)));
}

function requireVersion(engine: string, version: string): string {
  if (!/^\d+\.(\d+(\.\d+)?|x)$/.test(version)) {
    throw new Error(
      `a version of ${engine} is written in numbers and dots, for example ${knownVersions(engine).at(-1)}, got ${JSON.stringify(version)}`,
    );
  }
  return version;
}
