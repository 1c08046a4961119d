/** The exponent of the YCSB's zipfian workloads. */
const EXPONENT = 0.99;

/** Long enough that no run sees it repeat in step, short enough to stay in the processor's cache. */
const LENGTH = 1 << 16;

/** An endless sequence of ids. */
export type Ids = () => string;

/** Ids `0` to `count - 1`, the first ones the most wanted, as in most caches. */
export function zipf(count: number): Ids {
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank += 1) {
    sum += 1 / (rank + 1) ** EXPONENT;
    cumulative[rank] = sum;
  }
  return cycle((random) => indexOf(cumulative, random * sum));
}

/** Ids `0` to `count - 1`, each as wanted as any other. */
export function uniform(count: number): Ids {
  return cycle((random) => Math.floor(random * count));
}

function cycle(pick: (random: number) => number): Ids {
  const random = generator();
  const ids = Array.from({ length: LENGTH }, () => String(pick(random())));
  let next = 0;
  return () => {
    const id = ids[next] as string;
    next = (next + 1) & (LENGTH - 1);
    return id;
  };
}

/** Index of the first element that is not below a value. */
function indexOf(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Mulberry32: every client is asked for the same ids in the same order. */
function generator(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
