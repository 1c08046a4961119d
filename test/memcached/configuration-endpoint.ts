import { createServer, type Server as TcpServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { NodeCertificate } from './memcached-fixture';

/** An ElastiCache configuration endpoint whose answer can change while it runs. */
export class ConfigurationEndpoint {
  /** What was asked so far. */
  asked = 0;
  private answer = '';

  static async start(certificate?: NodeCertificate): Promise<ConfigurationEndpoint> {
    const endpoint = new ConfigurationEndpoint(certificate);
    await new Promise<void>((resolve) => endpoint.server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    return endpoint;
  }

  private readonly server: TcpServer;

  private constructor(certificate: NodeCertificate | undefined) {
    const connected = (socket: import('node:net').Socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', () => {
        this.asked += 1;
        socket.write(this.answer);
      });
    };
    this.server =
      certificate === undefined
        ? createServer(connected)
        : createTlsServer({ cert: certificate.certificate, key: certificate.key }, connected);
    this.server.on('tlsClientError', () => {});
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** From now on it answers so, with nodes as `host|ip|port`. */
  tell(version: number, nodes: readonly string[]): void {
    const content = `${version}\n${nodes.join(' ')}\n`;
    this.tellText(`CONFIG cluster 0 ${content.length}\r\n${content}\r\nEND\r\n`);
  }

  tellText(answer: string): void {
    this.answer = answer;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** How an endpoint names a node on loopback. */
export const onLoopback = ({ port }: { readonly port: number }) => `127.0.0.1|127.0.0.1|${port}`;
