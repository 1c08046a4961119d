import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReplicationGroup, type ReplicationGroupOptions } from '../../../local/caches/replication-group';
import type { CacheChange } from '../../../local/control/controlled';
import { eventually, sleep } from '../../engines/running';
import { CacheStage } from './caches';

const stage = new CacheStage();

async function start(more: Partial<ReplicationGroupOptions> = {}): Promise<ReplicationGroup> {
  const group = await ReplicationGroup.start({
    ...(await stage.options(more)),
    nodes: 3,
    automaticFailover: true,
    zones: ['us-east-1a', 'us-east-1b'],
    ...more,
  });
  stage.after(() => group.close());
  return group;
}

const rolesOf = (group: ReplicationGroup) => group.shards[0]?.nodes.map(({ role }) => role);

const nodeOf = (group: ReplicationGroup, role: 'primary' | 'replica') => {
  const id = group.shards[0]?.nodes.find((node) => node.role === role)?.id;
  return group.all.find((node) => node.id === id) as (typeof group.all)[number];
};

test('nodes have ElastiCache’s member ids, and take the zones in turn', async () => {
  const group = await start();

  expect(group.shards).toMatchObject([
    {
      id: '0001',
      nodes: [
        { id: expect.stringMatching(/^cache-\d-001$/), role: 'primary', zone: 'us-east-1a', isUp: true },
        { id: expect.stringMatching(/^cache-\d-002$/), role: 'replica', zone: 'us-east-1b', isUp: true },
        { id: expect.stringMatching(/^cache-\d-003$/), role: 'replica', zone: 'us-east-1a', isUp: true },
      ],
    },
  ]);
});

test('a primary that is lost: a replica takes its place, the endpoint follows, and the node comes back with the data', async () => {
  const group = await start();
  const changes: CacheChange[] = [];
  group.onChange((change) => changes.push(change));
  await (await stage.client(group.endpoint.port)).set('a', '1');
  await group.settled();
  const [before] = group.all;

  await group.failOver();

  const client = await stage.client(group.endpoint.port);
  expect(await client.get('a')).toBe('1');
  expect(await client.set('b', '2')).toBe('OK');
  expect(rolesOf(group)?.filter((role) => role === 'primary')).toHaveLength(1);
  expect(group.shards[0]?.nodes[0]).toMatchObject({ id: before?.id, role: 'replica', isUp: true });
  await eventually(async () => expect(await before?.command('GET', 'b')).toBe('2'));
  expect(changes).toEqual([
    { type: 'recovering', node: before?.id },
    { type: 'failover', shard: '0001', from: before?.id, to: nodeOf(group, 'primary').id },
    { type: 'recovered', node: before?.id, isEmpty: false },
  ]);
});

test('two failovers that follow each other closely are survived, and nothing is lost', async () => {
  const group = await start();
  await (await stage.client(group.endpoint.port)).set('a', '1');

  await group.failOver();
  await group.failOver();

  expect(await (await stage.client(group.endpoint.port)).get('a')).toBe('1');
  expect(stage.failures).toEqual([]);
});

test('a primary that only hung is a replica when it goes on, and takes no writes any more', async () => {
  const group = await start();
  await group.settled();
  const hung = nodeOf(group, 'primary');
  const old = await stage.client(group.endpoint.port);

  hung.process.signal('SIGSTOP');
  await eventually(() => expect(nodeOf(group, 'primary')).not.toBe(hung), 10_000);
  hung.process.signal('SIGCONT');
  await group.settled();

  expect((await hung.info('replication')).get('role')).toBe('slave');
  await expect(old.set('a', '1')).rejects.toThrow();
});

test('a rebooted node has what its group has; one without replicas is empty, and that is told', async () => {
  const [group, alone] = [await start(), await start({ nodes: 1 })];
  const changes: CacheChange[] = [];
  alone.onChange((change) => changes.push(change));
  for (const one of [group, alone]) {
    await (await stage.client(one.endpoint.port)).set('a', '1');
  }
  await group.settled();

  await group.reboot(nodeOf(group, 'primary').id);
  await alone.reboot(nodeOf(alone, 'primary').id);

  expect(await (await stage.client(group.endpoint.port)).get('a')).toBe('1');
  expect(await (await stage.client(alone.endpoint.port)).get('a')).toBeNull();
  expect(changes.at(-1)).toEqual({ type: 'recovered', node: nodeOf(alone, 'primary').id, isEmpty: true });
});

test('without automatic failover a rebooted primary stays the primary, with its replica’s data', async () => {
  const group = await start({ nodes: 2, automaticFailover: false });
  const primary = nodeOf(group, 'primary');
  await (await stage.client(group.endpoint.port)).set('a', '1');
  await eventually(async () => expect(await nodeOf(group, 'replica').command('GET', 'a')).toBe('1'));

  await group.reboot(primary.id);

  expect(nodeOf(group, 'primary')).toBe(primary);
  expect(await (await stage.client(group.endpoint.port)).get('a')).toBe('1');
  expect((await nodeOf(group, 'replica').info('replication')).get('role')).toBe('slave');
});

test('a durable node keeps what it was told', async () => {
  const group = await start({ nodes: 1, isDurable: true, parameters: { appendfsync: 'always' } });
  await (await stage.client(group.endpoint.port)).set('a', '1');
  const [node] = group.all;

  node?.process.signal('SIGKILL');
  await node?.process.ended;
  await group.settled();

  expect(await (await stage.client(group.endpoint.port)).get('a')).toBe('1');
});

test('a group begins with a snapshot, durable or not', async () => {
  const group = await start();
  await (await stage.client(group.endpoint.port)).set('a', '1');
  await group.settled();
  await eventually(async () => expect(await nodeOf(group, 'replica').command('GET', 'a')).toBe('1'));
  const file = join(stage.engines.folder, 'kept.rdb');
  copyFileSync((await group.save()).get('0001') as string, file);

  const restored = await start({ nodes: 2, restoreFrom: file });
  const durable = await start({ nodes: 1, restoreFrom: file, isDurable: true });

  expect(await (await stage.client(restored.endpoint.port)).get('a')).toBe('1');
  const client = await stage.client(durable.endpoint.port);
  expect(await client.get('a')).toBe('1');
  await client.set('b', '2');
  await durable.reboot(nodeOf(durable, 'primary').id);
  expect(await (await stage.client(durable.endpoint.port)).mGet(['a', 'b'])).toEqual(['1', '2']);
});

test('the reader endpoint spreads over the replicas, and over no primary', async () => {
  const group = await start();
  const { host, port } = group.reader as { host: string; port: number };
  expect(port).toBe(group.endpoint.port);

  const ids = new Set<number>();
  for (let connection = 0; connection < 4; connection += 1) {
    const client = await stage.client(port, host);
    const [role] = (await client.sendCommand(['ROLE'])) as unknown as [string];
    expect(role).toBe('slave');
    ids.add(Number(/tcp_port:(\d+)/.exec(String(await client.sendCommand(['INFO', 'server'])))?.[1]));
  }

  expect(ids.size).toBe(2);
});

test('replicas come and go while it runs', async () => {
  const group = await start({ nodes: 2 });
  await (await stage.client(group.endpoint.port)).set('a', '1');

  await group.setReplicas(3);
  expect(group.all).toHaveLength(4);
  await eventually(async () => expect(await group.all.at(-1)?.command('GET', 'a')).toBe('1'));
  await group.setReplicas(1, [group.all.at(-1)?.id as string, group.all.at(-2)?.id as string]);

  expect(rolesOf(group)).toEqual(['primary', 'replica']);
  await group.failOver();
  expect(await (await stage.client(group.endpoint.port)).get('a')).toBe('1');
});

test('a grant that the engine does not know is left out and told; a denial that it does not know stops the start', async () => {
  const user = (access: string) => ({ users: [{ name: 'web', password: 'web-password', access }] });
  const group = await start({ nodes: 1, ...user('on ~* +@read +no-such-command') });
  const client = await stage.client(group.endpoint.port);

  expect(group.unknownRules).toEqual(['+no-such-command']);
  expect(await client.get('a')).toBeNull();
  await expect(client.set('a', '1')).rejects.toThrow(/NOPERM/);
  await expect(start({ nodes: 1, ...user('on ~* +@all -no-such-command') })).rejects.toThrow(
    /^(Valkey|Redis) [\d.]+ does not know the rule `-no-such-command` of the user web .*: without it the user could do here what it must not/,
  );
});

test('no user may run what ElastiCache lets nobody run', async () => {
  const group = await start({ nodes: 1 });
  const client = await stage.client(group.endpoint.port);

  for (const command of [
    ['CONFIG', 'GET', 'maxmemory'],
    ['SHUTDOWN'],
    ['REPLICAOF', 'NO', 'ONE'],
    ['DEBUG', 'SLEEP', '0'],
  ]) {
    await expect(client.sendCommand(command)).rejects.toThrow(/NOPERM|not allowed/);
  }
});

test('users and parameters change while it runs', async () => {
  const group = await start({ nodes: 2 });
  const client = await stage.client(group.endpoint.port);
  await client.set('a', '1');

  const left = await group.apply({
    users: [{ name: 'web', password: 'web-password', access: 'on ~* +@read' }],
    parameters: { 'maxmemory-policy': 'allkeys-lru', 'no-such-parameter': '1' },
  });

  expect(left).toEqual(['no-such-parameter']);
  expect(await client.get('a')).toBe('1');
  await expect(client.set('a', '2')).rejects.toThrow(/NOPERM/);
  expect((await nodeOf(group, 'replica').info('memory')).get('maxmemory_policy')).toBe('allkeys-lru');
});

test('everything that was started has ended', async () => {
  await sleep(10);

  expect(stage.running).toEqual([]);
  expect(stage.failures).toEqual([]);
});
