import * as fc from 'fast-check';
import {
  type AddressBlock,
  AddressSet,
  PUBLIC_ADDRESSES,
  parseBlock,
} from '../../../assembly/reachability/address-set';

const ADDRESSES = Array.from({ length: 8 }, (_, index) => index);
const anyBlocks = fc.array(
  fc
    .tuple(fc.nat({ max: 7 }), fc.constantFrom(1, 1, 2, 4))
    .map(([address, size]): AddressBlock => ({ first: address - (address % size), size, cidr: '' })),
  { maxLength: 5 },
);
const block = (cidr: string) => AddressSet.of([parseBlock(cidr) as AddressBlock]);

/** Which of the addresses a set has, asked one by one. */
function members(set: AddressSet): number[] {
  return ADDRESSES.filter((first) => set.contains(AddressSet.of([{ first, size: 1, cidr: '' }])));
}

test('sets are what their addresses are', () => {
  fc.assert(
    fc.property(anyBlocks, anyBlocks, (ones, others) => {
      const has = (blocks: readonly AddressBlock[], address: number) =>
        blocks.some(({ first, size }) => first <= address && address < first + size);
      const [one, other] = [AddressSet.of(ones), AddressSet.of(others)];
      const both = ADDRESSES.filter((address) => has(ones, address) && has(others, address));
      const left = ADDRESSES.filter((address) => has(ones, address) && !has(others, address));

      expect(members(one.or(other))).toEqual(ADDRESSES.filter((address) => has(ones, address) || has(others, address)));
      expect(members(one.and(other))).toEqual(both);
      expect(members(one.without(other))).toEqual(left);
      expect(one.meets(other)).toBe(both.length > 0);
      expect(other.contains(one)).toBe(left.length === 0);
      expect(one.without(other).isEmpty).toBe(left.length === 0);
      expect(AddressSet.all.contains(one)).toBe(true);
    }),
    { seed: 20_261_203, numRuns: 1_000 },
  );
});

test.each([
  ['10.0.3.7/24', 10 * 2 ** 24 + 3 * 2 ** 8, 256],
  ['0.0.0.0/0', 0, 2 ** 32],
  ['255.255.255.255/32', 2 ** 32 - 1, 1],
])('%s is a block', (cidr, first, size) => {
  expect(parseBlock(cidr)).toEqual({ first, size, cidr });
});

test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/8', '::/0', '[object Object]', ''])('%s is none', (cidr) => {
  expect(parseBlock(cidr)).toBeUndefined();
});

test.each([
  ['8.8.8.8/32', true],
  ['52.0.0.0/8', true],
  ['10.0.0.0/8', false],
  ['172.16.0.0/12', false],
  ['192.168.1.0/24', false],
  ['169.254.169.254/32', false],
])('of the internet: %s, %p', (cidr, isPublic) => {
  expect(PUBLIC_ADDRESSES.meets(block(cidr))).toBe(isPublic);
});
