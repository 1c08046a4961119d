import { MemcachedError } from './memcached-error';
import type { MetaRequest } from './meta-request';

/** Calls that wait until it is known which nodes there are, each until its deadline. */
export class ParkedRequests {
  private requests: MetaRequest[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly timeoutMs: number,
    private readonly most: number,
  ) {}

  park(request: MetaRequest): void {
    if (this.requests.length >= this.most) {
      request.reject(new MemcachedError('OVERLOADED', `${this.most} calls wait for the nodes of the cluster already`));
      return;
    }
    // Its deadline is kept when it goes to a node later.
    request.deadlineAtMs = Math.ceil(performance.now()) + this.timeoutMs;
    this.requests.push(request);
    this.arm();
  }

  /** Hands over what still waits. */
  release(take: (request: MetaRequest) => void): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { requests } = this;
    this.requests = [];
    requests.forEach(take);
  }

  private arm(): void {
    const next = this.requests[0];
    if (next !== undefined && this.timer === undefined) {
      // An answer that waits behind a blocked event loop comes first.
      this.timer = setTimeout(() => setImmediate(this.expire), Math.max(1, next.deadlineAtMs - performance.now()));
    }
  }

  private readonly expire = (): void => {
    this.timer = undefined;
    const nowMs = performance.now();
    const inTime = this.requests.findIndex(({ deadlineAtMs }) => deadlineAtMs > nowMs);
    const expired = this.requests.splice(0, inTime < 0 ? this.requests.length : inTime);
    for (const request of expired) {
      request.reject(
        new MemcachedError('TIMEOUT', `the nodes of the cluster were not known within ${this.timeoutMs} ms`),
      );
    }
    this.arm();
  };
}
