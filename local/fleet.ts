import { Problem } from '../assembly/problem';
import type { FleetPlan } from './fleet-plan';
import { Instance } from './instance';
import type { LoadBalancer } from './load-balancer';
import { type ManagedProcess, ProcessFailed } from './managed-process';

/** An instance that lived shorter than this did not start, in milliseconds. */
const SHORT_LIFE_MS = 5_000;

/** So many instances in a row that do not start end the environment: something is wrong with the application. */
const FAILED_STARTS = 3;

/** How long an instance may take to end with its environment, in milliseconds. */
const END_GRACE_MS = 5_000;

export interface FleetOptions {
  readonly plan: FleetPlan;
  readonly loadBalancer: LoadBalancer;
  readonly bindingFile: string;
  readonly logs: string;
  readonly started: (process: ManagedProcess) => void;
  /** Told that an instance ended and is replaced. */
  readonly replaced: (name: string, how: string) => void;
  /** Told that the application does not start. */
  readonly failed: (error: Error) => void;
}

/** Stands for the Auto Scaling group: keeps as many processes of the application as the template asks for. */
export class Fleet {
  private readonly running = new Set<Instance>();
  /** Zones of the instances that run or are being started, by their names. */
  private readonly zones = new Map<string, string>();
  /** Instances that end because they were asked to. */
  private readonly leaving = new Set<Instance>();
  private plan: FleetPlan;
  private bindingFile: string;
  private versions = 1;
  private launched = 0;
  private shortLives = 0;
  private stopped = false;

  constructor(private readonly options: FleetOptions) {
    this.plan = options.plan;
    this.bindingFile = options.bindingFile;
  }

  /** Those that run, oldest first. */
  get instances(): readonly Instance[] {
    return [...this.running];
  }

  /** Starts all instances and waits until the load balancer finds them healthy. */
  async start(): Promise<void> {
    const { loadBalancer } = this.options;
    const count = this.plan.instances;
    const instances = await Promise.all(Array.from({ length: count }, () => this.launch()));
    await Promise.race([loadBalancer.whenHealthy(count), ...instances.map(firstEnd)]);
  }

  /**
   * Replaces every instance by one of another plan, one after the other: the new one takes requests before the old one
   * stops taking them.
   *
   * @throws Problem when an instance of the new plan does not become healthy; the old ones go on
   */
  async roll(plan: FleetPlan, bindingFile: string): Promise<void> {
    const before = [...this.running];
    const previous = { plan: this.plan, bindingFile: this.bindingFile, versions: this.versions };
    this.versions += plan === this.plan ? 0 : 1;
    this.plan = plan;
    this.bindingFile = bindingFile;
    try {
      for (let index = 0; index < Math.max(plan.instances, before.length); index += 1) {
        if (index < plan.instances) {
          await this.launchHealthy();
        }
        const old = before[index];
        if (old !== undefined) {
          await this.retire(old);
        }
      }
    } catch (error) {
      this.plan = previous.plan;
      this.bindingFile = previous.bindingFile;
      this.versions = previous.versions;
      throw new Problem(`the new version does not start, the old one goes on: ${(error as Error).message}`);
    }
  }

  /** Instances that the group keeps. */
  get size(): number {
    return this.plan.instances;
  }

  /** Of the plan that new instances run, counted from 1. */
  get version(): number {
    return this.versions;
  }

  /** Replaces every instance by one like it. */
  rollAgain(): Promise<void> {
    return this.roll(this.plan, this.bindingFile);
  }

  /** Takes out the oldest instance, once another has its place. */
  async replaceOne(): Promise<void> {
    const [oldest] = this.running;
    await this.launchHealthy();
    if (oldest !== undefined) {
      await this.retire(oldest);
    }
  }

  /** Takes an instance out: no new requests, those in flight to their end, then SIGTERM. */
  async retire(instance: Instance): Promise<void> {
    this.leaving.add(instance);
    await this.options.loadBalancer.deregister(instance.port);
    await instance.process.stop();
    this.running.delete(instance);
    this.leaving.delete(instance);
  }

  /** Ends an instance at once. Another takes its place. */
  kill(name: string): void {
    this.instances.find((instance) => instance.name === name)?.process.signal('SIGKILL');
  }

  /** An instance that failed its health check is replaced, where the group asks for it. */
  replaceUnhealthy(port: number): void {
    const instance = this.instances.find((one) => one.port === port);
    if (instance !== undefined && this.plan.replacesUnhealthy && !this.leaving.has(instance) && !this.stopped) {
      this.options.replaced(instance.process.name, 'failed its health check');
      void this.retire(instance);
      this.launch().catch((error) => this.options.failed(error));
    }
  }

  /** Ends all instances, without the time that a deploy would give them. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.instances.map((instance) => instance.process.stop(END_GRACE_MS)));
  }

  private async launchHealthy(): Promise<Instance> {
    const instance = await this.launch(true);
    try {
      await Promise.race([this.options.loadBalancer.whenTargetHealthy(instance.port), firstEnd(instance)]);
    } catch (error) {
      await this.retire(instance);
      throw error;
    }
    return instance;
  }

  /** @param isTrial whether somebody else looks after it until it is healthy */
  private async launch(isTrial = false): Promise<Instance> {
    this.launched += 1;
    const { loadBalancer, logs } = this.options;
    const { bindingFile, version } = this;
    const name = `i-local-${this.launched}`;
    const zone = this.nextZone();
    this.zones.set(name, zone);
    const instance = await Instance.launch(this.plan, { name, zone, version, bindingFile, logs });
    this.running.add(instance);
    this.options.started(instance.process);
    loadBalancer.register(instance.port, instance.name);
    if (isTrial) {
      this.leaving.add(instance);
      void loadBalancer.whenTargetHealthy(instance.port).then(() => this.leaving.delete(instance));
    }
    void instance.process.ended.then((how) => {
      this.running.delete(instance);
      this.zones.delete(name);
      void loadBalancer.deregister(instance.port);
      if (!this.stopped && !this.leaving.has(instance)) {
        this.replace(instance, how);
      }
    });
    return instance;
  }

  /** The one that the fewest instances are in, as Auto Scaling balances them. */
  private nextZone(): string {
    const { zones } = this.plan;
    const inZone = (zone: string) => [...this.zones.values()].filter((other) => other === zone).length;
    return zones.reduce((best, zone) => (inZone(zone) < inZone(best) ? zone : best), zones[0] ?? '');
  }

  private replace(instance: Instance, how: string): void {
    this.shortLives = Date.now() - instance.startedAt < SHORT_LIFE_MS ? this.shortLives + 1 : 0;
    if (this.shortLives >= FAILED_STARTS) {
      this.options.failed(new ProcessFailed(instance.process, how));
      return;
    }
    this.options.replaced(instance.process.name, how);
    this.launch().catch((error) => this.options.failed(error));
  }
}

/** Rejects when an instance ends; never resolves. */
function firstEnd(instance: Instance): Promise<never> {
  const ended = instance.process.ended.then((how) => {
    throw new ProcessFailed(instance.process, how);
  });
  ended.catch(() => {});
  return ended;
}
