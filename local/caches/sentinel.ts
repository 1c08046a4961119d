import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type RedisClientType } from '@redis/client';
import { ManagedProcess, waitUntilReady } from '../managed-process';
import { freePort, LOOPBACK } from '../port';
import { newSecret } from '../secret';
import type { ValkeyOptions } from './cache-options';
import { INTERNAL_USER, quoted, tlsSettings } from './valkey-node';

/** A primary that says nothing for so long is down, in milliseconds. */
const DOWN_AFTER_MS = 500;

/** After a failover that did not succeed the next begins after twice this, in milliseconds. */
const FAILOVER_TIMEOUT_MS = 2_000;

const START_TIMEOUT_MS = 10_000;

/** What the one group that it watches is called. */
const GROUP = 'group';

/** A Sentinel that watches one group and promotes a replica when the primary is lost. */
export class Sentinel {
  private constructor(
    readonly process: ManagedProcess,
    private readonly client: RedisClientType,
    private readonly news: RedisClientType,
    private readonly internalPassword: string,
  ) {}

  /** @param selected told the port of each replica that is about to be promoted */
  static async start(
    options: ValkeyOptions,
    internalPassword: string,
    selected: (port: number) => void,
  ): Promise<Sentinel> {
    const directory = join(options.directory, 'sentinel');
    await mkdir(directory, { recursive: true });
    const port = await freePort();
    const password = newSecret();
    const lines = [
      ...Object.entries({
        bind: LOOPBACK,
        dir: quoted(directory),
        ...tlsSettings(options.certificates, port),
        requirepass: password,
      }).map(([key, value]) => `${key} ${value}`),
    ];
    const configuration = join(directory, 'sentinel.conf');
    await writeFile(configuration, `${lines.join('\n')}\n`, { mode: 0o600 });
    const { binary } = options;
    const process_ = new ManagedProcess({
      name: `Sentinel of ${options.label}`,
      command: binary.path,
      args: [configuration, '--sentinel'],
      logFile: join(directory, 'log'),
      environment: { ...binary.environment, PATH: process.env.PATH ?? '' },
    });
    options.started(process_);
    const open = () => connect(options, port, password);
    const clients: RedisClientType[] = [];
    await waitUntilReady(process_, async () => void clients.push(await open()), START_TIMEOUT_MS);
    const news = await open();
    // `slave <name> <host> <port> @ …`
    await news.subscribe('+selected-slave', (message) => selected(Number(message.split(' ')[3])));
    return new Sentinel(process_, clients[0] as RedisClientType, news, internalPassword);
  }

  /**
   * Watches a primary and its replicas, and forgets what it watched before. By itself it would need seconds to notice
   * that the replica it chose is a primary, and would not act on the next fault meanwhile.
   */
  async watch(primary: number): Promise<void> {
    await this.client.sendCommand(['SENTINEL', 'REMOVE', GROUP]).catch(() => {});
    await this.client.sendCommand(['SENTINEL', 'MONITOR', GROUP, LOOPBACK, String(primary), '1']);
    await this.client.sendCommand([
      ...['SENTINEL', 'SET', GROUP, 'auth-user', INTERNAL_USER, 'auth-pass', this.internalPassword],
      ...['down-after-milliseconds', String(DOWN_AFTER_MS), 'failover-timeout', String(FAILOVER_TIMEOUT_MS)],
    ]);
  }

  /** Resolves once it knows so many replicas that it could promote. */
  async untilKnows(replicas: number, withinMs = 15_000): Promise<void> {
    await waitUntilReady(
      this.process,
      async () => {
        const known = (await this.client.sendCommand(['SENTINEL', 'REPLICAS', GROUP])) as unknown as unknown[];
        if (known.length < replicas) {
          throw new Error(`it knows ${known.length} of ${replicas} replicas`);
        }
      },
      withinMs,
    );
  }

  async stop(): Promise<void> {
    for (const client of [this.news, this.client]) {
      if (client.isOpen) {
        client.destroy();
      }
    }
    await this.process.stop();
  }
}

async function connect(options: ValkeyOptions, port: number, password: string): Promise<RedisClientType> {
  const { certificates } = options;
  let wasConnected = false;
  const client: RedisClientType = createClient({
    password,
    RESP: 2,
    socket: {
      host: LOOPBACK,
      port,
      // A Sentinel that was stopped for a while says what happened once it goes on.
      reconnectStrategy: () => (wasConnected ? 100 : new Error('no Sentinel yet')),
      ...(certificates === undefined ? {} : { tls: true as const, ca: readFileSync(certificates.ca) }),
    },
  }) as unknown as RedisClientType;
  client.on('error', () => {});
  await client.connect();
  wasConnected = true;
  return client;
}
