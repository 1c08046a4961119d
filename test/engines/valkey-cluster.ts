import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import type { Certificates } from '../../local/certificates';
import type { EngineBinary } from '../../local/engines';
import { ManagedProcess } from '../../local/managed-process';
import { freePort, LOOPBACK } from '../../local/port';

const SLOTS = 16_384;

/** A node of a cluster, with an administrator's access. */
export interface ClusterNode {
  readonly port: number;
  readonly process: ManagedProcess;
  /** Runs one command on this node. */
  command(...args: string[]): Promise<unknown>;
}

export interface ValkeyClusterOptions {
  readonly binary: EngineBinary;
  readonly directory: string;
  readonly certificates: Certificates;
  readonly shards: number;
  readonly replicas: number;
  readonly started: (process: ManagedProcess) => void;
}

/** Real nodes in cluster mode over TLS, without users; primaries first. Resolves once every slot is served. */
export async function startValkeyCluster(options: ValkeyClusterOptions): Promise<ClusterNode[]> {
  const { shards, replicas } = options;
  const nodes = await Promise.all(
    Array.from({ length: shards * (1 + replicas) }, (_, index) => startNode(options, index)),
  );
  const primaries = nodes.slice(0, shards);
  const [first] = nodes as [ClusterNode];
  await Promise.all(
    primaries.map((node, index) =>
      node.command(
        'CLUSTER',
        'ADDSLOTSRANGE',
        String(Math.floor((index * SLOTS) / shards)),
        String(Math.floor(((index + 1) * SLOTS) / shards) - 1),
      ),
    ),
  );
  for (const node of nodes.slice(1)) {
    await node.command('CLUSTER', 'MEET', LOOPBACK, String(first.port), String(busPort(first)));
  }
  await until(async () => (await knownNodes(first)) === nodes.length);
  for (const [index, replica] of nodes.slice(shards).entries()) {
    const primaryId = String(await (primaries[index % shards] as ClusterNode).command('CLUSTER', 'MYID'));
    await until(async () => String(await replica.command('CLUSTER', 'NODES')).includes(primaryId));
    await replica.command('CLUSTER', 'REPLICATE', primaryId);
  }
  await Promise.all(
    nodes.map((node) =>
      until(async () => {
        const info = String(await node.command('CLUSTER', 'INFO'));
        const linked = String(await node.command('INFO', 'replication'));
        return info.includes('cluster_state:ok') && !linked.includes('master_link_status:down');
      }),
    ),
  );
  return nodes;
}

const busPorts = new WeakMap<ClusterNode, number>();
const busPort = (node: ClusterNode) => busPorts.get(node) as number;

async function startNode(options: ValkeyClusterOptions, index: number): Promise<ClusterNode> {
  const { binary, certificates } = options;
  const [port, bus] = [await freePort(), await freePort()];
  const directory = join(options.directory, `cluster-${port}`);
  mkdirSync(directory);
  const settings = [
    ['bind', LOOPBACK],
    ['port', '0'],
    ['tls-port', port],
    ['cluster-port', bus],
    ['tls-cert-file', certificates.certificate],
    ['tls-key-file', certificates.key],
    ['tls-ca-cert-file', certificates.ca],
    ['tls-auth-clients', 'no'],
    ['tls-replication', 'yes'],
    ['tls-cluster', 'yes'],
    ['cluster-enabled', 'yes'],
    ['cluster-node-timeout', '1000'],
    ['cluster-require-full-coverage', 'no'],
    ['repl-diskless-sync-delay', '0'],
    ['dir', directory],
    ['save', '""'],
  ];
  writeFileSync(join(directory, 'valkey.conf'), settings.map(([key, value]) => `${key} ${value}\n`).join(''));
  const process_ = new ManagedProcess({
    name: `cluster node ${index + 1}`,
    command: binary.path,
    args: [join(directory, 'valkey.conf')],
    logFile: join(directory, 'log'),
    environment: { ...binary.environment, PATH: process.env.PATH ?? '' },
  });
  options.started(process_);
  const node: ClusterNode = {
    port,
    process: process_,
    async command(...args) {
      const client = createClient({
        socket: { host: LOOPBACK, port, tls: true, ca: readFileSync(certificates.ca), reconnectStrategy: false },
      });
      client.on('error', () => {});
      await client.connect();
      try {
        return await client.sendCommand(args);
      } finally {
        client.destroy();
      }
    },
  };
  busPorts.set(node, bus);
  await until(async () => (await node.command('PING')) === 'PONG');
  return node;
}

async function knownNodes(node: ClusterNode): Promise<number> {
  return Number(/cluster_known_nodes:(\d+)/.exec(String(await node.command('CLUSTER', 'INFO')))?.[1]);
}

async function until(holds: () => Promise<boolean>, withinMs = 15_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) {
      throw new Error('the cluster did not form in time');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
