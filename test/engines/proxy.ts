import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands for an endpoint whose name is moved to another node: connections that are open stay where they were. */
export class MovingEndpoint {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  static async to(port: number, delayMs = 0): Promise<MovingEndpoint> {
    const endpoint = new MovingEndpoint(port, delayMs);
    await new Promise<void>((resolve) => endpoint.server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    return endpoint;
  }

  private constructor(
    private target: number,
    private readonly delayMs: number,
  ) {
    this.server = createServer((client) => {
      const pipe = () => {
        const node = connect({ host: '127.0.0.1', port: this.target });
        this.track(node);
        client.pipe(node).pipe(client);
      };
      this.track(client);
      setTimeout(pipe, this.delayMs);
    });
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** New connections lead to another node from now on. */
  moveTo(port: number): void {
    this.target = port;
  }

  close(): void {
    for (const socket of this.sockets) {
      socket.destroy();
    }
    this.server.close();
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
  }
}
