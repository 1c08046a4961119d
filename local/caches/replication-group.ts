import { Problem } from '../../assembly/problem';
import type { CacheChangeListener, ControlledAddress, ControlledShard } from '../control/controlled';
import { ProcessFailed } from '../managed-process';
import { READER_HOST } from '../reader-host';
import { newSecret } from '../secret';
import type { ValkeyOptions } from './cache-options';
import { Changes } from './changes';
import { Endpoint } from './endpoint';
import { NodeKeeper } from './node-keeper';
import { Sentinel } from './sentinel';
import { untilCopied } from './until-copied';
import { ValkeyNode } from './valkey-node';

/** Longest that a failover may take, in milliseconds: Sentinel's two tries and a node's start. */
const FAILOVER_TIMEOUT_MS = 20_000;

/** How often a node that was a primary is asked whether it answers again, in milliseconds. */
const RETURN_CHECK_MS = 50;

/** The one shard of a group with cluster mode off. */
const SHARD = '0001';

export interface ReplicationGroupOptions extends ValkeyOptions {
  /** Nodes of the group: one primary, the others its replicas. */
  readonly nodes: number;
  /** Whether a replica takes the place of a primary that is lost. */
  readonly automaticFailover: boolean;
  /** File of the snapshot that the group begins with. */
  readonly restoreFrom?: string;
}

/**
 * A replication group with cluster mode off: a primary and its replicas as real processes, Sentinel for promotion, an
 * endpoint that follows the primary, and one that spreads over the replicas. A node that ends is brought back.
 */
export class ReplicationGroup {
  private readonly nodes: ValkeyNode[] = [];
  private readonly changes = new Changes();
  private readonly keeper: NodeKeeper<ValkeyNode>;
  private readonly internalPassword = newSecret();
  private primary!: ValkeyNode;
  private primaryEndpoint!: Endpoint;
  private readerEndpoint: Endpoint | undefined;
  private sentinel: Promise<Sentinel> | undefined;
  private launched = 0;

  /** Starts the primary, then its replicas, and waits until all hold the same data. */
  static async start(options: ReplicationGroupOptions): Promise<ReplicationGroup> {
    const group = new ReplicationGroup(options);
    try {
      await group.form();
    } catch (error) {
      await group.close();
      throw error;
    }
    return group;
  }

  private constructor(private readonly options: ReplicationGroupOptions) {
    this.keeper = new NodeKeeper({
      changes: this.changes,
      failed: (error) => options.failed?.(error),
      bringBack: (node) => this.bringBack(node),
    });
    this.changes.listen(({ type }) => {
      if (type === 'recovering' || type === 'recovered') {
        void this.spread();
      }
      if (type === 'recovered' && this.primary.isRunning) {
        // Sentinel would find the replica with its next look only, up to ten seconds later.
        void this.sentinel?.then((sentinel) => sentinel.watch(this.primary.port)).catch(() => {});
      }
    });
  }

  /** The primary endpoint. */
  get endpoint(): Endpoint {
    return this.primaryEndpoint;
  }

  /** Where replicas are read, while there are any and the machine has a second address. */
  get reader(): (ControlledAddress & { readonly endpoint: Endpoint }) | undefined {
    const endpoint = this.readerEndpoint;
    return endpoint === undefined ? undefined : { host: READER_HOST, port: endpoint.port, endpoint };
  }

  /** Every node that runs or is being brought back. */
  get all(): readonly ValkeyNode[] {
    return this.nodes;
  }

  get unknownRules(): readonly string[] {
    return this.primary.unknownRules;
  }

  get shards(): readonly ControlledShard[] {
    return [
      {
        id: SHARD,
        slots: undefined,
        nodes: [...this.nodes]
          .sort((one, other) => one.id.localeCompare(other.id))
          .map((node) => ({
            id: node.id,
            role: node === this.primary ? 'primary' : 'replica',
            zone: node.zone,
            isUp: node.isRunning && !this.keeper.isRecovering(node),
            host: 'localhost',
            port: node.port,
          })),
      },
    ];
  }

  onChange(listener: CacheChangeListener): () => void {
    return this.changes.listen(listener);
  }

  /** Resolves once every node is back and in sync, and Sentinel could promote each replica. */
  async settled(): Promise<void> {
    await this.keeper.settled();
    await untilCopied(() => ({ primary: this.primary, replicas: this.nodes.length - 1 }));
    await (await this.sentinel)?.untilKnows(this.nodes.length - 1);
  }

  /** Ends the primary; a replica takes its place, and the node comes back as a replica of it. */
  async failOver(): Promise<void> {
    await this.settled();
    const before = this.primary;
    before.process.signal('SIGKILL');
    await before.process.ended;
    await this.keeper.settled();
    if (this.primary === before) {
      throw new Error(`${this.options.label}: no replica took the place of ${before.id}`);
    }
  }

  /** Starts or ends replicas until there are so many. @param removed ids of those to end; else the last ones */
  async setReplicas(count: number, removed: readonly string[] = []): Promise<void> {
    const replicas = () => this.nodes.filter((node) => node !== this.primary);
    const before = replicas().length;
    while (replicas().length < count) {
      const node = await this.launch(this.primary.port);
      await this.spread();
      this.changes.tell({ type: 'node-added', node: node.id });
    }
    const leaving = [...removed];
    while (replicas().length > count) {
      const id = leaving.shift();
      const node = id === undefined ? replicas().at(-1) : replicas().find((one) => one.id === id);
      if (node === undefined) {
        throw new Problem(`${id} is no replica of ${this.options.label}`);
      }
      await this.remove(node);
      this.changes.tell({ type: 'node-removed', node: node.id });
    }
    if (count > 0 && this.options.automaticFailover && this.sentinel === undefined) {
      this.watch();
    }
    if (replicas().length < before) {
      await (await this.sentinel)?.watch(this.primary.port);
    }
  }

  /** Ends a node's process; it is brought back, and copies from its primary where there is one. */
  async reboot(id: string): Promise<void> {
    const node = this.nodes.find((one) => one.id === id);
    if (node === undefined) {
      throw new Problem(`${this.options.label} has no node ${id}`);
    }
    await this.settled();
    const { process } = node;
    process.signal('SIGTERM');
    await process.ended;
    await this.keeper.settled();
  }

  /** Writes what the group holds to a file. @returns its path by shard */
  async save(): Promise<ReadonlyMap<string, string>> {
    await this.settled();
    const replica = this.nodes.find((node) => node !== this.primary && node.isRunning);
    return new Map([[SHARD, await (replica ?? this.primary).save()]]);
  }

  /** Applies users and parameters to the nodes that run. @returns what the engine does not take */
  async apply(options: Pick<ValkeyOptions, 'users' | 'parameters'>): Promise<readonly string[]> {
    const [left = []] = await Promise.all(this.nodes.map((node) => node.apply(options)));
    return left;
  }

  async close(): Promise<void> {
    this.keeper.close();
    this.primaryEndpoint?.close();
    this.readerEndpoint?.close();
    await (await this.sentinel?.catch(() => undefined))?.stop();
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  private async form(): Promise<void> {
    const { nodes, restoreFrom, automaticFailover } = this.options;
    this.primary = await this.launch(undefined, restoreFrom);
    await Promise.all(Array.from({ length: nodes - 1 }, () => this.launch(this.primary.port)));
    this.primaryEndpoint = await Endpoint.to(this.primary.port);
    await this.spread();
    if (automaticFailover && nodes > 1) {
      this.watch();
    }
  }

  private async launch(primary: number | undefined, restoreFrom?: string): Promise<ValkeyNode> {
    this.launched += 1;
    const zones = this.options.zones ?? [];
    const place = {
      number: String(this.launched).padStart(3, '0'),
      zone: zones[(this.launched - 1) % Math.max(1, zones.length)] ?? '',
      ...(restoreFrom === undefined ? {} : { restoreFrom }),
    };
    const node = await ValkeyNode.start(this.options, place, this.internalPassword, primary);
    this.nodes.push(node);
    this.keeper.keep(node);
    return node;
  }

  private async remove(node: ValkeyNode): Promise<void> {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    await this.spread();
    this.keeper.leave(node);
    await node.stop();
  }

  /** The reader endpoint leads to the replicas that hold the data, or to the primary when none does. */
  private async spread(): Promise<void> {
    const usable = this.nodes.filter(
      (node) => node !== this.primary && node.isRunning && !this.keeper.isRecovering(node),
    );
    const ports = usable.length === 0 ? [this.primary.port] : usable.map(({ port }) => port);
    if (this.readerEndpoint !== undefined) {
      this.readerEndpoint.moveTo(ports);
    } else if (this.nodes.length > 1) {
      // The same port at another address: a binding has one port for both.
      this.readerEndpoint = await Endpoint.to(ports, { host: READER_HOST, port: this.primaryEndpoint.port }).catch(
        () => undefined,
      );
    }
  }

  private watch(): void {
    this.sentinel = Sentinel.start(this.options, this.internalPassword, (port) => void this.followPromotion(port)).then(
      async (sentinel) => {
        const { process } = sentinel;
        void process.ended.then((how) => {
          if (!process.isStopping) {
            this.options.failed?.(new ProcessFailed(process, how));
          }
        });
        await sentinel.watch(this.primary.port);
        return sentinel;
      },
    );
    this.sentinel.catch((error) => this.options.failed?.(error));
  }

  /** Sentinel itself looks only once a second whether the replica that it chose is a primary by now. */
  private async followPromotion(port: number): Promise<void> {
    const next = this.nodes.find((node) => node.port === port);
    const deadline = Date.now() + FAILOVER_TIMEOUT_MS;
    while (next !== undefined && next !== this.primary && Date.now() < deadline) {
      const replication = await next.info('replication').catch(() => undefined);
      if (replication?.get('role') === 'master') {
        this.promoted(next);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  private promoted(next: ValkeyNode): void {
    const before = this.primary;
    if (next === before) {
      return;
    }
    this.primary = next;
    this.primaryEndpoint.moveTo(next.port);
    void this.spread();
    this.changes.tell({ type: 'failover', shard: SHARD, from: before.id, to: next.id });
    for (const node of this.nodes) {
      if (node !== next && node !== before && node.isRunning) {
        void node.follow(next.port).catch(() => {});
      }
    }
    void this.sentinel?.then((sentinel) => sentinel.watch(next.port)).catch(() => {});
    if (before.isRunning) {
      void this.takeBack(before);
    }
  }

  /** A primary that was only silent believes that it still is one: it is made a replica as soon as it answers. */
  private takeBack(node: ValkeyNode): Promise<void> {
    return this.keeper.recover(node, async () => {
      while (!(await node.answers(RETURN_CHECK_MS * 4))) {
        if (!node.isRunning) {
          return this.bringBack(node);
        }
        await new Promise((resolve) => setTimeout(resolve, RETURN_CHECK_MS));
      }
      await node.follow(this.primary.port);
      await node.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await node.untilSynced();
      return { isEmpty: false };
    });
  }

  /** Starts a node that ended: as a replica of whoever is primary by then, or alone and empty. */
  private async bringBack(node: ValkeyNode): Promise<{ readonly isEmpty: boolean }> {
    const replica = this.nodes.find((one) => one !== node && one.isRunning);
    if (node === this.primary && replica !== undefined) {
      return this.sentinel === undefined ? this.copyBack(node, replica) : this.bringBackAfterFailover(node);
    }
    const isAlone = node === this.primary;
    await node.restart(isAlone ? undefined : this.primary.port);
    return { isEmpty: isAlone && this.options.isDurable !== true };
  }

  /** An empty primary that came back before the failover would make its replicas empty. */
  private async bringBackAfterFailover(node: ValkeyNode): Promise<{ readonly isEmpty: boolean }> {
    const deadline = Date.now() + FAILOVER_TIMEOUT_MS;
    while (node === this.primary) {
      if (Date.now() > deadline) {
        throw new Error(`no replica took its place within ${FAILOVER_TIMEOUT_MS / 1_000} s`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await node.restart(this.primary.port);
    return { isEmpty: false };
  }

  /** Without automatic failover a primary stays the primary, and takes its data from a replica. */
  private async copyBack(node: ValkeyNode, replica: ValkeyNode): Promise<{ readonly isEmpty: boolean }> {
    await replica.command('REPLICAOF', 'NO', 'ONE');
    await node.restart(replica.port);
    await node.command('REPLICAOF', 'NO', 'ONE');
    for (const other of this.nodes.filter((one) => one !== node && one.isRunning)) {
      await other.follow(node.port);
    }
    return { isEmpty: false };
  }
}
