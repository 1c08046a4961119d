import { createCluster, type RedisClusterType } from '@redis/client';
import calculateSlot from 'cluster-key-slot';
import type { CacheBinding } from '../binding';
import { ConnectPacing } from '../connect-pacing';
import { CALL_BUDGET_MS, withDeadline } from '../deadline';
import { Guard } from '../guard';
import type { Observe } from '../observer';
import {
  COMMAND_OPTIONS,
  CONNECT_TIMEOUT_MS,
  classKey,
  clientOptions,
  type None,
  socketOptions,
} from './client-options';
import type { ReadFrom, RedisArgument, RedisCommands, RedisReply } from './commands';
import { explainRefusedLogin } from './login';
import { isDemotion, isLoginRefused, refusal } from './replies';
import { untilReady } from './until-ready';

/**
 * The other nodes are asked for the slots no more often than this, by all shards together, in milliseconds. They are asked
 * over connections that are there: the client library makes the class of every new client anew, 25 to 80 ms of work in
 * one piece, which kept an instance whose cache hung busy for 70 % of its time (ADR 12).
 */
const REDISCOVER_EVERY_MS = 500;

/** Longest that they are waited for, in milliseconds. */
const SLOTS_TIMEOUT_MS = 500;

/** Pause before a command is sent again that a shard could not take, in milliseconds, at most. */
const RETRY_PAUSE_MS = 20;

type Cluster = RedisClusterType<None, None, None, 2>;
type ClusterNode = Parameters<Cluster['nodeClient']>[0];

export interface ClusterOptions {
  readonly name: string;
  readonly binding: CacheBinding;
  readonly observe: Observe;
}

/**
 * A group in cluster mode, or a serverless cache, by its configuration endpoint. The client follows the slots; each
 * shard has a guard of its own, so that a frozen shard costs its own keys and nobody else's.
 */
export class RedisCluster implements RedisCommands {
  readonly name: string;
  private readonly guards = new Map<string, Guard>();
  private readonly pacing = new ConnectPacing();
  private readonly listeners: Array<() => void> = [];
  private cluster: Cluster;
  private attempt: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastError: unknown;
  knowsClock = false;
  private clockOffsetMs = 0;
  private closed = false;
  private rediscovering: Promise<void> | undefined;
  private rediscoveredAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: ClusterOptions) {
    this.name = options.name;
    this.cluster = this.open();
  }

  run(key: string, command: readonly RedisArgument[]): Promise<RedisReply> {
    return this.guardOf(key).call(() => this.sendTwice(key, command, false));
  }

  script(script: string, key: string, args: readonly RedisArgument[]): Promise<RedisReply> {
    return this.run(key, ['EVAL', script, '1', key, ...args]);
  }

  partOf(key: string): string {
    return this.cluster.slots[calculateSlot(key)]?.master.address ?? '';
  }

  /** Keys of one shard lie in many slots, so each has a command of its own; they share the round trip. */
  getMany(keys: readonly string[], from: ReadFrom): Promise<Array<Buffer | null>> {
    return this.guardOf(keys[0] as string).call(() =>
      Promise.all(keys.map((key) => this.sendTwice(key, ['GET', key], from === 'replica') as Promise<Buffer | null>)),
    );
  }

  assertReplicas(): void {}

  now(): number {
    return Date.now() + this.clockOffsetMs;
  }

  onRecovered(listener: () => void): void {
    this.listeners.push(listener);
  }

  ready(timeoutMs: number): Promise<void> {
    const { host, port } = this.options.binding;
    return untilReady(
      `cache \`${this.name}\` at ${host}:${port}`,
      timeoutMs,
      () => this.cluster.isReady,
      () => this.lastError,
    );
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    for (const guard of this.guards.values()) {
      guard.close();
    }
    destroy(this.cluster);
  }

  private async sendTwice(key: string, command: readonly RedisArgument[], replica: boolean): Promise<RedisReply> {
    try {
      return await this.send(key, command, replica);
    } catch (error) {
      if (!isDemotion(error)) {
        throw refusal(this.name, error);
      }
      this.lastError = error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS * Math.random()));
      return await this.send(key, command, replica).catch((again) => {
        throw refusal(this.name, again);
      });
    }
  }

  private async send(key: string, command: readonly RedisArgument[], replica: boolean): Promise<RedisReply> {
    if (!this.cluster.isReady) {
      await this.attempt;
    }
    if (!this.cluster.isReady) {
      throw new Error('not connected', { cause: this.lastError });
    }
    return (await this.cluster.sendCommand(key, replica, [...command])) as unknown as RedisReply;
  }

  private guardOf(key: string): Guard {
    const part = this.partOf(key);
    let guard = this.guards.get(part);
    if (guard === undefined) {
      guard = new Guard({
        cache: this.name,
        part: part === '' ? undefined : part,
        observe: this.options.observe,
        onOpen: () => this.recycleNode(part),
        probe: () => this.probe(part),
      });
      guard.onRecovered(() => {
        for (const listener of this.listeners) {
          listener();
        }
      });
      this.guards.set(part, guard);
    }
    return guard;
  }

  /**
   * A shard that left, or whose primary is another node by now, has nothing to recover from. Whether that is so, the
   * other nodes are asked: the client itself does not as long as the lost one takes connections.
   */
  private async probe(part: string): Promise<void> {
    await this.rediscover(part);
    const node = this.cluster.nodeByAddress.get(part);
    const isPrimary = this.cluster.masters.some(({ address }) => address === part);
    if (node === undefined || !isPrimary) {
      if (!this.cluster.isReady) {
        throw new Error('not connected', { cause: this.lastError });
      }
      return;
    }
    const client = await this.cluster.nodeClient(node);
    await client.sendCommand(['PING']);
  }

  /** Replaces the client by one that has learnt the slots anew, if they have changed, and not long after the last try. */
  private async rediscover(part: string): Promise<void> {
    if (this.rediscovering === undefined && performance.now() - this.rediscoveredAt >= REDISCOVER_EVERY_MS) {
      this.rediscoveredAt = performance.now();
      this.rediscovering = this.learnSlots(part).finally(() => {
        this.rediscovering = undefined;
      });
    }
    await this.rediscovering;
  }

  private async learnSlots(part: string): Promise<void> {
    const others = [...this.cluster.nodeByAddress.values()].filter(({ address }) => address !== part);
    if (!this.cluster.isReady || others.length === 0 || !(await this.haveSlotsMoved(others))) {
      return;
    }
    const fresh = this.make(others.map(({ host, port }) => ({ socket: { host, port } })));
    const watchdog = setTimeout(() => destroy(fresh), CONNECT_TIMEOUT_MS).unref();
    try {
      await fresh.connect();
    } catch {
      return;
    } finally {
      clearTimeout(watchdog);
    }
    if (this.closed) {
      destroy(fresh);
      return;
    }
    const old = this.cluster;
    this.cluster = fresh;
    this.options.observe({
      type: 'state',
      cache: this.name,
      part,
      state: 'recycled',
      cause: new Error('its slots are served by another node'),
    });
    // What is in flight to the shards that work may end.
    setTimeout(() => destroy(old), CALL_BUDGET_MS).unref();
  }

  /** Whether the first of some nodes to answer knows other primaries than this client does. */
  private async haveSlotsMoved(nodes: readonly ClusterNode[]): Promise<boolean> {
    const answer = await withDeadline(
      Promise.any(
        nodes.map(async (node) => {
          const client = await this.cluster.nodeClient(node);
          return (await client.sendCommand(['CLUSTER', 'SLOTS'])) as unknown as Array<
            [number, number, [Buffer, number]]
          >;
        }),
      ),
      SLOTS_TIMEOUT_MS,
    ).catch(() => []);
    return answer.some(
      ([slot, , [host, port]]) => this.cluster.slots[Number(slot)]?.master.address !== `${host}:${port}`,
    );
  }

  /** The connection to a node that does not answer; the next command, or the probe, opens a new one. */
  private recycleNode(part: string): void {
    const node = this.cluster.nodeByAddress.get(part);
    if (node?.client !== undefined) {
      this.options.observe({
        type: 'state',
        cache: this.name,
        part,
        state: 'recycled',
        cause: new Error('it does not answer'),
      });
      const { client } = node;
      node.client = undefined;
      try {
        (client as { destroy(): void }).destroy();
      } catch {
        // It was closed already.
      }
    }
  }

  private open(): Cluster {
    const { host, port } = this.options.binding;
    const cluster = this.make([{ socket: { host, port } }]);
    this.connect(cluster);
    return cluster;
  }

  private make(
    rootNodes: ReadonlyArray<{ readonly socket: { readonly host: string; readonly port: number } }>,
  ): Cluster {
    const { binding } = this.options;
    const cluster = createCluster({
      rootNodes,
      defaults: {
        ...clientOptions(binding, 2, (error) => this.loginRefused(error)),
        socket: {
          ...socketOptions(binding),
          reconnectStrategy: () => this.pacing.pauseMs(),
        },
      },
      RESP: 2,
      ...classKey(2),
      commandOptions: COMMAND_OPTIONS,
      useReplicas: true,
      // A frozen node must not keep the others from being used.
      minimizeConnections: true,
    } as never) as unknown as Cluster;
    cluster.on('error', (error) => {
      this.lastError = error;
    });
    return cluster;
  }

  private connect(cluster: Cluster): void {
    this.pacing.attempting();
    const watchdog = setTimeout(() => destroy(cluster), CONNECT_TIMEOUT_MS).unref();
    const attempt = cluster.connect().then(
      () => {
        this.pacing.connected();
        void this.readClock(cluster);
        for (const guard of this.guards.values()) {
          guard.answered();
        }
      },
      (error) => this.failed(cluster, error),
    );
    this.attempt = attempt;
    void attempt.finally(() => {
      clearTimeout(watchdog);
      if (this.attempt === attempt) {
        this.attempt = undefined;
      }
    });
  }

  private failed(cluster: Cluster, error: unknown): void {
    destroy(cluster);
    if (this.closed) {
      return;
    }
    this.lastError ??= error;
    const refused = isLoginRefused(this.lastError);
    if (refused) {
      this.loginRefused(this.lastError as Error);
    }
    this.timer = setTimeout(() => {
      this.cluster = this.open();
    }, this.pacing.pauseMs(refused)).unref();
  }

  private async readClock(cluster: Cluster): Promise<void> {
    try {
      const [seconds, microseconds] = (await cluster.sendCommand(undefined, true, ['TIME'])) as unknown as Buffer[];
      this.clockOffsetMs = Number(seconds) * 1_000 + Number(microseconds) / 1_000 - Date.now();
      this.knowsClock = true;
    } catch {
      // Without the permission ages are measured on this instance's clock.
    }
  }

  private loginRefused(error: Error): void {
    const cause = new Error(explainRefusedLogin(this.options.binding, error.message), { cause: error });
    this.lastError = cause;
    this.options.observe({ type: 'state', cache: this.name, state: 'login-failed', cause });
  }
}

function destroy(cluster: Cluster): void {
  try {
    cluster.destroy();
  } catch {
    // It was closed already.
  }
}
