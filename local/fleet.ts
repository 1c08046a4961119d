import { join } from 'node:path';
import { APPLICATION_VARIABLES, BINDINGS_FILE_VARIABLE } from '../runtime/binding';
import type { FleetPlan } from './fleet-plan';
import type { LoadBalancer } from './load-balancer';
import { ManagedProcess, ProcessFailed } from './managed-process';
import { freePort, LOOPBACK } from './port';

/** An instance that lived shorter than this did not start, in milliseconds. */
const SHORT_LIFE_MS = 5_000;

/** So many instances in a row that do not start end the environment: something is wrong with the application. */
const FAILED_STARTS = 3;

/** Longest that a deploy step may take, in milliseconds. */
const DEPLOY_STEP_TIMEOUT_MS = 120_000;

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
  private readonly instances = new Set<ManagedProcess>();
  private launched = 0;
  private shortLives = 0;
  private stopped = false;

  constructor(private readonly options: FleetOptions) {}

  /** The process ids of the instances. */
  get pids(): number[] {
    return [...this.instances].flatMap(({ pid }) => pid ?? []);
  }

  /** Starts all instances and waits until the load balancer finds them healthy. */
  async start(): Promise<void> {
    const { plan, loadBalancer } = this.options;
    const instances = await Promise.all(Array.from({ length: plan.instances }, () => this.launch()));
    const firstEnd = Promise.race(
      instances.map(async (instance) => {
        throw new ProcessFailed(instance, await instance.ended);
      }),
    );
    firstEnd.catch(() => {});
    await Promise.race([loadBalancer.whenHealthy(plan.instances), firstEnd]);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.instances].map((instance) => instance.stop()));
  }

  private async launch(): Promise<ManagedProcess> {
    const { plan, loadBalancer, logs } = this.options;
    this.launched += 1;
    const name = `i-local-${this.launched}`;
    const port = await freePort();
    const instance = new ManagedProcess({
      name: `instance ${name}`,
      command: process.execPath,
      args: [join(plan.directory, plan.entry)],
      cwd: plan.directory,
      logFile: join(logs, `${name}.log`),
      environment: {
        PATH: process.env.PATH ?? '',
        ...plan.environment,
        HOST: LOOPBACK,
        [APPLICATION_VARIABLES.port]: String(port),
        [APPLICATION_VARIABLES.instance]: name,
        [BINDINGS_FILE_VARIABLE]: this.options.bindingFile,
      },
    });
    this.instances.add(instance);
    this.options.started(instance);
    loadBalancer.register(port);
    const launchedAt = Date.now();
    void instance.ended.then((how) => {
      this.instances.delete(instance);
      loadBalancer.deregister(port);
      if (!this.stopped) {
        this.replace(instance, how, Date.now() - launchedAt);
      }
    });
    return instance;
  }

  private replace(instance: ManagedProcess, how: string, livedMs: number): void {
    this.shortLives = livedMs < SHORT_LIFE_MS ? this.shortLives + 1 : 0;
    if (this.shortLives >= FAILED_STARTS) {
      this.options.failed(new ProcessFailed(instance, how));
      return;
    }
    this.options.replaced(instance.name, how);
    this.launch().catch((error) => this.options.failed(error));
  }
}

/** Runs a function's handler to its end, as the deploy does before the fleet starts. */
export async function runDeployStep(step: {
  readonly name: string;
  readonly directory: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly started: (process: ManagedProcess) => void;
}): Promise<void> {
  const [module, method] = step.handler.split('.') as [string, string];
  const script = `require(${JSON.stringify(join(step.directory, `${module}.js`))})[${JSON.stringify(method)}]()
    .then(() => process.exit(0), (error) => { console.error(error); process.exit(1); })`;
  const run = new ManagedProcess({
    name: step.name,
    command: process.execPath,
    args: ['-e', script],
    cwd: step.directory,
    logFile: step.logFile,
    environment: { PATH: process.env.PATH ?? '', ...step.environment },
  });
  step.started(run);
  const timer = setTimeout(() => void run.stop(), DEPLOY_STEP_TIMEOUT_MS);
  const how = await run.ended;
  clearTimeout(timer);
  if (how !== 'ended with status 0') {
    throw new ProcessFailed(run, how);
  }
}
