import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Assembly } from '../assembly/assembly';
import { Problem } from '../assembly/problem';
import { BINDINGS_FILE_VARIABLE, DEPLOY_STEP_VARIABLE, type DeployStepInstructions } from '../runtime/binding';
import { ControlEndpoint } from './control/control-endpoint';
import type { ControlledEnvironment } from './control/controlled';
import { controlledEnvironment } from './controlled/environment';
import { StackRecords } from './controlled/stack-records';
import { runDeployStep } from './deploy-step';
import { EngineRoom } from './engine-room';
import { Engines } from './engines';
import { Fleet } from './fleet';
import type { FleetPlan } from './fleet-plan';
import { LoadBalancer } from './load-balancer';
import type { ManagedProcess } from './managed-process';
import { type Plan, planOf } from './plan';
import { type PlanUpdate, updateOf } from './plan-update';
import { requirePort } from './port';
import { requireReachability } from './require-reachability';
import { type EnvironmentDirectory, type RunningEnvironment, StateDirectory, stateProblem } from './state-directory';
import { topologyOf } from './topology';
import { askForUpdate, UpdateChannel } from './update-channel';
import { counted } from './wording';

export interface UpOptions {
  /** The synthesized assembly. */
  readonly assembly: string;
  /** Name of the environment; without it the only one that can be run, or else `dev`. */
  readonly environment?: string;
  readonly stateDirectory: string;
  /** Port of the load balancer; a free one when it is not given. */
  readonly port?: number;
  /** Whether missing engines may be installed system-wide. */
  readonly installEngines: boolean;
  /** Told each step that is done, and each thing worth knowing after the start. */
  readonly report: (line: string) => void;
  /** Ends the start when it is aborted, with all that was started. */
  readonly signal?: AbortSignal;
}

/**
 * Brings an environment that another process runs from the same assembly in line with it.
 *
 * @returns what runs; `undefined` when nothing of that assembly and name runs
 * @throws Problem when something has changed that cannot change while it runs
 */
export async function updateRunning(
  options: Pick<UpOptions, 'assembly' | 'environment' | 'stateDirectory' | 'report'>,
): Promise<RunningEnvironment | undefined> {
  const { environment } = planOf(new Assembly(options.assembly), options.environment);
  const running = new StateDirectory(options.stateDirectory)
    .running()
    .find(({ name, assembly }) => name === environment && assembly === resolve(options.assembly));
  if (running !== undefined) {
    await askForUpdate(running.update, running.assembly, options.report);
  }
  return running;
}

/** An environment that runs on this machine, out of the templates that would be deployed. */
export class LocalEnvironment {
  /** Rejects when a part of it has ended that cannot be replaced; never resolves. */
  readonly broken: Promise<never>;
  private readonly processes = new Set<ManagedProcess>();
  private break: (error: Error) => void = () => {};
  private room!: EngineRoom;
  private running: { readonly loadBalancer: LoadBalancer; readonly fleet: Fleet } | undefined;
  private control: ControlEndpoint | undefined;
  private channel: UpdateChannel | undefined;
  private loadBalancerPort = 0;
  private serviceStartedAt = new Date();
  private bindingFile = '';
  private updates = 0;
  private updating: Promise<void> = Promise.resolve();
  private closing: Promise<void> | undefined;
  private starting: Promise<void> = Promise.resolve();

  /**
   * Starts everything, and ends what it started when a part does not start.
   *
   * @throws Problem when the assembly, the port, an engine or the state directory is not as it must be
   */
  static async start(options: UpOptions): Promise<LocalEnvironment> {
    const plan = planOf(new Assembly(options.assembly), options.environment);
    const stacks = new StackRecords(plan.source.templates.stacks);
    requireReachability(plan, options.report);
    if (options.port !== undefined) {
      await requirePort(options.port);
    }
    const state = new StateDirectory(options.stateDirectory);
    const engines = new Engines({
      directory: state.engines,
      install: options.installEngines,
      report: options.report,
    });
    const directory = await state.takeEnvironment(plan.environment).catch((error) => {
      throw stateProblem(error, state.path);
    });
    const environment = new LocalEnvironment(
      resolve(options.assembly),
      plan,
      stacks,
      directory,
      engines,
      options.report,
    );
    try {
      environment.starting = environment.run(options.port ?? 0);
      await Promise.race([environment.starting, whenAborted(options.signal)]);
      return environment;
    } catch (error) {
      await environment.close();
      throw stateProblem(error, state.path);
    }
  }

  private constructor(
    private readonly assembly: string,
    private plan: Plan,
    private readonly stacks: StackRecords,
    private readonly directory: EnvironmentDirectory,
    private readonly engines: Engines,
    private readonly report: (line: string) => void,
  ) {
    this.broken = new Promise((_, reject) => {
      this.break = reject;
    });
    this.broken.catch(() => {});
  }

  /** Of the stage. */
  get name(): string {
    return this.plan.environment;
  }

  /** The folder that it keeps its files in. */
  get folder(): string {
    return this.directory.path;
  }

  /** Where the service is; `undefined` where no fleet runs. */
  get address(): string | undefined {
    return this.running === undefined ? undefined : `http://localhost:${this.loadBalancerPort}`;
  }

  /** Where the AWS APIs of this environment are. */
  get controlAddress(): string {
    return `http://localhost:${this.control?.port}`;
  }

  /** File of the binding that the fleet was given. */
  get bindings(): string {
    return this.bindingFile;
  }

  /** The caches and databases. */
  get engineRoom(): EngineRoom {
    return this.room;
  }

  /** The load balancer and the instances behind it; `undefined` where no fleet runs. */
  get service(): { readonly loadBalancer: LoadBalancer; readonly fleet: Fleet } | undefined {
    return this.running;
  }

  /** What runs at the moment, for who watches. */
  topology() {
    return topologyOf(this.plan.environment, this.room, this.running);
  }

  /** Process ids of the service's instances. */
  get instancePids(): number[] {
    return this.running?.fleet.instances.flatMap(({ process }) => process.pid ?? []) ?? [];
  }

  /** Process ids of all that runs by their names, for example `Valkey 8.0.1 dev/data/Sessions-001`. */
  get pids(): ReadonlyMap<string, number> {
    return new Map([...this.processes].flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid]])));
  }

  /**
   * Brings what runs in line with another version of the assembly, and drops no request: engines that are new start,
   * instances are replaced one after the other, engines that are gone end.
   *
   * @param report told each step, beside who started the environment
   * @throws Problem when something has changed that cannot change while it runs; then nothing was changed
   */
  update(assembly: string, report: (line: string) => void = () => {}): Promise<void> {
    const update = this.updating.then(() =>
      this.runUpdate(planOf(new Assembly(assembly), this.plan.environment), report),
    );
    this.updating = update.catch(() => {});
    return update;
  }

  /** Ends every process that it started: the service first, then the engines. */
  close(): Promise<void> {
    this.closing ??= (async () => {
      // A start that was cut off goes on until its next step.
      await Promise.race([
        this.starting.catch(() => {}),
        this.updating,
        new Promise((resolve) => setTimeout(resolve, 50)),
      ]);
      this.channel?.close();
      await this.control?.close();
      await this.running?.fleet.stop();
      await this.running?.loadBalancer.close();
      await this.room?.close().catch((error: Error) => this.report(`! ${error.message}`));
      await this.stopProcesses();
      await this.starting.catch(() => {});
      await this.room?.close().catch(() => {});
      await this.stopProcesses();
      this.directory.release();
    })();
    return this.closing;
  }

  private async run(port: number): Promise<void> {
    this.room = await EngineRoom.open({
      engines: this.engines,
      directory: this.directory,
      step: () => this.step(),
      report: this.report,
      started: (process) => this.note(process),
      failed: (error) => this.break(error),
    });
    const { environment, others, notStarted, notRun, fleet } = this.plan;
    if (others.length > 0) {
      this.report(`environment ${environment}; --environment starts another: ${others.join(', ')}`);
    }
    for (const { label, why } of notStarted) {
      this.report(`! ${label} is not started: ${why}`);
    }
    if (notRun.size > 0) {
      const types = [...notRun].map(([type, number]) => (number === 1 ? type : `${number} × ${type}`));
      this.report(`! not run here: ${types.join(', ')}`);
    }
    await this.room.start(this.plan);
    if (fleet === undefined) {
      this.bindingFile = await this.writeBinding(this.room.binding(this.plan).ofEverything());
      this.report('! no fleet runs: no Auto Scaling group here was made by a `WebFleet`');
    } else {
      await this.runDeploySteps(this.plan, fleet);
      await this.startFleet(port, fleet);
    }
    this.control = await ControlEndpoint.start(this.controlled(), { report: this.report });
    this.channel = await UpdateChannel.open((assembly, report) => this.update(assembly, report));
    const { address, controlAddress } = this;
    this.directory.describe({
      name: environment,
      assembly: this.assembly,
      ...(address === undefined ? {} : { address }),
      controlAddress,
      update: this.channel.address,
    });
  }

  private async runUpdate(plan: Plan, report: (line: string) => void): Promise<void> {
    const told = this.report;
    const both = (line: string) => {
      told(line);
      report(line);
    };
    requireReachability(plan, both);
    const update = updateOf(this.plan, plan);
    this.stacks.begin(plan.source.templates.stacks);
    try {
      await this.applyUpdate(plan, update, both);
      this.stacks.done();
    } catch (error) {
      this.stacks.failed();
      throw error;
    }
    this.control?.refresh();
    if (!update.fleet && !update.engines) {
      both('✓ nothing has changed');
    }
  }

  private async applyUpdate(plan: Plan, update: PlanUpdate, both: (line: string) => void): Promise<void> {
    const before = this.plan;
    this.plan = plan;
    await this.room.start(plan);
    await this.room.apply(plan, both);
    if (update.fleet) {
      try {
        await this.rollFleet(plan, both);
      } catch (error) {
        // The next update must see that the fleet is still the old one.
        this.plan = { ...plan, fleet: before.fleet };
        throw error;
      }
    }
    for (const { id, label } of update.gone) {
      await this.room.end(id);
      both(`✓ ${label} ended`);
    }
  }

  private async rollFleet(plan: Plan, report: (line: string) => void): Promise<void> {
    const { fleet } = plan;
    if (fleet === undefined || this.running === undefined) {
      return;
    }
    await this.runDeploySteps(plan, fleet);
    this.bindingFile = await this.writeBinding(this.room.binding(plan).ofFleet(fleet));
    this.running.loadBalancer.change(fleet.loadBalancer);
    await this.running.fleet.roll(fleet, this.bindingFile);
    report(`✓ ${counted(fleet.instances, 'instance')} replaced, one after the other`);
  }

  private async runDeploySteps(plan: Plan, fleet: FleetPlan): Promise<void> {
    const bindings = this.room.binding(plan);
    for (const step of fleet.deploySteps) {
      const done = this.step();
      const name = step.instructions.database;
      const id = fleet.databases[name];
      const database = bindings.database(name);
      const master = plan.databases.find((candidate) => candidate.id === id)?.masterUser;
      if (database === undefined || master === undefined) {
        throw new Problem(
          `the deploy step ${step.label} works on the database \`${name}\`, which the fleet does not use`,
        );
      }
      const binding = bindings.ofDeployStep(fleet, name, database, master);
      const instructions: DeployStepInstructions = {
        ...step.instructions,
        role: { user: step.instructions.role.user, auth: { type: 'password', password: database.applicationPassword } },
      };
      const file = join(this.directory.path, `${step.id}.json`);
      await writeFile(file, JSON.stringify(binding), { mode: 0o600 });
      await runDeployStep({
        name: `deploy step ${step.label}`,
        directory: step.directory,
        handler: step.handler,
        environment: { [BINDINGS_FILE_VARIABLE]: file, [DEPLOY_STEP_VARIABLE]: JSON.stringify(instructions) },
        logFile: join(this.directory.folder('logs'), 'deploy-step.log'),
        started: (process) => this.note(process),
      });
      done('migrations and database role');
    }
  }

  private async startFleet(port: number, plan: FleetPlan): Promise<void> {
    const done = this.step();
    this.bindingFile = await this.writeBinding(this.room.binding(this.plan).ofFleet(plan));
    const loadBalancer = new LoadBalancer(plan.loadBalancer, (target) => fleet.replaceUnhealthy(target));
    const fleet: Fleet = new Fleet({
      plan,
      loadBalancer,
      bindingFile: this.bindingFile,
      logs: this.directory.folder('logs'),
      started: (process) => this.note(process),
      replaced: (name, how) => this.report(`! ${name} ${how} and is replaced`),
      failed: (error) => this.break(error),
    });
    this.running = { loadBalancer, fleet };
    this.serviceStartedAt = new Date();
    // It was free when the start began: who took it meanwhile is told of in the same words.
    this.loadBalancerPort = await loadBalancer.listen(port).catch(async (error) => {
      await requirePort(port);
      throw error;
    });
    await fleet.start();
    done(`${counted(plan.instances, 'instance')} behind the load balancer`);
  }

  /** What the control endpoint shows, as it is at each look. */
  private controlled(): ControlledEnvironment {
    return controlledEnvironment(() => ({
      room: this.room,
      plan: this.plan,
      stacks: this.stacks.all,
      service:
        this.running === undefined
          ? undefined
          : { ...this.running, port: this.loadBalancerPort, startedAt: this.serviceStartedAt },
    }));
  }

  /** Each in a file of its own: instances that run may read theirs again. */
  private async writeBinding(binding: object): Promise<string> {
    this.updates += 1;
    const file = join(this.directory.path, this.updates === 1 ? 'bindings.json' : `bindings-${this.updates}.json`);
    await writeFile(file, JSON.stringify(binding, null, 2), { mode: 0o600 });
    return file;
  }

  private note(process: ManagedProcess): void {
    this.processes.add(process);
    void process.ended.then(() => this.processes.delete(process));
    this.directory.note(process.pid);
  }

  private async stopProcesses(): Promise<void> {
    await Promise.all([...this.processes].map((process) => process.stop()));
  }

  private step(): (what: string) => void {
    if (this.closing !== undefined) {
      throw new Problem('interrupted');
    }
    const startedAt = Date.now();
    return (what) => this.report(`✓ ${what} (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)`);
  }
}

/** Never resolves; rejects when the signal is aborted. */
function whenAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Problem('interrupted')));
  });
}
