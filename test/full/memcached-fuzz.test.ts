import { MemcachedClient } from '../../runtime/memcached';
import { MemcachedError } from '../../runtime/memcached/memcached-error';
import type { MemcachedItem } from '../../runtime/memcached/memcached-item';
import { ReplyParser } from '../../runtime/memcached/reply-parser';
import { MemcachedFixture } from '../memcached/memcached-fixture';

const PARSER_CASES = 100_000;
const SOCKET_CASES = 1_000;

/** So small that pages are turned all the time; a line still fits. */
const PAGE_BYTES = 1_100;

/** Cases over sockets that run side by side. */
const LANES = 10;

/** A reproducible random number below `most`. */
function numbers(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

const WORDS = [
  'VA 3 c1 t1 O1\r\n',
  'VA 99999999999 ',
  'EN\r\n',
  'HD O3\r\n',
  '\r\n',
  '\r',
  '\n',
  ' ',
  'W',
  'SERVER_ERROR x\r\n',
  'O-1',
  'c',
  '\0',
  'MN\r\n',
];

type Change = (replies: Buffer[], random: (most: number) => number) => void;

/** What can happen to answers between a node and a client that should not. */
const CHANGES: readonly Change[] = [
  () => {},
  (replies, random) => replies.splice(random(replies.length), 1),
  (replies, random) => {
    const at = random(replies.length);
    replies.splice(at, 0, replies[at] as Buffer);
  },
  (replies, random) => {
    const [one, other] = [random(replies.length), random(replies.length)];
    [replies[one], replies[other]] = [replies[other] as Buffer, replies[one] as Buffer];
  },
  (replies, random) => {
    const at = random(replies.length);
    replies[at] = (replies[at] as Buffer).subarray(0, random((replies[at] as Buffer).length));
  },
  (replies, random) => {
    const at = random(replies.length);
    const reply = Buffer.from(replies[at] as Buffer);
    reply[random(reply.length)] = random(256);
    replies[at] = reply;
  },
  (replies, random) => {
    const at = random(replies.length);
    const reply = replies[at] as Buffer;
    const cut = random(reply.length);
    replies[at] = Buffer.concat([
      reply.subarray(0, cut),
      Buffer.from(WORDS[random(WORDS.length)] as string),
      reply.subarray(cut),
    ]);
  },
  (replies, random) => replies.push(Buffer.from(Array.from({ length: random(60) }, () => random(256)))),
];

function change(replies: Buffer[], random: (most: number) => number): void {
  for (let count = random(3); count >= 0; count -= 1) {
    if (replies.length > 0) {
      CHANGES[random(CHANGES.length)]?.(replies, random);
    }
  }
}

test(`${PARSER_CASES} changed streams in any pieces: the parser reads them or says PROTOCOL`, () => {
  const random = numbers(1);
  let failed = 0;
  let answers = 0;
  let foreign = 0;
  const startedWith = process.cpuUsage();

  for (let number = 0; number < PARSER_CASES; number += 1) {
    const replies = Array.from({ length: 1 + random(4) }, (_, index) =>
      Buffer.from(
        random(3)
          ? `VA ${30 + index} c${random(1_000)} t60 O${index}\r\n${String(index).repeat(30 + index)}\r\n`
          : `EN O${index}\r\n`,
      ),
    );
    change(replies, random);
    const bytes = Buffer.concat(replies);
    const receiver = {
      reply: (code: string, _: number, item: MemcachedItem | undefined) => {
        answers += 1;
        foreign += (code === 'VA') === (item !== undefined) ? 0 : 1;
      },
    };
    const parser = new ReplyParser({ receiver, mostValueBytes: 1_000, casSuffix: '0000', pageBytes: PAGE_BYTES });
    try {
      for (let at = 0; at < bytes.length; ) {
        const length = bytes.copy(parser.room(), 0, at, at + 1 + random(bytes.length));
        parser.push(length);
        at += length;
      }
    } catch (error) {
      failed += 1;
      foreign += error instanceof MemcachedError && error.code === 'PROTOCOL' ? 0 : 1;
    }
  }

  expect(foreign).toBe(0);
  expect(failed).toBeGreaterThan(PARSER_CASES / 10);
  expect(answers).toBeGreaterThan(PARSER_CASES);
  // Of this process's own time, because the machine may be busy.
  expect(process.cpuUsage(startedWith).user / 1_000).toBeLessThan(20_000);
}, 120_000);

test(`${SOCKET_CASES} nodes that answer wrongly: every call settles, and none gets another's value`, async () => {
  const fixture = new MemcachedFixture();
  const random = numbers(2);
  const contentsOf = (key: string) => `<${key}>`.repeat(1 + (key.charCodeAt(4) % 9));
  const { port } = await fixture.fakeNode((socket, text) => {
    const replies = [...text.matchAll(/mg (\S+) v c t O(\d+)\r\n/g)].map(([, key, opaque]) => {
      const value = contentsOf(key as string);
      return Buffer.from(random(4) ? `VA ${value.length} c1 t60 O${opaque}\r\n${value}\r\n` : `EN O${opaque}\r\n`);
    });
    change(replies, random);
    const bytes = Buffer.concat(replies);
    const cut = random(bytes.length + 1);
    socket.write(bytes.subarray(0, cut));
    setImmediate(() => (random(5) ? socket.write(bytes.subarray(cut)) : socket.destroy()));
  });
  const outcomes = new Map<string, number>();
  const wrong: string[] = [];
  let left = SOCKET_CASES;

  async function lane(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const client = new MemcachedClient({ host: '127.0.0.1', port, mode: 'node', callTimeoutMs: 60 });
      await client.ready(5_000);
      const calls = Array.from({ length: 1 + random(8) }, async () => {
        const key = `key-${random(1_000_000).toString(36)}`;
        const outcome = await client.get(key).then(
          (item) => {
            // A byte that was changed within a value cannot be noticed; the value of another key can.
            const names = item?.value.toString('latin1').match(/<key-[a-z\d]+>/g) ?? [];
            if (names.length > 1 && names.every((name) => name !== `<${key}>`)) {
              wrong.push(`${key} gave ${item?.value}`);
            }
            return item === undefined ? 'miss' : 'hit';
          },
          (error) => (error instanceof MemcachedError ? error.code : String(error)),
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      });
      await Promise.all(calls);
      await client.close();
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane));
  await fixture.stop();

  expect(wrong).toEqual([]);
  // REFUSED comes up only if an error line was put in just before an answer.
  outcomes.delete('REFUSED');
  expect([...outcomes.keys()].sort()).toEqual(['CONNECTION', 'PROTOCOL', 'TIMEOUT', 'hit', 'miss']);
}, 60_000);
