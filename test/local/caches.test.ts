import { rulesOf } from '../../local/caches/access-rules';
import { memcachedSwitches } from '../../local/caches/memcached-switches';
import { nodeMemoryBytes } from '../../local/caches/node-memory';

test.each([
  ['cache.t4g.micro', 67_108_864],
  ['cache.t3.small', 183_878_287],
  ['cache.m7g.large', 856_817_843],
  ['cache.r7g.large', 1024 ** 3],
  ['cache.r6gd.16xlarge', 1024 ** 3],
  ['cache.m5.24xlarge', 1024 ** 3],
  ['cache.x9.huge', 134_217_728],
  ['', 134_217_728],
])('a node of %s may hold %i bytes here', (nodeType, bytes) => {
  expect(nodeMemoryBytes(nodeType)).toBe(bytes);
});

test('an access string is cut into rules, a selector in parentheses is one', () => {
  expect(rulesOf('on ~app:* &* +@all -@dangerous (+get ~other:* %R~x) off')).toEqual([
    '~app:*',
    '&*',
    '+@all',
    '-@dangerous',
    '(+get ~other:* %R~x)',
  ]);
});

test('parameters of memcached are switches of the program; what is none, or no number, is left', () => {
  expect(
    memcachedSwitches({
      max_item_size: '2097152',
      cas_disabled: '1',
      lru_crawler: '0',
      disable_flush_all: '0',
      chunk_size: 'many',
      hash_algorithm: 'md5',
      binding_protocol: 'auto',
      constructor: '1',
    }),
  ).toEqual({
    switches: ['-I', '2097152', '-C', '-o', 'no_lru_crawler'],
    left: ['chunk_size', 'hash_algorithm', 'binding_protocol', 'constructor'],
  });
});
