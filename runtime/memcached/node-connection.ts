import type { Socket } from 'node:net';
import { DeadlineTimer } from './deadline-timer';
import { GREETING, isKnownVersion, NEEDED_PROTOCOL } from './greeting';
import { MemcachedError } from './memcached-error';
import type { MemcachedItem } from './memcached-item';
import { CAS_SUFFIX_DIGITS, type MetaRequest, NoopRequest } from './meta-request';
import type { NodeAddress } from './node-address';
import { connectionFailure, openSocket, type TlsOptions } from './open-socket';
import { PendingQueue } from './pending-queue';
import { type ReplyCode, ReplyParser, type ReplyReceiver } from './reply-parser';

/** What bounds a connection. */
export interface NodeConnectionLimits {
  readonly callTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxPendingPerNode: number;
  readonly maxBatch: number;
  readonly maxValueBytes: number;
}

export interface NodeConnectionOptions {
  readonly name: string;
  readonly address: NodeAddress;
  readonly byIp: boolean;
  readonly tls: TlsOptions | undefined;
  readonly limits: NodeConnectionLimits;
  readonly casSuffix: string;
  /** Between two questions to a node that is not asked anything else, in milliseconds. @default 10000 */
  readonly idleProbeMs?: number;
  /** The node answered its first request: from now on requests are sent. */
  readonly ready: () => void;
  /** The connection is gone, and every request that it carried has been rejected with this. */
  readonly lost: (error: MemcachedError) => void;
}

/** Once so much waits for the network, later requests wait here, where their deadlines can still take them out. */
const MOST_UNSENT_BYTES = 1_048_576;

/** Memory that the values of unanswered calls may take, in bytes. */
const MOST_PENDING_BYTES = 67_108_864;

/** A node that vanished while nobody asked it is noticed after this time and a deadline. */
const IDLE_PROBE_MS = 10_000;

/** A node that sends something, but finishes no answer for so many deadlines, counts as frozen too. */
const MOST_DEADLINES_FOR_ONE_ANSWER = 10;

/** Opaque numbers with their line ends, made once. A power of two. */
const OPAQUES: readonly string[] = Array.from({ length: 4_096 }, (_, number) => ` O${number}\r\n`);

/**
 * One connection to a node: requests of one tick are joined into one write, and answers come in the order of requests.
 *
 * Each answer must carry its request's number. Anything unexpected ends the connection and fails everything on it, so
 * that an answer is never given to another request.
 */
export class NodeConnection implements ReplyReceiver {
  private state: 'opening' | 'greeted' | 'ready' | 'lost' = 'opening';
  /** Asked for, but not written. The first `stamped` have a deadline. */
  private waiting: MetaRequest[] = [];
  private stamped = 0;
  /** Written and not answered. The first `late` were rejected already, because their deadline passed. */
  private readonly sent = new PendingQueue<MetaRequest>();
  private late = 0;
  private pendingBytes = 0;
  private nextOpaque = 0;

  private isFlushScheduled = false;
  private isDraining = false;

  private readonly socket: Socket;
  private readonly parser: ReplyParser;
  private readonly connectTimer: NodeJS.Timeout;
  private readonly idleTimer: NodeJS.Timeout;
  private readonly deadlines: DeadlineTimer;

  private reads = 0;
  private answers = 0;
  private lastReadAtMs = 0;
  private lastAnswerAtMs = 0;

  constructor(private readonly options: NodeConnectionOptions) {
    const { address, byIp, tls, casSuffix, limits } = options;
    this.parser = new ReplyParser({
      receiver: this,
      casSuffix,
      // Somebody else may have stored a larger one than this client would, up to what Memcached takes by default.
      mostValueBytes: Math.max(limits.maxValueBytes, 1_048_576),
    });
    this.socket = openSocket({
      address,
      byIp,
      tls,
      onread: { buffer: () => this.parser.room(), callback: this.read },
      opened: () => this.socket.write(GREETING),
    });
    this.socket.on('error', (error) => this.fail('CONNECTION', connectionFailure(error), error));
    this.socket.on('end', () => this.fail('CONNECTION', 'closed the connection'));
    this.socket.on('close', () => this.fail('CONNECTION', 'lost its connection'));
    this.socket.on('drain', this.flush);
    this.deadlines = new DeadlineTimer({
      nextAtMs: this.nextDeadlineAtMs,
      reads: () => this.reads,
      expire: this.expire,
    });
    this.connectTimer = setTimeout(() => setImmediate(this.checkOpened), limits.connectTimeoutMs);
    this.idleTimer = setInterval(this.probe, options.idleProbeMs ?? IDLE_PROBE_MS).unref();
  }

  /** Requests that wait for an answer. */
  get pending(): number {
    return this.waiting.length + this.sent.length;
  }

  /** Sends a request, joined with the others of this tick. */
  send(request: MetaRequest): void {
    const { limits, casSuffix, name } = this.options;
    const bytes = request.value === undefined ? 0 : request.value.length;
    if (request.cas !== undefined && request.cas.slice(-CAS_SUFFIX_DIGITS) !== casSuffix) {
      request.answerOtherItem();
    } else if (this.pending >= limits.maxPendingPerNode || this.pendingBytes + bytes > MOST_PENDING_BYTES) {
      request.reject(new MemcachedError('OVERLOADED', `node ${name} has ${this.pending} calls to answer already`));
    } else {
      this.pendingBytes += bytes;
      this.waiting.push(request);
      if (this.waiting.length >= limits.maxBatch) {
        this.flush();
      } else if (!this.isFlushScheduled) {
        this.isFlushScheduled = true;
        // After all promises that are settled now have been followed up: whoever woke in this tick has asked by then.
        process.nextTick(this.flush);
      }
    }
  }

  /** Ends the connection once everything on it has been answered. */
  drain(): void {
    this.isDraining = true;
    this.closeIfDrained();
  }

  /** Ends the connection, rejects what is on it, and tells nobody else. */
  close(error: MemcachedError): void {
    if (this.state !== 'lost') {
      this.end(error);
    }
  }

  reply(code: ReplyCode, opaque: number, item: MemcachedItem | undefined, text: string): void {
    if (this.state !== 'ready') {
      this.greet(code, text);
      return;
    }
    const request = this.sent.shift();
    if (request === undefined) {
      throw new MemcachedError('PROTOCOL', 'sent an answer that nobody asked for');
    }
    this.answers += 1;
    if (this.late > 0) {
      this.late -= 1;
    }
    if (request.value !== undefined) {
      this.pendingBytes -= request.value.length;
    }
    if (code === 'ERROR') {
      request.refuse(this.options.name, text);
      if (request.value !== undefined && !text.startsWith('SERVER_ERROR')) {
        // The node did not understand the command, so it may take the value behind it for commands.
        throw new MemcachedError('PROTOCOL', `answered a value with ${text}`);
      }
      return;
    }
    // Answers with contents always repeat the number; misses do in the versions that were seen.
    const isOwn = opaque === request.opaque || (opaque === -1 && code !== 'VA' && code !== 'HD');
    if (!isOwn || !request.answer(code, item)) {
      const what = `answered ${code} out of turn`;
      request.reject(new MemcachedError('PROTOCOL', `node ${this.options.name} ${what}`));
      throw new MemcachedError('PROTOCOL', what);
    }
  }

  private greet(code: ReplyCode, text: string): void {
    if (this.state === 'opening' && code === 'MN') {
      this.state = 'greeted';
    } else if (this.state === 'greeted' && code === 'VERSION' && isKnownVersion(text)) {
      this.state = 'ready';
      clearTimeout(this.connectTimer);
      this.options.ready();
      this.flush();
      this.closeIfDrained();
    } else {
      throw new MemcachedError('PROTOCOL', `does not speak ${NEEDED_PROTOCOL}, it said ${text || code}`);
    }
  }

  /** Writes what waits, as far as the network takes it. Arrow functions, because timers and events call them. */
  private readonly flush = (): void => {
    this.isFlushScheduled = false;
    const { waiting } = this;
    if (waiting.length === 0 || this.state === 'lost') {
      return;
    }
    const nowMs = performance.now();
    const deadlineAtMs = Math.ceil(nowMs) + this.options.limits.callTimeoutMs;
    for (; this.stamped < waiting.length; this.stamped += 1) {
      const request = waiting[this.stamped] as MetaRequest;
      request.deadlineAtMs ||= deadlineAtMs;
    }
    if (this.state === 'ready') {
      this.writeWaiting(nowMs);
    }
    this.deadlines.arm();
  };

  private writeWaiting(nowMs: number): void {
    const { waiting } = this;
    if (this.sent.length === 0) {
      this.lastReadAtMs = nowMs;
      this.lastAnswerAtMs = nowMs;
    }
    let written = 0;
    while (written < waiting.length && this.socket.writableLength < MOST_UNSENT_BYTES) {
      written = this.write(written);
    }
    if (written === waiting.length) {
      waiting.length = 0;
    } else if (written > 0) {
      waiting.splice(0, written);
    }
    this.stamped = waiting.length;
  }

  /** Writes one batch of what waits, from this index on. @returns the index behind it */
  private write(from: number): number {
    const to = Math.min(from + this.options.limits.maxBatch, this.waiting.length);
    let text = '';
    let isCorked = false;
    for (let index = from; index < to; index += 1) {
      const request = this.waiting[index] as MetaRequest;
      request.opaque = this.nextOpaque;
      this.nextOpaque = (this.nextOpaque + 1) & (OPAQUES.length - 1);
      this.sent.push(request);
      text += request.command;
      text += OPAQUES[request.opaque] as string;
      if (request.value !== undefined) {
        if (!isCorked) {
          this.socket.cork();
          isCorked = true;
        }
        this.socket.write(text, 'latin1');
        this.socket.write(request.value);
        text = '\r\n';
      }
    }
    this.socket.write(text, 'latin1');
    if (isCorked) {
      this.socket.uncork();
    }
    return to;
  }

  private readonly read = (bytes: number): boolean => {
    const { answers } = this;
    this.reads += 1;
    this.lastReadAtMs = performance.now();
    try {
      this.parser.push(bytes);
    } catch (error) {
      this.fail('PROTOCOL', (error as Error).message, error);
      return true;
    }
    if (this.answers !== answers) {
      this.lastAnswerAtMs = this.lastReadAtMs;
      this.closeIfDrained();
    }
    return true;
  };

  private readonly expire = (): void => {
    const nowMs = performance.now();
    if (this.sent.length > 0 && this.frozenAtMs() <= nowMs) {
      this.fail('TIMEOUT', `did not answer for ${this.options.limits.callTimeoutMs} ms`);
      return;
    }
    for (; (this.sent.at(this.late)?.deadlineAtMs ?? Number.POSITIVE_INFINITY) <= nowMs; this.late += 1) {
      this.sent.at(this.late)?.reject(this.timeout());
    }
    let unsent = 0;
    for (; (this.waiting[unsent]?.deadlineAtMs || Number.POSITIVE_INFINITY) <= nowMs; unsent += 1) {
      this.waiting[unsent]?.reject(this.timeout());
      this.pendingBytes -= this.waiting[unsent]?.value?.length ?? 0;
    }
    this.waiting.splice(0, unsent);
    this.stamped -= unsent;
    this.closeIfDrained();
  };

  private timeout(): MemcachedError {
    const { name, limits } = this.options;
    return new MemcachedError('TIMEOUT', `node ${name} did not answer within ${limits.callTimeoutMs} ms`);
  }

  private readonly nextDeadlineAtMs = (): number => {
    const never = Number.POSITIVE_INFINITY;
    return Math.min(
      this.sent.at(this.late)?.deadlineAtMs ?? never,
      this.waiting[0]?.deadlineAtMs || never,
      this.sent.length > 0 ? this.frozenAtMs() : never,
    );
  };

  /** When the node counts as frozen, unless it says something before. */
  private frozenAtMs(): number {
    const { callTimeoutMs } = this.options.limits;
    return Math.min(
      this.lastReadAtMs + callTimeoutMs,
      this.lastAnswerAtMs + callTimeoutMs * MOST_DEADLINES_FOR_ONE_ANSWER,
    );
  }

  private readonly checkOpened = (): void => {
    if (this.state === 'opening' || this.state === 'greeted') {
      this.fail('CONNECTION', `could not be connected to within ${this.options.limits.connectTimeoutMs} ms`);
    }
  };

  private readonly probe = (): void => {
    if (this.state === 'ready' && this.pending === 0) {
      const request = new NoopRequest('', ignore, ignore);
      request.render();
      this.send(request);
    }
  };

  private closeIfDrained(): void {
    if (this.isDraining && this.state !== 'lost' && this.pending === 0) {
      this.end(new MemcachedError('CLOSED', `node ${this.options.name} is not part of the cluster any more`));
    }
  }

  private fail(code: 'CONNECTION' | 'TIMEOUT' | 'PROTOCOL', what: string, cause?: unknown): void {
    if (this.state === 'lost') {
      return;
    }
    const error = new MemcachedError(code, `node ${this.options.name} ${what}`, cause === undefined ? {} : { cause });
    this.end(error);
    this.options.lost(error);
  }

  private end(error: MemcachedError): void {
    this.state = 'lost';
    clearTimeout(this.connectTimer);
    this.deadlines.stop();
    clearInterval(this.idleTimer);
    this.socket.destroy();
    const { waiting } = this;
    this.waiting = [];
    for (let request = this.sent.shift(); request !== undefined; request = this.sent.shift()) {
      request.reject(error);
    }
    for (const request of waiting) {
      request.reject(error);
    }
  }
}

const ignore = () => {};
