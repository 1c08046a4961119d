import { createServer, type Server, type Socket } from 'node:net';
import { LOOPBACK } from '../../local/port';

/** A node as a configuration endpoint names it. */
export interface NamedNode {
  readonly host: string;
  readonly ip: string;
  readonly port: number;
}

/** A configuration endpoint whose nodes change while it runs. */
export class MemcachedEndpoint {
  /** Times that it was asked. */
  asked = 0;
  private version = 1;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  static async of(nodes: readonly NamedNode[]): Promise<MemcachedEndpoint> {
    const endpoint = new MemcachedEndpoint(nodes);
    await new Promise<void>((resolve) => endpoint.server.listen({ host: LOOPBACK, port: 0 }, resolve));
    return endpoint;
  }

  private constructor(private nodes: readonly NamedNode[]) {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      let received = '';
      socket.setEncoding('latin1');
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('data', (chunk) => {
        received += chunk;
        for (let end = received.indexOf('\r\n'); end >= 0; end = received.indexOf('\r\n')) {
          socket.write(received.slice(0, end) === 'config get cluster' ? this.answer() : 'ERROR\r\n');
          received = received.slice(end + 2);
        }
      });
    });
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

  private answer(): string {
    this.asked += 1;
    const nodes = this.nodes.map(({ host, ip, port }) => `${host}|${ip}|${port}`).join(' ');
    const content = `${this.version}\n${nodes}\n`;
    return `CONFIG cluster 0 ${content.length}\r\n${content}\r\nEND\r\n`;
  }
}
