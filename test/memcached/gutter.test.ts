import { eventually, timed } from '../engines/running';
import { freezeNode, keyOf, kill, MemcachedFixture, type RunningNode, thawNode } from './memcached-fixture';

const PATIENT = { callTimeoutMs: 1_000 };

let fixture: MemcachedFixture;

beforeAll(() => {
  fixture = new MemcachedFixture();
});

afterEach(() => fixture.closeClients());
afterAll(() => fixture.stop());

async function twoNodes(): Promise<[RunningNode, RunningNode]> {
  return Promise.all([fixture.node(), fixture.node()]);
}

test('while its node is out, a key goes to another node for at most `gutterTtlS`, and then home', async () => {
  const [home, other] = await twoNodes();
  const client = await fixture.connected([home, other], PATIENT);
  const key = keyOf(client, home);
  await client.set(key, Buffer.from('home'), { ttlS: 3_600 });
  await kill(home);
  await eventually(() => expect(client.isAway(key)).toBe(true));

  expect(await client.get(key)).toBeUndefined();
  expect(await client.set(key, Buffer.from('gutter'), { ttlS: 3_600 })).toBe('stored');
  const item = await client.get(key);
  expect(item?.value.toString()).toBe('gutter');
  expect(item?.ttlS).toBeLessThanOrEqual(10);
  expect(await client.touch(key, 3_600)).toBe(true);
  expect((await client.get(key, { touchS: 3_600 }))?.ttlS).toBeLessThanOrEqual(10);
  expect(await client.delete(key)).toBe(true);
  expect(await client.get(key)).toBeUndefined();

  await fixture.node({ port: home.port });
  await eventually(() => expect(client.isAway(key)).toBe(false));
  expect(await client.get(key)).toBeUndefined();
  await client.set(key, Buffer.from('home again'), { ttlS: 3_600 });
  expect((await client.get(key))?.ttlS).toBeGreaterThan(3_500);
});

test('leases work in the gutter, and end when the key is home again: a CAS number of there is not one of here', async () => {
  const [home, other] = await twoNodes();
  const client = await fixture.connected([home, other], { ...PATIENT, gutterTtlS: 5 });
  const key = keyOf(client, home);
  await kill(home);
  await eventually(() => expect(client.isAway(key)).toBe(true));
  const leases = await Promise.all(Array.from({ length: 20 }, () => client.get(key, { leaseS: 3_600 })));
  const won = leases.find((item) => item?.lease === 'won');
  expect(leases.filter((item) => item?.lease === 'won')).toHaveLength(1);
  expect(won?.ttlS).toBeLessThanOrEqual(5);

  await fixture.node({ port: home.port });
  await eventually(() => expect(client.isAway(key)).toBe(false));
  // Both nodes count from 1, so the number alone would fit.
  await client.set(key, Buffer.from('new'), { ttlS: 60 });

  expect(await client.set(key, Buffer.from('stale'), { ttlS: 60, cas: won?.cas as string })).toBe('exists');
  expect((await client.get(key))?.value.toString()).toBe('new');
});

test('a node that restarted counts from 1 again, and an old CAS text does not fit its items', async () => {
  const node = await fixture.node();
  const client = await fixture.connected(node, PATIENT);
  const won = await client.get('key', { leaseS: 60 });
  await kill(node);
  await fixture.node({ port: node.port });
  await eventually(async () => expect(await client.set('key', Buffer.from('new'), { ttlS: 60 })).toBe('stored'));

  expect(await client.set('key', Buffer.from('stale'), { ttlS: 60, cas: won?.cas as string })).toBe('exists');
  expect(await client.delete('key', { cas: won?.cas as string })).toBe(false);
  expect((await client.get('key'))?.value.toString()).toBe('new');
});

test('only the keys of the node that is out are away, and the others do not notice', async () => {
  const [home, other] = await twoNodes();
  const client = await fixture.connected([home, other], PATIENT);
  const [lost, kept] = [keyOf(client, home), keyOf(client, other)];
  await client.set(kept, Buffer.from('x'), { ttlS: 3_600 });
  await freezeNode(home);

  await expect(client.get(lost)).rejects.toMatchObject({ code: 'TIMEOUT' });

  expect([client.isAway(lost), client.isAway(kept)]).toEqual([true, false]);
  expect((await client.get(kept))?.ttlS).toBeGreaterThan(3_500);
  expect(await client.get(lost)).toBeUndefined();
  thawNode(home);
  await eventually(() => expect(client.isAway(lost)).toBe(false));
});

test('without any other node calls fail at once with CONNECTION', async () => {
  const [home, other] = await twoNodes();
  const client = await fixture.connected([home, other], PATIENT);
  await Promise.all([kill(home), kill(other)]);
  await eventually(() =>
    expect([client.isAway(keyOf(client, home)), client.isAway(keyOf(client, other))]).toEqual([true, true]),
  );

  const { result, ms } = await timed(() => client.get('key').catch((error) => error));

  expect(result).toMatchObject({ code: 'CONNECTION', cause: expect.objectContaining({ code: 'CONNECTION' }) });
  expect(ms).toBeLessThan(20);
});
