import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificates } from '../certificates';
import { LOOPBACK } from '../port';

/** Longest line that is taken, in characters. */
const LONGEST_LINE = 1_024;

/** A node as a configuration endpoint names it. */
export interface NamedNode {
  readonly host: string;
  readonly ip: string;
  readonly port: number;
}

/**
 * ElastiCache's auto discovery for Memcached: answers `config get cluster` with the nodes of the moment.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.AddingToYourClientLibrary.html
 */
export class ConfigurationEndpoint {
  /** Times that it was asked. */
  asked = 0;
  private version = 1;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  static async of(nodes: readonly NamedNode[], certificates?: Certificates): Promise<ConfigurationEndpoint> {
    const endpoint = new ConfigurationEndpoint(nodes, certificates);
    await new Promise<void>((resolve, reject) => {
      endpoint.server.once('error', reject);
      endpoint.server.listen({ host: LOOPBACK, port: 0 }, resolve);
    });
    return endpoint;
  }

  private constructor(
    private nodes: readonly NamedNode[],
    certificates: Certificates | undefined,
  ) {
    const serve = (socket: Socket) => this.serve(socket);
    this.server =
      certificates === undefined
        ? createServer(serve)
        : createTlsServer(
            { cert: readFileSync(certificates.certificate), key: readFileSync(certificates.key) },
            serve,
          ).on('tlsClientError', () => {});
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** The cluster has other nodes from now on. */
  change(nodes: readonly NamedNode[]): void {
    this.nodes = nodes;
    this.version += 1;
  }

  close(): void {
    for (const socket of this.sockets) {
      socket.destroy();
    }
    this.server.close();
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    let received = '';
    socket.setEncoding('latin1');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (chunk) => {
      received += chunk;
      for (let end = received.indexOf('\r\n'); end >= 0; end = received.indexOf('\r\n')) {
        socket.write(received.slice(0, end).trim() === 'config get cluster' ? this.answer() : 'ERROR\r\n');
        received = received.slice(end + 2);
      }
      if (received.length > LONGEST_LINE) {
        socket.destroy();
      }
    });
  }

  private answer(): string {
    this.asked += 1;
    const nodes = this.nodes.map(({ host, ip, port }) => `${host}|${ip}|${port}`).join(' ');
    const content = `${this.version}\n${nodes}\n`;
    return `CONFIG cluster 0 ${content.length}\r\n${content}\r\nEND\r\n`;
  }
}
