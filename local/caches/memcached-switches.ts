/** What a parameter group says to memcached, and what it cannot say here. */
export interface MemcachedSwitches {
  readonly switches: readonly string[];
  /** Names of parameters that are not applied. */
  readonly left: readonly string[];
}

const isOn = (value: string) => ['1', 'yes', 'true', 'on'].includes(value.toLowerCase());
const numeric =
  (make: (value: string) => string[]) =>
  (value: string): string[] | undefined =>
    /^\d+(\.\d+)?$/.test(value) ? make(value) : undefined;
const flag =
  (on: readonly string[], off: readonly string[] = []) =>
  (value: string) => [...(isOn(value) ? on : off)];

/**
 * ElastiCache's parameters of memcached as the program's own switches.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html#ParameterGroups.Memcached
 */
const SWITCHES: Readonly<Record<string, (value: string) => readonly string[] | undefined>> = {
  max_item_size: numeric((value) => ['-I', value]),
  max_simultaneous_connections: numeric((value) => ['-c', value]),
  chunk_size_growth_factor: numeric((value) => ['-f', value]),
  chunk_size: numeric((value) => ['-n', value]),
  cas_disabled: flag(['-C']),
  error_on_memory_exhausted: flag(['-M']),
  disable_flush_all: flag(['-F']),
  idle_timeout: numeric((value) => ['-o', `idle_timeout=${value}`]),
  slab_automove: numeric((value) => ['-o', `slab_automove=${value}`]),
  lru_crawler: flag(['-o', 'lru_crawler'], ['-o', 'no_lru_crawler']),
  lru_maintainer: flag(['-o', 'lru_maintainer'], ['-o', 'no_lru_maintainer']),
  maxconns_fast: flag(['-o', 'maxconns_fast'], ['-o', 'no_maxconns_fast']),
  hash_algorithm: (value) => (/^(jenkins|murmur3)$/.test(value) ? ['-o', `hash_algorithm=${value}`] : undefined),
};

/** Sorts a group's parameters into switches and what is left. */
export function memcachedSwitches(parameters: Readonly<Record<string, string>>): MemcachedSwitches {
  const switches: string[] = [];
  const left: string[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const made = Object.hasOwn(SWITCHES, name) ? SWITCHES[name]?.(value) : undefined;
    if (made === undefined) {
      left.push(name);
    } else {
      switches.push(...made);
    }
  }
  return { switches, left };
}
