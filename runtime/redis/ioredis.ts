import { Guard } from '../guard';
import type { Observe } from '../observer';
import type { ReadFrom, RedisArgument, RedisCommands, RedisReply } from './commands';
import { isDemotion, refusal } from './replies';
import { untilReady } from './until-ready';

/** Pause before a command is sent again that a node could not take, in milliseconds, at most. */
const RETRY_PAUSE_MS = 20;

/** The part of an `ioredis` client, version 5 or later, that is used: a `Redis` or a `Cluster`. */
export interface IoredisClient {
  readonly status: string;
  readonly isCluster?: boolean;
  callBuffer(command: string, ...args: Array<string | Buffer>): Promise<unknown>;
  disconnect(reconnect?: boolean): void;
  on(event: 'ready', listener: () => void): unknown;
}

/**
 * The commands over an `ioredis` client that the application brings. The client stays the application's: it is not
 * closed here. Its calls get the same deadline and breaker as ours, which it has not of itself.
 */
export class IoredisCommands implements RedisCommands {
  private readonly guard: Guard;
  private readonly listeners: Array<() => void> = [];
  knowsClock = false;
  private clockOffsetMs = 0;

  constructor(
    readonly name: string,
    private readonly client: IoredisClient,
    observe: Observe,
  ) {
    this.guard = new Guard({
      cache: name,
      observe,
      onOpen: () => this.reconnect(),
      probe: () => client.callBuffer('PING'),
    });
    this.guard.onRecovered(() => {
      for (const listener of this.listeners) {
        listener();
      }
    });
    client.on('ready', () => {
      this.guard.answered();
      void this.readClock();
    });
    if (client.status === 'ready') {
      void this.readClock();
    }
  }

  run(_key: string, command: readonly RedisArgument[]): Promise<RedisReply> {
    return this.guard.call(() => this.sendTwice(command));
  }

  script(script: string, key: string, args: readonly RedisArgument[]): Promise<RedisReply> {
    return this.run(key, ['EVAL', script, '1', key, ...args]);
  }

  partOf(): string {
    return '';
  }

  /** Where replicas are read from is the brought client's own setting (`scaleReads`). */
  getMany(keys: readonly string[], _from: ReadFrom): Promise<Array<Buffer | null>> {
    if (this.client.isCluster === true) {
      return this.guard.call(() =>
        Promise.all(keys.map((key) => this.sendTwice(['GET', key]) as Promise<Buffer | null>)),
      );
    }
    return this.run(keys[0] as string, ['MGET', ...keys]) as Promise<Array<Buffer | null>>;
  }

  assertReplicas(): void {}

  now(): number {
    return Date.now() + this.clockOffsetMs;
  }

  onRecovered(listener: () => void): void {
    this.listeners.push(listener);
  }

  ready(timeoutMs: number): Promise<void> {
    return untilReady(`cache \`${this.name}\`, an ioredis client,`, timeoutMs, () => this.client.status === 'ready');
  }

  async close(): Promise<void> {
    this.guard.close();
  }

  private async sendTwice(command: readonly RedisArgument[]): Promise<RedisReply> {
    try {
      return await this.send(command);
    } catch (error) {
      if (!isDemotion(error)) {
        throw refusal(this.name, error);
      }
      this.reconnect();
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS * Math.random()));
      return await this.send(command).catch((again) => {
        throw refusal(this.name, again);
      });
    }
  }

  private send([name, ...args]: readonly RedisArgument[]): Promise<RedisReply> {
    return this.client.callBuffer(String(name), ...args) as Promise<RedisReply>;
  }

  private reconnect(): void {
    if (this.client.isCluster !== true && this.client.status === 'ready') {
      this.client.disconnect(true);
    }
  }

  private async readClock(): Promise<void> {
    try {
      const [seconds, microseconds] = (await this.client.callBuffer('TIME')) as [Buffer, Buffer];
      this.clockOffsetMs = Number(seconds) * 1_000 + Number(microseconds) / 1_000 - Date.now();
      this.knowsClock = true;
    } catch {
      // Without the permission ages are measured on this instance's clock.
    }
  }
}
