import { connect, createServer, type Server, type Socket } from 'node:net';
import { LOOPBACK } from '../port';

export interface EndpointOptions {
  /** Where it listens. @default 127.0.0.1 */
  readonly host?: string;
  /** @default - any free one */
  readonly port?: number;
}

/** Connects that are remembered, the latest ones. */
const REMEMBERED_CONNECTS = 10_000;

/**
 * An address of a cache that leads to one of its nodes, and later to another, as ElastiCache's DNS names do: connections
 * that are open stay where they were. With several nodes each new connection goes to the next of them. Things can be made
 * to go wrong on it: it is slow, swallows everything, resets, or refuses.
 */
export class Endpoint {
  /** When each connection was asked for, on `performance.now()`'s clock. */
  readonly connects: number[] = [];
  private readonly links = new Set<Link>();
  private readonly stranded = new WeakSet<Link>();
  private readonly server: Server;
  private isHole = false;
  private isRefusing = false;
  private delayMs = 0;
  private targets: readonly number[];
  private next = 0;

  /** Listens. @param targets ports on loopback that it leads to */
  static async to(targets: number | readonly number[], options: EndpointOptions = {}): Promise<Endpoint> {
    const endpoint = new Endpoint(targets);
    await new Promise<void>((resolve, reject) => {
      endpoint.server.once('error', reject);
      endpoint.server.listen({ host: options.host ?? LOOPBACK, port: options.port ?? 0 }, resolve);
    });
    return endpoint;
  }

  private constructor(targets: number | readonly number[]) {
    this.targets = [targets].flat();
    this.server = createServer({ noDelay: true }, (client) => this.accept(client));
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.links.size;
  }

  /** New connections lead to other ports from now on; without any they are refused. */
  moveTo(targets: number | readonly number[]): void {
    this.targets = [targets].flat();
  }

  /** Everything takes so much longer, in each direction. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /**
   * Nothing arrives any more, in either direction, connections and their ends included. When it is over, what was sent
   * meanwhile arrives late, as TCP would repeat it: also of connections that their clients have given up.
   */
  blackHole(on: boolean): void {
    this.isHole = on;
    for (const link of this.links) {
      link.pump();
    }
  }

  /** The connections that are open lead nowhere for good, as when a machine is gone without a word; new ones arrive. */
  strand(): void {
    for (const link of this.links) {
      this.stranded.add(link);
    }
  }

  /** Resets every connection. */
  reset(): void {
    for (const link of [...this.links]) {
      link.reset();
    }
  }

  /** New connections are reset as soon as they are made. */
  refuse(on: boolean): void {
    this.isRefusing = on;
  }

  close(): void {
    this.isHole = false;
    this.reset();
    this.server.close();
  }

  private accept(client: Socket): void {
    this.connects.push(performance.now());
    if (this.connects.length > REMEMBERED_CONNECTS) {
      this.connects.shift();
    }
    const target = this.targets[this.next++ % Math.max(1, this.targets.length)];
    if (this.isRefusing || target === undefined) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const link: Link = new Link(client, target, {
      isHeld: () => this.isHole || this.stranded.has(link),
      delayMs: () => this.delayMs,
      ended: () => this.links.delete(link),
    });
    this.links.add(link);
  }
}

interface LinkConditions {
  readonly isHeld: () => boolean;
  readonly delayMs: () => number;
  readonly ended: () => void;
}

/** One connection through the endpoint. */
class Link {
  private readonly node: Socket;
  private readonly ways: readonly [Way, Way];

  constructor(
    private readonly client: Socket,
    target: number,
    private readonly conditions: LinkConditions,
  ) {
    this.node = connect({ host: LOOPBACK, port: target, noDelay: true });
    this.ways = [new Way(client, this.node, conditions), new Way(this.node, client, conditions)];
    this.node.on('close', () => this.endIfOver());
    client.on('close', () => this.endIfOver());
  }

  pump(): void {
    for (const way of this.ways) {
      way.pump();
    }
  }

  reset(): void {
    for (const socket of [this.client, this.node]) {
      socket.on('error', () => {});
      socket.resetAndDestroy();
    }
    this.conditions.ended();
  }

  private endIfOver(): void {
    if (this.client.destroyed && this.node.destroyed) {
      this.conditions.ended();
    }
  }
}

/** One direction of a connection: what has been read and not been passed on. */
class Way {
  private readonly pieces: Array<{ readonly at: number; readonly piece: Buffer | 'end' }> = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    from: Socket,
    private readonly to: Socket,
    private readonly conditions: LinkConditions,
  ) {
    from.on('data', (chunk) => this.take(chunk));
    from.on('error', () => from.destroy());
    from.once('close', () => this.take('end'));
  }

  pump(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (!this.conditions.isHeld()) {
      const [next] = this.pieces;
      if (next === undefined) {
        return;
      }
      const inMs = next.at - performance.now();
      if (inMs > 0) {
        this.timer = setTimeout(() => this.pump(), inMs);
        return;
      }
      this.pieces.shift();
      if (this.to.destroyed) {
        continue;
      }
      if (next.piece === 'end') {
        this.to.end(() => this.to.destroy());
      } else {
        this.to.write(next.piece);
      }
    }
  }

  private take(piece: Buffer | 'end'): void {
    this.pieces.push({ at: performance.now() + this.conditions.delayMs(), piece });
    if (this.timer === undefined) {
      this.pump();
    }
  }
}
