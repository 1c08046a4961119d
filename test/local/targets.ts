import { createServer, type RequestListener, type Server } from 'node:http';

/** Servers that a load balancer sends requests to. */
export class Targets {
  private readonly servers: Server[] = [];

  /** @returns the port it listens on */
  async start(listener: RequestListener): Promise<number> {
    const server = createServer(listener);
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    return (server.address() as { port: number }).port;
  }

  close(): void {
    for (const server of this.servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  }
}
