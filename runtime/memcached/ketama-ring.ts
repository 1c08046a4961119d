import { createHash } from 'node:crypto';

/**
 * Points on the ring for each node, eight times libketama's. With 160 the share of one of two nodes is off by 2.8 points
 * (one standard deviation), with 1,280 by 1.0, so that a further node practically never takes 5 points too many.
 */
const POINTS_PER_NODE = 1_280;

/** An MD5 sum gives four points of four bytes. */
const POINTS_PER_SUM = 4;

/** A node's number, in name order, stands in the lower 16 bits of a number that holds its point in the upper 32. */
const MOST_NODES = 65_536;

/**
 * Spreads keys over nodes so that a node more or less moves only the keys of its share (consistent hashing).
 *
 * The nodes' points are made as libketama makes them: four from each MD5 sum of `host:port-0`, `host:port-1` and so on,
 * all nodes of equal weight. Keys are hashed with FNV-1a and a final mix instead of MD5, which would cost as much as the rest of a call;
 * so clients of this kind agree with each other, but not with other libketama clients on the place of a key.
 */
export class KetamaRing<T extends { readonly name: string }> {
  private readonly points: Uint32Array;
  private readonly owners: T[];
  private readonly only: T | undefined;

  /**
   * @param nodes in any order; names are unique
   * @throws RangeError without a node
   */
  constructor(nodes: readonly T[]) {
    if (nodes.length === 0) {
      throw new RangeError('a ring needs at least one node');
    }
    this.only = nodes.length === 1 ? nodes[0] : undefined;
    // Numbered in name order, so that the order they came in does not matter where two have the same point.
    const named = [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
    const placed = Float64Array.from(
      named.flatMap((node, index) => pointsOf(node).map((point) => point * MOST_NODES + index)),
    ).sort();
    this.points = Uint32Array.from(placed, (place) => Math.floor(place / MOST_NODES));
    this.owners = Array.from(placed, (place) => named[place % MOST_NODES] as T);
  }

  /** The node that a key belongs to. */
  nodeOf(key: string): T {
    return this.only ?? (this.owners[this.placeOf(key)] as T);
  }

  /** The first node after a key's place that is acceptable; `undefined` when none is. */
  nextNodeOf(key: string, isAcceptable: (node: T) => boolean): T | undefined {
    const place = this.placeOf(key);
    const refused = new Set<T>();
    for (let step = 0; step < this.owners.length; step += 1) {
      const node = this.owners[(place + step) % this.owners.length] as T;
      if (!refused.has(node)) {
        if (isAcceptable(node)) {
          return node;
        }
        refused.add(node);
      }
    }
    return undefined;
  }

  /** The index of the first point at or after the key's hash; behind the last one comes the first. */
  private placeOf(key: string): number {
    const { points } = this;
    const hash = hashOf(key);
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((points[middle] as number) < hash) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low === points.length ? 0 : low;
  }
}

/** Kept while the node is: a millisecond of sums each, which a change of other nodes need not cost again. */
const pointsByNode = new WeakMap<object, readonly number[]>();

function pointsOf(node: { readonly name: string }): readonly number[] {
  const known = pointsByNode.get(node);
  if (known !== undefined) {
    return known;
  }
  const points = Array.from({ length: POINTS_PER_NODE / POINTS_PER_SUM }, (_, index) => {
    const sum = createHash('md5').update(`${node.name}-${index}`).digest();
    return Array.from({ length: POINTS_PER_SUM }, (_, part) => sum.readUInt32LE(part * POINTS_PER_SUM));
  }).flat();
  pointsByNode.set(node, points);
  return points;
}

/** FNV-1a over the key, then MurmurHash3's finalizer: FNV alone leaves keys that differ in the last digit close together. */
export function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
