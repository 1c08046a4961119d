import { ConnectPacing } from './connect-pacing';
import { hashOf } from './ketama-ring';
import { MemcachedError } from './memcached-error';
import { CAS_SUFFIX_DIGITS, type MetaRequest } from './meta-request';
import { type NodeAddress, nodeName } from './node-address';
import { NodeConnection, type NodeConnectionLimits } from './node-connection';
import type { TlsOptions } from './open-socket';

export interface MemcachedNodeOptions {
  readonly address: NodeAddress;
  readonly tls: TlsOptions | undefined;
  readonly limits: NodeConnectionLimits;
  /** The first connection was made. */
  readonly firstUp: (node: MemcachedNode) => void;
  /** It cannot be asked any more; also when the first connection failed. */
  readonly out: (node: MemcachedNode, cause: MemcachedError) => void;
  /** It can be asked again. */
  readonly back: (node: MemcachedNode) => void;
}

/**
 * A node and its one connection, which is made again whenever it is lost.
 *
 * While the very first connection is made, calls wait for it. After that a node without a connection is out: calls fail
 * at once, until a new connection has answered its first request.
 */
export class MemcachedNode {
  readonly name: string;
  private readonly pacing = new ConnectPacing();
  private state: 'connecting' | 'live' | 'out' | 'closed' = 'connecting';
  private connection: NodeConnection;
  private reachedAt: NodeAddress;
  private connections = 0;
  private reconnectTimer: NodeJS.Timeout | undefined;
  private lastError: MemcachedError | undefined;

  constructor(private readonly options: MemcachedNodeOptions) {
    this.name = nodeName(options.address);
    this.reachedAt = options.address;
    this.connection = this.connect();
  }

  /** Where the next connection goes. */
  get address(): NodeAddress {
    return this.reachedAt;
  }

  /** Whether calls would fail at once. */
  get isOut(): boolean {
    return this.state === 'out' || this.state === 'closed';
  }

  get isLive(): boolean {
    return this.state === 'live';
  }

  /** Why it is out, or was the last time. */
  get cause(): MemcachedError | undefined {
    return this.lastError;
  }

  send(request: MetaRequest): void {
    if (this.isOut) {
      request.reject(this.outError());
    } else {
      this.connection.send(request);
    }
  }

  /** Where it listens now; the next connection goes there. */
  moveTo(address: NodeAddress): void {
    this.reachedAt = address;
  }

  /** Takes nothing new, answers what it was asked, and closes. */
  retire(): void {
    if (this.state === 'out') {
      this.close(this.outError());
    } else if (this.state !== 'closed') {
      this.state = 'closed';
      this.connection.drain();
    }
  }

  /** Closes at once and rejects what it was asked with this. */
  close(error: MemcachedError): void {
    this.state = 'closed';
    clearTimeout(this.reconnectTimer);
    this.connection.close(error);
  }

  private connect(): NodeConnection {
    const { tls, limits } = this.options;
    this.pacing.attempting();
    this.connections += 1;
    return new NodeConnection({
      name: this.name,
      address: this.reachedAt,
      // Every second attempt asks DNS: the address that was handed out may be an old one.
      byIp: this.connections % 2 === 1,
      tls,
      limits,
      casSuffix: casSuffix(this.name, this.connections),
      ready: () => this.up(),
      lost: (error) => this.down(error),
    });
  }

  private up(): void {
    this.pacing.connected();
    if (this.state === 'connecting') {
      this.state = 'live';
      this.options.firstUp(this);
    } else if (this.state === 'out') {
      this.state = 'live';
      this.options.back(this);
    }
  }

  private down(error: MemcachedError): void {
    if (this.state === 'closed') {
      return;
    }
    const wasOut = this.state === 'out';
    this.state = 'out';
    this.lastError = error;
    this.reconnectTimer = setTimeout(() => {
      this.connection = this.connect();
    }, this.pacing.pauseMs()).unref();
    if (!wasOut) {
      this.options.out(this, error);
    }
  }

  private outError(): MemcachedError {
    return new MemcachedError('CONNECTION', `node ${this.name} is out`, { cause: this.lastError });
  }
}

/** Tells nodes, and the runs of a node that may have restarted between two connections, apart. */
function casSuffix(name: string, connections: number): string {
  const number = (hashOf(name) + connections) % 10 ** CAS_SUFFIX_DIGITS;
  return String(number).padStart(CAS_SUFFIX_DIGITS, '0');
}
