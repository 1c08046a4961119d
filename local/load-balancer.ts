import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createProxyServer } from 'http-proxy-3';
import type { LoadBalancerPlan } from './fleet-plan';
import { LOOPBACK } from './port';

/** How often a target that has not been healthy yet is asked, so that `up` need not wait for the template's interval. */
const FIRST_CHECK_MS = 50;

/** What instances are told of visitors of an HTTPS listener, who come by plain HTTP here. */
const HTTPS_HEADERS = { 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' };

interface Target {
  readonly port: number;
  healthy: boolean;
  /** Checks in a row with the other result. */
  streak: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Stands for the Application Load Balancer: round robin over the healthy targets, with the template's health check.
 * Without a healthy target it answers 503, and 502 when a target breaks off, as the real one does.
 */
export class LoadBalancer {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  private readonly proxy = createProxyServer({ xfwd: true, agent: this.agent });
  private readonly server: Server;
  private readonly targets = new Map<number, Target>();
  private readonly waiting = new Set<() => void>();
  private next = 0;

  constructor(private readonly plan: LoadBalancerPlan) {
    this.proxy.on('error', (_error, _request, response) => refuse(response as ServerResponse, 502));
    this.server = createServer((request, response) => this.forward(request, response));
    this.server.keepAliveTimeout = plan.idleTimeoutMs;
  }

  /** @returns the port it listens on */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host: LOOPBACK, port }, () => resolve((this.server.address() as { port: number }).port));
    });
  }

  /** Begins to check a target, which gets requests once it is healthy. */
  register(port: number): void {
    const target: Target = { port, healthy: false, streak: 0, timer: undefined };
    this.targets.set(port, target);
    this.schedule(target, 0);
  }

  /** Stops sending requests to a target; those in flight may end. */
  deregister(port: number): void {
    clearTimeout(this.targets.get(port)?.timer);
    this.targets.delete(port);
  }

  /** Resolves when this many targets are healthy. */
  whenHealthy(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if ([...this.targets.values()].filter(({ healthy }) => healthy).length >= count) {
          this.waiting.delete(look);
          resolve();
        }
      };
      this.waiting.add(look);
      look();
    });
  }

  async close(): Promise<void> {
    for (const port of [...this.targets.keys()]) {
      this.deregister(port);
    }
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.proxy.close();
    this.agent.destroy();
  }

  private forward(request: IncomingMessage, response: ServerResponse): void {
    const healthy = [...this.targets.values()].filter((target) => target.healthy);
    const target = healthy[this.next++ % Math.max(1, healthy.length)];
    if (target === undefined) {
      refuse(response, 503);
      return;
    }
    this.proxy.web(request, response, {
      target: `http://${LOOPBACK}:${target.port}`,
      ...(this.plan.https ? { headers: HTTPS_HEADERS } : {}),
    });
  }

  private schedule(target: Target, delayMs: number): void {
    target.timer = setTimeout(() => {
      const request = get(
        { host: LOOPBACK, port: target.port, path: this.plan.path, timeout: this.plan.timeoutMs },
        (response) => {
          response.resume();
          this.judge(target, response.statusCode === 200);
        },
      );
      request.on('timeout', () => request.destroy());
      request.on('error', () => this.judge(target, false));
    }, delayMs);
  }

  private judge(target: Target, passed: boolean): void {
    if (this.targets.get(target.port) !== target) {
      return;
    }
    const isFirst = !target.healthy && target.streak === 0;
    if (passed === target.healthy) {
      target.streak = 0;
    } else {
      target.streak += 1;
      // As the real one: a target that was just registered is healthy after its first passed check.
      const needed = passed ? (isFirst ? 1 : this.plan.healthyThreshold) : this.plan.unhealthyThreshold;
      if (target.streak >= needed) {
        target.healthy = passed;
        target.streak = 0;
      }
    }
    for (const look of [...this.waiting]) {
      look();
    }
    this.schedule(target, target.healthy || passed ? this.plan.intervalMs : FIRST_CHECK_MS);
  }
}

function refuse(response: ServerResponse, status: 502 | 503): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(status === 503 ? 'no healthy instance\n' : 'the instance broke off\n');
}
