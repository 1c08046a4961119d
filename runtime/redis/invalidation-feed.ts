import { createClient, type RedisClientType } from '@redis/client';
import type { CacheBinding } from '../binding';
import { ConnectPacing } from '../connect-pacing';
import { withDeadline } from '../deadline';
import type { Coherence } from '../tier';
import { CONNECT_TIMEOUT_MS, clientOptions, type None, socketOptions } from './client-options';

/** How often the connection is asked for a sign of life, in milliseconds. */
const HEARTBEAT_MS = 500;

/** For how long after the last sign of life no news is taken for good news, in milliseconds. */
const TRUST_MS = 1_500;

export interface FeedListener {
  /** Keys that start with it are told of. No prefix may be the start of another. */
  readonly prefix: string;
  /** A key has changed. */
  readonly changed: (key: string) => void;
  /** News may have been missed: anything may have changed. */
  readonly lost: () => void;
}

type Client = RedisClientType<None, None, None, 3>;

/**
 * News of changed keys, pushed by the engine (`CLIENT TRACKING … BCAST`) over a connection of its own. Broadcasting
 * costs the engine no memory a key, and costs the network a message for each write under a prefix.
 *
 * The client tells nothing at a disconnect, so what is kept is flushed here; and a connection that is silently cut is
 * trusted for a second and a half only.
 */
export class InvalidationFeed implements Coherence {
  private readonly listeners: FeedListener[] = [];
  private readonly pacing = new ConnectPacing();
  private readonly heartbeat: NodeJS.Timeout;
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isTracking = false;
  private beating = false;
  private closed = false;
  private trusted = Number.NEGATIVE_INFINITY;

  constructor(private readonly binding: CacheBinding) {
    this.heartbeat = setInterval(() => void this.beat(), HEARTBEAT_MS).unref();
    this.connect();
  }

  get trustedUntil(): number {
    return this.trusted;
  }

  listen(listener: FeedListener): void {
    this.listeners.push(listener);
    if (this.isTracking) {
      // From here on until the engine has confirmed the prefix nothing is trusted.
      this.distrust();
      void this.track(this.client as Client);
    }
  }

  close(): void {
    this.closed = true;
    clearInterval(this.heartbeat);
    clearTimeout(this.timer);
    this.distrust();
    destroy(this.client);
  }

  private connect(): void {
    const { binding } = this;
    const client = createClient({
      ...clientOptions(binding, 3, () => {}),
      socket: { host: binding.host, port: binding.port, ...socketOptions(binding), reconnectStrategy: false },
      emitInvalidate: true,
    } as never) as unknown as Client;
    client.on('error', () => {});
    client.on('terminated', () => this.lose(client));
    client.on('invalidate', (key: Buffer | string | null) => this.changed(key));
    this.client = client;
    this.pacing.attempting();
    const watchdog = setTimeout(() => destroy(client), CONNECT_TIMEOUT_MS).unref();
    client
      .connect()
      .then(
        () => this.track(client),
        () => this.lose(client),
      )
      .finally(() => clearTimeout(watchdog));
  }

  private async track(client: Client): Promise<void> {
    const sentAt = performance.now();
    const prefixes = [...new Set(this.listeners.map(({ prefix }) => prefix))].flatMap((prefix) => ['PREFIX', prefix]);
    const wanted = this.listeners.length;
    try {
      // The client switches tracking on key by key; broadcasting is another mode.
      await withDeadline(
        Promise.all([
          client.sendCommand(['CLIENT', 'TRACKING', 'OFF']),
          client.sendCommand(['CLIENT', 'TRACKING', 'ON', 'BCAST', ...prefixes]),
        ]),
        CONNECT_TIMEOUT_MS,
      );
    } catch {
      this.lose(client);
      return;
    }
    if (client !== this.client) {
      return;
    }
    if (wanted !== this.listeners.length) {
      await this.track(client);
    } else {
      this.pacing.connected();
      this.isTracking = true;
      this.tellLost();
      this.trusted = sentAt + TRUST_MS;
    }
  }

  private async beat(): Promise<void> {
    const { client } = this;
    if (!this.isTracking || this.beating || client === undefined) {
      return;
    }
    this.beating = true;
    const sentAt = performance.now();
    try {
      // News is sent before the answer on the same connection, so after the answer nothing older is missing.
      await withDeadline(client.sendCommand(['PING']), TRUST_MS);
      if (client === this.client && this.isTracking) {
        this.trusted = sentAt + TRUST_MS;
      }
    } catch {
      this.lose(client);
    } finally {
      this.beating = false;
    }
  }

  private changed(key: Buffer | string | null): void {
    if (key === null) {
      // FLUSHALL.
      this.tellLost();
      return;
    }
    const text = key.toString();
    for (const { prefix, changed } of this.listeners) {
      if (text.startsWith(prefix)) {
        changed(text);
      }
    }
  }

  private lose(client: Client): void {
    if (client !== this.client || this.closed) {
      return;
    }
    this.distrust();
    this.client = undefined;
    destroy(client);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), this.pacing.pauseMs()).unref();
  }

  private distrust(): void {
    this.isTracking = false;
    this.trusted = Number.NEGATIVE_INFINITY;
    this.tellLost();
  }

  private tellLost(): void {
    for (const { lost } of this.listeners) {
      lost();
    }
  }
}

function destroy(client: Client | undefined): void {
  try {
    client?.destroy();
  } catch {
    // It was closed already.
  }
}
