import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { freePort } from '../../local/port';
import { PROJECT, testFolder } from '../engines/folders';
import { eventually, sleep } from '../engines/running';
import { ConfigurationEndpoint, onLoopback } from './configuration-endpoint';
import { freezeNode, MemcachedFixture, thawNode } from './memcached-fixture';

let fixture: MemcachedFixture;

beforeAll(() => {
  fixture = new MemcachedFixture();
});

afterAll(() => fixture.stop());

/** Sockets and timers of this process, which its tests' own servers and nodes are among. */
const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|Timeout|Immediate|DNS|GetAddr/.test(name))
    .sort();

/** What there is when nothing of what was done before is still ending. */
async function settledResources(): Promise<string[]> {
  let settled = resources();
  await eventually(async () => {
    settled = resources();
    await sleep(200);
    expect(resources()).toEqual(settled);
  });
  return settled;
}

test('close rejects what waits with CLOSED, and every later call', async () => {
  const node = await fixture.node();
  const client = await fixture.connected(node, { callTimeoutMs: 5_000 });
  await freezeNode(node);
  const waiting = Array.from({ length: 100 }, (_, index) => client.get(`key:${index}`).catch(({ code }) => code));
  await sleep(10);

  await client.close();

  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['CLOSED']));
  await expect(client.get('key')).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(client.ready(1_000)).rejects.toMatchObject({ code: 'CLOSED' });
  await client.close();
  thawNode(node);
});

test('close rejects what waits for a first connection, for the nodes, and for readiness', async () => {
  const { port } = await fixture.server(() => {});
  const clients = [
    fixture.client({ host: '127.0.0.1', port, mode: 'node', callTimeoutMs: 5_000 }),
    fixture.client({ host: '127.0.0.1', port, mode: 'discovery', callTimeoutMs: 5_000 }),
  ];
  const waiting = clients.flatMap((client) =>
    [client.get('key'), client.ready(5_000)].map((call) => call.catch(({ code }) => code)),
  );
  await sleep(20);

  await Promise.all(clients.map((client) => client.close()));

  expect(await Promise.all(waiting)).toEqual(['CLOSED', 'CLOSED', 'CLOSED', 'CLOSED']);
});

test('close leaves no socket and no timer, whatever state the nodes were in', async () => {
  const live = await fixture.node();
  // It reads, or its end of a connection would outlive ours.
  const silent = await fixture.server((socket) => void socket.resume());
  const endpoint = await ConfigurationEndpoint.start();
  endpoint.tell(1, [onLoopback(live)]);
  const before = await settledResources();
  const refused = { host: '127.0.0.1', port: await freePort() };
  const clients = [
    fixture.client({
      nodes: [{ host: '127.0.0.1', port: live.port }, refused, { host: '127.0.0.1', port: silent.port }],
    }),
    fixture.client({ ...refused, mode: 'discovery' }),
    fixture.client({ host: '127.0.0.1', port: endpoint.port, mode: 'discovery' }),
  ];
  await Promise.allSettled(clients.map((client) => client.get('key')));
  expect(resources()).not.toEqual(before);

  await Promise.all(clients.map((client) => client.close()));

  await eventually(() => expect(resources()).toEqual(before), 3_000);
  await endpoint.close();
});

test.each([
  ['a node that answers', true],
  ['a node that is out', false],
])('a process ends after close: %s', async (_, isThere) => {
  const port = isThere ? (await fixture.node()).port : await freePort();
  const folder = testFolder();
  const program = join(folder, 'program.js');
  buildSync({
    stdin: {
      contents: `
        import { MemcachedClient } from './runtime/memcached';
        const client = new MemcachedClient({ host: '127.0.0.1', port: ${port}, mode: 'node' });
        client.get('key').catch(() => {}).then(() => client.close()).then(() => console.log('closed'));`,
      resolveDir: PROJECT,
    },
    bundle: true,
    platform: 'node',
    outfile: program,
  });

  const startedAt = performance.now();
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));

  expect([status, said]).toEqual([0, 'closed\n']);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  rmSync(folder, { recursive: true });
});
