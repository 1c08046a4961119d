import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { createClient } from '@redis/client';
import { MemcachedNode } from '../../local/caches/memcached-node';
import { Engines } from '../../local/engines';
import type { ManagedProcess } from '../../local/managed-process';
import { engineFolder, testFolder } from '../../test/engines/folders';
import { signal } from '../../test/engines/running';
import { startNodes } from '../../test/engines/valkey-nodes';

export interface Server {
  readonly port: number;
  readonly process: ManagedProcess;
}

export type EngineKind = 'valkey' | 'memcached';

/** Real engines over plain TCP, which is all that some peers speak, with memory for everybody's entries. */
export class BenchEngines {
  private readonly folder = testFolder();
  private readonly engines = new Engines({ directory: engineFolder(), install: false, report: console.log });
  private readonly processes: ManagedProcess[] = [];

  start(kind: EngineKind): Promise<Server> {
    return kind === 'valkey' ? this.valkey() : this.memcached();
  }

  async valkey(): Promise<Server> {
    return (await this.replicated(1))[0] as Server;
  }

  /** A primary, followed by its replicas. */
  async replicated(nodes: number): Promise<Server[]> {
    const servers = await startNodes(
      {
        name: `valkey-${this.processes.length}`,
        binary: await this.engines.server('valkey'),
        directory: this.folder,
        certificates: undefined,
        users: [],
        started: (process) => this.processes.push(process),
      },
      nodes,
    );
    for (const { port } of servers) {
      await administer(port, [['CONFIG', 'SET', 'maxmemory', '0']]);
    }
    return servers;
  }

  async memcached(): Promise<Server> {
    const name = `memcached-${this.processes.length}`;
    const server = await MemcachedNode.start(
      {
        name,
        label: name,
        binary: await this.engines.server('memcached'),
        directory: this.folder,
        certificates: undefined,
        started: (process) => this.processes.push(process),
      },
      1,
    );
    await memcachedCommand(server.port, 'cache_memlimit 2048');
    return server;
  }

  /** What the engines say of themselves. */
  async products(): Promise<string[]> {
    return [(await this.engines.server('valkey')).product, (await this.engines.server('memcached')).product];
  }

  async stop(server: Server): Promise<void> {
    signal(server.process, 'SIGCONT');
    await server.process.stop();
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((process) => this.stop({ port: 0, process })));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Sends commands to a Valkey, one after the other. */
export async function administer(port: number, commands: string[][]): Promise<unknown[]> {
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  const replies: unknown[] = [];
  for (const command of commands) {
    replies.push(await client.sendCommand(command));
  }
  client.destroy();
  return replies;
}

function memcachedCommand(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(`${command}\r\n`));
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.end();
      resolve(answer.toString());
    });
  });
}
