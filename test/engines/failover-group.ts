import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ValkeyNode } from '../../local/caches/valkey-node';
import type { Certificates } from '../../local/certificates';
import { Engines } from '../../local/engines';
import { LOOPBACK } from '../../local/port';
import type { CacheBinding } from '../../runtime/binding';
import { engineFolder } from './folders';
import { startNodes } from './valkey-nodes';

const WEB = { name: 'web', password: 'web-password', access: 'on ~* &* +@all -@admin -@dangerous' };

/** A primary and its replicas over TLS, which tests make change places by themselves. */
export class FailoverGroup {
  static async start(folder: string, certificates: Certificates, nodes: number): Promise<FailoverGroup> {
    const directory = join(folder, `group-${process.hrtime.bigint()}`);
    mkdirSync(directory);
    const engines = new Engines({ directory: engineFolder(), install: false, report: () => {} });
    const options = {
      name: 'group',
      binary: await engines.server('valkey'),
      directory,
      certificates,
      users: [WEB],
      started: () => {},
    };
    return new FailoverGroup(certificates, await startNodes(options, nodes));
  }

  private constructor(
    private readonly certificates: Certificates,
    /** The first was the primary at the start. */
    readonly nodes: readonly ValkeyNode[],
  ) {}

  node(index: number): ValkeyNode {
    return this.nodes[index] as ValkeyNode;
  }

  /** Kills a node, and waits until it is gone. */
  async kill(index: number): Promise<void> {
    const { process } = this.node(index);
    process.signal('SIGKILL');
    await process.ended;
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
        node.process.signal('SIGCONT');
        await node.stop();
      }),
    );
  }
}
