import { Problem } from '../../assembly/problem';
import type { CacheChangeListener, ControlledShard } from '../control/controlled';
import { waitUntilReady } from '../managed-process';
import { freePort, LOOPBACK } from '../port';
import { newSecret } from '../secret';
import type { ValkeyOptions } from './cache-options';
import { Changes } from './changes';
import { Endpoint } from './endpoint';
import { NodeKeeper } from './node-keeper';
import { type Shard, ShardWatch } from './shard-watch';
import { untilCopied } from './until-copied';
import { ValkeyNode } from './valkey-node';

const SLOTS = 16_384;

/**
 * Nodes form a cluster quickly when they suspect each other soon. Once it stands, they wait as long as ElastiCache's do
 * (its default of `cluster-node-timeout`): a primary is replaced by this class by then, and where everything hung for a
 * while, elections of all shards at once would lose what is written meanwhile.
 */
const NODE_TIMEOUT_MS = '15000';

/** Longest that nodes may take to agree on something, in milliseconds. */
const AGREEMENT_TIMEOUT_MS = 20_000;

export interface ShardedGroupOptions extends ValkeyOptions {
  readonly shards: number;
  readonly replicasPerShard: number;
  /** Slots of each shard, for example `0-8191`. @default - evenly */
  readonly slots?: readonly string[];
  /** Files of the snapshot that the shards begin with. */
  readonly restoreFrom?: readonly string[];
}

/**
 * A replication group with cluster mode on: real shards, and a configuration endpoint. As ElastiCache does, and unlike
 * an engine left to itself, it promotes a replica even where fewer than three shards could not agree on one.
 */
export class ShardedGroup {
  private readonly changes = new Changes();
  private readonly keeper: NodeKeeper<ValkeyNode>;
  private readonly internalPassword = newSecret();
  private readonly groups: Shard[] = [];
  private configurationEndpoint!: Endpoint;
  private readonly watch: ShardWatch;

  /** Starts all nodes, and waits until every slot is served and every replica has its data. */
  static async start(options: ShardedGroupOptions): Promise<ShardedGroup> {
    const group = new ShardedGroup(options);
    try {
      await group.form();
      group.configurationEndpoint = await Endpoint.to(group.ports);
    } catch (error) {
      await group.close();
      throw error;
    }
    group.watch.start();
    return group;
  }

  private constructor(private readonly options: ShardedGroupOptions) {
    this.keeper = new NodeKeeper({
      changes: this.changes,
      failed: (error) => options.failed?.(error),
      bringBack: (node) => this.bringBack(node),
    });
    this.watch = new ShardWatch(this.groups, (shard, node) => this.promoted(shard, node));
    this.changes.listen(() => this.configurationEndpoint?.moveTo(this.ports));
  }

  /** The configuration endpoint. */
  get endpoint(): Endpoint {
    return this.configurationEndpoint;
  }

  get all(): readonly ValkeyNode[] {
    return this.groups.flatMap(({ nodes }) => nodes);
  }

  get unknownRules(): readonly string[] {
    return this.all[0]?.unknownRules ?? [];
  }

  get shards(): readonly ControlledShard[] {
    return this.groups.map(({ id, slots, nodes, primary }) => ({
      id,
      slots,
      nodes: nodes.map((node) => ({
        id: node.id,
        role: node === primary ? 'primary' : 'replica',
        zone: node.zone,
        isUp: node.isRunning && !this.keeper.isRecovering(node),
        host: 'localhost',
        port: node.clientPort,
      })),
    }));
  }

  onChange(listener: CacheChangeListener): () => void {
    return this.changes.listen(listener);
  }

  /** Resolves once every node is back and in sync. */
  async settled(): Promise<void> {
    await this.keeper.settled();
    await Promise.all(
      this.groups.map((shard) => untilCopied(() => ({ primary: shard.primary, replicas: shard.nodes.length - 1 }))),
    );
  }

  /** Ends the primary of a shard; a replica takes its place, and the node comes back as a replica of it. */
  async failOver(shardId: string): Promise<void> {
    const shard = this.shard(shardId);
    await this.settled();
    const before = shard.primary;
    before.process.signal('SIGKILL');
    await before.process.ended;
    await this.keeper.settled();
    if (shard.primary === before) {
      throw new Error(`${this.options.label}: no replica took the place of ${before.id}`);
    }
  }

  /** Starts or ends replicas until every shard has so many. */
  async setReplicas(perShard: number, removed: readonly string[] = []): Promise<void> {
    for (const shard of this.groups) {
      const replicas = () => shard.nodes.filter((node) => node !== shard.primary);
      while (replicas().length < perShard) {
        const node = await this.launch(shard);
        await this.join(node, shard);
        this.changes.tell({ type: 'node-added', node: node.id });
      }
      while (replicas().length > perShard) {
        const node = replicas().find(({ id }) => removed.includes(id)) ?? (replicas().at(-1) as ValkeyNode);
        shard.nodes.splice(shard.nodes.indexOf(node), 1);
        this.keeper.leave(node);
        const nodeId = String(await node.command('CLUSTER', 'MYID'));
        await node.stop();
        await Promise.all(this.all.map((other) => other.command('CLUSTER', 'FORGET', nodeId).catch(() => {})));
        this.changes.tell({ type: 'node-removed', node: node.id });
      }
    }
  }

  /** @throws Problem: ElastiCache refuses it with cluster mode on, too */
  async reboot(id: string): Promise<void> {
    throw new Problem(`${id} cannot be rebooted: its group has cluster mode on`);
  }

  /** Writes what each shard holds to a file. @returns paths by shard */
  async save(): Promise<ReadonlyMap<string, string>> {
    await this.settled();
    return new Map(
      await Promise.all(
        this.groups.map(async ({ id, nodes, primary }): Promise<[string, string]> => {
          const replica = nodes.find((node) => node !== primary && node.isRunning);
          return [id, await (replica ?? primary).save()];
        }),
      ),
    );
  }

  /** Applies users and parameters to the nodes that run. @returns what the engine does not take */
  async apply(options: Pick<ValkeyOptions, 'users' | 'parameters'>): Promise<readonly string[]> {
    const [left = []] = await Promise.all(this.all.map((node) => node.apply(options)));
    return left;
  }

  async close(): Promise<void> {
    this.watch.stop();
    this.keeper.close();
    this.configurationEndpoint?.close();
    await Promise.all(this.all.map((node) => node.stop()));
  }

  private get ports(): number[] {
    return this.groups.filter(({ primary }) => primary.isRunning).map(({ primary }) => primary.port);
  }

  private async form(): Promise<void> {
    const { shards, replicasPerShard, slots, restoreFrom } = this.options;
    for (let index = 0; index < shards; index += 1) {
      const evenly = `${Math.floor((index * SLOTS) / shards)}-${Math.floor(((index + 1) * SLOTS) / shards) - 1}`;
      this.groups.push({
        id: String(index + 1).padStart(4, '0'),
        slots: slots?.[index] ?? evenly,
        nodes: [],
        primary: undefined as unknown as ValkeyNode,
        launched: 0,
        aliveAt: Date.now(),
      });
    }
    await Promise.all(
      this.groups.map(async (shard, index) => {
        shard.primary = await this.launch(shard, restoreFrom?.[index]);
        // Epochs of their own, or shards would have to agree on them first.
        await shard.primary.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
        for (const range of shard.slots.split(',')) {
          await this.takeSlots(shard.primary, range);
        }
        await Promise.all(Array.from({ length: replicasPerShard }, () => this.launch(shard)));
      }),
    );
    const [first, ...others] = this.all as [ValkeyNode, ...ValkeyNode[]];
    for (const node of others) {
      await meet(node, first);
    }
    await Promise.all(this.all.map((node) => this.untilKnown(node, this.all.length)));
    await Promise.all(
      this.groups.flatMap((shard) =>
        shard.nodes.filter((node) => node !== shard.primary).map((node) => this.replicate(node, shard)),
      ),
    );
    await Promise.all(this.all.map((node) => this.untilServed(node)));
    await Promise.all(this.all.map((node) => node.command('CONFIG', 'SET', 'cluster-node-timeout', NODE_TIMEOUT_MS)));
  }

  /** A node that began with a snapshot has taken the slots of its keys already. */
  private async takeSlots(node: ValkeyNode, range: string): Promise<void> {
    const [from = 0, to = from] = range.split('-').map(Number);
    const owned = (await node.command('CLUSTER', 'SLOTS')) as Array<[number, number]>;
    let next = from;
    for (const [first, last] of [...owned.sort(([one], [other]) => one - other), [to + 1, to + 1] as const]) {
      if (first > next) {
        await node.command('CLUSTER', 'ADDSLOTSRANGE', String(next), String(first - 1));
      }
      next = last + 1;
    }
  }

  private async launch(shard: Shard, restoreFrom?: string): Promise<ValkeyNode> {
    const { zones = [] } = this.options;
    shard.launched += 1;
    const count = shard.launched;
    const node = await ValkeyNode.start(
      this.options,
      {
        number: `${shard.id}-${String(count).padStart(3, '0')}`,
        zone: zones[(count - 1 + Number(shard.id) - 1) % Math.max(1, zones.length)] ?? '',
        busPort: await freePort(),
        ...(restoreFrom === undefined ? {} : { restoreFrom }),
      },
      this.internalPassword,
    );
    shard.nodes.push(node);
    this.keeper.keep(node);
    return node;
  }

  /** Brings a node into the cluster that runs already, as a replica. */
  private async join(node: ValkeyNode, shard: Shard): Promise<void> {
    await meet(node, shard.primary);
    await this.replicate(node, shard);
    await this.untilServed(node);
    await node.command('CONFIG', 'SET', 'cluster-node-timeout', NODE_TIMEOUT_MS);
  }

  private async replicate(node: ValkeyNode, shard: Shard): Promise<void> {
    await this.until(node, async () => {
      const primaryId = String(await shard.primary.command('CLUSTER', 'MYID'));
      await node.command('CLUSTER', 'REPLICATE', primaryId);
    });
  }

  private untilKnown(node: ValkeyNode, count: number): Promise<void> {
    return this.until(node, async () => {
      const known = /cluster_known_nodes:(\d+)/.exec(String(await node.command('CLUSTER', 'INFO')))?.[1];
      if (Number(known) < count) {
        throw new Error(`${node.id} knows ${known} of ${count} nodes`);
      }
    });
  }

  private untilServed(node: ValkeyNode): Promise<void> {
    return this.until(node, async () => {
      if (!String(await node.command('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
        throw new Error('not every slot is served');
      }
      const replication = await node.info('replication');
      if (replication.get('role') !== 'master' && replication.get('master_link_status') !== 'up') {
        throw new Error('still copying from its primary');
      }
    });
  }

  private until(node: ValkeyNode, check: () => Promise<void>): Promise<void> {
    return waitUntilReady(node.process, check, AGREEMENT_TIMEOUT_MS);
  }

  private shard(id: string): Shard {
    const shard = this.groups.find((one) => one.id === id);
    if (shard === undefined) {
      throw new Problem(`${this.options.label} has no shard ${id}`);
    }
    return shard;
  }

  private promoted(shard: Shard, node: ValkeyNode): void {
    const before = shard.primary;
    shard.primary = node;
    shard.aliveAt = Date.now();
    this.changes.tell({ type: 'failover', shard: shard.id, from: before.id, to: node.id });
  }

  /** The node knows its cluster from its own file, and where the slots went from the others. */
  private async bringBack(node: ValkeyNode): Promise<{ readonly isEmpty: boolean }> {
    const shard = this.groups.find(({ nodes }) => nodes.includes(node)) as Shard;
    const hasReplica = shard.nodes.some((one) => one !== node && one.isRunning);
    const deadline = Date.now() + AGREEMENT_TIMEOUT_MS;
    while (shard.primary === node && hasReplica && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const isAlone = shard.primary === node;
    await node.restart();
    await node.command('CONFIG', 'SET', 'cluster-node-timeout', NODE_TIMEOUT_MS);
    if (!isAlone) {
      await this.replicate(node, shard);
    }
    await this.untilServed(node);
    shard.aliveAt = Date.now();
    return { isEmpty: isAlone && this.options.isDurable !== true };
  }
}

async function meet(node: ValkeyNode, other: ValkeyNode): Promise<void> {
  await node.command('CLUSTER', 'MEET', LOOPBACK, String(other.port), String(other.busPort));
}
