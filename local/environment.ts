import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BINDINGS_FILE_VARIABLE, DEPLOY_STEP_VARIABLE, type DeployStepInstructions } from '../runtime/binding';
import { Assembly } from './assembly';
import { type Certificates, makeCertificates } from './certificates';
import { takenParameters } from './engine-parameters';
import { Engines } from './engines';
import { Fleet, runDeployStep } from './fleet';
import { LoadBalancer } from './load-balancer';
import { LocalBinding } from './local-binding';
import { type ManagedProcess, ProcessFailed } from './managed-process';
import { startMemcachedCluster } from './memcached';
import { type Plan, planOf } from './plan';
import { requirePort } from './port';
import { startPostgres } from './postgres';
import { Problem } from './problem';
import { type EnvironmentDirectory, StateDirectory } from './state-directory';
import { startReplicationGroup } from './valkey';

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

/** An environment that runs on this machine, out of the templates that would be deployed. */
export class LocalEnvironment {
  /** Rejects when a part of it has ended that cannot be replaced; never resolves. */
  readonly broken: Promise<never>;
  private readonly closers: Array<() => Promise<void>> = [];
  private readonly engineProcesses = new Map<string, ManagedProcess>();
  private readonly processes = new Set<ManagedProcess>();
  private break: (error: Error) => void = () => {};
  private fleet: Fleet | undefined;
  private loadBalancerPort = 0;
  private closing: Promise<void> | undefined;
  private starting: Promise<void> = Promise.resolve();

  /**
   * Starts everything, and ends what it started when a part does not start.
   *
   * @throws Problem when the assembly, the port, an engine or the state directory is not as it must be
   */
  static async start(options: UpOptions): Promise<LocalEnvironment> {
    const plan = planOf(new Assembly(options.assembly), options.environment);
    const port = await requirePort(options.port ?? 0);
    const state = new StateDirectory(options.stateDirectory);
    const engines = new Engines({
      directory: state.engines,
      install: options.installEngines,
      report: options.report,
    });
    const environment = new LocalEnvironment(
      plan,
      await state.takeEnvironment(plan.environment),
      engines,
      options.report,
    );
    try {
      environment.starting = environment.run(port);
      await Promise.race([environment.starting, whenAborted(options.signal)]);
      return environment;
    } catch (error) {
      await environment.close();
      throw error;
    }
  }

  private constructor(
    private readonly plan: Plan,
    private readonly directory: EnvironmentDirectory,
    private readonly engines: Engines,
    private readonly report: (line: string) => void,
  ) {
    this.broken = new Promise((_, reject) => {
      this.break = reject;
    });
    this.broken.catch(() => {});
  }

  /** Where the service is. */
  get address(): string {
    return `http://localhost:${this.loadBalancerPort}`;
  }

  /** Process ids of the service's instances. */
  get instancePids(): number[] {
    return this.fleet?.pids ?? [];
  }

  /** Process ids of engines by their names, for example `Valkey 8.0.1 dev/data/Sessions-001`. */
  get enginePids(): ReadonlyMap<string, number> {
    return new Map([...this.engineProcesses].flatMap(([name, { pid }]) => (pid === undefined ? [] : [[name, pid]])));
  }

  /** Ends every process that it started: the service first, then the engines. */
  close(): Promise<void> {
    this.closing ??= (async () => {
      for (const close of this.closers.reverse()) {
        await close().catch((error: Error) => this.report(`! ${error.message}`));
      }
      await this.stopProcesses();
      // A start that was cut off goes on until its next step, and may have started more meanwhile.
      await this.starting.catch(() => {});
      await this.stopProcesses();
      this.directory.release();
    })();
    return this.closing;
  }

  private async run(port: number): Promise<void> {
    const certificates = await makeCertificates(this.directory.folder('certificates'));
    const binding = new LocalBinding(this.plan, certificates);
    const { environment, others, notStarted } = this.plan;
    if (others.length > 0) {
      this.report(`environment ${environment}; --environment starts another: ${others.join(', ')}`);
    }
    for (const { label, why } of notStarted) {
      this.report(`! ${label} is not started: ${why}`);
    }
    // One after the other: each line of progress is a step that is done.
    for (const group of this.plan.replicationGroups) {
      await this.startGroup(group, certificates, binding);
    }
    for (const cluster of this.plan.memcachedClusters) {
      await this.startMemcached(cluster, certificates, binding);
    }
    for (const database of this.plan.databases) {
      await this.startDatabase(database, certificates, binding);
    }
    await this.runDeploySteps(binding);
    await this.startFleet(port, binding);
  }

  private async startGroup(
    plan: Plan['replicationGroups'][number],
    certificates: Certificates,
    binding: LocalBinding,
  ): Promise<void> {
    const done = this.step();
    const binary = await this.engines.server('valkey');
    const logins = plan.users.map((user) => ({ name: user.name, password: secret(), secret: user.secret }));
    const { taken, refused } = await takenParameters(binary, plan.parameters);
    const group = await startReplicationGroup({
      name: plan.label,
      binary,
      directory: this.directory.folder('caches', plan.id),
      nodes: plan.nodes,
      certificates: plan.tls ? certificates : undefined,
      users: plan.users.map((user, index) => ({ ...user, password: logins[index]?.password as string })),
      parameters: taken,
      started: (process) => this.watch(process),
    });
    binding.addCache(plan.id, { port: group.primary.port, logins });
    const standIn = plan.engine === 'valkey' && binary.product.startsWith('Redis') ? ', standing in for Valkey' : '';
    done(`${binary.product}${standIn}: primary and ${count(plan.nodes - 1, 'replica')}`);
    this.reportParameters(plan.label, `${binary.product} does not take`, refused);
  }

  private async startMemcached(
    plan: Plan['memcachedClusters'][number],
    certificates: Certificates,
    binding: LocalBinding,
  ): Promise<void> {
    const done = this.step();
    const binary = await this.engines.server('memcached');
    const cluster = await startMemcachedCluster({
      name: plan.label,
      binary,
      directory: this.directory.folder('caches', plan.id),
      nodes: plan.nodes,
      certificates: plan.tls ? certificates : undefined,
      started: (process) => this.watch(process),
    });
    this.closers.push(() => cluster.close());
    binding.addCache(plan.id, { port: cluster.configurationPort, logins: [] });
    done(`${binary.product}: ${count(plan.nodes, 'node')}`);
    this.reportParameters(plan.label, 'are not applied here', Object.keys(plan.parameters));
  }

  private reportParameters(label: string, how: string, names: readonly string[]): void {
    if (names.length > 0) {
      this.report(`! parameters of ${label} that ${how}: ${names.join(', ')}`);
    }
  }

  private async startDatabase(
    plan: Plan['databases'][number],
    certificates: Certificates,
    binding: LocalBinding,
  ): Promise<void> {
    const done = this.step();
    const directory = this.directory.folder('databases', plan.id);
    const binaries = await this.engines.postgres();
    const masterPassword = await keptSecret(join(this.directory.path, `${plan.id}.password`));
    const { port } = await startPostgres({
      name: plan.label,
      binaries,
      directory,
      masterUser: plan.masterUser,
      masterPassword,
      databaseName: plan.databaseName,
      certificates,
      started: (process) => this.watch(process),
    });
    binding.addDatabase(plan.id, { port, masterPassword, applicationPassword: secret() });
    done(binaries.product);
  }

  private async runDeploySteps(bindings: LocalBinding): Promise<void> {
    for (const plan of this.plan.fleet.deploySteps) {
      const done = this.step();
      const name = plan.instructions.database;
      const id = this.plan.fleet.databases[name];
      const database = bindings.database(name);
      const master = this.plan.databases.find((candidate) => candidate.id === id)?.masterUser;
      if (database === undefined || master === undefined) {
        throw new Problem(
          `the deploy step ${plan.label} works on the database \`${name}\`, which the fleet does not use`,
        );
      }
      const binding = bindings.ofDeployStep(name, database, master);
      const instructions: DeployStepInstructions = {
        ...plan.instructions,
        role: { user: plan.instructions.role.user, auth: { type: 'password', password: database.applicationPassword } },
      };
      const file = join(this.directory.path, `${plan.id}.json`);
      await writeFile(file, JSON.stringify(binding), { mode: 0o600 });
      await runDeployStep({
        name: `deploy step ${plan.label}`,
        directory: plan.directory,
        handler: plan.handler,
        environment: { [BINDINGS_FILE_VARIABLE]: file, [DEPLOY_STEP_VARIABLE]: JSON.stringify(instructions) },
        logFile: join(this.directory.folder('logs'), 'deploy-step.log'),
        started: (process) => this.note(process),
      });
      done('migrations and database role');
    }
  }

  private async startFleet(port: number, binding: LocalBinding): Promise<void> {
    const done = this.step();
    const { fleet: plan } = this.plan;
    const bindingFile = join(this.directory.path, 'bindings.json');
    await writeFile(bindingFile, JSON.stringify(binding.ofFleet(), null, 2), { mode: 0o600 });

    const loadBalancer = new LoadBalancer(plan.loadBalancer);
    this.loadBalancerPort = await loadBalancer.listen(port);
    this.closers.push(() => loadBalancer.close());
    const fleet = new Fleet({
      plan,
      loadBalancer,
      bindingFile,
      logs: this.directory.folder('logs'),
      started: (process) => this.note(process),
      replaced: (name, how) => this.report(`! ${name} ${how} and is replaced`),
      failed: (error) => this.break(error),
    });
    this.fleet = fleet;
    this.closers.push(() => fleet.stop());
    await fleet.start();
    done(`${count(plan.instances, 'instance')} behind the load balancer`);
  }

  /** An engine: when it ends unasked, the environment is broken. */
  private watch(process: ManagedProcess): void {
    this.note(process);
    this.engineProcesses.set(process.name, process);
    void process.ended.then((how) => {
      if (!process.isStopping) {
        this.break(new ProcessFailed(process, how));
      }
    });
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

function secret(): string {
  return randomBytes(24).toString('base64url');
}

/** A secret that is the same at the next start, because the database keeps it. */
async function keptSecret(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    const made = secret();
    await writeFile(file, made, { mode: 0o600 });
    return made;
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
