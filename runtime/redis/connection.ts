import { createClient, type RedisClientType } from '@redis/client';
import type { CacheBinding } from '../binding';
import { ConnectPacing } from '../connect-pacing';
import { EngineUnsupportedError } from '../errors';
import { Guard } from '../guard';
import type { Observe } from '../observer';
import { CONNECT_TIMEOUT_MS, clientOptions, type None, socketOptions } from './client-options';
import type { ReadFrom, RedisArgument, RedisCommands, RedisReply } from './commands';
import { EndpointMoves } from './endpoint-moves';
import { explainRefusedLogin } from './login';
import { isDemotion, isLoginRefused, refusal } from './replies';
import { untilReady } from './until-ready';

/** An idle connection is asked for a sign of life this often, in milliseconds: none stays half open for 30 seconds. */
const HEARTBEAT_MS = 5_000;

/** Pause before a command is sent again after a node turned out to be the wrong one, in milliseconds, at most. */
const RETRY_PAUSE_MS = 20;

/** How long a replaced connection may take to finish what is in flight, in milliseconds. */
const DRAIN_MS = 1_000;

/** As bytes, as the options say. */
type Client = Omit<RedisClientType<None, None, None, 2>, 'sendCommand'> & {
  sendCommand(command: readonly RedisArgument[]): Promise<RedisReply>;
};

export interface ConnectionOptions {
  readonly name: string;
  readonly binding: CacheBinding;
  readonly observe: Observe;
  /** Where names are looked up. @default - the system's resolver */
  readonly resolve?: ConstructorParameters<typeof EndpointMoves>[2];
}

/**
 * One connection to an endpoint that follows the primary: replaced when it does not answer, when it turns out to lead
 * to a node that is no longer the primary, and when the endpoint's name moves.
 */
export class RedisConnection implements RedisCommands {
  readonly name: string;
  private readonly guard: Guard;
  private readonly pacing = new ConnectPacing();
  private readonly moves: EndpointMoves;
  private readonly heartbeat: NodeJS.Timeout;
  private client: Client | undefined;
  /** The attempt under way; calls wait for it within their deadline. */
  private attempt: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastError: unknown;
  knowsClock = false;
  private clockOffsetMs = 0;
  private closed = false;
  private reader: RedisConnection | undefined;

  constructor(private readonly options: ConnectionOptions) {
    this.name = options.name;
    this.guard = new Guard({
      cache: options.name,
      observe: options.observe,
      onOpen: () => this.recycle('it does not answer', 'destroy'),
      probe: () => this.send(['PING']),
    });
    this.moves = new EndpointMoves(
      options.binding.host,
      () => this.recycle('its name leads to another address', 'drain'),
      options.resolve,
    );
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS).unref();
    this.connect();
  }

  run(_key: string, command: readonly RedisArgument[]): Promise<RedisReply> {
    return this.guard.call(() => this.sendOrMove(command));
  }

  script(script: string, key: string, args: readonly RedisArgument[]): Promise<RedisReply> {
    return this.run(key, ['EVAL', script, '1', key, ...args]);
  }

  partOf(): string {
    return '';
  }

  getMany(keys: readonly string[], from: ReadFrom): Promise<Array<Buffer | null>> {
    if (from === 'replica') {
      // Replicas are there to relieve the primary; when none answers, the primary does.
      return this.replicas()
        .getMany(keys, 'primary')
        .catch(() => this.getMany(keys, 'primary'));
    }
    const [only] = keys;
    return keys.length === 1
      ? this.run(only as string, ['GET', only as string]).then((value) => [value as Buffer | null])
      : (this.run(only as string, ['MGET', ...keys]) as Promise<Array<Buffer | null>>);
  }

  assertReplicas(): void {
    if (this.options.binding.readerHost === undefined) {
      throw new EngineUnsupportedError(
        `cache \`${this.name}\` has no \`readerHost\` in its binding: reads can only come from the primary`,
      );
    }
  }

  now(): number {
    return Date.now() + this.clockOffsetMs;
  }

  onRecovered(listener: () => void): void {
    this.guard.onRecovered(listener);
  }

  ready(timeoutMs: number): Promise<void> {
    const { host, port } = this.options.binding;
    return untilReady(
      `cache \`${this.name}\` at ${host}:${port}`,
      timeoutMs,
      () => this.client?.isReady === true,
      () => this.lastError,
    );
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.heartbeat);
    this.moves.close();
    this.guard.close();
    destroy(this.client);
    await this.reader?.close();
  }

  /** The reader endpoint's connection, opened by the first read that may be answered by a replica. */
  private replicas(): RedisConnection {
    this.assertReplicas();
    const { binding } = this.options;
    this.reader ??= new RedisConnection({
      ...this.options,
      binding: { ...binding, host: binding.readerHost as string },
    });
    return this.reader;
  }

  private sendOrMove(command: readonly RedisArgument[]): Promise<RedisReply> {
    const { client } = this;
    // No promise more than is needed: this is every hit's way.
    return client?.isReady === true
      ? sendOver(client, command).catch((error) => this.moveAndSend(client, command, error))
      : this.send(command);
  }

  /** A command that the wrong node refused was not carried out: it is sent once more, over a new connection. */
  private async moveAndSend(client: Client, command: readonly RedisArgument[], error: unknown): Promise<RedisReply> {
    if (!isDemotion(error)) {
      throw refusal(this.name, error);
    }
    this.lastError = error;
    if (client === this.client) {
      this.recycle('it leads to a node that cannot take commands', 'drain');
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS * Math.random()));
    return await this.send(command);
  }

  private async send(command: readonly RedisArgument[]): Promise<RedisReply> {
    try {
      return await sendOver(await this.usable(), command);
    } catch (error) {
      throw refusal(this.name, error);
    }
  }

  private async usable(): Promise<Client> {
    if (this.client?.isReady !== true) {
      await this.attempt;
    }
    if (this.client?.isReady !== true) {
      throw new Error('not connected', { cause: this.lastError });
    }
    return this.client;
  }

  private connect(): void {
    if (this.closed) {
      return;
    }
    clearTimeout(this.timer);
    const { binding } = this.options;
    const client = createClient({
      ...clientOptions(binding, 2, (error) => this.loginRefused(error)),
      socket: {
        host: binding.host,
        port: binding.port,
        ...socketOptions(binding),
        lookup: this.moves.lookup,
        // What is lost is opened anew here: the client's own first try comes at once, from the whole fleet.
        reconnectStrategy: false,
      },
    } as never) as unknown as Client;
    client.on('error', (error) => {
      this.lastError = error;
    });
    client.on('terminated', (error) => this.lost(client, error));
    this.pacing.attempting();
    this.client = client;
    // A server that takes the connection and then says nothing would hold the attempt up for ever.
    const watchdog = setTimeout(() => destroy(client), CONNECT_TIMEOUT_MS).unref();
    const attempt = client.connect().then(
      () => this.connected(client),
      (error) => this.lost(client, error),
    );
    this.attempt = attempt;
    void attempt.finally(() => {
      clearTimeout(watchdog);
      if (this.attempt === attempt) {
        this.attempt = undefined;
      }
    });
  }

  private connected(client: Client): void {
    if (client !== this.client) {
      return;
    }
    this.pacing.connected();
    void this.readClock(client);
    this.guard.answered();
  }

  /** The engine's clock, so that an instance whose own is off does not take fresh entries for old ones. */
  private async readClock(client: Client): Promise<void> {
    try {
      const [seconds, microseconds] = (await client.sendCommand(['TIME'])) as [Buffer, Buffer];
      this.clockOffsetMs = Number(seconds) * 1_000 + Number(microseconds) / 1_000 - Date.now();
      this.knowsClock = true;
    } catch {
      // Without the permission ages are measured on this instance's clock.
    }
  }

  private lost(client: Client, error: unknown): void {
    if (client !== this.client || this.closed) {
      return;
    }
    this.lastError = error;
    const loginRefused = isLoginRefused(error);
    if (loginRefused) {
      this.loginRefused(error as Error);
    }
    destroy(client);
    this.client = undefined;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), this.pacing.pauseMs(loginRefused)).unref();
  }

  private loginRefused(error: Error): void {
    const cause = new Error(explainRefusedLogin(this.options.binding, error.message), { cause: error });
    this.lastError = cause;
    this.options.observe({ type: 'state', cache: this.name, state: 'login-failed', cause });
  }

  /** Replaces the connection, unless a new one is already on its way. */
  private recycle(why: string, old: 'drain' | 'destroy'): void {
    const { client } = this;
    if (this.closed || client?.isReady !== true) {
      return;
    }
    this.options.observe({ type: 'state', cache: this.name, state: 'recycled', cause: new Error(why) });
    if (this.pacing.mayConnectNow()) {
      this.connect();
    } else {
      this.client = undefined;
      this.timer = setTimeout(() => this.connect(), this.pacing.pauseMs()).unref();
    }
    if (old === 'destroy') {
      destroy(client);
    } else {
      const end = setTimeout(() => destroy(client), DRAIN_MS).unref();
      void client.close().finally(() => clearTimeout(end));
    }
  }

  private beat(): void {
    if (performance.now() - this.guard.answeredAt >= HEARTBEAT_MS && !this.guard.isOpen && this.client?.isReady) {
      this.guard.call(() => this.send(['PING'])).catch(() => {});
    }
  }
}

function sendOver(client: Client, command: readonly RedisArgument[]): Promise<RedisReply> {
  return client.sendCommand(command);
}

function destroy(client: Client | undefined): void {
  try {
    client?.destroy();
  } catch {
    // It was closed already.
  }
}
