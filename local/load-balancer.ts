import { randomBytes } from 'node:crypto';
import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createProxyServer } from 'http-proxy-3';
import type { LoadBalancerPlan } from './fleet-plan';
import { LOOPBACK } from './port';

/** How often a target that has not been healthy yet is asked, so that `up` need not wait for the template's interval. */
const FIRST_CHECK_MS = 50;

/** What instances are told of visitors of an HTTPS listener, who come by plain HTTP here. */
const HTTPS_HEADERS = { 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' };

/** Names of headers that a load balancer that drops invalid ones lets through. */
const VALID_HEADER = /^[-A-Za-z0-9]+$/;

const TEXTS = {
  502: 'the instance broke off',
  503: 'no healthy instance',
  504: 'the instance did not answer',
} as const;

interface Target {
  readonly port: number;
  /** Of the instance. */
  readonly name: string;
  readonly registeredAt: number;
  /** Its own connections, which end with it. */
  readonly agent: Agent;
  healthy: boolean;
  wasHealthy: boolean;
  /** Why it did not pass its last check; `undefined` where it did. */
  failure: CheckFailure | undefined;
  /** Checks in a row with the other result. */
  streak: number;
  timer: NodeJS.Timeout | undefined;
  /** Requests that it has not answered to the end. */
  pending: number;
  /** Told when the last of them has ended. */
  idle: (() => void) | undefined;
}

/** Why a target did not pass a check, as AWS writes it. */
type CheckFailure = 'Target.FailedHealthChecks' | 'Target.ResponseCodeMismatch' | 'Target.Timeout';

/** A target as the load balancer judges it, in AWS's words. */
export interface TargetHealth {
  readonly name: string;
  readonly port: number;
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'draining';
  /** Why it is not healthy. */
  readonly reason?: CheckFailure | 'Elb.InitialHealthChecking' | 'Target.DeregistrationInProgress';
}

/** What the load balancer has done so far. */
export interface LoadBalancerCounts {
  readonly requests: number;
  /** Answers of 500 and above, its own included. */
  readonly errors: number;
}

/**
 * Stands for the Application Load Balancer: round robin over the healthy targets, with the template's health check.
 * Without a healthy target it answers 503, 502 when a target breaks off and 504 when it is silent for the idle timeout,
 * as the real one does.
 */
export class LoadBalancer {
  private readonly proxy = createProxyServer({ xfwd: true });
  private readonly server: Server;
  private readonly targets = new Map<number, Target>();
  /** Targets that were taken out, and until when AWS would show them. */
  private readonly drained = new Map<string, { readonly port: number; readonly until: number }>();
  private readonly waiting = new Set<() => void>();
  private plan: LoadBalancerPlan;
  private next = 0;
  private requests = 0;
  private errors = 0;
  private ownErrors = 0;
  /** Answers of its own. */
  private readonly own = new WeakSet<ServerResponse>();

  /** @param failing told the port of a target that was healthy and is not any more */
  constructor(
    plan: LoadBalancerPlan,
    private readonly failing: (port: number) => void = () => {},
  ) {
    this.plan = plan;
    this.server = createServer((request, response) => this.forward(request, response));
    this.server.keepAliveTimeout = plan.idleTimeoutMs;
  }

  get counts(): LoadBalancerCounts {
    return { requests: this.requests, errors: this.errors };
  }

  /** Answers of 500 and above by who gave them. */
  get errorsBy(): { readonly targets: number; readonly itself: number } {
    return { targets: this.errors - this.ownErrors, itself: this.ownErrors };
  }

  /** Targets that are registered, and those that AWS would still show: for the deregistration delay. */
  get targetHealth(): TargetHealth[] {
    for (const [name, { until }] of this.drained) {
      if (until < Date.now()) {
        this.drained.delete(name);
      }
    }
    return [
      ...[...this.targets.values()].map((target) => this.healthOf(target)),
      ...[...this.drained].map(
        ([name, { port }]): TargetHealth => ({
          name,
          port,
          state: 'draining',
          reason: 'Target.DeregistrationInProgress',
        }),
      ),
    ];
  }

  /** Ports of the targets that get requests. */
  get healthyPorts(): number[] {
    return [...this.targets.values()].filter(({ healthy }) => healthy).map(({ port }) => port);
  }

  /** Takes over another template's health check, idle timeout and headers. */
  change(plan: LoadBalancerPlan): void {
    this.plan = plan;
    this.server.keepAliveTimeout = plan.idleTimeoutMs;
  }

  /** @returns the port it listens on */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host: LOOPBACK, port }, () => resolve((this.server.address() as { port: number }).port));
    });
  }

  /** Begins to check a target, which gets requests once it is healthy. @param name of the instance */
  register(port: number, name = String(port)): void {
    const target: Target = {
      port,
      name,
      registeredAt: Date.now(),
      agent: new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }),
      healthy: false,
      wasHealthy: false,
      failure: undefined,
      streak: 0,
      timer: undefined,
      pending: 0,
      idle: undefined,
    };
    this.targets.set(port, target);
    this.schedule(target, 0);
  }

  /** Stops sending requests to a target. Resolves once those in flight have ended, or after the deregistration delay. */
  async deregister(port: number): Promise<void> {
    const target = this.targets.get(port);
    if (target === undefined) {
      return;
    }
    clearTimeout(target.timer);
    this.targets.delete(port);
    this.drained.set(target.name, { port, until: Date.now() + this.plan.deregistrationDelayMs });
    if (target.pending > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.plan.deregistrationDelayMs);
        target.idle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    target.agent.destroy();
  }

  /** Resolves when this many targets are healthy. */
  whenHealthy(count: number): Promise<void> {
    return this.when(() => this.healthyPorts.length >= count);
  }

  /** Resolves when a target is healthy. */
  whenTargetHealthy(port: number): Promise<void> {
    return this.when(() => this.targets.get(port)?.healthy === true);
  }

  async close(): Promise<void> {
    for (const [port, target] of [...this.targets]) {
      target.pending = 0;
      void this.deregister(port);
    }
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.proxy.close();
  }

  private when(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (holds()) {
          this.waiting.delete(look);
          resolve();
        }
      };
      this.waiting.add(look);
      look();
    });
  }

  private forward(request: IncomingMessage, response: ServerResponse): void {
    this.requests += 1;
    response.once('close', () => {
      this.errors += response.statusCode >= 500 ? 1 : 0;
      this.ownErrors += this.own.has(response) ? 1 : 0;
    });
    const healthy = [...this.targets.values()].filter((target) => target.healthy);
    const target = healthy[this.next++ % Math.max(1, healthy.length)];
    if (target === undefined) {
      this.refuse(response, 503);
      return;
    }
    if (this.plan.dropsInvalidHeaders) {
      for (const name of Object.keys(request.headers)) {
        if (!VALID_HEADER.test(name)) {
          delete request.headers[name];
        }
      }
    }
    target.pending += 1;
    response.once('close', () => {
      target.pending -= 1;
      if (target.pending === 0) {
        target.idle?.();
      }
    });
    const startedAt = Date.now();
    const silence = this.plan.idleTimeoutMs;
    this.proxy.web(
      request,
      response,
      {
        target: `http://${LOOPBACK}:${target.port}`,
        agent: target.agent,
        proxyTimeout: silence,
        headers: { 'x-amzn-trace-id': traceId(), ...(this.plan.https ? HTTPS_HEADERS : {}) },
      },
      () => this.refuse(response, Date.now() - startedAt >= silence ? 504 : 502),
    );
  }

  private schedule(target: Target, delayMs: number): void {
    target.timer = setTimeout(() => {
      const request = get(
        { host: LOOPBACK, port: target.port, path: this.plan.path, timeout: this.plan.timeoutMs, agent: false },
        (response) => {
          response.resume();
          this.judge(target, response.statusCode === 200 ? undefined : 'Target.ResponseCodeMismatch');
        },
      );
      let failure: CheckFailure = 'Target.FailedHealthChecks';
      request.on('timeout', () => {
        failure = 'Target.Timeout';
        request.destroy();
      });
      request.on('error', () => this.judge(target, failure));
    }, delayMs);
  }

  private judge(target: Target, failure: CheckFailure | undefined): void {
    if (this.targets.get(target.port) !== target) {
      return;
    }
    const passed = failure === undefined;
    target.failure = failure;
    const isFirst = !target.healthy && target.streak === 0;
    if (passed === target.healthy) {
      target.streak = 0;
    } else {
      target.streak += 1;
      // As the real one: a target that was just registered is healthy after its first passed check.
      const needed = passed ? (isFirst ? 1 : this.plan.healthyThreshold) : this.plan.unhealthyThreshold;
      if (target.streak >= needed) {
        target.healthy = passed;
        target.wasHealthy ||= passed;
        target.streak = 0;
        if (!passed) {
          this.failing(target.port);
        }
      }
    }
    for (const look of [...this.waiting]) {
      look();
    }
    this.schedule(target, target.healthy || passed ? this.plan.intervalMs : FIRST_CHECK_MS);
  }

  /** One that has never been healthy is unhealthy once AWS's checks would have found it so: they are further apart. */
  private healthOf({ name, port, healthy, wasHealthy, failure, registeredAt }: Target): TargetHealth {
    if (healthy) {
      return { name, port, state: 'healthy' };
    }
    const judged = registeredAt + this.plan.unhealthyThreshold * this.plan.intervalMs;
    return wasHealthy || Date.now() >= judged
      ? { name, port, state: 'unhealthy', reason: failure ?? 'Target.FailedHealthChecks' }
      : { name, port, state: 'initial', reason: 'Elb.InitialHealthChecking' };
  }

  private refuse(response: ServerResponse, status: keyof typeof TEXTS): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    this.own.add(response);
    response.writeHead(status, { 'content-type': 'text/plain' });
    response.end(`${TEXTS[status]}\n`);
  }
}

/** As the real one makes it: the time in hexadecimal, and 96 random bits. */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1_000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}
