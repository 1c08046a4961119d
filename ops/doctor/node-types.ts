/** vCPUs of the sizes that differ from the rule: EC2 gives `large` two and doubles them with each size. */
const FEW_VCPUS: Readonly<Record<string, number>> = { 't2.micro': 1, 't2.small': 1 };

/**
 * How many vCPUs a node has; 2 where the size is unknown.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
 */
export function vcpusOf(nodeType: string): number {
  const [, family, size = ''] = nodeType.split('.');
  const times = size === 'xlarge' ? 1 : Number(/^(\d+)xlarge$/.exec(size)?.[1] ?? 0);
  return FEW_VCPUS[`${family}.${size}`] ?? (times === 0 ? 2 : times * 4);
}

/** Connections that a node takes, and the sizes that take fewer. */
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

/**
 * Most connections of a node: the parameter `maxclients`, and of Memcached `max_simultaneous_connections`.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
 */
export function mostConnectionsOf(nodeType: string): number {
  return FEWER_CONNECTIONS[nodeType.replace(/^cache\./, '')] ?? CONNECTIONS;
}

/** Whether a node type or an instance class earns CPU credits. */
function isBurstable(type: string): boolean {
  return /^(cache|db)\.t\d/.test(type);
}

/** CPU credits a size earns in a day, which is the most that it saves. */
const CREDITS: Readonly<Record<string, number>> = {
  micro: 288,
  small: 576,
  medium: 576,
  large: 864,
  xlarge: 2_304,
  '2xlarge': 4_608,
};

/**
 * The most CPU credits that a type of t3 or t4g can save; nothing for other types, and for t2, which tells none.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html
 */
export function mostCreditsOf(type: string): number | undefined {
  const [, family = '', size = ''] = type.split('.');
  return isBurstable(type) && family !== 't2' ? CREDITS[size] : undefined;
}

/** What a size of reserved node counts as, so that one of a large size covers two of the next smaller. */
const UNITS: Readonly<Record<string, number>> = { micro: 0.5, small: 1, medium: 2, large: 4, xlarge: 8 };

/**
 * Family and normalized units of a node type; nothing for a size that is unknown.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.Reserved.html
 */
export function reservedUnits(nodeType: string): { readonly family: string; readonly units: number } | undefined {
  const [, family = '', size = ''] = nodeType.split('.');
  const units = UNITS[size] ?? Number(/^(\d+)xlarge$/.exec(size)?.[1] ?? 0) * 8;
  return units === 0 ? undefined : { family, units };
}
