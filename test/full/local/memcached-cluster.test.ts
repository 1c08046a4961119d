import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemcachedCluster } from '../../../local/caches/memcached-cluster';
import type { CacheChange } from '../../../local/control/controlled';
import { Engines } from '../../../local/engines';
import { MemcachedClient } from '../../../runtime/memcached';
import { engineFolder } from '../../engines/folders';
import { eventually } from '../../engines/running';
import { CacheStage } from './caches';

const stage = new CacheStage();

async function start(nodes: number, switches: readonly string[] = []): Promise<MemcachedCluster> {
  const directory = join(stage.engines.folder, `memcached-${process.hrtime.bigint()}`);
  mkdirSync(directory);
  const engines = new Engines({ directory: engineFolder(), install: false, report: () => {} });
  const cluster = await MemcachedCluster.start({
    name: 'objects',
    label: 'test/objects',
    binary: await engines.server('memcached'),
    directory,
    certificates: stage.certificates,
    nodes,
    switches,
    zones: ['us-east-1a', 'us-east-1b'],
    started: () => {},
    failed: (error) => stage.failures.push(error),
  });
  stage.after(() => cluster.close());
  return cluster;
}

test('nodes come and go, and the configuration endpoint says so', async () => {
  const cluster = await start(2);
  const changes: CacheChange[] = [];
  cluster.onChange((change) => changes.push(change));
  const client = new MemcachedClient({
    host: 'localhost',
    port: cluster.endpoint.port,
    mode: 'discovery',
    discoveryIntervalMs: 100,
    tls: { ca: readFileSync(stage.certificates.ca) },
  });
  stage.after(async () => client.close());
  await client.ready(5_000);
  expect(client.nodes).toHaveLength(2);

  await cluster.setNodes(4);
  await eventually(() => expect(client.nodes).toHaveLength(4));
  await cluster.setNodes(2, ['0001', '0003']);
  await eventually(() => expect(client.nodes).toHaveLength(2));

  expect(cluster.nodes.map(({ id, zone }) => [id, zone])).toEqual([
    ['0002', 'us-east-1b'],
    ['0004', 'us-east-1b'],
  ]);
  expect(changes.map((change) => [change.type, 'node' in change && change.node])).toEqual([
    ['node-added', '0003'],
    ['node-added', '0004'],
    ['node-removed', '0001'],
    ['node-removed', '0003'],
  ]);
});

test('a node that ends, or is rebooted, is back at the same address, empty', async () => {
  const cluster = await start(1);
  const changes: CacheChange[] = [];
  cluster.onChange((change) => changes.push(change));
  const port = cluster.nodes[0]?.port;

  cluster.all[0]?.process.signal('SIGKILL');
  await cluster.all[0]?.process.ended;
  await cluster.settled();
  await cluster.reboot(['0001']);

  expect(cluster.nodes).toMatchObject([{ id: '0001', port, isUp: true }]);
  expect(changes.map(({ type }) => type)).toEqual(['recovering', 'recovered', 'recovering', 'recovered']);
  expect(changes.at(-1)).toMatchObject({ isEmpty: true });
});

test('switches of a parameter group reach the program', async () => {
  const cluster = await start(1, ['-I', '2097152', '-F']);
  const [node] = cluster.all;

  await expect(node?.flush()).rejects.toThrow();
  expect((await node?.stats())?.get('limit_maxbytes')).toBe(String(64 * 1024 ** 2));
});

test('everything was brought back', () => {
  expect(stage.failures).toEqual([]);
});
