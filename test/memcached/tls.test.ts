import { eventually } from '../engines/running';
import { ConfigurationEndpoint } from './configuration-endpoint';
import { certificateFor, MemcachedFixture, type NodeCertificate, type RunningNode } from './memcached-fixture';

let fixture: MemcachedFixture;
let local: NodeCertificate;
let node: RunningNode;

beforeAll(async () => {
  fixture = new MemcachedFixture();
  local = await certificateFor('localhost');
  node = await fixture.node({ certificate: local });
});

afterEach(() => fixture.closeClients());
afterAll(() => fixture.stop());

const PATIENT = { callTimeoutMs: 2_000, connectTimeoutMs: 3_000 };

test('speaks TLS to a node whose certificate fits its name, also for large values', async () => {
  const client = fixture.client({
    host: 'localhost',
    port: node.port,
    mode: 'node',
    tls: { ca: local.ca },
    ...PATIENT,
  });
  const value = Buffer.alloc(1_000_000, 'v');

  await client.set('large', value, { ttlS: 60 });
  const items = await Promise.all(Array.from({ length: 20 }, (_, index) => client.get(index % 2 ? 'large' : 'absent')));

  expect(items.every((item, index) => (index % 2 ? item?.value.equals(value) : item === undefined))).toBe(true);
});

test.each([
  [
    'of an unknown authority',
    'localhost',
    async () => (await certificateFor('localhost')).ca,
    'CERT_SIGNATURE_FAILURE',
  ],
  ['of none that Node.js trusts', 'localhost', async () => undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['for another name', '127.0.0.1', async () => local.ca, 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('a certificate %s is refused: CONNECTION with its cause', async (_, host, authority, code) => {
  const ca = await authority();
  const client = fixture.client({
    host,
    port: node.port,
    mode: 'node',
    tls: ca === undefined ? {} : { ca },
    ...PATIENT,
  });

  await expect(client.set('secret', Buffer.from('x'), { ttlS: 60 })).rejects.toMatchObject({
    code: 'CONNECTION',
    cause: expect.objectContaining({ code }),
  });
});

test('NODE_TLS_REJECT_UNAUTHORIZED does not switch verification off', async () => {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  try {
    const client = fixture.client({ host: 'localhost', port: node.port, mode: 'node', tls: {}, ...PATIENT });

    await expect(client.get('key')).rejects.toMatchObject({ code: 'CONNECTION' });
  } finally {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  }
});

test('a node that does not speak TLS, and a client that does not, fail', async () => {
  const plain = await fixture.node();
  const clients = [
    fixture.client({ host: 'localhost', port: plain.port, mode: 'node', tls: { ca: local.ca }, callTimeoutMs: 500 }),
    fixture.client({ host: 'localhost', port: node.port, mode: 'node', callTimeoutMs: 500 }),
  ];

  const codes = await Promise.all(clients.map((client) => client.get('key').catch(({ code }) => code)));

  expect(codes.every((code) => ['CONNECTION', 'TIMEOUT'].includes(code))).toBe(true);
});

test('nodes of a cluster are reached by address and verified by name', async () => {
  const named = await certificateFor('cache.0001.test');
  const hidden = await fixture.node({ certificate: named });
  const endpoint = await ConfigurationEndpoint.start(local);
  const authorities = `${local.ca}\n${named.ca}`;
  const discovered = {
    host: 'localhost',
    port: endpoint.port,
    mode: 'discovery',
    tls: { ca: authorities },
    ...PATIENT,
  } as const;

  endpoint.tell(1, [`cache.0001.test|127.0.0.1|${hidden.port}`]);
  const client = fixture.client(discovered);
  await client.ready(3_000);
  expect(await client.get('absent')).toBeUndefined();

  endpoint.tell(1, [`cache.0002.test|127.0.0.1|${hidden.port}`]);
  const misled = fixture.client(discovered);
  const causes: unknown[] = [];
  misled.onNodeOut((_, { cause }) => causes.push(cause));
  await eventually(() => expect(causes).toEqual([expect.objectContaining({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })]));
  await endpoint.close();
});

test('the configuration endpoint is verified too', async () => {
  const endpoint = await ConfigurationEndpoint.start(await certificateFor('localhost'));
  endpoint.tell(1, [`localhost|127.0.0.1|${node.port}`]);
  const client = fixture.client({
    host: 'localhost',
    port: endpoint.port,
    mode: 'discovery',
    tls: { ca: local.ca },
    ...PATIENT,
  });

  await expect(client.get('key')).rejects.toMatchObject({
    code: 'CONNECTION',
    cause: expect.objectContaining({ code: 'CONNECTION', message: expect.stringContaining('signature failure') }),
  });
  await endpoint.close();
});
