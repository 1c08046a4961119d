import { type CheckedLimits, checkAddress, checkLimits, type MemcachedClientOptions } from './client-options';
import { askClusterConfiguration } from './cluster-configuration';
import { KetamaRing } from './ketama-ring';
import { isKey } from './key';
import { LONGEST_LIFETIME_S, lifetimeS } from './lifetime';
import { MemcachedError } from './memcached-error';
import type { MemcachedItem } from './memcached-item';
import { MemcachedNode } from './memcached-node';
import {
  DeleteRequest,
  GetRequest,
  type MetaRequest,
  requireCas,
  SetRequest,
  type StoreResult,
  TouchRequest,
} from './meta-request';
import { type NodeAddress, nodeName } from './node-address';
import { ParkedRequests } from './parked-requests';
import { TopologyWatch } from './topology-watch';

export interface GetOptions {
  /**
   * Makes a placeholder for an absent key, which lives for so many seconds: of all callers that ask meanwhile exactly
   * one gets `lease: 'won'` and should fill it, with its `cas`.
   *
   * @default - an absent key stays absent
   */
  readonly leaseS?: number;
  /** Gives the item a new lifetime, in seconds; a placeholder as well. @default - its lifetime stays */
  readonly touchS?: number;
}

export interface SetOptions {
  /** Lifetime in seconds, at least 1. Above 30 days (2,592,000 s) it is 30 days. */
  readonly ttlS: number;
  /** Stores only if the item is still the one that had this. @default - stores in any case */
  readonly cas?: string;
  /** When the item ends on the node's own clock, in seconds since the epoch, instead of `ttlS`. @default - by `ttlS` */
  readonly expiresAtS?: number;
  /** `add` stores only if there is no item. @default set */
  readonly mode?: 'set' | 'add';
}

/** Nodes that are asked for the cluster when its endpoint does not answer. */
const MOST_OTHERS_ASKED = 5;

/**
 * A client of a Memcached cluster, over the meta protocol of Memcached 1.6.10 or later.
 *
 * Keys are spread over the nodes by consistent hashing. While a key's node is out, its calls go to the next node that
 * is not, the gutter, for a short life; when there is none, they fail at once. Every call ends within `callTimeoutMs`,
 * and fails with a MemcachedError, or a RangeError or TypeError for a wrong argument.
 *
 * It connects when it is made, and keeps the process alive until it is closed.
 */
export class MemcachedClient {
  private readonly limits: CheckedLimits;
  private readonly parked: ParkedRequests;
  private readonly watch: TopologyWatch | undefined;
  /** All nodes with a connection, also those that do not have keys yet. */
  private readonly known = new Map<string, MemcachedNode>();
  private ring: KetamaRing<MemcachedNode> | undefined;
  private members: readonly MemcachedNode[] = [];
  /** The nodes of the next ring, while new ones among them are being connected to. */
  private joining: readonly MemcachedNode[] | undefined;
  /** Why the nodes are not known, once that has been tried in vain. */
  private discoveryError: unknown;
  private isClosed = false;

  private readonly outListeners: Array<(node: string, cause: MemcachedError) => void> = [];
  private readonly backListeners: Array<(node: string) => void> = [];
  private readonly topologyListeners: Array<(nodes: readonly string[]) => void> = [];
  private readonly readinessChecks = new Set<() => void>();

  /** @throws RangeError that names the option that is out of range */
  constructor(private readonly options: MemcachedClientOptions) {
    this.limits = checkLimits(options);
    this.parked = new ParkedRequests(this.limits.callTimeoutMs, this.limits.maxPendingPerNode);
    const addresses = 'nodes' in options ? options.nodes : [{ host: options.host, port: options.port }];
    addresses.forEach(checkAddress);
    const [endpoint] = addresses;
    if (endpoint === undefined) {
      throw new RangeError('`nodes` must name at least one node');
    }
    if ('mode' in options && options.mode === 'discovery') {
      this.watch = this.watchTopology(endpoint);
      this.watch.start();
    } else {
      this.join(addresses);
    }
  }

  /** The nodes that keys are spread over, as `host:port`; none before they are known. */
  get nodes(): readonly string[] {
    return this.members.map(({ name }) => name);
  }

  /** The item of a key. Gets of one tick that go to the same node are written together. @returns undefined if absent */
  get(key: string, options?: GetOptions): Promise<MemcachedItem | undefined> {
    return new Promise((resolve, reject) => {
      const request = new GetRequest(key, resolve, reject);
      if (options !== undefined) {
        request.leaseS = options.leaseS === undefined ? 0 : lifetimeS('leaseS', options.leaseS);
        request.touchS = options.touchS === undefined ? 0 : lifetimeS('touchS', options.touchS);
      }
      this.start(request);
    });
  }

  /**
   * Stores a value, which must not be changed before this settles.
   *
   * After a TIMEOUT or CONNECTION error it may have been stored or not.
   *
   * @returns `exists` if the item is another one than `cas` says, `not-found` if there is none any more, `not-stored`
   * if there is one already in mode `add`
   */
  set(key: string, value: Buffer, options: SetOptions): Promise<StoreResult> {
    return new Promise((resolve, reject) => {
      const ttlS = options.expiresAtS ?? lifetimeS('ttlS', options.ttlS);
      const cas = options.cas === undefined ? undefined : requireCas(options.cas);
      if (!Buffer.isBuffer(value)) {
        // The length of a string in characters would not be its length on the wire.
        throw new TypeError('`value` must be a Buffer');
      }
      const { maxValueBytes } = this.limits;
      if (value.length > maxValueBytes) {
        throw new MemcachedError('TOO_LARGE', `a value of ${value.length} bytes is over the limit of ${maxValueBytes}`);
      }
      this.start(new SetRequest(key, value, { ttlS, cas, mode: options.mode ?? 'set' }, resolve, reject));
    });
  }

  /** Deletes an item, with `cas` only if it is still that one. @returns whether it was there and was deleted */
  delete(key: string, options?: { readonly cas?: string }): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const cas = options?.cas === undefined ? undefined : requireCas(options.cas);
      this.start(new DeleteRequest(key, cas, resolve, reject));
    });
  }

  /** Gives an item a new lifetime, in seconds. @returns whether it was there */
  touch(key: string, ttlS: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const request = new TouchRequest(key, resolve, reject);
      request.ttlS = lifetimeS('ttlS', ttlS);
      this.start(request);
    });
  }

  /** Whether the node that owns the key is out, so that calls go to its gutter or fail. */
  isAway(key: string): boolean {
    return this.ring === undefined ? this.isClosed || this.discoveryError !== undefined : this.ring.nodeOf(key).isOut;
  }

  /** Told each node, or configuration endpoint, that cannot be asked any more, and why. */
  onNodeOut(listener: (node: string, cause: MemcachedError) => void): void {
    this.outListeners.push(listener);
  }

  /** Told each node that was out and answers again. */
  onNodeBack(listener: (node: string) => void): void {
    this.backListeners.push(listener);
  }

  /** Told the nodes whenever keys are spread over others than before. */
  onTopology(listener: (nodes: readonly string[]) => void): void {
    this.topologyListeners.push(listener);
  }

  /**
   * Waits until the nodes are known, each has been tried, and at least one answers.
   *
   * @throws MemcachedError CONNECTION if none answers in time, CLOSED
   */
  ready(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void) => {
        clearTimeout(timer);
        this.readinessChecks.delete(check);
        action();
      };
      const check = () => {
        if (this.isClosed) {
          settle(() => reject(closedError()));
        } else if (this.isAnyLive && this.members.every(isTried)) {
          settle(resolve);
        }
      };
      const timer = setTimeout(() => {
        const cause = this.members.find(({ isOut }) => isOut)?.cause ?? this.discoveryError;
        settle(() =>
          this.isAnyLive
            ? resolve()
            : reject(new MemcachedError('CONNECTION', `did not answer within ${timeoutMs} ms`, { cause })),
        );
      }, timeoutMs);
      this.readinessChecks.add(check);
      check();
    });
  }

  /** Rejects what waits with CLOSED and ends all connections. Nothing of the client keeps the process alive then. */
  async close(): Promise<void> {
    if (!this.isClosed) {
      this.isClosed = true;
      const error = closedError();
      this.watch?.stop();
      this.parked.release((request) => request.reject(error));
      for (const node of this.known.values()) {
        node.close(error);
      }
      this.changed();
    }
    // Sockets are destroyed by now, and are gone once the event loop has come round.
    await new Promise((resolve) => setImmediate(resolve));
  }

  private start(request: MetaRequest): void {
    if (!isKey(request.key)) {
      request.reject(new MemcachedError('BAD_KEY', 'a key must be 1 to 250 bytes of printable ASCII without spaces'));
    } else if (this.isClosed) {
      request.reject(closedError());
    } else {
      this.route(request);
    }
  }

  private route(request: MetaRequest): void {
    if (this.ring === undefined) {
      this.routeLater(request);
      return;
    }
    const home = this.ring.nodeOf(request.key);
    if (!home.isOut) {
      request.render(LONGEST_LIFETIME_S);
      home.send(request);
      return;
    }
    const gutter = this.ring.nextNodeOf(request.key, ({ isOut }) => !isOut);
    request.render(this.limits.gutterTtlS);
    // Without a gutter the home itself says why it is out.
    (gutter ?? home).send(request);
  }

  private routeLater(request: MetaRequest): void {
    if (this.discoveryError === undefined) {
      this.parked.park(request);
    } else {
      request.reject(this.unknownError());
    }
  }

  private unknownError(): MemcachedError {
    return new MemcachedError('CONNECTION', 'the nodes of the cluster are not known', { cause: this.discoveryError });
  }

  private watchTopology(endpoint: NodeAddress): TopologyWatch {
    const { connectTimeoutMs, discoveryIntervalMs } = this.limits;
    const name = nodeName(endpoint);
    return new TopologyWatch({
      endpoint,
      intervalMs: discoveryIntervalMs,
      ask: (address, signal) =>
        askClusterConfiguration({ address, signal, tls: this.options.tls, timeoutMs: connectTimeoutMs }),
      others: () =>
        [...this.members]
          .sort((a, b) => Number(b.isLive) - Number(a.isLive))
          .slice(0, MOST_OTHERS_ASKED)
          .map(({ address }) => address),
      isAnyLive: () => this.isAnyLive,
      changed: ({ nodes }) => {
        const wasUnknown = this.discoveryError !== undefined;
        this.discoveryError = undefined;
        this.join(nodes);
        if (wasUnknown) {
          tell(this.backListeners, name);
        }
      },
      failed: (error) => {
        // With nodes in hand the endpoint is not needed: they go on.
        if (this.ring === undefined) {
          const isNews = this.discoveryError === undefined;
          this.discoveryError = error;
          this.parked.release((request) => request.reject(this.unknownError()));
          if (isNews) {
            tell(this.outListeners, name, this.unknownError());
          }
        }
      },
    });
  }

  /** Makes these the nodes, once those that are new have been tried: no call has to wait for their connections. */
  private join(addresses: readonly NodeAddress[]): void {
    this.joining = addresses.map((address) => {
      const name = nodeName(address);
      const known = this.known.get(name);
      known?.moveTo(address);
      const node = known ?? this.connect(address);
      this.known.set(name, node);
      return node;
    });
    this.adoptJoining();
  }

  private connect(address: NodeAddress): MemcachedNode {
    return new MemcachedNode({
      address,
      tls: this.options.tls,
      limits: this.limits,
      firstUp: () => this.changed(),
      out: ({ name }, cause) => {
        this.watch?.askSoon();
        tell(this.outListeners, name, cause);
        this.changed();
      },
      back: ({ name }) => {
        tell(this.backListeners, name);
        this.changed();
      },
    });
  }

  private changed(): void {
    this.adoptJoining();
    for (const check of this.readinessChecks) {
      check();
    }
  }

  private adoptJoining(): void {
    const { joining } = this;
    if (this.isClosed || joining === undefined || (this.ring !== undefined && !joining.every(isTried))) {
      return;
    }
    const before = new Set(this.nodes);
    this.joining = undefined;
    this.members = joining;
    this.ring = new KetamaRing(joining);
    for (const [name, node] of this.known) {
      if (!joining.includes(node)) {
        this.known.delete(name);
        node.retire();
      }
    }
    this.parked.release((request) => this.route(request));
    if (before.size !== joining.length || joining.some(({ name }) => !before.has(name))) {
      tell(this.topologyListeners, this.nodes);
    }
  }

  private get isAnyLive(): boolean {
    return this.members.some(({ isLive }) => isLive);
  }
}

const isTried = (node: MemcachedNode) => node.isLive || node.isOut;

function closedError(): MemcachedError {
  return new MemcachedError('CLOSED', 'the client was closed');
}

/** In a microtask of its own each, so that a listener that throws cannot leave the client half changed. */
function tell<A extends unknown[]>(listeners: ReadonlyArray<(...args: A) => void>, ...args: A): void {
  for (const listener of listeners) {
    queueMicrotask(() => listener(...args));
  }
}
