import { LONGEST_LIFETIME_S } from './lifetime';
import type { NodeConnectionLimits } from './node-connection';
import type { TlsOptions } from './open-socket';

/** One endpoint. */
export interface MemcachedEndpoint {
  readonly host: string;
  readonly port: number;
  /**
   * - `discovery`: the host is an ElastiCache configuration endpoint, which is asked for the nodes again and again;
   * - `node`: the host is the one node, or a serverless cache.
   */
  readonly mode: 'discovery' | 'node';
}

/** A list of nodes that does not change. */
export interface MemcachedNodes {
  readonly nodes: ReadonlyArray<{ readonly host: string; readonly port: number }>;
}

/** What bounds a client. */
export interface MemcachedClientLimits {
  /**
   * Encrypts all connections, also those to the configuration endpoint. Certificates are always verified, by host name.
   *
   * @default - not encrypted
   */
  readonly tls?: TlsOptions;
  /**
   * How long a call may take, in milliseconds. A node that says nothing for so long counts as frozen: its connection is
   * given up and it is out until it answers again.
   *
   * @default 100
   */
  readonly callTimeoutMs?: number;
  /** How long a connection may take, with TLS and the first answer, in milliseconds. @default 1000 */
  readonly connectTimeoutMs?: number;
  /**
   * Between two questions for the nodes of the cluster, in milliseconds, give or take a tenth. It is also asked when a
   * node fails, at most once a second.
   *
   * @default 60000
   */
  readonly discoveryIntervalMs?: number;
  /** Calls that may wait for one node; a further one fails at once with `OVERLOADED`. @default 10000 */
  readonly maxPendingPerNode?: number;
  /** The most calls that one write carries; 1 does not join calls at all. @default 128 */
  readonly maxBatch?: number;
  /**
   * The largest value that is stored, in bytes; a larger one fails with `TOO_LARGE`. Raise it together with the
   * parameter `max_item_size` of the nodes. A value that is larger than this and 1 MiB cannot be read either.
   *
   * @default 1048064, which is 1 MiB less what Memcached takes of it for an item's header and the longest key
   */
  readonly maxValueBytes?: number;
  /** The longest life of what is stored on another node while a key's own node is out, in seconds. @default 10 */
  readonly gutterTtlS?: number;
}

export type MemcachedClientOptions = (MemcachedEndpoint | MemcachedNodes) & MemcachedClientLimits;

export interface CheckedLimits extends NodeConnectionLimits {
  readonly discoveryIntervalMs: number;
  readonly gutterTtlS: number;
}

const HIGHEST_PORT = 65_535;

/** `setTimeout` takes 2^31 - 1 milliseconds; anything longer would be no time at all. */
const LONGEST_TIME_MS = 2_147_483_647;

/** Memcached itself takes items of up to 1 GiB. */
const LARGEST_VALUE_BYTES = 1_073_741_824;

const RULES: Readonly<Record<keyof CheckedLimits, { readonly byDefault: number; readonly most: number }>> = {
  callTimeoutMs: { byDefault: 100, most: LONGEST_TIME_MS },
  connectTimeoutMs: { byDefault: 1_000, most: LONGEST_TIME_MS },
  discoveryIntervalMs: { byDefault: 60_000, most: LONGEST_TIME_MS / 2 },
  maxPendingPerNode: { byDefault: 10_000, most: Number.MAX_SAFE_INTEGER },
  maxBatch: { byDefault: 128, most: Number.MAX_SAFE_INTEGER },
  maxValueBytes: { byDefault: 1_048_064, most: LARGEST_VALUE_BYTES },
  gutterTtlS: { byDefault: 10, most: LONGEST_LIFETIME_S },
};

/** @throws RangeError that names the option */
export function checkLimits(options: MemcachedClientOptions): CheckedLimits {
  const checked = Object.entries(RULES).map(([name, { byDefault, most }]) => {
    const value = options[name as keyof CheckedLimits] ?? byDefault;
    if (!(value >= 1 && value <= most)) {
      throw new RangeError(`\`${name}\` must be between 1 and ${most}, got ${value}`);
    }
    return [name, Math.floor(value)];
  });
  return Object.fromEntries(checked) as CheckedLimits;
}

/** @throws RangeError when it cannot be connected to */
export function checkAddress({ host, port }: { readonly host: string; readonly port: number }): void {
  if (!host) {
    throw new RangeError('`host` must not be empty');
  }
  if (!(Number.isInteger(port) && port >= 1 && port <= HIGHEST_PORT)) {
    throw new RangeError(`\`port\` must be between 1 and ${HIGHEST_PORT}, got ${port}`);
  }
}
