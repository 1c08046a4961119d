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
 * all nodes of equal weight. Keys are hashed with FNV-1a and a final mix instead of MD5, which would cost as much as the
 * rest of a call; so clients of this kind agree with each other, but not with other libketama clients on the place of a
 * key.
 */
export class KetamaRing<T extends { readonly name: string }> {
  /** In ascending order; the owner of each is the number of one of the nodes. */
  private readonly points: Uint32Array;
  private readonly owners: Uint16Array;
  private readonly nodes: readonly T[];

  /**
   * @param nodes in any order; names are unique
   * @throws RangeError without a node
   */
  constructor(nodes: readonly T[]) {
    if (nodes.length === 0) {
      throw new RangeError('a ring needs at least one node');
    }
    // Numbered in name order, so that the order they came in does not matter where two have the same point.
    this.nodes = [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
    const places = this.nodes.length === 1 ? new Float64Array(1) : placesOf(this.nodes);
    this.points = new Uint32Array(places.length);
    this.owners = new Uint16Array(places.length);
    for (let index = 0; index < places.length; index += 1) {
      const place = places[index] as number;
      this.points[index] = place / MOST_NODES;
      this.owners[index] = place % MOST_NODES;
    }
  }

  /** The node that a key belongs to. */
  nodeOf(key: string): T {
    return this.nodes.length === 1 ? (this.nodes[0] as T) : this.ownerOf(this.placeOf(key));
  }

  /** The first node after a key's place that is acceptable; `undefined` when none is. */
  nextNodeOf(key: string, isAcceptable: (node: T) => boolean): T | undefined {
    const place = this.placeOf(key);
    const refused = new Set<T>();
    for (let step = 0; refused.size < this.nodes.length; step += 1) {
      const node = this.ownerOf((place + step) % this.owners.length);
      if (!refused.has(node)) {
        if (isAcceptable(node)) {
          return node;
        }
        refused.add(node);
      }
    }
    return undefined;
  }

  private ownerOf(place: number): T {
    return this.nodes[this.owners[place] as number] as T;
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

/** All points in ascending order, each with the number of its node. */
function placesOf(nodes: ReadonlyArray<{ readonly name: string }>): Float64Array {
  const places = new Float64Array(nodes.length * POINTS_PER_NODE);
  nodes.forEach((node, number) => {
    const points = pointsOf(node);
    for (let index = 0; index < POINTS_PER_NODE; index += 1) {
      places[number * POINTS_PER_NODE + index] = (points[index] as number) * MOST_NODES + number;
    }
  });
  return places.sort();
}

/** Kept while the node is: a millisecond of sums each, which a change of other nodes need not cost again. */
const pointsByNode = new WeakMap<object, Uint32Array>();

function pointsOf(node: { readonly name: string }): Uint32Array {
  const known = pointsByNode.get(node);
  if (known !== undefined) {
    return known;
  }
  const points = new Uint32Array(POINTS_PER_NODE);
  for (let index = 0; index < POINTS_PER_NODE; index += POINTS_PER_SUM) {
    const sum = createHash('md5')
      .update(`${node.name}-${index / POINTS_PER_SUM}`)
      .digest();
    for (let part = 0; part < POINTS_PER_SUM; part += 1) {
      points[index + part] = sum.readUInt32LE(part * 4);
    }
  }
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
