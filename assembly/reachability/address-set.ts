import { isIPv4 } from 'node:net';

/** A range of addresses, as a CIDR block. */
export interface AddressBlock {
  readonly first: number;
  readonly size: number;
  readonly cidr: string;
}

/** Addresses from the first up to, and without, the last. */
type Range = readonly [first: number, end: number];

/** The block that a text is; `undefined` for what is no block of IPv4. */
export function parseBlock(cidr: string): AddressBlock | undefined {
  const [address = '', bits = ''] = cidr.split('/');
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) {
    return undefined;
  }
  const size = 2 ** (32 - Number(bits));
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return { first: number - (number % size), size, cidr };
}

/** A set of addresses. */
export class AddressSet {
  static readonly none = new AddressSet([]);
  static readonly all = new AddressSet([[0, 2 ** 32]]);

  /** All addresses that some blocks have. */
  static of(blocks: readonly AddressBlock[]): AddressSet {
    const ranges = blocks.map(({ first, size }): Range => [first, first + size]).sort(([one], [other]) => one - other);
    const joined: Array<[number, number]> = [];
    for (const [first, end] of ranges) {
      const last = joined.at(-1);
      if (last !== undefined && first <= last[1]) {
        last[1] = Math.max(last[1], end);
      } else {
        joined.push([first, end]);
      }
    }
    return new AddressSet(joined);
  }

  /** @param ranges in order, with addresses between them */
  private constructor(private readonly ranges: readonly Range[]) {}

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  /** Whether it has all addresses of another. */
  contains(other: AddressSet): boolean {
    return other.ranges.every(([first, end]) => this.ranges.some(([from, to]) => from <= first && end <= to));
  }

  /** Whether it has an address of another. */
  meets(other: AddressSet): boolean {
    return !this.and(other).isEmpty;
  }

  /** What both have. */
  and(other: AddressSet): AddressSet {
    if (this === AddressSet.all || other === AddressSet.all) {
      return this === AddressSet.all ? other : this;
    }
    return new AddressSet(
      this.ranges.flatMap(([first, end]) =>
        other.ranges
          .map(([from, to]): Range => [Math.max(first, from), Math.min(end, to)])
          .filter(([from, to]) => from < to),
      ),
    );
  }

  /** What one of both has. */
  or(other: AddressSet): AddressSet {
    return AddressSet.of(
      [...this.ranges, ...other.ranges].map(([first, end]) => ({ first, size: end - first, cidr: '' })),
    );
  }

  /** What the other does not have. */
  without(other: AddressSet): AddressSet {
    const left: Range[] = [];
    for (const [first, end] of this.ranges) {
      let from = first;
      for (const [start, stop] of other.ranges) {
        if (start > from && start < end) {
          left.push([from, start]);
        }
        from = stop > from && start < end ? Math.min(stop, end) : from;
      }
      if (from < end) {
        left.push([from, end]);
      }
    }
    return new AddressSet(left);
  }
}

/**
 * The addresses of the internet, where AWS's own services are: without those of private networks and of special use.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
export const PUBLIC_ADDRESSES = AddressSet.all.without(
  AddressSet.of(
    [
      '0.0.0.0/8',
      '10.0.0.0/8',
      '100.64.0.0/10',
      '127.0.0.0/8',
      '169.254.0.0/16',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '224.0.0.0/3',
    ].flatMap((cidr) => parseBlock(cidr) ?? []),
  ),
);
