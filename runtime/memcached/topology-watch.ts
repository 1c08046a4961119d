import type { ClusterConfiguration } from './cluster-configuration';
import { ConnectPacing } from './connect-pacing';
import type { NodeAddress } from './node-address';

/** At most one question in this time, however often nodes fail, in milliseconds. */
const SHORTEST_GAP_MS = 1_000;

/** How far a regular question may be off its time, as a part of the interval: a fleet must not ask all at once. */
const JITTER = 0.2;

export interface TopologyWatchOptions {
  readonly endpoint: NodeAddress;
  /** Asks one address for the cluster. */
  readonly ask: (address: NodeAddress, signal: AbortSignal) => Promise<ClusterConfiguration>;
  readonly intervalMs: number;
  /** Nodes that can be asked when the endpoint does not answer, the best first. */
  readonly others: () => readonly NodeAddress[];
  /** Whether any node answers: while none does, an older version is better than what is known. */
  readonly isAnyLive: () => boolean;
  /** A configuration that is news. */
  readonly changed: (configuration: ClusterConfiguration) => void;
  /** Nobody could be asked. */
  readonly failed: (error: unknown) => void;
  /** @default Math.random */
  readonly random?: () => number;
  /** @default performance.now */
  readonly now?: () => number;
}

/**
 * Keeps asking which nodes a cluster has: at once, at every interval, and when a node fails.
 *
 * What cannot be read, and an older version than the known one, changes nothing: nodes that lag behind and an endpoint
 * that dies do not hurt what runs.
 */
export class TopologyWatch {
  private readonly random: () => number;
  private readonly now: () => number;
  private readonly pacing: ConnectPacing;
  private readonly abort = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private nextAtMs = Number.POSITIVE_INFINITY;
  private isAsking = false;
  private lastAskAtMs = Number.NEGATIVE_INFINITY;
  private version: number | undefined;

  constructor(private readonly options: TopologyWatchOptions) {
    this.random = options.random ?? Math.random;
    this.now = options.now ?? (() => performance.now());
    this.pacing = new ConnectPacing(this.random, this.now);
  }

  start(): void {
    void this.ask();
  }

  /** Asks at once, or as soon as the last question is a second ago. */
  askSoon(): void {
    this.askIn(Math.max(0, SHORTEST_GAP_MS - (this.now() - this.lastAskAtMs)));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.abort.abort();
  }

  /** Unless a question comes earlier anyway. */
  private askIn(delayMs: number): void {
    const atMs = this.now() + delayMs;
    if (atMs < this.nextAtMs && !this.abort.signal.aborted) {
      this.nextAtMs = atMs;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.ask(), delayMs).unref();
    }
  }

  private async ask(): Promise<void> {
    if (this.isAsking) {
      // What is being asked began before the reason to ask again.
      this.nextAtMs = Number.POSITIVE_INFINITY;
      this.askIn(SHORTEST_GAP_MS);
      return;
    }
    this.isAsking = true;
    this.nextAtMs = Number.POSITIVE_INFINITY;
    this.lastAskAtMs = this.now();
    this.pacing.attempting();
    const isAnswered = await this.askAnybody();
    this.isAsking = false;
    if (isAnswered) {
      this.pacing.connected();
    }
    // Without any topology every call fails, so the next question is as urgent as a connection.
    this.askIn(
      this.version === undefined
        ? this.pacing.pauseMs()
        : this.options.intervalMs * (1 - JITTER / 2 + JITTER * this.random()),
    );
  }

  private async askAnybody(): Promise<boolean> {
    let firstError: unknown;
    for (const address of [this.options.endpoint, ...this.options.others()]) {
      if (this.abort.signal.aborted) {
        return false;
      }
      try {
        this.take(await this.options.ask(address, this.abort.signal));
        return true;
      } catch (error) {
        firstError ??= error;
      }
    }
    if (!this.abort.signal.aborted) {
      this.options.failed(firstError);
    }
    return false;
  }

  private take(configuration: ClusterConfiguration): void {
    const isNews =
      this.version === undefined ||
      configuration.version > this.version ||
      (configuration.version < this.version && !this.options.isAnyLive());
    if (isNews && !this.abort.signal.aborted) {
      this.version = configuration.version;
      this.options.changed(configuration);
    }
  }
}
