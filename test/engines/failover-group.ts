import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type RedisClientType } from '@redis/client';
import type { Certificates } from '../../local/certificates';
import { Engines } from '../../local/engines';
import { ManagedProcess } from '../../local/managed-process';
import { LOOPBACK } from '../../local/port';
import { startReplicationGroup } from '../../local/valkey';
import type { CacheBinding } from '../../runtime/binding';
import { engineFolder } from './folders';

const WEB = { name: 'web', password: 'web-password', access: 'on ~* &* +@all -@admin -@dangerous' };
const ADMIN = { name: 'admin', password: 'admin-password', access: 'on ~* &* +@all' };

/** A node with an administrator's access. */
export class GroupNode {
  private client: RedisClientType | undefined;

  constructor(
    readonly port: number,
    public process: ManagedProcess,
    private readonly ca: string,
  ) {}

  /** Runs one command as administrator. */
  async command(...args: string[]): Promise<unknown> {
    if (this.client?.isReady !== true) {
      this.disconnect();
      this.client = createClient({
        username: ADMIN.name,
        password: ADMIN.password,
        socket: { host: LOOPBACK, port: this.port, tls: true, ca: readFileSync(this.ca), reconnectStrategy: false },
      });
      this.client.on('error', () => {});
      await this.client.connect();
    }
    return this.client.sendCommand(args);
  }

  /** Resolves once it copies from its primary, or is one. */
  async untilLinked(withinMs = 15_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const info = String(await this.command('INFO', 'replication'));
      if (!info.includes('master_link_status:down')) {
        return;
      }
      if (performance.now() > deadline) {
        throw new Error(`the node at ${this.port} did not find its primary within ${withinMs} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Kills it, and waits until it is gone. */
  async kill(): Promise<void> {
    this.process.pid !== undefined && globalThis.process.kill(this.process.pid, 'SIGKILL');
    await this.process.ended;
  }

  /** Starts it again after it was killed. It keeps nothing. */
  async restart(): Promise<void> {
    this.process = new ManagedProcess(this.process.options);
    const deadline = performance.now() + 10_000;
    for (;;) {
      try {
        await this.command('PING');
        return;
      } catch (error) {
        if (performance.now() > deadline) {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  disconnect(): void {
    try {
      this.client?.destroy();
    } catch {
      // It was closed already.
    }
    this.client = undefined;
  }
}

/** A primary and its replicas over TLS, which tests can make change places. */
export class FailoverGroup {
  static async start(folder: string, certificates: Certificates, nodes: number): Promise<FailoverGroup> {
    const directory = join(folder, `group-${process.hrtime.bigint()}`);
    mkdirSync(directory);
    const engines = new Engines({ directory: engineFolder(), install: false, report: () => {} });
    const started: ManagedProcess[] = [];
    const group = await startReplicationGroup({
      name: 'group',
      binary: await engines.server('valkey'),
      directory,
      nodes,
      certificates,
      users: [WEB, ADMIN],
      started: (process) => started.push(process),
    });
    return new FailoverGroup(
      certificates,
      [group.primary, ...group.replicas].map(({ port, process }) => new GroupNode(port, process, certificates.ca)),
    );
  }

  private constructor(
    private readonly certificates: Certificates,
    /** The first was the primary at the start. */
    readonly nodes: readonly GroupNode[],
  ) {}

  node(index: number): GroupNode {
    return this.nodes[index] as GroupNode;
  }

  /** How an application reaches the group at a port. */
  binding(port: number, host = LOOPBACK): CacheBinding {
    return {
      engine: 'valkey',
      mode: 'primary',
      host,
      port,
      tls: true,
      ca: this.certificates.ca,
      auth: { type: 'password', user: WEB.name, password: WEB.password },
    };
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.nodes.map(async (node) => {
        node.disconnect();
        if (node.process.isRunning && node.process.pid !== undefined) {
          process.kill(node.process.pid, 'SIGCONT');
        }
        await node.process.stop();
      }),
    );
  }
}
