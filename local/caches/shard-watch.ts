import type { ValkeyNode } from './valkey-node';

/** How often each primary is asked for a sign of life, and how long it may be silent before a replica takes its place. */
const BEAT_MS = 200;
const SILENCE_MS = 800;

/**
 * A primary that goes on may take so long for its first answer, in milliseconds: everybody connects to it again at once.
 */
const RETURN_MS = 1_000;

/** A shard of a group with cluster mode on. */
export interface Shard {
  readonly id: string;
  readonly slots: string;
  readonly nodes: ValkeyNode[];
  primary: ValkeyNode;
  launched: number;
  /** When its primary answered last, on `Date.now()`'s clock. */
  aliveAt: number;
}

/** Has a replica promoted where a shard's primary is lost, also where its shards are too few to agree on one. */
export class ShardWatch {
  private heartbeat: NodeJS.Timeout | undefined;
  private closed = false;

  /** @param promoted told of each new primary */
  constructor(
    private readonly shards: readonly Shard[],
    private readonly promoted: (shard: Shard, node: ValkeyNode) => void,
  ) {}

  stop(): void {
    this.closed = true;
    clearTimeout(this.heartbeat);
  }

  /** Begins to watch. */
  start(): void {
    this.heartbeat = setTimeout(async () => {
      // A node that does not answer is looked at again.
      await Promise.all(this.shards.map((shard) => this.look(shard).catch(() => {})));
      if (!this.closed) {
        this.start();
      }
    }, BEAT_MS);
  }

  /** Has a replica promoted once the primary has been silent for too long. */
  private async look(shard: Shard): Promise<void> {
    if (shard.primary.isRunning && (await shard.primary.answers(SILENCE_MS / 2))) {
      shard.aliveAt = Date.now();
      await this.noticeElection(shard);
    } else if (Date.now() - shard.aliveAt >= SILENCE_MS && !this.closed) {
      await this.promote(shard);
    }
  }

  /** Where everything hung, the primary may go on together with who would take its place. */
  private async isBack({ primary }: Shard): Promise<boolean> {
    return primary.isRunning && (await primary.answers(RETURN_MS));
  }

  /** The shards may have agreed on another primary by themselves. */
  private async noticeElection(shard: Shard): Promise<void> {
    if (shard.nodes.length > 1 && (await roleOf(shard.primary)) === 'slave') {
      for (const node of shard.nodes) {
        if (node !== shard.primary && node.isRunning && (await roleOf(node)) === 'master') {
          this.promoted(shard, node);
          return;
        }
      }
    }
  }

  /** The replica that has most of what the primary had. */
  private async promote(shard: Shard): Promise<void> {
    const candidates = await Promise.all(
      shard.nodes
        .filter((node) => node !== shard.primary && node.isRunning)
        .map(async (node) => ({ node, replication: await node.info('replication').catch(() => undefined) })),
    );
    const offset = ({ replication }: (typeof candidates)[number]) =>
      Number(replication?.get('slave_repl_offset') ?? -1);
    const [best] = candidates
      .filter(({ replication }) => replication !== undefined)
      .sort((one, other) => offset(other) - offset(one));
    if (best === undefined || (await this.isBack(shard))) {
      return;
    }
    if (best.replication?.get('role') !== 'master') {
      await best.node.command('CLUSTER', 'FAILOVER', 'TAKEOVER');
    }
    this.promoted(shard, best.node);
  }
}

async function roleOf(node: ValkeyNode): Promise<string | undefined> {
  return (await node.info('replication')).get('role');
}
