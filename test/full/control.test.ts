import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';
import { ElastiCacheClient, paginateDescribeEvents } from '@aws-sdk/client-elasticache';
import { chromium } from 'playwright-core';
import type { LocalEnvironment } from '../../local/environment';
import { pythonTools } from '../engines/python';
import { eventually } from '../engines/running';
import { removeFolders, stateDirectory, up } from './local/environments';

const run = promisify(execFile);

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing', AWS_DEFAULT_REGION: 'us-east-1' };

let environment: LocalEnvironment;

beforeAll(async () => {
  environment = await up({ stateDirectory: stateDirectory() });
});

afterAll(async () => {
  await environment?.close();
  removeFolders();
});

/** The AWS CLI, against the environment's own ElastiCache API. */
async function aws(...args: string[]): Promise<any> {
  const { aws: program } = await pythonTools();
  const { stdout } = await run(program, ['elasticache', ...args, '--output', 'json'], {
    env: { PATH: process.env.PATH, ...CREDENTIALS, AWS_ENDPOINT_URL_ELASTICACHE: environment.controlAddress },
  });
  return stdout === '' ? undefined : JSON.parse(stdout);
}

const group = async () => (await aws('describe-replication-groups')).ReplicationGroups[0];

const untilAvailable = () => eventually(async () => expect((await group()).Status).toBe('available'), 20_000);

test('the AWS CLI sees what runs', async () => {
  const { ReplicationGroups: groups } = await aws('describe-replication-groups');
  const { CacheClusters: clusters } = await aws('describe-cache-clusters', '--show-cache-node-info');
  const [sessions] = [...environment.engineRoom.caches.values()].filter(({ kind }) => kind === 'group');

  expect(groups).toMatchObject([
    {
      Status: 'available',
      AutomaticFailover: 'enabled',
      MultiAZ: 'enabled',
      TransitEncryptionEnabled: true,
      NodeGroups: [
        {
          NodeGroupId: '0001',
          PrimaryEndpoint: { Port: sessions?.endpoint.port },
          NodeGroupMembers: [{ CurrentRole: 'primary' }, { CurrentRole: 'replica' }],
        },
      ],
    },
  ]);
  expect(clusters.map((cluster: any) => [cluster.Engine, cluster.CacheNodes.length])).toEqual([
    ['memcached', 2],
    ['valkey', 1],
    ['valkey', 1],
  ]);
});

test('`aws elasticache test-failover`: the roles swap, and the events come in AWS’s order', async () => {
  const { ReplicationGroupId: id, NodeGroups: shards } = await group();
  const [primary, replica] = shards[0].NodeGroupMembers.map((member: any) => member.CacheClusterId);

  const answered = await aws('test-failover', '--replication-group-id', id, '--node-group-id', '0001');

  expect(answered.ReplicationGroup.Status).toBe('modifying');
  await untilAvailable();
  expect((await group()).NodeGroups[0].NodeGroupMembers).toMatchObject([
    { CacheClusterId: primary, CurrentRole: 'replica' },
    { CacheClusterId: replica, CurrentRole: 'primary' },
  ]);
  const { Events: events } = await aws('describe-events');
  expect(events.reverse().map((event: any) => [event.SourceType, event.Message])).toEqual([
    ['replication-group', 'Test Failover API called for node group 0001'],
    ['cache-cluster', `Failover from primary node ${primary} to replica node ${replica} completed`],
    ['replication-group', `Failover from primary node ${primary} to replica node ${replica} completed`],
    ['cache-cluster', 'Recovering cache nodes 0001'],
    ['cache-cluster', 'Finished recovery for cache nodes 0001'],
  ]);
  expect((await fetch(`${environment.address}/films/1`)).status).toBe(200);
});

test('replicas and nodes are added and taken away by the AWS CLI, for real', async () => {
  const { ReplicationGroupId: id } = await group();
  const objects = (await aws('describe-cache-clusters', '--show-cache-clusters-not-in-replication-groups'))
    .CacheClusters[0].CacheClusterId;

  await aws('increase-replica-count', '--replication-group-id', id, '--new-replica-count', '2', '--apply-immediately');
  await untilAvailable();
  await aws('modify-cache-cluster', '--cache-cluster-id', objects, '--num-cache-nodes', '3', '--apply-immediately');
  await eventually(async () =>
    expect((await aws('describe-cache-clusters', '--cache-cluster-id', objects)).CacheClusters[0]).toMatchObject({
      CacheClusterStatus: 'available',
      NumCacheNodes: 3,
    }),
  );

  const { caches } = await environment.topology();
  expect(caches.map(({ nodes }) => nodes.filter(({ isUp }) => isUp).length)).toEqual([3, 3]);
  await aws('decrease-replica-count', '--replication-group-id', id, '--new-replica-count', '1', '--apply-immediately');
  await untilAvailable();
  expect((await environment.topology()).caches[0]?.nodes).toHaveLength(2);
});

test('a snapshot by the AWS CLI is a file that a group can begin with', async () => {
  const { ReplicationGroupId: id } = await group();

  await aws('create-snapshot', '--replication-group-id', id, '--snapshot-name', 'before-christmas');

  await eventually(async () =>
    expect((await aws('describe-snapshots')).Snapshots).toMatchObject([
      { SnapshotName: 'before-christmas', SnapshotStatus: 'available', ReplicationGroupId: id },
    ]),
  );
  const files = environment.engineRoom.snapshots.filesOf('before-christmas');
  expect(files.map(existsSync)).toEqual([true]);
});

test('what AWS refuses is refused, with its code', async () => {
  const { ReplicationGroupId: id } = await group();

  await expect(aws('describe-replication-groups', '--replication-group-id', 'nobody')).rejects.toThrow(
    /ReplicationGroupNotFoundFault/,
  );
  await expect(aws('test-failover', '--replication-group-id', id, '--node-group-id', '0009')).rejects.toThrow(
    /NodeGroupNotFound/,
  );
  await expect(aws('describe-users')).rejects.toThrow(/InvalidAction/);
});

test('the AWS SDK pages through the events', async () => {
  const client = new ElastiCacheClient({
    endpoint: environment.controlAddress,
    region: 'us-east-1',
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  });
  const messages: string[] = [];
  for await (const page of paginateDescribeEvents({ client, pageSize: 20 }, { SourceType: 'replication-group' })) {
    messages.push(...(page.Events ?? []).map(({ Message }) => Message as string));
  }

  expect(messages).toContain('Test Failover API called for node group 0001');
});

test('no web page can do anything to it: neither by a form nor by a script', async () => {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const form = `<form method="post" enctype="application/x-www-form-urlencoded" action="${environment.controlAddress}/">
    <input name="Action" value="RebootCacheCluster"><input name="Version" value="2015-02-02"><button>go</button></form>`;
  const server: Server = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(form));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    // Two pages: the first shows the answer to its form.
    const address = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
    const [submitting, scripting] = [await browser.newPage(), await browser.newPage()];
    await submitting.goto(address);
    await scripting.goto(address);
    const [answer] = await Promise.all([submitting.waitForResponse(/./), submitting.click('button')]);
    const scripted = await scripting.evaluate(
      (control) =>
        fetch(control, {
          method: 'POST',
          headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=f' },
          body: new URLSearchParams({ Action: 'DescribeReplicationGroups', Version: '2015-02-02' }),
        }).then(
          ({ status }) => String(status),
          (error) => String(error),
        ),
      environment.controlAddress,
    );

    expect(answer.status()).toBe(403);
    expect(scripted).toMatch(/TypeError: Failed to fetch/);
  } finally {
    server.close();
    await browser.close();
  }
});
