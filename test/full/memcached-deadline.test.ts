import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { freePort } from '../../local/port';
import type { MemcachedClient } from '../../runtime/memcached';
import { GetRequest } from '../../runtime/memcached/meta-request';
import { NodeConnection } from '../../runtime/memcached/node-connection';
import { eventually, sleep, timed } from '../engines/running';
import { freezeNode, kill, MemcachedFixture, thawNode } from '../memcached/memcached-fixture';

const DEADLINE_MS = 100;

/** What a busy machine may add to a deadline. */
const SLACK_MS = 250;

let fixture: MemcachedFixture;

beforeAll(() => {
  fixture = new MemcachedFixture();
});

afterEach(() => fixture.closeClients());
afterAll(() => fixture.stop());

/** How a call fails, and after how long. */
async function failure(call: () => Promise<unknown>): Promise<{ code: string; ms: number }> {
  const { result, ms } = await timed(() =>
    call().then(
      () => ({ code: 'none' }),
      (error) => error,
    ),
  );
  return { code: result.code, ms };
}

/** The median time of calls that fail one after the other, in milliseconds. */
async function medianFailureMs(client: MemcachedClient): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < 101; count += 1) {
    times.push((await failure(() => client.get('key'))).ms);
  }
  return times.sort((a, b) => a - b)[50] as number;
}

/** Blocks the event loop. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** A relay to a node that counts connections. */
async function relay(port: number): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const server = await fixture.server((socket) => {
    connections += 1;
    const upstream = connect({ host: '127.0.0.1', port });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  return { port: server.port, connections: () => connections };
}

test('a frozen node fails all its calls at the deadline, then is out at once, and comes back', async () => {
  const node = await fixture.node();
  const client = await fixture.connected(node);
  const out: string[] = [];
  const back: string[] = [];
  client.onNodeOut((name, cause) => out.push(`${name} ${cause.code}`));
  client.onNodeBack((name) => back.push(name));
  await client.get('key');
  await freezeNode(node);

  const failures = await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => failure(() => client.get(`key:${index}`))),
  );

  expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['TIMEOUT']));
  expect(failures[0]?.ms).toBeGreaterThanOrEqual(DEADLINE_MS - 5);
  expect(Math.max(...failures.map(({ ms }) => ms))).toBeLessThan(DEADLINE_MS + SLACK_MS);
  expect(client.isAway('key')).toBe(true);
  expect((await failure(() => client.get('key'))).code).toBe('CONNECTION');
  expect(await medianFailureMs(client)).toBeLessThan(1);
  expect(out).toEqual([`127.0.0.1:${node.port} TIMEOUT`]);

  thawNode(node);
  await eventually(() => expect(back).toEqual([`127.0.0.1:${node.port}`]));
  expect(await client.get('absent')).toBeUndefined();
  expect(client.isAway('key')).toBe(false);
});

test('a node that refuses connections is out at once, and is found when it is there', async () => {
  const port = await freePort();
  const client = fixture.client({ host: '127.0.0.1', port, mode: 'node' });

  const first = await failure(() => client.get('key'));

  expect(first).toEqual({ code: 'CONNECTION', ms: expect.any(Number) });
  expect(await medianFailureMs(client)).toBeLessThan(1);
  await fixture.node({ port });
  await client.ready(3_000);
  expect(await client.get('absent')).toBeUndefined();
});

test('a killed node fails what waits with CONNECTION, and its successor is used', async () => {
  const node = await fixture.node();
  const client = await fixture.connected(node, { callTimeoutMs: 5_000 });
  await client.set('key', Buffer.from('x'), { ttlS: 60 });
  await freezeNode(node);
  const waiting = Array.from({ length: 50 }, () => failure(() => client.get('key')));
  await sleep(20);

  await kill(node);

  expect(new Set((await Promise.all(waiting)).map(({ code }) => code))).toEqual(new Set(['CONNECTION']));
  await fixture.node({ port: node.port });
  await eventually(async () => expect(await client.get('key')).toBeUndefined());
});

test('500 first gets at once open one connection, and all are answered', async () => {
  const node = await fixture.node();
  const { port, connections } = await relay(node.port);
  const client = fixture.client({ host: '127.0.0.1', port, mode: 'node', callTimeoutMs: 2_000 });

  const items = await Promise.all(Array.from({ length: 500 }, (_, index) => client.get(`key:${index}`)));

  expect(items).toHaveLength(500);
  expect(connections()).toBe(1);
});

test('calls made while the first connection takes its time keep their deadline; once it has failed they fail at once', async () => {
  const { port } = await fixture.server(() => {});
  const client = fixture.client({ host: '127.0.0.1', port, mode: 'node', connectTimeoutMs: 400 });

  const early = await failure(() => client.get('key'));

  expect(early.code).toBe('TIMEOUT');
  expect(early.ms).toBeGreaterThanOrEqual(DEADLINE_MS - 5);
  expect(early.ms).toBeLessThan(DEADLINE_MS + SLACK_MS);
  await eventually(() => expect(client.isAway('key')).toBe(true));
  expect((await failure(() => client.get('key'))).code).toBe('CONNECTION');
  expect(await medianFailureMs(client)).toBeLessThan(1);
});

test('a call that timed out before its connection was there is not sent later', async () => {
  const received: string[] = [];
  let greet = () => {};
  const { port } = await fixture.server((socket) => {
    greet = () => socket.write('MN\r\nVERSION 1.6.18\r\n');
    socket.on('data', (text) => received.push(text.toString('latin1')));
  });
  const client = fixture.client({ host: '127.0.0.1', port, mode: 'node', connectTimeoutMs: 2_000 });

  await expect(client.set('late', Buffer.from('x'), { ttlS: 60 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  greet();
  await client.ready(1_000);
  await expect(client.get('next')).rejects.toMatchObject({ code: 'TIMEOUT' });

  expect(received.join('')).toBe('mn\r\nversion\r\nmg next v c t O0\r\n');
});

test('answers that wait in the socket win over deadlines that passed while the event loop was blocked', async () => {
  const node = await fixture.node();
  const client = await fixture.connected(node);
  const value = Buffer.alloc(1_000, 'x');
  await client.set('key', value, { ttlS: 60 });
  await client.get('key');

  for (let round = 0; round < 5; round += 1) {
    const written = Array.from({ length: 300 }, () => client.get('key'));
    await new Promise((resolve) => setImmediate(resolve));
    const unwritten = Array.from({ length: 300 }, () => client.get('key'));
    block(3 * DEADLINE_MS);

    const items = await Promise.all([...written, ...unwritten]);

    expect(items.every((item) => item?.value.equals(value))).toBe(true);
  }
});

test('a late answer goes to nobody, and the next call gets its own', async () => {
  let socket: Socket | undefined;
  const { port } = await fixture.fakeNode((connection) => {
    socket = connection;
  });
  const client = fixture.client({ host: '127.0.0.1', port, mode: 'node' });
  await client.ready(1_000);
  const first = failure(() => client.get('first'));
  await sleep(70);
  const second = client.get('second');
  socket?.write('VA 5 c1 t1 ');

  expect((await first).code).toBe('TIMEOUT');
  socket?.write('O0\r\nfirst\r\nVA 6 c2 t1 O1\r\nsecond\r\n');

  expect((await second)?.value.toString()).toBe('second');
  expect(client.isAway('key')).toBe(false);
});

test('a node that only dribbles fails its calls at their deadlines, and is out after ten', async () => {
  let text = '';
  const { port } = await fixture.fakeNode((socket) => {
    if (text !== '') {
      return;
    }
    text = `VA 1000 c1 t1 O0\r\n${'x'.repeat(1_000)}`;
    const timer = setInterval(() => {
      socket.write(text.slice(0, 1));
      text = text.slice(1);
    }, 10);
    socket.on('close', () => clearInterval(timer));
  });
  const client = fixture.client({ host: '127.0.0.1', port, mode: 'node' });
  await client.ready(1_000);
  const startedAt = performance.now();

  while (!client.isAway('key')) {
    expect((await failure(() => client.get('key'))).code).toBe('TIMEOUT');
  }

  expect(performance.now() - startedAt).toBeGreaterThan(9.5 * DEADLINE_MS);
  expect(performance.now() - startedAt).toBeLessThan(10 * DEADLINE_MS + SLACK_MS);
});

test('beyond `maxPendingPerNode` calls fail with OVERLOADED at once', async () => {
  const node = await fixture.node();
  const client = await fixture.connected(node, { maxPendingPerNode: 100, callTimeoutMs: 300 });
  await freezeNode(node);
  const waiting = Array.from({ length: 100 }, (_, index) => failure(() => client.get(`key:${index}`)));

  const { code, ms } = await failure(() => client.get('key'));

  expect(code).toBe('OVERLOADED');
  expect(ms).toBeLessThan(50);
  expect(new Set((await Promise.all(waiting)).map((one) => one.code))).toEqual(new Set(['TIMEOUT']));
  thawNode(node);
});

test('values that nobody reads are held up to 64 MiB, and every call settles', async () => {
  const { port } = await fixture.fakeNode((socket) => socket.pause());
  const client = fixture.client({ host: '127.0.0.1', port, mode: 'node', callTimeoutMs: 1_000 });
  await client.ready(1_000);
  const value = Buffer.alloc(1_000_000);

  const failures = await Promise.all(
    Array.from({ length: 80 }, (_, index) => failure(() => client.set(`key:${index}`, value, { ttlS: 60 }))),
  );

  const codes = failures.map(({ code }) => code);
  expect(codes.slice(0, 67)).toEqual(Array.from({ length: 67 }, () => 'TIMEOUT'));
  expect(codes.slice(67)).toEqual(Array.from({ length: 13 }, () => 'OVERLOADED'));
});

test('a node that takes connections and drops them is tried at most twice a second', async () => {
  let connections = 0;
  const { port } = await fixture.server((socket) => {
    connections += 1;
    socket.destroy();
  });
  fixture.client({ host: '127.0.0.1', port, mode: 'node' });

  await sleep(2_200);

  expect(connections).toBeGreaterThanOrEqual(2);
  expect(connections).toBeLessThanOrEqual(5);
});

test('a node that dies while nobody asks it is noticed', async () => {
  const node = await fixture.node();
  let lost: string | undefined;
  await new Promise<void>((ready) => {
    new NodeConnection({
      name: 'idle',
      address: { host: '127.0.0.1', port: node.port },
      byIp: true,
      tls: undefined,
      limits: { callTimeoutMs: 100, connectTimeoutMs: 1_000, maxPendingPerNode: 1, maxBatch: 1, maxValueBytes: 1 },
      casSuffix: '0000',
      idleProbeMs: 50,
      ready,
      lost: ({ code }) => {
        lost = code;
      },
    });
  });
  await sleep(300);
  expect(lost).toBeUndefined();

  await freezeNode(node);

  await eventually(() => expect(lost).toBe('TIMEOUT'), 1_000);
  thawNode(node);
});

test.each([
  ['MN\r\nVERSION 1.6.6\r\n', 'VERSION 1.6.6'],
  ['MN\r\nVERSION 1.5.22\r\n', 'VERSION 1.5.22'],
  ['ERROR\r\n', 'ERROR'],
  ['HTTP/1.1 400 Bad Request\r\n', 'HTTP/1.1'],
])(
  'a server that says %j does not speak the protocol: nothing is sent to it, and the error says so',
  async (greeting, said) => {
    const received: string[] = [];
    const { port } = await fixture.server((socket) => {
      socket.write(greeting);
      socket.on('data', (text) => received.push(text.toString('latin1')));
    });
    const client = fixture.client({ host: '127.0.0.1', port, mode: 'node' });

    await expect(client.set('key', Buffer.from('flush_all\r\n'), { ttlS: 60 })).rejects.toMatchObject({
      code: 'PROTOCOL',
      message: expect.stringContaining(said),
    });

    expect(received.join('')).not.toContain('flush_all');
  },
);

test.each([
  ['VA 1 c1 t1 O9\r\nx\r\n', 'another number'],
  ['VA 1 c1 t1\r\nx\r\n', 'no number'],
  ['HD O0\r\n', 'an answer to something else'],
  ['NF O0\r\n', 'an answer to something else'],
  ['EN O0\r\nEN O1\r\n', 'an answer too many'],
  ['VA 1 c1 t1 O0\r\nxx\r\n', 'a value that is too long'],
  ['hello\r\n', 'nothing known'],
])('after %j (%s) the connection is given up', async (answer) => {
  const { port } = await fixture.fakeNode((socket) => socket.write(answer));
  const client = fixture.client({ host: '127.0.0.1', port, mode: 'node' });
  const causes: string[] = [];
  client.onNodeOut((_, { code }) => causes.push(code));
  await client.ready(1_000);

  const result = await client.get('key').catch(({ code }) => code);

  expect(['PROTOCOL', undefined]).toContain(result);
  await eventually(() => expect(causes).toEqual(['PROTOCOL']));
});

test('when a value was not understood, what follows it on the connection is not answered by its bytes', async () => {
  const { port } = await fixture.fakeNode((socket) => socket.write('CLIENT_ERROR bad command\r\nEN\r\n'));
  const client = fixture.client({ host: '127.0.0.1', port, mode: 'node' });
  await client.ready(1_000);

  const set = failure(() => client.set('key', Buffer.from('x'), { ttlS: 60 }));
  const get = failure(() => client.get('key'));

  expect([(await set).code, (await get).code]).toEqual(['REFUSED', 'PROTOCOL']);
});

test('GetRequest writes its lease after its touch, so that a new placeholder lives as long as the lease', () => {
  const request = new GetRequest(
    'key',
    () => {},
    () => {},
  );
  request.leaseS = 5;
  request.touchS = 60;

  request.render(30);

  expect(request.command).toBe('mg key T30 N5 v c t');
});
