import { Problem } from '../../assembly/problem';
import type { CacheChangeListener, ControlledMemcachedNode } from '../control/controlled';
import { LOOPBACK } from '../port';
import { Changes } from './changes';
import { ConfigurationEndpoint } from './configuration-endpoint';
import { Endpoint } from './endpoint';
import { MemcachedNode, type MemcachedOptions } from './memcached-node';
import { NodeKeeper } from './node-keeper';

/** Independent nodes and the configuration endpoint that names them. A node that ends is brought back, empty. */
export class MemcachedCluster {
  private readonly changes = new Changes();
  private readonly keeper: NodeKeeper<MemcachedNode>;
  private readonly running: MemcachedNode[] = [];
  /** What clients reach each node by. */
  private readonly ways = new Map<MemcachedNode, Endpoint>();
  private configurationEndpoint!: ConfigurationEndpoint;
  private launched = 0;

  static async start(options: MemcachedOptions & { readonly nodes: number }): Promise<MemcachedCluster> {
    const cluster = new MemcachedCluster(options);
    try {
      await Promise.all(Array.from({ length: options.nodes }, () => cluster.launch()));
      cluster.configurationEndpoint = await ConfigurationEndpoint.of(cluster.named, options.certificates);
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  private constructor(private readonly options: MemcachedOptions) {
    this.keeper = new NodeKeeper({
      changes: this.changes,
      failed: (error) => options.failed?.(error),
      bringBack: async (node) => {
        await node.restart();
        return { isEmpty: true };
      },
    });
  }

  get endpoint(): ConfigurationEndpoint {
    return this.configurationEndpoint;
  }

  /** Every node that runs or is being brought back. */
  get all(): readonly MemcachedNode[] {
    return this.running;
  }

  /** Where clients reach a node. */
  endpointOf(node: MemcachedNode): Endpoint {
    return this.ways.get(node) as Endpoint;
  }

  get nodes(): readonly ControlledMemcachedNode[] {
    return this.running.map((node) => ({
      id: node.id,
      zone: node.zone,
      host: 'localhost',
      port: this.endpointOf(node).port,
      isUp: node.isRunning && !this.keeper.isRecovering(node),
    }));
  }

  onChange(listener: CacheChangeListener): () => void {
    return this.changes.listen(listener);
  }

  settled(): Promise<void> {
    return this.keeper.settled();
  }

  /** Starts nodes, or ends the given ones; without any given the last ones. */
  async setNodes(count: number, removed: readonly string[] = []): Promise<void> {
    const added = await Promise.all(
      Array.from({ length: Math.max(0, count - this.running.length) }, () => this.launch()),
    );
    const leaving =
      removed.length > 0
        ? removed.map((id) => this.node(id))
        : this.running.slice(Math.min(count, this.running.length));
    for (const node of leaving) {
      this.running.splice(this.running.indexOf(node), 1);
    }
    this.configurationEndpoint.change(this.named);
    for (const node of added) {
      this.changes.tell({ type: 'node-added', node: node.id });
    }
    for (const node of leaving) {
      this.keeper.leave(node);
      await this.end(node);
      this.changes.tell({ type: 'node-removed', node: node.id });
    }
  }

  /** Restarts nodes, which lose what they hold. */
  async reboot(ids: readonly string[]): Promise<void> {
    const nodes = ids.map((id) => this.node(id));
    for (const { process } of nodes) {
      process.signal('SIGTERM');
      await process.ended;
    }
    await this.keeper.settled();
  }

  async close(): Promise<void> {
    this.keeper.close();
    this.configurationEndpoint?.close();
    await Promise.all(this.running.map((node) => this.end(node)));
  }

  private get named() {
    return this.running.map((node) => ({ host: 'localhost', ip: LOOPBACK, port: this.endpointOf(node).port }));
  }

  private node(id: string): MemcachedNode {
    const node = this.running.find((one) => one.id === id);
    if (node === undefined) {
      throw new Problem(`${this.options.label} has no node ${id}`);
    }
    return node;
  }

  private async launch(): Promise<MemcachedNode> {
    this.launched += 1;
    const node = await MemcachedNode.start(this.options, this.launched);
    this.ways.set(node, await Endpoint.to(node.port));
    this.running.push(node);
    this.running.sort((one, other) => one.id.localeCompare(other.id));
    this.keeper.keep(node);
    return node;
  }

  private async end(node: MemcachedNode): Promise<void> {
    await node.process.stop();
    this.endpointOf(node).close();
    this.ways.delete(node);
  }
}
