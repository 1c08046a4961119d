import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type RedisClientType } from '@redis/client';
import type { ValkeyOptions } from '../../../local/caches/cache-options';
import type { Certificates } from '../../../local/certificates';
import { Engines } from '../../../local/engines';
import type { ManagedProcess } from '../../../local/managed-process';
import { engineFolder } from '../../engines/folders';
import { RunningEngines } from '../../engines/running';

const WEB = { name: 'web', password: 'web-password', access: 'on ~* &* +@all' };

/** What the tests of one file start caches with; everything is ended after them. */
export class CacheStage {
  engines!: RunningEngines;
  readonly failures: Error[] = [];
  private readonly closers: Array<() => Promise<void>> = [];
  private readonly processes: ManagedProcess[] = [];
  private started = 0;

  constructor() {
    beforeAll(async () => {
      this.engines = await RunningEngines.start();
    });
    afterEach(async () => {
      for (const close of this.closers.splice(0).reverse()) {
        await close();
      }
    });
    afterAll(() => this.engines.stop());
  }

  get certificates(): Certificates {
    return this.engines.certificates;
  }

  /** Called after the test. */
  after(close: () => Promise<void>): void {
    this.closers.push(close);
  }

  /** Process ids that were started and still run. */
  get running(): number[] {
    return this.processes.flatMap(({ isRunning, pid }) => (isRunning && pid !== undefined ? [pid] : []));
  }

  /** What a Valkey cache is started with, in a folder of its own. */
  async options(more: Partial<ValkeyOptions> = {}): Promise<ValkeyOptions> {
    this.started += 1;
    const name = `cache-${this.started}`;
    const directory = join(this.engines.folder, name);
    mkdirSync(directory);
    const engines = new Engines({ directory: engineFolder(), install: false, report: () => {} });
    return {
      name,
      label: `test/${name}`,
      binary: await engines.server('valkey'),
      directory,
      certificates: this.certificates,
      users: [WEB],
      started: (process) => this.processes.push(process),
      failed: (error) => this.failures.push(error),
      ...more,
    };
  }

  /** A client that signs in as the application does. */
  async client(port: number, host = '127.0.0.1'): Promise<RedisClientType> {
    const client: RedisClientType = createClient({
      username: WEB.name,
      password: WEB.password,
      socket: { host, port, tls: true, ca: readFileSync(this.certificates.ca), reconnectStrategy: false },
    });
    client.on('error', () => {});
    await client.connect();
    this.after(async () => client.destroy());
    return client;
  }
}
