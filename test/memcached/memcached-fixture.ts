import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { type EngineBinary, Engines } from '../../local/engines';
import { ManagedProcess, waitUntilReady } from '../../local/managed-process';
import { freePort } from '../../local/port';
import { giveTo, unprivilegedIdentity } from '../../local/unprivileged';
import { MemcachedClient, type MemcachedClientOptions } from '../../runtime/memcached';
import { engineFolder, testFolder } from '../engines/folders';
import { freeze, signal } from '../engines/running';

export interface RunningNode {
  readonly port: number;
  readonly process: ManagedProcess;
}

/** A certificate that a node shows, and the authority that signed it, as PEM. */
export interface NodeCertificate {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Real memcached nodes and the clients of one test file; both end with it. */
export class MemcachedFixture {
  private readonly folder = testFolder();
  private readonly processes: ManagedProcess[] = [];
  private readonly clients: MemcachedClient[] = [];
  private readonly closers: Array<() => void> = [];
  private binary: EngineBinary | undefined;

  /** Starts a node; with a certificate it speaks TLS only. On a given port it takes the place of one that was stopped. */
  async node(options: { readonly port?: number; readonly certificate?: NodeCertificate } = {}): Promise<RunningNode> {
    this.binary ??= await new Engines({ directory: engineFolder(), install: false, report: () => {} }).server(
      'memcached',
    );
    const port = options.port ?? (await freePort());
    const name = `memcached-${this.processes.length}`;
    const process = new ManagedProcess({
      name,
      command: this.binary.path,
      args: [
        ...['-l', '127.0.0.1', '-p', String(port), '-m', '64', '-t', '1'],
        ...(unprivilegedIdentity() ? ['-u', 'nobody'] : []),
        ...(options.certificate ? this.tlsArguments(name, options.certificate) : []),
      ],
      logFile: join(this.folder, `${name}.log`),
      environment: { ...this.binary.environment },
    });
    this.processes.push(process);
    await waitUntilReady(process, () => listens(port), 5_000);
    return { port, process };
  }

  client(options: MemcachedClientOptions): MemcachedClient {
    const client = new MemcachedClient(options);
    this.clients.push(client);
    return client;
  }

  /** A client of one node, or of several, that is connected. */
  async connected(
    nodes: RunningNode | readonly RunningNode[],
    limits: Partial<MemcachedClientOptions> = {},
  ): Promise<MemcachedClient> {
    const list = 'port' in nodes ? [nodes] : nodes;
    const client = this.client({ nodes: list.map(({ port }) => ({ host: '127.0.0.1', port })), ...limits });
    await client.ready(2_000);
    return client;
  }

  /** A server that does with each connection what the test says. */
  async server(connected: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
    const server = createServer(connected);
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    this.closers.push(() => {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
    });
    return { port: (server.address() as { port: number }).port, server };
  }

  /** A server that knows a connection's first words, and gives what follows them to the test. */
  fakeNode(received: (socket: Socket, text: string) => void): Promise<{ port: number; server: Server }> {
    return this.server((socket) => {
      let isGreeted = false;
      socket.setEncoding('latin1');
      socket.on('data', (text: string) => {
        if (isGreeted) {
          received(socket, text);
        } else {
          isGreeted = true;
          socket.write('MN\r\nVERSION 1.6.18\r\n');
          const rest = text.slice('mn\r\nversion\r\n'.length);
          if (rest !== '') {
            received(socket, rest);
          }
        }
      });
    });
  }

  /** Leaves the nodes running. */
  async closeClients(): Promise<void> {
    await Promise.all(this.clients.splice(0).map((client) => client.close()));
  }

  async stop(): Promise<void> {
    await this.closeClients();
    for (const close of this.closers) {
      close();
    }
    await Promise.all(
      this.processes.map((process) => {
        signal(process, 'SIGCONT');
        return process.stop();
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }

  private tlsArguments(name: string, { certificate, key }: NodeCertificate): string[] {
    const directory = join(this.folder, `${name}-tls`);
    mkdirSync(directory);
    const paths = { certificate: join(directory, 'certificate.pem'), key: join(directory, 'key.pem') };
    writeFileSync(paths.certificate, certificate);
    writeFileSync(paths.key, key);
    giveTo(unprivilegedIdentity(), directory);
    return ['-Z', '-o', `ssl_chain_cert=${paths.certificate},ssl_key=${paths.key}`];
  }
}

function listens(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** A certificate for these names, signed by an authority of its own. */
export async function certificateFor(...names: string[]): Promise<NodeCertificate> {
  const ca = await generate([{ name: 'commonName', value: `authority of ${names.join()}` }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: names[0] as string }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2 as const, value })) },
    ],
  });
  return { ca: ca.cert, certificate: server.cert, key: server.private };
}

/** Kills a node at once, and waits until it is gone. */
export async function kill({ process }: RunningNode): Promise<void> {
  signal(process, 'SIGKILL');
  await process.ended;
}

export const freezeNode = ({ process }: RunningNode) => freeze(process);
export const thawNode = ({ process }: RunningNode) => signal(process, 'SIGCONT');

/** A key that belongs to this node, by the client's own ring. */
export function keyOf(client: MemcachedClient, node: RunningNode, prefix = 'key'): string {
  const { ring } = client as unknown as { ring: { nodeOf(key: string): { name: string } } };
  for (let number = 0; ; number += 1) {
    if (ring.nodeOf(`${prefix}:${number}`).name === `127.0.0.1:${node.port}`) {
      return `${prefix}:${number}`;
    }
  }
}
