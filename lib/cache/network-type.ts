import type { Limit } from '../limits';
import { CacheCapability, type CacheEngine } from './engine';
import type { CacheNodeType } from './node-type';

/** Addresses that a cache is reached at. A change replaces the cache. */
export enum CacheNetworkType {
  /** IPv4. */
  IPV4 = 'ipv4',
  /** IPv6, in subnets that have nothing else. */
  IPV6 = 'ipv6',
  /** Both, in dual-stack subnets. */
  DUAL_STACK = 'dual_stack',
}

/** Addresses that a cache names when a client asks for its nodes. With TLS it names hosts, and this has no effect. */
export enum CacheIpDiscovery {
  /** IPv4. */
  IPV4 = 'ipv4',
  /** IPv6. */
  IPV6 = 'ipv6',
}

/**
 * What is wrong with a choice of addresses.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/network-type.html
 */
export function networkLimits(
  engine: CacheEngine,
  nodeType: CacheNodeType,
  networkType?: CacheNetworkType,
  ipDiscovery?: CacheIpDiscovery,
): Limit[] {
  const single = networkType !== CacheNetworkType.DUAL_STACK;
  const wanted = networkType === CacheNetworkType.IPV6 ? CacheIpDiscovery.IPV6 : CacheIpDiscovery.IPV4;
  const ipv6 = networkType === CacheNetworkType.IPV6 || networkType === CacheNetworkType.DUAL_STACK;
  return [
    {
      broken: ipv6 && !engine.supports(CacheCapability.IPV6),
      message: `\`networkType\` ${networkType} needs valkey 7.2, redis 6.2 or memcached 1.6.6 or later, got ${engine}`,
    },
    {
      broken: ipv6 && !nodeType.isNitro,
      message: `\`networkType\` ${networkType} needs a node type of the Nitro system, got ${nodeType}`,
    },
    {
      broken: ipDiscovery !== undefined && single && ipDiscovery !== wanted,
      message: `\`ipDiscovery\` must be ${wanted} with \`networkType\` ${networkType ?? CacheNetworkType.IPV4}, got ${ipDiscovery}`,
    },
  ];
}
