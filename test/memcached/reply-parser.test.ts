import fc from 'fast-check';
import type { MemcachedItem } from '../../runtime/memcached/memcached-item';
import { type ReplyCode, ReplyParser } from '../../runtime/memcached/reply-parser';

interface Reply {
  readonly code: ReplyCode;
  readonly opaque: number;
  readonly item: MemcachedItem | undefined;
  readonly text: string;
}

const MOST_VALUE_BYTES = 1_048_576;

function parser(mostValueBytes = MOST_VALUE_BYTES, pageBytes?: number) {
  const replies: Reply[] = [];
  const receiver = {
    reply: (code: ReplyCode, opaque: number, item: MemcachedItem | undefined, text: string) => {
      replies.push({ code, opaque, item, text });
    },
  };
  return { replies, parser: new ReplyParser({ receiver, mostValueBytes, casSuffix: '0007', pageBytes }) };
}

/** Gives bytes to a parser in pieces of these lengths, over and over. */
function feed(target: ReplyParser, bytes: Buffer, lengths: readonly number[] = [bytes.length]): void {
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const most = Math.max(1, lengths[index % lengths.length] as number);
    const length = bytes.copy(target.room(), 0, at, Math.min(bytes.length, at + most));
    target.push(length);
    at += length;
  }
}

const valueReply = (value: Buffer, flags: string) =>
  Buffer.concat([Buffer.from(`VA ${value.length} ${flags}\r\n`), value, Buffer.from('\r\n')]);

type Expected = Partial<Omit<Reply, 'item'>> & { readonly item?: Partial<MemcachedItem> };

test.each<[string, Expected]>([
  ['HD O5\r\n', { code: 'HD', opaque: 5 }],
  ['EN\r\n', { code: 'EN', opaque: -1 }],
  ['EN O4095\r\n', { code: 'EN', opaque: 4095 }],
  ['NF O1\r\n', { code: 'NF', opaque: 1 }],
  ['NS O1\r\n', { code: 'NS', opaque: 1 }],
  ['EX O1\r\n', { code: 'EX', opaque: 1 }],
  ['MN\r\n', { code: 'MN', opaque: -1 }],
  ['VERSION 1.6.18\r\n', { code: 'VERSION', text: 'VERSION 1.6.18' }],
  ['ERROR\r\n', { code: 'ERROR', text: 'ERROR' }],
  ['SERVER_ERROR out of memory\r\n', { code: 'ERROR', text: 'SERVER_ERROR out of memory' }],
  ['CLIENT_ERROR bad data chunk\r\n', { code: 'ERROR', text: 'CLIENT_ERROR bad data chunk' }],
  ['VA 3 c12 t-1 O2\r\nabc\r\n', { code: 'VA', opaque: 2, item: { cas: '120007', ttlS: -1, lease: 'none' } }],
  ['VA 3 c12 t30 O2 W\r\nabc\r\n', { code: 'VA', item: { ttlS: 30, lease: 'won' } }],
  ['VA 3 c12 t30 O2 Z\r\nabc\r\n', { code: 'VA', item: { lease: 'held' } }],
  ['VA 3 c18446744073709551615 t1 O2\r\nabc\r\n', { code: 'VA', item: { cas: '184467440737095516150007' } }],
  ['VA 3 newflag7 O2\r\nabc\r\n', { code: 'VA', opaque: 2 }],
])('reads %j', (text, expected) => {
  const { parser: target, replies } = parser();

  feed(target, Buffer.from(text), [1]);

  expect(replies).toEqual([
    expect.objectContaining({ ...expected, ...(expected.item && { item: expect.objectContaining(expected.item) }) }),
  ]);
});

test.each([
  '\r\n',
  'x\r\n',
  'HD\n',
  'HDD\r\n',
  'hd\r\n',
  'VA\r\n',
  'VA \r\n',
  'VA x\r\n',
  'VA -1\r\n',
  'VA 9999999999999999 c1\r\n',
  'VA 1048577 c1\r\n',
  'VA 3 c1\r\nabcd\r\n',
  'VA 3 c1\r\nabc\r!',
  'VA 3 cx\r\nabc\r\n',
  'VA 3 c\r\nabc\r\n',
  'VA 3 c184467440737095516150\r\nabc\r\n',
  'VA 3 O\r\nabc\r\n',
  'VA 3 t--1\r\nabc\r\n',
  'HD Ox\r\n',
  'HD O1 \x00\r\n garbage\r\n',
  'STORED\r\n',
  'CLIENT_ERRORS\r\n',
  'ERROR x\r\n',
  'VERSION \x01\r\n',
  'x'.repeat(1_024),
])('fails with PROTOCOL at %j', (text) => {
  const { parser: target } = parser();

  expect(() => feed(target, Buffer.from(text, 'latin1'), [1])).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
});

test('takes no memory for a value that is announced too large', () => {
  const { parser: target } = parser(1_000);

  expect(() => feed(target, Buffer.from('VA 1001 c1 t1 O1\r\n'))).toThrow('sent a value of 1001 bytes');
});

const nasty = fc.constantFrom(
  '\r\n',
  'EN\r\n',
  'VA 2 ',
  'VA 2 c1 t1 O1\r\nab\r\n',
  'HD O1\r\n',
  '\r',
  '\n',
  'SERVER_ERROR x\r\n',
);
const anyValue = fc.oneof(
  fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
  fc.array(nasty, { maxLength: 12 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
  fc.tuple(fc.integer({ min: 60_000, max: 140_000 }), nasty).map(([length, text]) => Buffer.alloc(length, text)),
);

test('property: any values in any pieces come out as they were', () => {
  const answers = fc.array(fc.option(anyValue, { freq: 4 }), { maxLength: 8 });
  const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 70_000 })), {
    minLength: 1,
    maxLength: 8,
  });

  fc.assert(
    fc.property(answers, lengths, (values, pieces) => {
      const { parser: target, replies } = parser();
      const bytes = values.map((value, index) =>
        value === null ? Buffer.from(`EN O${index}\r\n`) : valueReply(value, `c${index} t60 O${index}`),
      );

      feed(target, Buffer.concat(bytes), pieces);

      expect(replies.map(({ opaque }) => opaque)).toEqual(values.map((_, index) => index));
      expect(
        values.every((value, index) =>
          value === null ? replies[index]?.item === undefined : replies[index]?.item?.value.equals(value),
        ),
      ).toBe(true);
    }),
    { numRuns: 150, seed: 7 },
  );
});

test("values stay what they are when later answers arrive, and are nobody else's", () => {
  const { parser: target, replies } = parser();
  const values = Array.from({ length: 500 }, (_, index) => Buffer.alloc(100 + index * 3, index));

  for (const [index, value] of values.entries()) {
    feed(target, valueReply(value, `c1 t1 O${index}`), [1_000]);
    replies.at(-1)?.item?.value.fill(replies.length % 256);
  }

  expect(replies.every(({ item }, index) => item?.value.every((byte) => byte === (index + 1) % 256))).toBe(true);
});

test('a small value does not keep a page alive, and a large one only itself', () => {
  const { parser: target, replies } = parser();

  feed(
    target,
    Buffer.concat([
      valueReply(Buffer.alloc(255), 'O1'),
      valueReply(Buffer.alloc(1_000_000), 'O2'),
      valueReply(Buffer.alloc(1_000), 'O3'),
    ]),
  );

  expect(replies.map(({ item }) => item?.value.buffer.byteLength)).toEqual([
    8_192,
    expect.closeTo(1_000_000, -2),
    65_536,
  ]);
});

test('a value of a megabyte in single bytes takes a time that grows with its size only', () => {
  const { parser: target, replies } = parser();

  feed(target, valueReply(Buffer.alloc(MOST_VALUE_BYTES, 'x'), 'c1 t1 O1'), [1]);

  expect(replies).toHaveLength(1);
});
