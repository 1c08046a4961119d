import { type Codec, jsonCodec } from './codec';
import { LONGEST_TTL_MS } from './stores/store';

export interface TierOptions {
  /** Most entries that this process keeps; the least recently used go first. */
  readonly entries: number;
  /**
   * Longest that an entry is served from this process without asking the cache again, in milliseconds. On a Valkey or
   * Redis OSS of one shard, changes are pushed and arrive within milliseconds; this is the bound where they are not:
   * on Memcached, in cluster mode, and when pushes are lost.
   * @default 10 seconds where changes are pushed, 1 second elsewhere
   */
  readonly maxAgeMs?: number;
}

export interface NamespaceOptions {
  /** Life of an entry, in milliseconds, from 1,000 to 30 days. It is the bound of staleness when all else fails. */
  readonly ttlMs: number;
  /**
   * Share by which each entry's life is varied at random, so that entries filled together do not expire together.
   * @default 0.1 (plus or minus ten per cent)
   */
  readonly jitter?: number;
  /**
   * Life of what the loader did not find (`undefined` or `null`), in milliseconds; 0 does not cache it.
   * @default - the same as `ttlMs`
   */
  readonly negativeTtlMs?: number;
  /**
   * Refresh-ahead: for this long after its TTL an entry is still served, while one caller of the fleet loads it anew, in
   * milliseconds.
   * @default 0 (readers wait for the new value)
   */
  readonly staleWhileRevalidateMs?: number;
  /**
   * For this long after that an entry is kept, and served only if the loader fails, in milliseconds.
   * @default 0 (the loader's error reaches the caller)
   */
  readonly staleIfErrorMs?: number;
  /**
   * Longest that one caller of the fleet keeps a load to itself, in milliseconds. What takes longer is not cached.
   * @default 10,000
   */
  readonly leaseMs?: number;
  /**
   * Longest that others wait for that load before they begin their own, in milliseconds.
   * @default 2,000
   */
  readonly leaseWaitMs?: number;
  /** Version of the values' shape, 0 to 65,535. Entries of another version are misses. @default 0 */
  readonly version?: number;
  /** Tells whether what came out of the cache is of the expected shape; if not, it is a miss and is replaced. */
  readonly accept?: (value: unknown) => boolean;
  /**
   * Tags of an entry, known from its id. `cache.invalidateTag` makes every entry with the tag a miss, without a scan.
   * They come from the id and not from the value, because they have to be read before the load for the load to be void
   * if a tag is invalidated meanwhile.
   */
  readonly tags?: (id: string) => readonly string[];
  /**
   * Whether `clear()` can make every entry a miss, without a scan. It costs one more key in each round trip, and the
   * loss of the node that holds that key is a loss of the whole namespace.
   * @default false
   */
  readonly clearable?: boolean;
  /** Keeps entries in this process too. They are shared between callers and frozen. */
  readonly tier?: TierOptions;
  /** How values become bytes. @default jsonCodec */
  readonly codec?: Codec;
  /** Values of at least so many bytes are compressed. @default - none are */
  readonly compressFromBytes?: number;
  /**
   * Largest entry that is cached, in bytes. Memcached's own limit is 1 MiB (`max_item_size`).
   * @default 1,000,000
   */
  readonly maxBytes?: number;
  /**
   * Where reads come from. Replicas may be behind by the replication's lag; write-through, leases and sessions always
   * use the primary.
   * @default primary
   */
  readonly readFrom?: 'primary' | 'replica';
}

/** Options with their defaults. */
export interface NamespaceSettings {
  readonly ttlMs: number;
  readonly jitter: number;
  readonly negativeTtlMs: number;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  readonly leaseMs: number;
  readonly leaseWaitMs: number;
  readonly version: number;
  readonly accept: ((value: unknown) => boolean) | undefined;
  readonly tags: ((id: string) => readonly string[]) | undefined;
  readonly clearable: boolean;
  readonly tier: TierOptions | undefined;
  readonly codec: Codec;
  readonly compressFromBytes: number;
  readonly maxBytes: number;
  readonly readFrom: 'primary' | 'replica';
}

/** Each rule: the option, what it must be, whether it is. */
const RULES: ReadonlyArray<readonly [keyof NamespaceSettings, string, (settings: NamespaceSettings) => boolean]> = [
  ['ttlMs', 'at least 1000', ({ ttlMs }) => ttlMs >= 1_000],
  ['ttlMs', `at most ${LONGEST_TTL_MS} (30 days)`, ({ ttlMs }) => ttlMs <= LONGEST_TTL_MS],
  ['jitter', 'from 0 to below 1', ({ jitter }) => jitter >= 0 && jitter < 1],
  ['negativeTtlMs', '0 or at least 1000', ({ negativeTtlMs: ms }) => ms === 0 || (ms >= 1_000 && ms <= LONGEST_TTL_MS)],
  ['staleWhileRevalidateMs', 'at least 0', ({ staleWhileRevalidateMs: ms }) => ms >= 0 && ms <= LONGEST_TTL_MS],
  ['staleIfErrorMs', 'at least 0', ({ staleIfErrorMs: ms }) => ms >= 0 && ms <= LONGEST_TTL_MS],
  ['leaseMs', 'at least 1000', ({ leaseMs }) => leaseMs >= 1_000 && leaseMs <= LONGEST_TTL_MS],
  ['leaseWaitMs', 'at least 0', ({ leaseWaitMs }) => leaseWaitMs >= 0 && leaseWaitMs < Number.POSITIVE_INFINITY],
  [
    'version',
    'a whole number from 0 to 65535',
    ({ version }) => Number.isInteger(version) && version >= 0 && version <= 65_535,
  ],
  ['maxBytes', 'at least 1', ({ maxBytes }) => maxBytes >= 1],
  ['compressFromBytes', 'at least 0', ({ compressFromBytes }) => compressFromBytes >= 0],
];

/** @throws RangeError that names the option, what it must be, and what it is */
export function settingsOf(name: string, options: NamespaceOptions): NamespaceSettings {
  const settings: NamespaceSettings = {
    ttlMs: options.ttlMs,
    jitter: options.jitter ?? 0.1,
    negativeTtlMs: options.negativeTtlMs ?? options.ttlMs,
    staleWhileRevalidateMs: options.staleWhileRevalidateMs ?? 0,
    staleIfErrorMs: options.staleIfErrorMs ?? 0,
    leaseMs: options.leaseMs ?? 10_000,
    leaseWaitMs: options.leaseWaitMs ?? 2_000,
    version: options.version ?? 0,
    accept: options.accept,
    tags: options.tags,
    clearable: options.clearable ?? false,
    tier: options.tier,
    codec: options.codec ?? jsonCodec,
    compressFromBytes: options.compressFromBytes ?? Number.POSITIVE_INFINITY,
    maxBytes: options.maxBytes ?? 1_000_000,
    readFrom: options.readFrom ?? 'primary',
  };
  for (const [option, must, holds] of RULES) {
    if (!holds(settings)) {
      throw new RangeError(`\`${option}\` of namespace \`${name}\` must be ${must}, got ${settings[option]}`);
    }
  }
  const { tier } = settings;
  if (tier !== undefined && !(Number.isInteger(tier.entries) && tier.entries >= 1)) {
    throw new RangeError(
      `\`tier.entries\` of namespace \`${name}\` must be a whole number of at least 1, got ${tier.entries}`,
    );
  }
  if (tier?.maxAgeMs !== undefined && !(tier.maxAgeMs > 0)) {
    throw new RangeError(`\`tier.maxAgeMs\` of namespace \`${name}\` must be above 0, got ${tier.maxAgeMs}`);
  }
  return settings;
}
