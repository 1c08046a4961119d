import { readFileSync } from 'node:fs';
import { createCluster } from '@redis/client';
import { ShardedGroup, type ShardedGroupOptions } from '../../../local/caches/sharded-group';
import type { CacheChange } from '../../../local/control/controlled';
import { eventually } from '../../engines/running';
import { CacheStage } from './caches';

const stage = new CacheStage();

async function start(more: Partial<ShardedGroupOptions> = {}): Promise<ShardedGroup> {
  const group = await ShardedGroup.start({
    ...(await stage.options(more)),
    shards: 2,
    replicasPerShard: 1,
    zones: ['us-east-1a', 'us-east-1b'],
    ...more,
  });
  stage.after(() => group.close());
  return group;
}

/** A client of the configuration endpoint, which follows the slots. */
async function clusterClient(group: ShardedGroup) {
  const tls = { tls: true, ca: readFileSync(stage.certificates.ca) } as const;
  const cluster = createCluster({
    rootNodes: [{ socket: { host: '127.0.0.1', port: group.endpoint.port } }],
    defaults: { username: 'web', password: 'web-password', socket: tls },
  });
  cluster.on('error', () => {});
  await cluster.connect();
  stage.after(async () => cluster.destroy());
  return cluster;
}

test('a real cluster: slots, replicas in other zones, and member ids of ElastiCache', async () => {
  const group = await start();
  const cluster = await clusterClient(group);

  for (let number = 0; number < 50; number += 1) {
    await cluster.set(`key-${number}`, String(number));
  }

  expect(await cluster.get('key-49')).toBe('49');
  expect(group.shards).toMatchObject([
    {
      id: '0001',
      slots: '0-8191',
      nodes: [
        { id: expect.stringMatching(/-0001-001$/), role: 'primary', zone: 'us-east-1a' },
        { id: expect.stringMatching(/-0001-002$/), role: 'replica', zone: 'us-east-1b' },
      ],
    },
    { id: '0002', slots: '8192-16383', nodes: [{ zone: 'us-east-1b' }, { zone: 'us-east-1a' }] },
  ]);
});

test('a shard’s primary is lost: its replica takes over, also where two shards could not agree on it', async () => {
  const group = await start();
  const changes: CacheChange[] = [];
  group.onChange((change) => changes.push(change));
  const cluster = await clusterClient(group);
  for (let number = 0; number < 50; number += 1) {
    await cluster.set(`key-${number}`, String(number));
  }
  const ids = group.shards[1]?.nodes.map(({ id }) => id) as [string, string];

  await group.failOver('0002');

  expect(group.shards[1]?.nodes.map(({ id, role, isUp }) => [id, role, isUp])).toEqual([
    [ids[0], 'replica', true],
    [ids[1], 'primary', true],
  ]);
  expect(changes).toEqual([
    { type: 'recovering', node: ids[0] },
    { type: 'failover', shard: '0002', from: ids[0], to: ids[1] },
    { type: 'recovered', node: ids[0], isEmpty: false },
  ]);
  const fresh = await clusterClient(group);
  for (let number = 0; number < 50; number += 1) {
    expect(await fresh.get(`key-${number}`)).toBe(String(number));
  }
});

test('a shard whose primary hangs is served again, and the primary is a replica when it goes on', async () => {
  const group = await start();
  const [shard] = group.shards;
  const hung = group.all.find(({ id }) => id === shard?.nodes[0]?.id);

  hung?.process.signal('SIGSTOP');
  await eventually(() => expect(group.shards[0]?.nodes[0]?.role).toBe('replica'), 10_000);
  hung?.process.signal('SIGCONT');

  await eventually(async () => expect((await hung?.info('replication'))?.get('role')).toBe('slave'), 10_000);
});

test('replicas come and go, a reboot is refused, and a snapshot restores every shard', async () => {
  const group = await start();
  const cluster = await clusterClient(group);
  for (let number = 0; number < 50; number += 1) {
    await cluster.set(`key-${number}`, String(number));
  }

  await group.setReplicas(2);
  expect(group.shards.map(({ nodes }) => nodes.length)).toEqual([3, 3]);
  await group.setReplicas(1);
  expect(group.shards.map(({ nodes }) => nodes.length)).toEqual([2, 2]);
  await expect(group.reboot(group.all[0]?.id as string)).rejects.toThrow(/its group has cluster mode on/);
  const restoreFrom = [...(await group.save()).values()];

  const restored = await clusterClient(await start({ replicasPerShard: 0, restoreFrom }));
  for (let number = 0; number < 50; number += 1) {
    expect(await restored.get(`key-${number}`)).toBe(String(number));
  }
});

test('everything that was started has ended', () => {
  expect(stage.running).toEqual([]);
  expect(stage.failures).toEqual([]);
});
